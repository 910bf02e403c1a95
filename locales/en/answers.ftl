# Help: eight questions, a page each.

help-title = Help
help-lead = Eight things that schools ask about, a page each.
help-more = Learn more
help-go = Go to this page
help-others = Other questions
help-sign-in-link = Cannot sign in?

help-import-title = Import a list from a spreadsheet
help-import-lead = Hand in your own file, look at every row, and only then write. Nothing changes before you press Import.
help-import-1 = Open “Import from a spreadsheet” and choose an Excel or CSV file. It need not follow the template: columns may come in any order, with or without accents.
help-import-2 = Review it: each row is new, changed, unchanged or wrong. A wrong row says why; mend it right there, not in the file.
help-import-3 = For people who may be there already, choose “The same person” or “Another person”. { word-classes-cap } that do not exist yet are made unless you untick them.
help-import-4 = Press Import. You may close the page; an email tells you when it is done. Then print the slips.
help-import-note = A mistake? Open the import in the history and press Undo. The same file once more adds nobody.

help-slips-title = Print and hand out slips
help-slips-lead = Each { word-pupil } gets a slip with a username and a temporary password, for signing in the first time.
help-slips-1 = Open “Slip distribution”. Print the whole school in one go, each { word-class } beginning on a new sheet, or one { word-class } at a time.
help-slips-2 = A sheet of A4 has eight slips with lines to cut along. The QR code opens the school's sign-in page with the username filled in.
help-slips-3 = Hand them out. The page notes which slips were printed and who has signed in.
help-slips-4 = Lost? A slip can be printed again until its owner has chosen a password. After that, issue a new one.
help-slips-note = A temporary password works for 90 days, and only for choosing an own one. Nobody at the school can see that one.

help-sign-in-title = { $kind ->
    [higher] A student cannot sign in
   *[other] A child cannot sign in
}
help-sign-in-lead = Each person's page says why they cannot sign in, with the button that mends it.
help-sign-in-1 = Check the username: type all of it, with the part after the @ as on the slip, without accents. On the school's own sign-in page the part after the @ is not needed.
help-sign-in-2 = Forgotten the password: an account manager opens the person's page, presses “{ person-reset }” and hands over the new slip.
help-sign-in-3 = Too many wrong attempts: wait a few minutes, or ask the school to unlock the account.
help-sign-in-4 = Signed in on another device: sign out there, or ask the school to sign out all devices.
help-sign-in-note = Staff who sign in with an email press “Forgotten your password?” for a link. A name on a slip has no mailbox, so only the school can help.

help-new-year-title = Begin a new school year
help-new-year-lead = A new year has new { word-classes }; everybody keeps their account and password.
help-new-year-1 = Open the school years and add the new one. A year begins on 1 August unless the school has chosen another month.
help-new-year-2 = Make the new year's { word-classes }; many can be made at once.
help-new-year-3 = Import the school's new list. People who are there already are recognised and moved to their new { word-class }; nobody gets a second account.
help-new-year-4 = Let those who have finished leave. Their records stay; they can no longer enter the school. After a draft for the new year, accounts of those who finished close by themselves after the days set in the settings.
help-new-year-note = { $kind ->
    [higher] Assign advisers once the groups are made.
   *[other] Assign homeroom teachers once the classes are made: the right to help pupils follows the class of the year.
}

help-grants-title = Who may do what in the school
help-grants-lead = Permissions are given to staff in the table “Permissions”, by owners only.
help-grants-1 = Owners may do everything. A school always has at least one; two are better.
help-grants-2 = Account managers add, import and change accounts, issue passwords, approve registrations and print slips.
help-grants-3 = Timetable, exams and reports open that part of the work and nothing else.
help-grants-4 = Tick the boxes and press “Save all”. Changes take effect at once and are in the audit log.
help-grants-note = Nobody raises their own permissions, and nobody changes a person who ranks above them.

help-homeroom-title = { $kind ->
    [higher] How advisers can help
   *[other] How homeroom teachers can help
}
help-homeroom-lead = The person in charge sees their { word-class }: who has a slip, who has not signed in, who is locked out.
help-homeroom-1 = Open “My { word-classes }”. It shows the { word-classes } of the current year only.
help-homeroom-2 = Print the slips that are missing, unlock after too many wrong passwords, sign out all devices.
help-homeroom-3 = Issue a new password: only where an owner has allowed it in “Settings”. If not, the page says who to ask.
help-homeroom-4 = Something wrong in a record? Tell an account manager; the person in charge of a { word-class } does not change records.
help-homeroom-note = This right follows the { word-class }: it ends with the year, or when another person takes over.

help-registration-title = Staff register themselves
help-registration-lead = A { word-teacher } registers with the school; the school checks and approves or refuses.
help-registration-1 = On the sign-in page they press “Register” and find the school by its name or code.
help-registration-2 = They verify their email with the link that they receive. Until then the school cannot approve.
help-registration-3 = An account manager opens “Waiting for approval” and presses “Approve” or “Refuse” in the row, or for many at once.
help-registration-4 = If the school has invited somebody with the same name, merge the two instead of approving a new person.
help-registration-note = They receive an email either way. Registrations that are not verified are deleted after 30 days.

help-data-protection-title = Protecting personal data
help-data-protection-lead = Each school's data is kept apart: other schools see nothing, not even whether a person is at yours.
help-data-protection-1 = Only those with the permission see records. Personal numbers are masked; each time one is shown whole is on record.
help-data-protection-2 = Who did what, and when, is in the audit log and in each person's history.
help-data-protection-3 = Does a person ask for a copy of their data? Open their page, “More actions”, and download it.
help-data-protection-4 = Erasing a { word-pupil }: an owner does it on the person's page. Imported files are deleted after 90 days by themselves.
help-data-protection-note = Never send passwords by message or email. Slips are handed over in person.
