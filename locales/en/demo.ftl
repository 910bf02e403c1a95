# The demo's mailbox.
mailbox-title = The demo's mailbox
mailbox-line = Mails to anybody in the demo are shown here, the newest on top.
mailbox-empty = No mails yet
mailbox-empty-text = When you open a school or ask for a password reset, the mail shows here within seconds. Reload the page.
mailbox-open = Open the link in the mail
mailbox-letters = See all letters
letters-title = Letters
letters-line = { $count } letters with sample data, in both languages
letters-as-html = See it as in a mailbox
