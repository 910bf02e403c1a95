# Importing from a spreadsheet: upload, review, apply.
plans-line = The school's imports
plans-import-students = Import { word-pupils }
plans-import-teachers = Import teachers
plans-empty = Nothing imported yet
plans-empty-text = Upload the school's spreadsheet. You review each row before anything is imported.
plans-file = File
plans-no-file = No file
plans-state = Status
plans-by = Imported by
plans-when = When
plans-system = The system
plans-show-waiting = Show only those waiting for review
plans-show-all = Show all
plans-none-waiting = There are no imports here
plan-state-reading = Being read
plan-state-refused = Could not be read
plan-state-ready = Waiting for your review
plan-state-submitted = Waiting for approval
plan-state-applying = Being imported
plan-state-applied = Imported
plan-state-failed = Not imported
plan-discarded = Discarded
plan-discarded-title = Discarded, nothing was written
plan-expired = Expired
plan-expired-title = Expired, nothing was written
plan-title-reading = Reading the file
plan-title-refused = This file cannot be read
plan-title-ready = Review before importing
plan-title-submitted = Waiting for approval
plan-title-applying = Importing into the list
plan-title-applied = Result of the import
plan-title-failed = Not imported
plan-sheet = sheet “{ $sheet }”
plan-header-line = header in row { $line }
plan-nothing-written = nothing is imported yet
plan-done-looking = Done, opening the page
plan-stage-waiting = Waiting…
plan-stage-matching = { $rows ->
    [one] 1 row read
   *[other] { $rows } rows read
}
plan-stage-preparing = { $rows ->
    [one] 1 person prepared
   *[other] { $rows } people prepared
}
plan-stage-writing = { $rows ->
    [one] Importing 1 person
   *[other] Importing { $rows } people
}
plan-may-leave = You may close this page; the work continues.
plan-other-file = Choose another file
plan-applied-text = { $of ->
    [students] { $done ->
        [one] 1 { word-pupil } imported.
       *[other] { $done } { word-pupils } imported.
    }
    [teachers] { $done ->
        [one] 1 teacher imported.
       *[other] { $done } teachers imported.
    }
    [changes] { $done ->
        [one] 1 change was applied.
       *[other] { $done } changes were applied.
    }
   *[people] { $done ->
        [one] 1 person imported.
       *[other] { $done } people imported.
    }
} { $left ->
    [0] No row was skipped.
    [one] 1 row was skipped; it says why.
   *[other] { $left } rows were skipped; each says why.
}
plan-failed-text = Something went wrong on our side, and nothing was imported. Upload the file again.
plan-print-slips = Print the sign-in slips
plan-outcomes = Results by kind
outcome-all = All
outcome-create = New
outcome-update = Changed
outcome-unchanged = Unchanged
outcome-leave = Leaves
outcome-skip = Skipped
outcome-duplicate = Possible duplicate
outcome-error = Error
plan-columns-used = { $count ->
    [one] 1 column was recognised.
   *[other] { $count } columns were recognised.
}
plan-new-classes = { $count ->
    [one] 1 new { word-class } will be created: { $names }.
   *[other] { $count } new { word-classes } will be created: { $names }.
}
plan-columns-unused = { $count ->
    [one] 1 column is not used: { $names }.
   *[other] { $count } columns are not used: { $names }.
}
plan-no-rows = No rows here
plan-no-rows-text = Choose a number above to see other rows.
plan-rows = Rows of the spreadsheet
plan-line = Row
plan-outcome = Result
plan-guardian = Mother or guardian
plan-duplicate = The school already has a person with this name and date of birth, or with this identifier. The row is skipped.
plan-duplicate-who = See this person
plan-duplicate-in-sheet = Another row of the spreadsheet is about the same person. This row is skipped.
plan-will-write = { $count ->
    [0] No row can be imported yet
    [one] 1 row will be imported
   *[other] { $count } rows will be imported
}
plan-left-out = { $count ->
    [one] 1 row skipped
   *[other] { $count } rows skipped
}
plan-left-out-then = Skipped rows can be corrected in the spreadsheet and the whole file uploaded again: nobody is imported twice.
plan-value-dropped = This value is not used.
plan-classes-to-make = New { word-classes } to create ({ word-pupils } of a { word-class } that you untick are not imported):
plan-apply-student = { $count ->
    [one] Import 1 { word-pupil }
   *[other] Import { $count } { word-pupils }
}
plan-apply-teacher = { $count ->
    [one] Import 1 teacher
   *[other] Import { $count } teachers
}
upload-title-student = Import { word-pupils }
upload-title-teacher = Import teachers
upload-line = Nothing is imported until you have reviewed it and agreed.
upload-file = Spreadsheet
upload-file-hint = Excel, LibreOffice, CSV, or a file exported from SMAS, vnEdu or CSDL; up to 20 MB and 100,000 rows
upload-drop = Or drop the file anywhere on this page.
upload-drop-here = Drop the file here
upload-button = Upload and preview
upload-template-lead = No spreadsheet yet?
upload-template-student = Download the { word-pupils }' template
upload-template-teacher = Download the teachers' template
fault-files-waiting = The school has 10 files, or 60 MB of files, waiting to be reviewed. Import or discard some of them, then upload this one again.
plan-discard = Discard this file
fault-file-missing = Choose a spreadsheet on your computer.
fault-file-empty = This file is empty. Check it on your computer, save it again and choose it once more.
fault-other-role = This person has another role in the school. Change it on the person's page.
fault-rank = You may not change this person. Ask an owner of the school.
plan-before = before:
plan-after = after:
plan-mend = Correct
plan-decide-same = The same person: update
plan-decide-new = Another person: add
plan-decide-drop = Skip this row
plan-decide-take-back = Include this row again
plan-confirm-leaves = { $count ->
    [one] I confirm that 1 person will leave the school, more than a fifth of its people
   *[other] I confirm that { $count } people will leave the school, more than a fifth of its people
}
fault-plan-leaves = This list takes more than a fifth of the people out of the school. If that is right, tick the box and try again.
plan-failed-rows = Download the rows with errors
columns-title = Match the columns
columns-line = Say what each column of the spreadsheet holds. Next time, a file of this kind will be read the same way.
columns-encoding = Text encoding
columns-unused = Not used
columns-read-again = Read the file again
fault-column-twice = Two columns are set to the same information. Keep one and set the other to “Not used”.
plan-change-columns = Change the columns
plan-encoding = The text was read as { $name }.
plan-nobody = No people were found in the file
plan-state-undoing = Being undone
plan-state-undone = Undone
plan-title-undoing = Being undone
plan-title-undone = This import was undone
plan-undo = Undo this import
plan-undone-text = The list is as it was before this import. { $stayed ->
    [0] Nothing of it is left.
    [one] 1 row stays, all or part of it.
   *[other] { $stayed } rows stay, all or part of them.
}
plan-undone-stays = See what stays, and why
undo-title = Undo an import
undo-nothing-yet = nothing has been changed yet
undo-what = Undoing would
undo-nothing = There is nothing left to undo.
undo-removed = { $count ->
    [one] Remove 1 person whom this import added, with the account. A slip printed for that person stops working.
   *[other] Remove { $count } people whom this import added, with their accounts. Slips printed for them stop working.
}
undo-set-back = { $count ->
    [one] Set 1 person's details back to what they were.
   *[other] Set the details of { $count } people back to what they were.
}
undo-brought-back = { $count ->
    [one] Bring 1 person who left by this import back to the list.
   *[other] Bring { $count } people who left by this import back to the list.
}
undo-classes = Remove the { word-classes } that this import created, if they are empty.
undo-will-stay = { $count ->
    [one] 1 row will stay, all or part of it, because of changes since the import.
   *[other] { $count } rows will stay, all or part of them, because of changes since the import.
}
undo-all-gone = Undone. Nothing of this import is left.
undo-stays = { $count ->
    [one] 1 row stays
   *[other] { $count } rows stay
}
undo-why = Why it stays
undo-final = To have these people again after undoing, import the file once more.
undo-not = Do not undo
undo-do = Undo
undo-to-plan = See the import
fault-undo-signed-in = Has signed in since the import, so the account stays.
fault-undo-changed = was changed since the import and stays as it is now.
fault-undo-taken = the old identifier now belongs to another person and cannot be given back.
fault-undo-class-gone = the old { word-class } is gone, so the current { word-class } stays.
fault-undo-rank = You may not change this person. Ask an owner of the school to undo it.
fault-undo-gone-elsewhere = The account is no longer this school's alone, so it is not brought back.
fault-undo-suspended = Was suspended when they left, so no new invitation is sent automatically; send it on their page if it is wanted.
fault-undo-planned = Stands in assignments, a timetable or an exam, and stays.
fault-undo-merged = Was merged with another record since, and stays. Undo the merge first.
fault-undo-late = Was changed during the undoing, and stays.
fault-moet-id-taken = another person in the school has this identifier. Check it in the spreadsheet.
upload-this-year = (this year)
plan-purged = The rows of this import were deleted after 90 days, because they hold personal data.
plan-year = school year { $year }
plan-missing-lead = Rows that lack a required value, or have one that cannot be used, cannot be imported yet.
plan-missing = { $count ->
    [one] Complete the details of 1 person
   *[other] Complete the details of { $count } people
}
missing-title-parents = Complete mothers’ or guardians’ details
missing-title = Complete what is missing
missing-count = { $count ->
    [one] 1 person is still incomplete
   *[other] { $count } people are still incomplete
}
missing-guardian-rule = Each { word-pupil } needs the full name and year of birth of the mother, or of a guardian; one of the two is enough.
missing-date-hint = Dates are written day/month/year.
missing-cell = none
missing-paste = You can copy many cells in Excel or Google Sheets and paste them into the first field: those below and to the right are filled in too.
missing-year = Year of birth
missing-here = { $count ->
    [one] 1 person on this page
   *[other] { $count } people on this page
}
missing-wrong = { $count ->
    [one] 1 field cannot be used. The reason stands below the person; correct it and save again.
   *[other] { $count } fields cannot be used. The reasons stand below the people; correct them and save again.
}
missing-pasted = Fields filled in: { $n }. Look them over, then save.
missing-pasted-rest = Rows without a place: { $n }. Save, then paste the rest.
missing-save-first = Save before you go to another page.
missing-save = Save
missing-back = Back to the review
done-missing-filled = { $n ->
    [one] 1 person is complete now.
   *[other] { $n } people are complete now.
}
compare-title = Comparison
compare-row = In the sheet, row { $line }
compare-school = In the school
compare-differs = differs:
compare-other-rows = Row { $lines } of the sheet may be about the same person.
plan-find = Find a name or row number
plan-find-button = Find
plan-find-clear = Clear the search
plan-find-nothing = No row with “{ $q }”
plan-find-nothing-text = Type part of a name, with or without accents, or a row number of the spreadsheet. The row may be under another number above.
plan-left-moments = a few seconds left
plan-left-seconds = { $count ->
    [one] about 1 second left
   *[other] about { $count } seconds left
}
plan-left-minutes = { $count ->
    [one] about a minute left
   *[other] about { $count } minutes left
}
fault-stale = this person was changed after your review, so the row was not imported. Upload the file again to review this row.
fault-class-unwanted = the school does not have this { word-class }, and it was not ticked to be created, so the { word-pupil } was not imported. Create the { word-class } and upload the file again.
import-confirm-leaves = { $count ->
    [one] This list takes 1 person, more than a fifth, out of the school; nothing was imported. If that is right, run it again with --confirm-leaves.
   *[other] This list takes { $count } people, more than a fifth, out of the school; nothing was imported. If that is right, run it again with --confirm-leaves.
}
plans-counts = Rows
plans-count-create = { $count } new
plans-count-update = { $count } updated
plans-count-unchanged = { $count } unchanged
plans-count-leave = { $count } leaving
plans-count-skip = { $count } skipped
plans-count-duplicate = { $count ->
    [one] 1 possible duplicate
   *[other] { $count } possible duplicates
}
plans-count-error = { $count } with errors
plan-made-by = Uploaded by { $name }, { $at }
plan-applied-by = Imported by { $name }, { $at }
plan-undone-by = Undone by { $name }, { $at }
fault-row-meanwhile = Someone else has just changed this row, or another row about the same person. It is shown as it is now; if you still want what you typed, press the button again.
plan-apply-leave = { $count ->
    [one] Mark 1 person as having left
   *[other] Mark { $count } people as having left
}
undo-goes = { $count ->
    [one] 1 row goes back to what it was
   *[other] { $count } rows go back to what they were
}
undo-tab-stays = Stay
undo-tab-goes = Go back
undo-becomes = Will be
undo-becomes-removed = Removed from the school
undo-becomes-set-back = Old values come back
undo-becomes-brought-back = Back in the list
undo-empty = (empty)
columns-sheet = Sheet
columns-sheet-hint = The file has several sheets with lists. Choose another one and its columns are recognised anew.
plan-change-columns-or-sheet = Change the sheet or the columns
status-invited = Invited, not accepted
status-pending = Waiting for approval
status-active = Active
status-suspended = Suspended
status-left = Left
plan-contradicted = { $count ->
    [one] 1 row has the identifier, username or email of one person but the name, birth date or other details of another. A column of the spreadsheet may have been sorted by itself, without the other columns. This row is not imported until you decide on it; check the original spreadsheet.
   *[other] { $count } rows have the identifier, username or email of one person but the name, birth date or other details of another. A column of the spreadsheet may have been sorted by itself, without the other columns. These rows are not imported until you decide on them; check the original spreadsheet.
}
fault-doubt-identifier = “{ $value }” belongs to a person of the school whose name and birth date are not those of this row. Correct the identifier, or decide who this row is about.
fault-doubt-identifier-name = “{ $value }” belongs to a person of the school with a quite different name. Correct the identifier, or decide who this row is about.
fault-doubt-identifier-family = “{ $value }” belongs to a person of the school, but the name together with the mother or guardian in this row is another person’s. Correct the identifier, or decide who this row is about.
fault-doubt-national-id = { $value } is the national ID of a person of the school with another name or birth date. Is it the same person?
fault-doubt-national-id-in-sheet = { $value } is the national ID of several people in the spreadsheet with different names or birth dates. Check each person’s number.
fault-doubt-phone = somebody in the school has the same name and phone number, but another birth date. Is it the same person?
fault-doubt-member-twice = row { $value } is about the same person and will be imported. Leave one of the two rows out.
fault-doubt-identifiers = the identifiers in this row belong to different people of the school. Check this row.
fault-doubt-column = this column seems to have been sorted by itself, without the other columns: the details in this row belonged to another person before. The row is not imported until you decide.
fault-doubt-spelling = the school has a person with the same birth date whose name is only spelled differently. Is it the same person?
fault-doubt-spelling-in-sheet = another row of the spreadsheet has the same birth date and a name that is only spelled differently. Is it the same person?
fault-doubt-surname = the school has a person with the same given name and birth date and the same mother or { word-class }, but another surname or middle name. Is it the same person?
fault-doubt-birth-date = the school has a person with the same name and the same mother or { word-class }, but another birth date. Is it the same person?
fault-identifier-taken = “{ $value }” belongs to another person in the school. Correct it, or delete it in this row.
fault-email-kept = this person signs in with { $value }; the email in the spreadsheet is not used. Change it on the person's page.
fault-username-kept = this person already has the username { $value }; the one in the spreadsheet is not used.
fault-status-kept = the spreadsheet says that this person is away for a while, deferred or suspended; their status in the school is kept. To change it, suspend the account on the person’s page.
fault-password-kept = this person already has an account; the password in the spreadsheet is not used. To issue a new one, use “{ person-reset }” on the person's page.
fault-password-invited = this person is invited by email and chooses a password; the one in the spreadsheet is not used.
fault-doubt-away = the spreadsheet says that this person is away for a while, deferred or suspended. No account is created; decide whether to add this person.
plan-email-kept = { $count ->
    [one] 1 person signs in with another email than the spreadsheet has. The sign-in email stays; to change it, use the person's page.
   *[other] { $count } people sign in with another email than the spreadsheet has. The sign-in email stays; to change it, use each person's page.
}
plan-username-kept = { $count ->
    [one] 1 person already has another username than the spreadsheet has. The username stays.
   *[other] { $count } people already have another username than the spreadsheet has. The usernames stay.
}
plan-status-kept = { $count ->
    [one] The spreadsheet says that 1 person is away for a while, deferred or suspended; their status in the school is kept. To change it, suspend the account in the list of accounts.
   *[other] { $count } people are said to be away for a while, deferred or suspended; their status in the school is kept. To change it, suspend their accounts in the list of accounts.
}
plan-password-kept = { $count ->
    [one] The password column is not used for 1 person who already has an account. To issue a new password, use “{ person-reset }” in the list of accounts.
   *[other] The password column is not used for { $count } people who already have an account. To issue a new password, use “{ person-reset }” in the list of accounts.
}
plan-password-invited = { $count ->
    [one] The password column is not used for 1 person with an email, who is invited by email and chooses a password.
   *[other] The password column is not used for { $count } people with an email: they are invited by email and choose a password.
}
plan-nobody-below = No row below the header names a person; check the spreadsheet.
plan-nothing-good = { $count ->
    [one] Nothing was imported: the only row is wrong or waits for a decision. The row says why.
   *[other] Nothing was imported: all { $count } rows are wrong or wait for a decision. The rows say why.
}
import-unreadable = The file { $file } cannot be read
plan-no-header = The spreadsheet has no header, so its columns were guessed from what they hold: { $columns }. Check them, and change the columns if they are wrong.
import-guessed-names = Nothing was imported: the spreadsheet has no header row, and several columns have names of people ({ $columns }), so it is unclear whom the list is about. Add a header row and run this again, or open this import on the page Import from spreadsheet and map its columns.
plan-hidden-rows = { $count ->
    [one] 1 row is hidden or filtered out in the spreadsheet but is read all the same: row { $lines }.
   *[other] { $count } rows are hidden or filtered out in the spreadsheet but are read all the same: rows { $lines }.
}
plan-unsure-dates = { $count ->
    [one] 1 row has a birth date that may be read in two ways, because this column holds both 16/12/2011 and 12/16/2011. How is 09/08/2011 meant?
   *[other] { $count } rows have birth dates that may be read in two ways, because this column holds both 16/12/2011 and 12/16/2011. How is 09/08/2011 meant?
}
plan-days-first = 9 August (day first)
plan-months-first = 8 September (month first)
plan-leave-hidden-out = Leave out hidden rows
import-other-sheets = To read another sheet, run this again with --sheet and its name.
plan-all-unchanged = { $count ->
    [one] No changes: 1 teacher is already in the school
   *[other] No changes: { $count } teachers are already in the school
}
plan-all-unchanged-student = { $count ->
    [one] No changes: 1 { word-pupil } is already in the school
   *[other] No changes: { $count } { word-pupils } are already in the school
}
plan-doubts = Several rows can be decided at once
plan-doubts-all = All { $count } rows that wait for a decision:
plan-doubts-same-name = { $count ->
    [one] 1 row has the name and birth date, or the identifier, of a person of the school:
   *[other] { $count } rows have the name and birth date, or the identifier, of a person of the school:
}
plan-doubts-in-sheet = { $count ->
    [one] 1 row is about the same person as another row of the spreadsheet:
   *[other] { $count } rows are about the same person as another row of the spreadsheet:
}
plan-doubts-doubt-identifier = { $count ->
    [one] 1 row has one person's identifier and another's name and birth date:
   *[other] { $count } rows have one person's identifier and another's name and birth date:
}
plan-doubts-doubt-identifier-name = { $count ->
    [one] 1 row has the identifier of a person with a quite different name:
   *[other] { $count } rows have the identifier of a person with a quite different name:
}
plan-doubts-doubt-identifier-family = { $count ->
    [one] 1 row has the identifier of a person but the mother or guardian of a namesake:
   *[other] { $count } rows have the identifier of a person but the mother or guardian of a namesake:
}
plan-doubts-doubt-national-id = { $count ->
    [one] 1 row has the national ID of somebody else in the school:
   *[other] { $count } rows have the national ID of somebody else in the school:
}
plan-doubts-doubt-national-id-in-sheet = { $count ->
    [one] 1 row has the same national ID as another row:
   *[other] { $count } rows have the same national ID as another row:
}
plan-doubts-doubt-phone = { $count ->
    [one] 1 row has the name and phone number of a person with another birth date:
   *[other] { $count } rows have the name and phone number of a person with another birth date:
}
plan-doubts-doubt-member-twice = { $count ->
    [one] 1 row is about a person whom another row is about already:
   *[other] { $count } rows are about a person whom another row is about already:
}
plan-doubts-doubt-identifiers = { $count ->
    [one] 1 row has identifiers of different people:
   *[other] { $count } rows have identifiers of different people:
}
plan-doubts-doubt-column = { $count ->
    [one] 1 row has a column that seems to have been sorted by itself:
   *[other] { $count } rows have a column that seems to have been sorted by itself:
}
plan-doubts-doubt-spelling = { $count ->
    [one] 1 row spells the name of a person of the school differently:
   *[other] { $count } rows spell the name of a person of the school differently:
}
plan-doubts-doubt-spelling-in-sheet = { $count ->
    [one] 1 row spells the name of another row differently:
   *[other] { $count } rows spell the name of another row differently:
}
plan-doubts-doubt-surname = { $count ->
    [one] 1 row has another surname or middle name than a person of the school:
   *[other] { $count } rows have another surname or middle name than a person of the school:
}
plan-doubts-doubt-birth-date = { $count ->
    [one] 1 row has another birth date than a person of the school with the same name:
   *[other] { $count } rows have another birth date than a person of the school with the same name:
}
plan-doubts-doubt-away = { $count ->
    [one] 1 row says that the person is away:
   *[other] { $count } rows say that the person is away:
}
plan-decide-all-same = All the same people: update
plan-decide-all-new = All other people: add
plan-decide-all-drop = { $count ->
    [one] Skip this row
   *[other] Skip these { $count } rows
}
plan-decide-again = Decide again
plan-all-fields = Show all columns
plan-fewer-fields = Show the main columns
compare-nothing-differs = Nothing differs.
compare-rest = { $count ->
    [one] 1 detail that is the same or known on one side only
   *[other] { $count } details that are the same or known on one side only
}
done-decided = { $n ->
    [one] 1 row was decided.
   *[other] { $n } rows were decided.
}
done-row-create = Row { $n }: will be added.
done-row-update = Row { $n }: will be updated.
done-row-unchanged = Row { $n }: nothing changes.
done-row-leave = Row { $n }: this person will leave the school.
done-row-skip = Row { $n }: skipped.
done-row-duplicate = Row { $n } still waits for a decision.
done-row-error = Row { $n } still has an error.
plan-discard-ask = Discard this file and what was corrected here? This cannot be undone; the file would have to be uploaded again.
import-all-sheets = To read all sheets with the same columns, run this again with --all-sheets.
plan-like-sheets = The other sheets have the same columns as this one, such as a sheet for each { word-class }.
plan-read-all-sheets = Read all sheets with these columns
