# The demo's mailbox.
mailbox-title = The demo's mailbox
mailbox-line = Every email sent in the demo is shown here, the newest on top.
mailbox-empty = No emails yet
mailbox-empty-text = When you open a school or ask for a password reset, the email appears here within seconds. Reload the page.
mailbox-open = Open the link in the email
mailbox-letters = See all email templates
letters-title = Email templates
letters-line = { $count ->
    [one] 1 email template with sample data, in both languages
   *[other] { $count } email templates with sample data, in both languages
}
letters-as-html = See it as in a mailbox
