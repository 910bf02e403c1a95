# Exams: from papers and rooms to numbers, seats and printed lists.
menu-exams = Exams
audit-exam-created = Created an exam
audit-exam-changed = Changed an exam
audit-exam-settings = Settings
audit-exam-state = State
audit-exam-papers = Papers
audit-exam-rooms = Rooms
audit-exam-candidates = Candidates
audit-exam-numbers = Candidate numbers
audit-exam-seating = Seating
audit-exam-moved = Moved a candidate

exams-line = Exams of the whole school: papers, rooms, candidate numbers, invigilators, codes, marks.
exams-add = New exam
exams-create = Create exam
exams-empty = No exams yet
exams-empty-text = Create an exam with the grades or { word-classes } that take part, then add papers and rooms.
exam-name = Name
exam-name-hint = For example: First term exams
exam-first-day = First day
exam-n-papers = papers
exam-n-candidates = candidates
exam-grades = Grades that take part
exam-grade = Grade { $grade }
exam-no-grades = This school year has no { word-classes } yet. Create { word-classes } first.
exam-or-classes = Or choose single { word-classes }
exam-marks-kind = Kind of marks
exam-marks-points = 0–10 in steps of 0.25
exam-marks-pass = Pass or fail
exam-entries = Entering marks
exam-entries-one = One person enters them
exam-entries-two = Two people enter them independently; differences are settled
exam-overview = Steps
exam-steps = Steps of the exam
exam-step-exam = Overview
exam-step-papers = Papers
exam-step-rooms = Rooms
exam-step-candidates = Candidates
exam-step-seating = Seating
exam-state = State
exam-state-hint = Once it is locked, nothing changes any more.
exam-state-preparing = Being prepared
exam-state-seated = Seated
exam-state-running = Running
exam-state-marked = Marked
exam-state-locked = Locked
exam-published = Published
exam-classes = { word-classes-cap } that take part
exam-settings = Settings
exam-save = Save
done-exam-created = The exam has been created. Add its papers next.
done-exam-changed = Saved.

exam-papers-none = No papers yet
exam-papers-count = { $count ->
    [one] 1 paper
   *[other] { $count } papers
}
exam-papers-empty = No papers yet
exam-papers-empty-text = Add papers with their day, beginning and length in the form below.
exam-subject = Subject
exam-date = Date
exam-begins = Begins at
exam-begins-hint = For example: 7:30
exam-minutes = Length in minutes
exam-minutes-n = { $minutes } minutes
exam-time = Time
exam-time-drawn = Of the day
exam-paper-code = Code
exam-paper-grades = Grades that sit it
exam-paper-grades-hint = Leave empty where all candidates sit it.
exam-paper-add = Add paper
exam-paper-change = Change paper
exam-paper-edit = Change { $subject }
exam-paper-remove = Remove paper
exam-paper-remove-ask = Remove this paper with its seats and duties?
done-exam-paper-added = The paper has been added.
done-exam-paper-changed = The paper has been saved.
done-exam-paper-removed = The paper has been removed.
exam-day-mon = Monday
exam-day-tue = Tuesday
exam-day-wed = Wednesday
exam-day-thu = Thursday
exam-day-fri = Friday
exam-day-sat = Saturday
exam-day-sun = Sunday

exam-rooms-none = No rooms yet
exam-rooms-count = { $count ->
    [one] 1 room
   *[other] { $count } rooms
}, { $seats } seats
exam-rooms-empty = No rooms yet
exam-rooms-empty-text = Add rooms in the form below; “Room 01-20” adds twenty at once.
exam-room = Room
exam-room-name = Name of the room
exam-room-name-hint = One room, or many: Room 01-20
exam-room-seats = Seats
exam-room-most = Most seats, as the last room
exam-room-most-hint = So that no further room is opened for a few candidates. Empty: 4 more.
exam-room-up-to = up to { $most } as the last room
exam-room-place = Place
exam-room-closed = Cannot be used during
exam-room-add = Add rooms
exam-room-change = Change room
exam-room-edit = Change { $room }
exam-room-remove = Remove room
done-exam-rooms-added = { $n ->
    [one] 1 room has been added.
   *[other] { $n } rooms have been added.
}
done-exam-room-changed = The room has been saved.
done-exam-room-removed = The room has been removed.

