# Marks and candidates by spreadsheet.

exam-sheet-file = Spreadsheet
exam-sheet-file-hint = Excel, LibreOffice or CSV, at most 5 MB.
exam-sheet-look = Look at it first
exam-sheet-review = Check the marks
exam-sheet-marks = Marks by spreadsheet
exam-sheet-marks-text = The sheet has a column of codes or candidate numbers and one of marks; the file that this page gives can be used as it is. Nothing is saved until you confirm it in the next step.
exam-sheet-found = { $count ->
    [one] 1 new or changed mark
   *[other] { $count } new or changed marks
}
exam-sheet-found-title = Marks that will be saved
exam-sheet-same = { $count ->
    [one] 1 mark is there already
   *[other] { $count } marks are there already
}
exam-sheet-empty = { $count ->
    [one] 1 row without a mark: what is there stays
   *[other] { $count } rows without a mark: what is there stays
}
exam-sheet-missing = { $count ->
    [one] 1 paper is not in the sheet: what is there stays
   *[other] { $count } papers are not in the sheet: what is there stays
}
exam-sheet-not-taken = { $count ->
    [one] 1 row was not understood and is left out
   *[other] { $count } rows were not understood and are left out
}
exam-sheet-not-taken-title = Rows that were not understood
exam-sheet-line = Row
exam-sheet-row = What it says
exam-sheet-why = Why
exam-sheet-twice = This code or number has two different marks in the sheet.
exam-sheet-save = { $count ->
    [one] Save 1 mark
   *[other] Save { $count } marks
}
exam-sheet-nothing = No marks to save
exam-sheet-nothing-text = Mend the rows that were not understood and upload the sheet again, or type the marks.
exam-sheet-candidates = Check the candidates
exam-sheet-candidates-text = Or add them by spreadsheet: a { word-pupil } in each row, by username, by identifier, or by name with { word-class } and birth date.
exam-sheet-new = { $count ->
    [one] 1 new candidate
   *[other] { $count } new candidates
}
exam-sheet-new-title = Candidates who will be added
exam-sheet-there = { $count ->
    [one] 1 is a candidate already
   *[other] { $count } are candidates already
}
exam-sheet-more = and { $count } more
exam-sheet-add = { $count ->
    [one] Add 1 candidate
   *[other] Add { $count } candidates
}
exam-sheet-nobody = Nobody to add
exam-sheet-nobody-text = All people in the sheet that were found are candidates already. Mend the rows that were not understood, if there are any, and upload it again.
exam-sheet-why-nobody = This year has no such { word-pupil }.
exam-sheet-why-several = There are several such { word-pupils }; add the { word-class }, birth date or identifier.
exam-sheet-why-other-name = This identifier or username is of a { word-pupil } with another name.
fault-exam-sheet-columns = There is no column of codes or candidate numbers and one of marks. Name them “Code” (or “Candidate number”) and “Mark”.
