# The grid of a teacher, exchanging places, copying a day, the whole school on paper.
timetable-moves = Exchange and copy
timetable-swap = Exchange two lessons
timetable-swap-one = First period
timetable-swap-two = Second period
timetable-swap-do = Exchange
timetable-copy-day = Copy a day
timetable-copy-from = From day
timetable-copy-to = To day
timetable-copy-rest = Leave out what collides
timetable-copy-hint = Only empty fields are filled.
timetable-copy-do = Copy
timetable-empty-slot = empty
done-timetable-swapped = The two lessons have changed places.
done-timetable-day-copied = { $n ->
    [one] 1 lesson has been copied.
   *[other] { $n } lessons have been copied.
}
fault-timetable-swap = Choose two different periods.
fault-timetable-copy-day = Choose two different days.
fault-timetable-lesson = This { word-teacher } has no assignment in { $value }. Type the subject as well, for example: { $value } Văn.
timetable-class-taken = { word-class-cap } { $class } has { $subject } in this period already. Choose another period, or move that lesson first.
timetable-teacher-grid-line = Type { word-class } and subject, for example 10A1 Văn, and press Enter; arrow keys lead to other fields. Clear a field and press Enter to take the lesson out.
timetable-teacher-unassigned = Nothing is assigned to this { word-teacher } yet.
timetable-blocked-short = not teaching
timetable-other-teachers = Other { word-teacher }s
timetable-by-teacher = By { word-teacher }
timetable-whole-school = Whole school
timetable-sheet-print = prints on A3 landscape
timetable-sheet-classes = All { word-classes }
timetable-sheet-teachers = All { word-teacher }s
timetable-sheet-empty = This version has no lessons yet
timetable-sheet-empty-text = Place lessons first, then come back to print.
timetable-sheet-import = Import assignments from a spreadsheet
timetable-sheet-file = Spreadsheet
timetable-sheet-hint = One assignment a line with the columns Teacher, Subject, Class, Periods (a cell may name several { word-classes }: 10A1, 10A3-10A5); or one { word-class } a line and one subject a column, with the name of the { word-teacher } in the cell.
timetable-sheet-take = Import
timetable-sheet-line = Line { $line }: { $fault }
done-timetable-sheet-taken = { $n ->
    [one] 1 assignment has been imported.
   *[other] { $n } assignments have been imported.
}
fault-timetable-sheet-columns = The table must have a column Class, and the columns Teacher and Subject or a column for each subject. Mend the header line and upload it again.
fault-timetable-sheet-nothing = There are no assignments in this table.
fault-timetable-sheet-lines = Nothing has been imported: some lines were not understood. Mend them and upload it again.