exam-candidates-none = No candidates yet
exam-candidates-line = { $count ->
    [one] 1 candidate
   *[other] { $count } candidates
}, { $unnumbered ->
    [0] all with a number
   *[other] { $unnumbered } without a number
}
exam-candidates-empty = No candidates yet
exam-candidates-empty-text = Add the { word-pupils } of the { word-classes } with the form below.
exam-all-classes = All { word-classes }
exam-candidates-n = { $count ->
    [one] 1 candidate
   *[other] { $count } candidates
}
exam-unnumbered-n = { $count } without a number
exam-number = Candidate number
exam-withdrawn = Withdrawn
exam-exempt-n = { $count ->
    [one] Exempt from 1 paper
   *[other] Exempt from { $count } papers
}
exam-page-before = Previous
exam-candidates-add = Add candidates
exam-candidates-add-text = Those who are candidates already stay as they are, with their numbers.
exam-candidates-all = Add all { word-classes }
exam-candidates-classes = Add the chosen { word-classes }
exam-candidates-single = Add single candidates
exam-candidates-single-hint = One username or identifier of the ministry on each line; may be pasted from a spreadsheet.
exam-candidates-single-add = Add these candidates
exam-numbers = Candidate numbers
exam-numbers-text = Gives numbers to candidates who have none. Numbers already given stay; candidates added later get the next ones.
exam-number-prefix = Prefix
exam-number-prefix-hint = May be empty. For example: K10
exam-number-width = Digits
exam-number-order = Order
exam-order-name = By name within each grade
exam-order-class = By { word-class }, then by name
exam-order-shuffled = Shuffled
exam-seed = Seed
exam-seed-hint = May be empty. The same seed gives the same result.
exam-numbers-again = Withdraw the numbers already given and start again
exam-numbers-give = Give numbers
exam-exempt = Exempt from
exam-seat-n = seat { $seat }
exam-withdraw = Does not take part
exam-withdraw-hint = The seat becomes free for another; the number is given to nobody else.
done-exam-candidates-added = { $n ->
    [one] 1 candidate has been added.
   *[other] { $n } candidates have been added.
}
done-exam-numbered = { $n ->
    [one] 1 number has been given.
   *[other] { $n } numbers have been given.
}
done-exam-candidate-changed = Saved.

exam-seating-none = Nobody has a seat yet
exam-seated-at = Seated { $when }
exam-seating-draw = Seating
exam-mix-classes = Mix { word-classes }: neighbours are of different { word-classes } as far as possible
exam-per-paper = New seats for each paper
exam-fill = How rooms are filled
exam-fill-in-order = One after another
exam-fill-evenly = Evenly
exam-seat-all = Seat all candidates
exam-seat-again-ask = Start again? The current seats, including those moved by hand, are lost.
exam-seat-late = { $count ->
    [one] Only the 1 missing seat
   *[other] Only the { $count } missing seats
}
exam-seats-by-room = Seats by room
exam-seats-n = { $count ->
    [one] 1 candidate has a seat
   *[other] { $count } candidates have a seat
}
exam-move = Move a candidate
exam-move-text = Where the seat is taken, the two candidates swap seats.
exam-move-do = Move
exam-seat = Seat
done-exam-seated = { $n ->
    [one] 1 seat has been given.
   *[other] { $n } seats have been given.
}
done-exam-moved = Moved.

