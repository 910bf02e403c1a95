# School years that are over: kept as they were, to be looked at and downloaded.
years-over-exam = This exam is kept as it was and can be looked at. An owner can change it after opening the school year with a reason.
years-over-timetable = This timetable is kept as it was and can be looked at. An owner can change it after opening the school year with a reason.
error-year-over-title = The school year is over
error-year-over-text = { fault-year-over }
fault-year-reopens = The year before would be the current one again although it is over. Open that year with a reason first, then try again.
done-rollover-gone = The draft is not there any more: a colleague has discarded or applied it. What you have just sent was not saved.
rollover-sheet = Enter results from a spreadsheet
rollover-sheet-file = Sheet of results
rollover-sheet-hint = A row for each person: name, login or identifier; a column “Result” (Promoted, Kept back, Awaiting, Finished, Moved, Dropped out); where needed “Next class” and “Reason”. You review it before anything is saved.
rollover-sheet-read = Read and review
rollover-sheet-review = Review the sheet of results
rollover-sheet-found = { $count ->
    [one] { $count } person gets another result
   *[other] { $count } people get another result
}
rollover-sheet-found-title = Results to be saved
rollover-sheet-same = { $count } have this result already.
rollover-sheet-empty = { $count } have no result in the sheet and stay as they are.
rollover-sheet-new-classes = New classes of the coming year: { $names }.
rollover-sheet-not-taken = { $count ->
    [one] { $count } row cannot be used; it is in the table below.
   *[other] { $count } rows cannot be used; they are in the table below.
}
rollover-sheet-not-taken-title = Rows that cannot be used
rollover-sheet-line = Row
rollover-sheet-row = Content
rollover-sheet-because = Why
rollover-sheet-more = … and { $count } more.
rollover-sheet-was = Now
rollover-sheet-take = { $count ->
    [one] Save the result of { $count } person
   *[other] Save the results of { $count } people
}
rollover-sheet-nothing = There is no result to save
rollover-sheet-nothing-text = All rows that were understood are in the draft already. Correct the rows that cannot be used, then upload the sheet again.
rollover-sheet-why-nobody = Nobody in the draft is like this. Check the name or the identifier.
rollover-sheet-why-several = Several people are like this row. Add the login, the birth date or the class of this year.
rollover-sheet-why-other-name = The identifier belongs to a person of another name.
rollover-sheet-why-result = The result is not understood. Write Promoted, Kept back, Awaiting, Finished, Moved or Dropped out.
rollover-sheet-why-not-last = Their class goes on to a higher grade, so they have not finished yet. Write Promoted.
rollover-sheet-why-twice = This person has two different results in the sheet; neither is saved.
rollover-sheet-why-written = What becomes of this person was applied already.
rollover-sheet-why-class = The name of the class of the coming year is not right.
fault-rollover-sheet-columns = No column of results and of people was found. Name the columns “Result” and “Name” or “Username”.
fault-rollover-sheet-meanwhile = These results have changed since the review, so nothing was saved. Upload the sheet again.
class-list-on = List of { $date }: { $count ->
    [one] { $count } person
   *[other] { $count } people
}
class-list-day = Show the list of a day
class-list-day-hint = Such as 05/09/2026. People who have changed { word-class } after that day are in the list.
class-list-show = Show
class-list-nobody = Nobody was in the list on this day. Choose another day.
class-list-from = Came on
class-list-until = Went on
class-changes = Came and went during the year
class-changes-day = Day
class-changes-what = What
class-came = Came
class-came-from = Came from { $class }
class-went-to = Went to { $class }
class-left = Left
fault-class-day = Enter a day, such as 05/09/2026.
year-export = Download (.xlsx)
year-export-day = Download the list of this day (.xlsx)
year-export-classes = Classes
year-export-pupils = Number of people
audit-school-year-exported = A school year downloaded
rollover-balance-together = Together in a { word-class }
rollover-balance-together-hint = A line for each group of friends, with commas between them: names or logins; of several with one name add the { word-class } of this year in brackets.
rollover-balance-apart = Not in the same { word-class }
rollover-balance-apart-hint = A line for those who are to be separated, with commas between them.
rollover-balance-marks = Marks to divide evenly (optional)
rollover-balance-marks-hint = A sheet with a column “Mark” and one “Name” or “Username”.
rollover-balance-marks-known = Divided by the marks of { $count } people.
rollover-balance-marks-not = Rows that cannot be used: { $lines }.
rollover-balance-average = Average mark
rollover-balance-split = These groups cannot be in one { word-class }:
fault-balance-unknown = Nobody in the chosen { word-classes } is “{ $value }”. Check the name or the login.
fault-balance-several = Several people are called “{ $value }”. Write the login, or add the { word-class } of this year in brackets.
fault-balance-alone = The line “{ $value }” has one person only. Write at least two, with commas between them.
fault-balance-not-apart = { $value } cannot be put into different { word-classes }. Choose more { word-classes } or ask for less.
fault-balance-sheet-columns = No column of marks and of people was found. Name the columns “Mark” and “Name” or “Username”.
