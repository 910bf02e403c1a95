# Timetables from files, versions compared.
timetable-import = Import a file
timetable-import-line = A timetable from a spreadsheet, a file of FET or of aSc TimeTables becomes a new draft. You review it first.
timetable-import-file = File
timetable-import-file-hint = A spreadsheet by { word-class } (one column each, or one block each) or by { word-teacher }; a .fet file with times; or the XML of aSc TimeTables.
timetable-import-read = Read the file
timetable-import-waiting = Waiting to be taken
timetable-import-none = No file yet. Files that were read and not taken stay here for 7 days.
timetable-import-review = Review the file
timetable-import-discard = Discard this file
timetable-import-found = In the file
timetable-import-lessons = { $count ->
    [one] 1 lesson was read
   *[other] { $count } lessons were read
}
timetable-import-lessons-short = { $count ->
    [one] 1 lesson
   *[other] { $count } lessons
}
timetable-import-placed = { $count ->
    [one] 1 lesson goes into the draft
   *[other] { $count } lessons go into the draft
}
timetable-import-needs = { $count ->
    [one] 1 teaching assignment
   *[other] { $count } teaching assignments
}
timetable-import-unknown = { $count ->
    [one] 1 name is not known yet
   *[other] { $count } names are not known yet
}
timetable-import-left-out = { $count ->
    [one] 1 lesson is left out
   *[other] { $count } lessons are left out
}
timetable-import-in-the-way = { $count ->
    [one] 1 lesson collides with another and has no place
   *[other] { $count } lessons collide with others and have no place
}
timetable-import-untimed = This file has no times yet. Solve it in FET and upload the file that ends with _data_and_timetable.fet; or take only its teaching assignments below.
timetable-import-names = Names that the school writes otherwise
timetable-import-names-text = Choose once; later files are matched automatically. Where “Leave out” is ticked, lessons with that name are not taken.
timetable-import-room = Room
timetable-import-leave-out = Leave out
timetable-import-remember = Remember
timetable-import-strange = These cells were not understood and are not taken:
timetable-import-in-the-way-text = These lessons collide. The draft will not have them; place them again afterwards.
timetable-import-take = Take as a draft
timetable-import-first = First choose what the names above mean.
timetable-import-name = Timetable from { $date }
timetable-import-assignments = Take the teaching assignments of the file as well
timetable-import-take-button = Take this draft
done-timetable-spellings-chosen = Remembered.
done-timetable-import-taken = Taken as a draft. Look it over, then publish it.
done-timetable-import-discarded = The file is discarded.
fault-timetable-import-shape = No timetable was found in the file. The sheet needs a column of periods and the names of { word-classes }, or a row from Monday to Saturday.
fault-timetable-import-xml = This file cannot be read: it is damaged, cut off or too large. Export it again from FET or aSc TimeTables.
fault-timetable-import-empty = This file has no lessons.
fault-timetable-import-many = This file has more lessons than a school can have. Split it by grade and upload one file after another.
fault-timetable-import-unknown = Some names are not known yet. Choose what they mean above, or tick “Leave out”.
fault-timetable-import-nothing = No lesson would go into the draft. Please look at the names that were chosen.
fault-timetable-gone = A { word-class }, subject, { word-teacher } or room was removed or changed by someone else just now. Please look again and try once more.
timetable-comparison = Two versions compared
timetable-compare = Compare
timetable-comparison-with = Compared with
timetable-comparison-alone = There is no other version to compare with
timetable-comparison-alone-text = Make another version, such as a copy of this one, then come back.
timetable-comparison-same = The two versions are the same
timetable-comparison-same-text = Every { word-class } and { word-teacher } has the same lessons in both.
timetable-comparison-count = Lessons that change: { $changes }. { word-classes-cap } and people concerned: { $people }.
timetable-comparison-whose = Of
timetable-comparison-before = Before
timetable-comparison-after = After
audit-timetable-import-read = Read a file of a timetable
audit-timetable-import-taken = Took a timetable from a file
audit-timetable-import-discarded = Discarded a file of a timetable
audit-timetable-spellings-chosen = Chose what names in files of timetables mean
timetable-impossible-closed = { $name } has a locked lesson in { $at }, which is a period without lessons for them. Unlock it, or change the days off or the sessions of the grade.
timetable-impossible-day = { $name } has more locked lessons on { $day } than periods a day at most. Unlock some, or raise the limit.
timetable-impossible-week = { $name } has locked lessons in more sessions than a week at most. Unlock some, or raise the limit.
timetable-impossible-nowhere = A lesson is locked in { $at }, and the school has no such period. Unlock it, or add the period on the page Bell times.