exam-lists = Lists and labels
exam-list-door = Lists for the doors
exam-list-attendance = Attendance and hand-in
exam-list-labels = Desk labels
exam-list-envelopes = Envelope labels
exam-list-slips = Candidates' slips
exam-as-xlsx = Download Excel
exam-print = Print
exam-all-papers = All papers
exam-all-rooms = All rooms
exam-lists-left-out = { $count } more sheets are not shown. Choose a paper or a room to print them.
exam-lists-empty = Nothing to print yet
exam-lists-empty-text = Seat the candidates first, then print the lists.
exam-slip-title = Candidate's slip
exam-envelope-title = Envelope of papers
exam-door-title = List of candidates
exam-attendance-title = Attendance and hand-in
exam-stt = No.
exam-candidates-count = Candidates
exam-number-from = Numbers from
exam-number-to = Numbers to
exam-numbers-span = Candidate numbers
exam-papers-handed = Papers handed in
exam-invigilator-1 = Invigilator 1
exam-invigilator-2 = Invigilator 2
exam-sheets-of-paper = Sheets
exam-signature = Signature
exam-remark = Remark
exam-total = { $count ->
    [one] 1 candidate in all.
   *[other] { $count } candidates in all.
}
exam-total-handed = Papers: ………  Sheets: ………  Absent: ………
exam-sheet = Exam

fault-exam-name = Enter the name of the exam.
fault-exam-name-long = The name is longer than 150 characters.
fault-exam-no-classes = Choose at least one grade or { word-class }.
fault-exam-grade-unknown = This school year has no grade { $value }.
fault-exam-has-marks = There are marks already, so the kind of marks and how they are entered cannot change.
fault-exam-locked = The exam is locked. Unlock it in the overview to change it.
fault-exam-subject = Enter the subject, at most 60 characters.
fault-exam-paper-code = The code is longer than 20 characters.
fault-exam-date = Enter the date, for example 14/12/2026.
fault-exam-begins = Enter when it begins, for example 7:30.
fault-exam-minutes = Enter a length of 5 to 600 minutes.
fault-exam-papers-apart = Another paper of the same grade is at that time: no candidate sits two at once. Choose another time.
fault-exam-paper-grade = Grade { $value } does not take part in this exam.
fault-exam-paper-seated = Candidates are seated, so the grades of this paper cannot change.
fault-exam-paper-marked = This paper has codes or marks and cannot be removed.
fault-exam-room-name = Enter names of rooms, each at most 40 characters, at most 200 rooms at once.
fault-exam-room-place = The place is longer than 100 characters.
fault-exam-room-seats = Enter 1 to 200 seats.
fault-exam-room-most = The most seats must be the number of seats, or up to 20 more.
fault-exam-room-taken = There is already a room of that name: { $value }.
fault-exam-room-smaller = Seats up to { $value } are taken. Move those candidates first.
fault-exam-room-used = The room is in use. Move candidates and invigilators to another one first.
fault-exam-nobody-chosen = Choose at least one { word-class }, or all.
fault-exam-pupil-unknown = No { word-pupil } of this school year is found for: { $value }.
fault-exam-candidate-marked = The candidate has marks already and cannot be withdrawn or exempted.
fault-exam-number-prefix = The prefix has unaccented letters, digits and hyphens only, at most 8.
fault-exam-number-width = Enter 1 to 8 digits.
fault-exam-number-too-narrow = There are not enough numbers with so few digits. Use more digits.
fault-exam-order = Choose an order.
fault-exam-seed = The seed is one line of at most 40 characters.
fault-exam-all-numbered = All candidates have numbers.
fault-exam-numbers-used = Candidates are seated, so numbers cannot be given anew.
fault-exam-no-seats = Seats are missing: { $value }. Add rooms or seats.
fault-exam-no-papers = Add papers first.
fault-exam-no-rooms = Add rooms first.
fault-exam-no-candidates = Add candidates first.
fault-exam-unnumbered = Give all candidates a number first.
fault-exam-changed = Another person has just changed the exam. Try again.
fault-exam-seats-cut = There are codes or marks already, so seating cannot start again. Only missing seats can be given.
fault-exam-number-unknown = There is no candidate number { $value }.
fault-exam-seat = Enter the seat.
fault-exam-seat-beyond = This room has seats up to { $value }.
fault-exam-seat-taken = That seat is taken.
fault-exam-not-sat = The candidate does not sit this paper.
fault-exam-room-closed = The room cannot be used at the time of this paper.
fault-exam-room-other-paper = Another paper is sat in this room at that time.

