# Codes that are drawn anew, rooms by sheet, times at which they cannot be had, lessons that fall on exams, late candidates.

exam-cutting = Drawn
exam-codes-waiting = { $count ->
    [one] One paper that was sat later has no code yet.
   *[other] { $count } papers that were sat later have no code yet.
} Draw codes to give them theirs; the codes that there are stay.
exam-codes-typed-before = Marks that you typed under the old codes (not saved)
exam-code-before = Old code
exam-sheet-other-cutting = This row has a code of an earlier draw, which may belong to another candidate now. Download a new sheet and enter the mark under the new code.
fault-exam-codes-changed = The codes of this paper have just been drawn anew, so no mark was saved: the same code may belong to another candidate now. What you typed is in the table below; compare it with the papers and type it under the new codes.
audit-exam-results-viewed = Downloaded marks with names

exam-late = Late
exam-late-n = { $count } late
exam-candidates-any = Any state
exam-published-missing = Published, but candidates who came later have no mark yet. Enter theirs as corrections with a reason; the candidates see them at once.
exam-marks-lacking = { $count ->
    [one] one mark is missing
   *[other] { $count } marks are missing
}
exam-own-no-mark = no mark yet
fault-exam-paper-published = The marks of { $value } are published. A paper that is added now would be marked while its results are visible; make another exam for it.
fault-exam-paper-room-closed = { $value } cannot be used at that time, and candidates of this paper have seats there. Choose another time, or move the candidates first.
fault-exam-paper-room-shared = At that time another paper is sat in { $value }. Choose another time, or move the candidates first.

exam-room-order = Order
exam-room-closed-times = Cannot be used at
exam-room-closed-times-hint = One time a line, such as 14/12/2026 7:00-11:30; the day alone for the whole day.
exam-rooms-closed-then = Cannot be used: { $rooms }
fault-exam-room-closed-times = “{ $value }” is not understood. Enter day and time such as 14/12/2026 7:00-11:30, or the day alone.
fault-exam-room-order = Enter the order as a number from 1.
fault-exam-room-used-at = A paper is sat in the room at that time: { $value }. Move the candidates to another room first.
exam-rooms-sheet = Check the list of rooms
exam-rooms-sheet-text = Or by spreadsheet (Excel, CSV) with a column Room and, where you have them: Place, Seats, Order, Cannot be used at. The file that this page gives can be used as it is. Nothing is saved until you confirm it.
exam-rooms-sheet-found = { $count ->
    [one] One room is new or changes
   *[other] { $count } rooms are new or change
}
exam-rooms-sheet-same = { $count ->
    [one] One room is there and stays as it is
   *[other] { $count } rooms are there and stay as they are
}
exam-rooms-sheet-new = New
exam-rooms-sheet-changed = Changed
exam-rooms-sheet-title = Rooms that will be saved
exam-rooms-sheet-save = { $count ->
    [one] Save one room
   *[other] Save { $count } rooms
}
exam-rooms-sheet-nothing = No room needs saving
exam-rooms-sheet-nothing-text = The rooms that were read are all there. Correct the rows that are not understood, if any, and upload the sheet again.
exam-rooms-sheet-twice = This room is in a row above already.
fault-exam-rooms-sheet-columns = No column with names of rooms was found. Give it the head “Room”, and “Seats” where you have them.
done-exam-rooms-saved = { $n ->
    [one] One room has been saved.
   *[other] { $n } rooms have been saved.
}

exam-lessons = Lessons at the time of the exam
exam-lessons-text = By the published timetable: lessons of the { word-classes } that sit the papers, and of others in rooms that the exam uses.
exam-lessons-n = { $count ->
    [one] one lesson
   *[other] { $count } lessons
}
exam-lesson-teacher = { word-teacher-cap }
exam-lesson-room = Room
exam-lesson-of-others = does not sit the paper; in a room of the exam, or taught by an invigilator
exam-duty-lessons = Invigilators with a lesson at that time
exam-duty-lessons-text = These { word-classes } do not sit the paper and have lessons as usual. Exchange the invigilator, or have the lesson taken by another teacher.
exam-days-coming = Exams to come
exam-day-lesson = { $slot }, { $class }: not held because of the exam
calendar-duty = Invigilation: { $subject }

exam-list-plan = Plan of papers
exam-list-duties = Duties
exam-ends = End
exam-minutes-head = Minutes
exam-sign-head = Principal
exam-invigilator-n = Invigilator { $n }
exam-duties-by-person = By person
exam-duties-count = Duties
exam-mark-in-words = Mark in words
exam-bag-title = Marking sheets by bag
exam-bag-total = { $count ->
    [one] One paper.
   *[other] { $count } papers in all.
}
exam-marker-n = Marker { $n }
exam-printed-empty = Nothing to print yet
exam-printed-empty-text = Once the previous step is done, the sheets are shown here.
exam-progress-rooms = { $subject }: by room
exam-duty-teaches = { $name } has a lesson then ({ $lesson })

exam-duties-lack = The duties do not fit the seats and the invigilators as they are now:
exam-duties-lacking = { $count ->
    [one] one invigilator is missing
   *[other] { $count } invigilators are missing
}
exam-duty-unused = { $name } is on duty, but nobody sits the paper there
exam-duties-fill = Give out what is missing
fault-exam-person-subjects = Enter at most 20 subjects of at most 100 characters each.
exam-at-once = Some candidates sit another exam at the same time. Choose another time, or exempt or withdraw them in one of the two:
exam-list-statistics = Figures
fault-exam-number-taken = With this prefix and width a number would be one that was given already. Use those of the last time, or another prefix.
fault-exam-year = There is no such school year.
fault-exam-copy-no-classes = That year has no { word-class } of the grades that take part yet. Create the { word-classes } first.
exam-speed = Typing marks
exam-speed-on = At speed, without a decimal point: 725 is 7.25, 75 is 7.5
exam-speed-off = With a decimal point: 7.25; digits without one are whole marks
exam-marks-how-slow = Type a mark and press Enter for the next paper, with decimals after a point: 7.25. V is absent, VP a violation.
exam-all-bags = All bags
exam-codes-may-join = People who may match codes with candidate numbers:
fault-exam-mark-settled = The difference in this mark was settled. To change it, those who run the exam do so among the differences.
