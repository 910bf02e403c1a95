# What follows a school's move to the new year: accounts that close, years, and the way there.
settings-finished-days = Days until accounts of those who have finished school are closed
settings-finished-days-hint = From 0 to 365 days. It counts from the day on which the move to the new year is applied; days told already stay.
fault-finished-days = Enter a number of days from 0 to 365.
home-closing = You have finished school here. Your account is closed on { $date }.
home-closing-text = Until then everything works as before. If you need something from it afterwards, ask the school office in time.
audit-account-closed = Account closed after finishing school
history-account-closed = { $who } closed the account: finished school.
rollover-schedule = Apply on a day
rollover-schedule-text = On that day, early in the morning, the draft is applied as it stands then. If something has to be confirmed by a person, nothing is applied and the owners get a mail.
rollover-schedule-on = Day
rollover-schedule-save = Apply on this day
rollover-schedule-withdraw = Do not apply by itself
rollover-scheduled = The draft is applied by itself on { $date }, early in the morning. Until then you can go on changing it.
rollover-schedule-failed = It was not applied on its day.
rollover-not-applied-leaves = The draft takes a great many who have not finished the last grade out of the school. Look at it, confirm that, and apply it yourself.
rollover-not-applied-nothing = The draft said nothing that was not done already.
rollover-not-applied-rights = Who chose the day is no owner of the school any more. Choose a day again, or apply it yourself.
rollover-not-applied-plan = The draft could not be read or applied. Nothing has changed; apply it yourself, or choose another day.
fault-rollover-day = Enter a day, such as 01/08/2027.
fault-rollover-day-over = Choose a day from tomorrow on. To apply it today, press “Review and apply”.
fault-rollover-day-far = Choose a day within a year.
done-rollover-scheduled = The draft is applied by itself on that day.
done-rollover-withdrawn = The draft is not applied by itself.
audit-rollover-scheduled = Day chosen for applying the draft for the new year
audit-rollover-schedule-withdrawn = Day for applying the draft for the new year taken back
audit-rollover-not-applied = Draft for the new year not applied on its day
mail-rollover-not-applied-subject = The move to { $year } was not applied at { $school }
mail-rollover-not-applied-text = Nothing has changed in the school; the draft is as you left it.
mail-rollover-not-applied-button = Open it
mail-rollover-not-applied-closing = You get this mail because you own the school's account system.
rollover-homerooms-hint = { word-homeroom-cap }s go along with their { word-class } at first. Type another name, or leave the field empty. They are checked again when the draft is applied.
rollover-homeroom-of = { word-homeroom-cap } of { $class }
rollover-no-homeroom = nobody
rollover-target-remove = Remove { $class }
rollover-add-classes = More { word-classes } of the coming year
rollover-add-classes-hint = One or many, such as { word-class-range }
rollover-carry-hint = For all of them at once, saving what is above:
rollover-carry-along = Teachers go along with their { word-class }
rollover-carry-stay = Teachers stay with the { word-class } of the same name
rollover-carry-nobody = Nobody yet
years-from-hint = The year is the current one from this day until the next begins
years-save = Save
years-delete-title = Delete the year
years-delete-not = The year has { word-classes }, so it stays.
years-delete-text = The year has no { word-classes }. If nothing else was planned in it, it can be deleted.
years-delete = Delete
years-over = This year is over
years-over-text = Its { word-classes } are kept as they were and can be looked at. An owner can open it with a reason.
years-open = Open it for changes
years-open-text = Its { word-classes } are kept as they were. If something has to be put right, say why: it is open to you for a day, and the reason is on record.
years-open-reason = Reason
years-opened = You may change this year until { $until }.
fault-year-reason = Say why the year is opened.
fault-year-day = Enter a day, such as 01/08/2027.
fault-year-taken = The school has a year of this name already.
fault-year-order = The year ends after it begins: choose a later last day.
fault-year-outside = The first day lies in the first of the two years in the name, and the last day in the second.
fault-year-overlap = Another year of the school has some of these days. Choose days that do not overlap.
fault-year-used = The year has { word-classes }, plans, a draft, a timetable or exams, so it stays.
fault-year-last = The school has no other year, so this one stays.
fault-year-over = This year is over. Open it first, with a reason.
ask-year-deletion = Delete this school year? This cannot be undone.
done-year-changed = The school year was saved.
done-year-deleted = The school year was deleted.
done-year-opened = The year is open to you for a day.
audit-school-year-changed = School year changed
audit-school-year-deleted = School year deleted
audit-school-year-opened = School year that is over opened for changes
step-draft = Make the draft for { $year }
step-applied = Apply the move to { $year }
to-do-year-draft = Make the draft for the new year and fill it in over the summer
to-do-draft = The draft for { $year } is open
to-do-draft-text = Say what becomes of each { word-class } and { word-pupil }, then apply it; the year begins on { $date }
to-do-draft-scheduled = It is applied by itself on { $date }; you can change it until then
to-do-awaiting = { $count ->
    [one] { word-pupil } still waits to be assessed again
   *[other] { word-pupils } still wait to be assessed again
}
to-do-awaiting-text = Say the result of each, then apply the rest
rollover-classes-page = Page { $page }.
rollover-classes-save-first = Please save before you go to another page.
rollover-balance = Fill { word-classes } evenly
rollover-balance-text = Choose two or more { word-classes } of one grade. Those who go there are dealt out anew, so that the { word-classes } are of the same size and have as many girls and boys. A new { word-class } without anybody is filled as well: that is how one is split.
rollover-balance-seed = Number of the attempt
rollover-balance-seed-hint = The same number gives the same { word-classes }; another one deals out otherwise.
rollover-balance-show = Show what comes of it
rollover-balance-moves = { $count ->
    [0] Nobody changes
    [one] One { word-pupil } changes
   *[other] { $count } { word-pupils } change
}
rollover-balance-now = Now
rollover-balance-then = Then
rollover-balance-girls = Girls
rollover-balance-boys = Boys
rollover-balance-take = Take these { word-classes }
fault-balance-class = The coming year has no { word-class } “{ $value }”. Please check the name.
fault-balance-few = Choose at least two { word-classes }.
fault-balance-grades = Choose { word-classes } of one grade.
fault-balance-nobody = Nobody goes to these { word-classes } yet.
fault-balance-meanwhile = The draft has changed since this was shown. Look at it again, then take it.
done-rollover-balanced = { $n ->
    [one] One was put into another class.
   *[other] { $n } were put into other classes.
}
audit-rollover-balanced = Classes of the coming year filled evenly