menu-own-exams = My exams
audit-exam-codes = Drew codes
audit-exam-codes-viewed = Looked at the codes
audit-exam-marks = Entered marks
audit-exam-marks-viewed = Looked at the marks by code
audit-exam-correction = Corrected a mark
audit-exam-appeal = Changed a mark on appeal
audit-exam-published = Published marks
audit-exam-helpers = Tasks
audit-exam-duties = Gave out duties
audit-exam-duties-changed = Changed a duty
audit-exam-people = Invigilators
exam-step-invigilation = Invigilation
exam-step-helpers = Tasks
exam-step-publication = Marks and publication
exam-codes = Codes
exam-codes-of = Codes: { $subject }
exam-codes-text = Each paper gets a random code, and bags mix the papers of many rooms. Those who mark see codes only. Each look at this list is recorded.
exam-bag-size = Papers per bag
exam-codes-cut = Draw codes
exam-codes-again-ask = Draw again? The current codes are lost.
exam-codes-list = Numbers and codes
exam-codes-count = { $count ->
    [one] 1 paper
   *[other] { $count } papers
}, { $bags ->
    [one] 1 bag
   *[other] { $bags } bags
}
exam-code = Code
exam-bag = Bag
exam-mark = Mark
exam-marks-of = Marks: { $subject }
exam-marks-done = { $done } of { $count } entered
exam-marks-how = Type a mark and press Enter for the next paper. 725 is 7.25, 75 is 7.5; V is absent, VP a violation.
exam-marks-how-pass = Type Đ (pass) or CĐ (fail) and press Enter. V is absent, VP a violation.
exam-marks-save = Save marks
exam-marks-empty = No papers to mark yet
exam-marks-empty-text = Seat the candidates first, then draw codes where papers are marked by code.
exam-entry = Entry
exam-entry-n = Entry { $entry }
exam-settling = Settling differences
exam-differences = { $count ->
    [one] 1 difference
   *[other] { $count } differences
}
exam-no-differences = No differences
exam-no-differences-text = Both entries agree wherever both are complete.
done-exam-marks-typed = { $n ->
    [one] 1 mark has been saved.
   *[other] { $n } marks have been saved.
}
exam-progress = Progress of the marks
exam-marked = Marked
exam-spread = Distribution
exam-results-xlsx = Download results
exam-publish = Publish
exam-publish-text = From then on { word-pupils } see their own marks, and marks change only by appeals and corrections with a reason.
exam-publish-at = Time
exam-publish-at-hint = For example: 20/12/2026 17:00. Empty: now.
exam-publish-classes = Publish for
exam-publish-ask = Publish the marks of the chosen { word-classes }?
exam-published-at = published { $when }
exam-publishes-at = will be published { $when }
done-exam-published = { $n ->
    [one] Published for 1 { word-class }.
   *[other] Published for { $n } { word-classes }.
}
exam-own-unpublished = The marks are not published yet.
exam-own-duties = Duties
exam-own-tasks = Tasks
exam-own-empty = You have no exams yet
exam-own-empty-text = When you have exams, duties or tasks, they are shown here.
exam-corridor = Corridor
exam-class-marks = Marks of { $class }
exam-class-marks-link = Exam marks
exam-class-marks-empty = No marks are published yet
exam-class-marks-empty-text = Once the school publishes them, the marks of the { word-class } are shown here.
exam-task = Task
exam-task-papers = Papers
exam-task-seating = Rooms and seating
exam-task-invigilation = Invigilation
exam-task-marks = Entering marks
exam-task-paper = Paper, for entering marks
exam-helper = Person
exam-helper-add = Hand out task
exam-helper-remove = Take back
exam-helpers-empty = No tasks are handed out
exam-helpers-empty-text = Hand tasks to { word-teacher }s without the grant Exams, for example entering the marks of a paper by code.
done-exam-helper-added = The task has been handed out.
done-exam-helper-removed = The task has been taken back.
done-exam-codes-cut = { $n ->
    [one] 1 code has been drawn.
   *[other] { $n } codes have been drawn.
}
exam-duties-draw = Give out duties
exam-per-room = Invigilators per room
exam-corridor-rooms = Rooms per invigilator in the corridor
exam-corridor-hint = 0: nobody in the corridor.
exam-not-own-class = Not in a room of the { word-class } in their charge
exam-not-own-subject = Not in a paper of their own subject
exam-duties-give = Give out duties
exam-duties-again-ask = Start again? The current duties, including those changed by hand, are lost.
exam-rules-broken = { $count ->
    [one] 1 rule cannot be kept:
   *[other] { $count } rules cannot be kept:
}
exam-rule-day-off = on a day off
exam-rule-two-at-once = two duties at once
exam-rule-own-class = in a room of the { word-class } in their charge
exam-rule-own-subject = in a paper of their own subject
exam-rule-same-room = in the same room again
exam-rule-same-pair = with the same person again
exam-duties-plan = Duties
exam-duty-change = Change a duty
exam-duty-change-text = Where the replacement has a duty of the same paper, the two swap.
exam-duty-from = On duty now
exam-duty-by = Replacement
exam-invigilators = Invigilators
exam-invigilators-none = The list is empty: all active { word-teacher }s are added when duties are given out, with the subjects that they teach by the timetable.
exam-duties-n = { $count ->
    [one] 1 duty
   *[other] { $count } duties
}
exam-day-off = off on { $day }
exam-person = Invigilator
exam-person-subjects = Subjects
exam-person-subjects-hint = Separated by commas, written like the subjects of the papers.
exam-person-days-off = Days off
exam-person-days-off-hint = Separated by commas, for example 14/12/2026.
exam-person-remove = Has no duties
done-exam-duty-changed = The duty has been changed.
done-exam-person-named = Saved.
done-exam-duties-given = { $n ->
    [one] 1 duty has been given.
   *[other] { $n } duties have been given.
}
exam-corrections = Appeals and corrections
exam-correction-appeal = On appeal
exam-correction-reason = Reason
exam-correction-do = Change mark
done-exam-mark-corrected = The mark has been changed.
exam-copy = Copy as a new exam
exam-copy-do = Copy
exam-copy-text = The new exam has the same papers and rooms, and the matching { word-classes } of the year that you choose (of the same grades, or the same names where they were chosen one by one); its days follow from the first day that you choose.
exam-copy-day = First day
fault-exam-bag = Enter 1 to 99 papers per bag.
fault-exam-codes-marked = This paper has marks, so its codes cannot be drawn again.
fault-exam-nobody-sat = There are no papers yet: seat the candidates first.
fault-exam-mark-not-read = This is not a mark.
fault-exam-mark-range = Marks are from 0 to 10.
fault-exam-mark-step = Marks are multiples of 0.25.
fault-exam-mark-of = { $value }
fault-exam-mark-meanwhile = Another person has just entered { $value }. That stands; check it and enter yours again if need be.
fault-exam-mark-published = Published: it changes only by an appeal or correction.
fault-exam-mark-same-typist = You made the other entry as well; the two must be made by two people.
fault-exam-mark-unknown = There is no such code or number.
fault-exam-mark-same = The mark is the same.
fault-exam-mark = Enter a mark.
fault-exam-marks-none = No marks were sent.
fault-exam-marks-closed = Marks are being published, so entering them is closed.
fault-exam-marks-missing = { $value } papers have no mark or differ. Enter and settle them before publishing.
fault-exam-published-already = These { word-classes } are published already.
fault-exam-at = Enter the time, for example 20/12/2026 17:00.
fault-exam-helper = Choose a person.
fault-exam-task = Choose a task.
fault-exam-task-paper = Choose the paper whose marks are entered.
fault-exam-helper-holds = This person holds the grant Exams and may see whose a code is, so no task is handed to them.
fault-exam-helper-taken = This person has that task already.
fault-exam-helper-both = One person may not both enter marks and seat candidates: those who enter marks may not learn whose a paper is.
fault-exam-per-room = Enter 1 to 4.
fault-exam-corridor = Enter 0 to 50.
fault-exam-not-seated = Seat the candidates first.
fault-exam-too-few-people = There are too few invigilators: { $value }.
fault-exam-not-invigilator = That person is not on the list of invigilators.
audit-exam-copied = Copied an exam
