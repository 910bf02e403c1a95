# Results, statistics, appeals and corrections of exams.

exam-withheld-at = planned time taken back { $when }, marks are missing
audit-exam-withheld = Took back a planned publication, marks were missing
fault-exam-not-published = The marks of this { word-class } are not published yet, so there is nothing to appeal. Change the mark on the page where the marks of the subject are typed.

mail-mark-corrected-subject = Your mark in { $exam } was looked at again
mail-mark-corrected-text = { $school } has entered the result of an appeal or a correction of your mark in { $subject }.
mail-mark-corrected-button = See the mark
mail-mark-corrected-closing = The marks before and after and the reason are on the page My exams.
exam-own-corrected = Your mark in { $subject } of { $exam } was appealed or corrected:
exam-own-corrected-see = See the reason

exam-results-title = Marks
exam-results-class = { word-class-cap } { $class }
exam-results-by-class = Marks by { word-class }
exam-results-by-subject = Marks by subject
exam-smas = Marks for SMAS
exam-smas-text = A sheet for each { word-class }: the MoET identifier and the mark at the end of the term, rounded to one decimal. { word-pupils-cap } who were absent or broke the rules have an empty cell.
exam-mean = Mean
exam-mark-span = Lowest – highest
exam-at-least-5 = 5 or more
exam-at-least-8 = 8 or more
exam-passed = Passed
exam-absent = Absent
exam-violations = Violations

exam-statistics = Figures
exam-by-paper = By paper
exam-by-room = By room
exam-by-class = By { word-class }
exam-seated-count = With a seat
exam-rooms-used = Rooms
exam-withdrawn-n = { $count } withdrawn

exam-appeals = Appeals and corrections
exam-appeals-empty = No appeals yet
exam-appeals-empty-text = Once marks are published, the results of appeals and all corrections stand here, with the marks before and after and the reason.
exam-before = Before
exam-after = After
exam-correction = Correction
exam-correction-kind = Kind
exam-correction-at = When
exam-correction-actor = Entered by
exam-correction-enter = Enter an appeal or a correction
exam-correction-text = The candidate sees the new mark, the old one and the reason at once. An appeal that leaves the mark as it is is noted as well.
exam-corrected = Appeals and corrections

exam-unnumbered = No number yet
exam-duty-anyway = Change it anyway
fault-exam-duty-conflict = With this change: { $value }. Choose another person, or tick “Change it anyway” and send again.
fault-exam-duty-day-off = The other person is off that day. Choose another person.
fault-exam-duty-elsewhere = The other person is on duty elsewhere at that time. Choose another person.
