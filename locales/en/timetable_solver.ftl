# Timetables that the program makes, teachers' wishes, files.
timetable-auto = Make automatically
timetable-auto-line = All assigned lessons are placed in a new draft. Locked lessons stay where they are; this version does not change.
timetable-made-by-program = automatic
timetable-proposed = To be reviewed
timetable-seconds = Most time (seconds)
timetable-seconds-hint = A few seconds are mostly enough. Where it is not done by then, the best so far is taken.
timetable-seed = Starting number
timetable-seed-hint = The same number gives the same result; for another result change it.
timetable-waiting = Waiting for its turn…
timetable-searching = { $placed } of { $wanted } blocks placed
timetable-stopping = Stopping and writing the best so far…
timetable-may-leave = You may leave this page, the work goes on.
timetable-stop = Stop and take the best so far
timetable-made-whole = { $count ->
    [one] 1 lesson is placed, all that are assigned, without a collision.
   *[other] { $count } lessons are placed, all that are assigned, without a collision.
}
timetable-made-part = { $count ->
    [one] 1 lesson is placed without a collision. These have no place yet:
   *[other] { $count } lessons are placed without a collision. These have no place yet:
}
timetable-all-met = All wishes are met.
timetable-unmet = { $count ->
    [one] 1 wish is not met
   *[other] { $count } wishes are not met
}
timetable-unmet-twice = { $subject } more than once on { $day }
timetable-unmet-late = { $subject } in the last period ({ $at })
timetable-unmet-gaps = { $count ->
    [one] 1 free period between lessons in the week
   *[other] { $count } free periods between lessons in the week
}
timetable-unmet-class-gap = a free period between lessons on { $day }
timetable-take = Take this draft
timetable-look = View this draft
timetable-discard = Discard this draft
ask-timetable-discard = Discard the draft that was just made? It cannot be restored.
done-timetable-taken = Taken. It is a draft of the school; look it over, then publish it.
done-timetable-discarded = The draft has been discarded.
done-timetable-decided = There is no draft left to take or discard.
timetable-failed-impossible = This cannot be solved yet. Mend the following first:
timetable-failed-died = The work was interrupted and nothing was written. Start it again.
timetable-failed-rights = The person who asked may no longer make the timetable, so nothing was written.
timetable-failed-nothing = No timetable was found. Unlock some lessons, or take back days off or limits, then try again.
timetable-failed-answer = What came back cannot be used, so nothing was written. Try again with another starting number.
timetable-failed-changed = A { word-class }, subject, room or { word-teacher } has changed meanwhile, so nothing was written. Start it again.
timetable-has-can = needs { $has } periods and has time for { $can }
timetable-impossible-teacher = { $name } { $load }. Assign fewer periods, or take back days off and limits.
timetable-impossible-class = { word-class-cap } { $name } { $load }. Assign fewer periods, or add some on the page Bell times.
timetable-impossible-room = Room { $name } { $load }. Give it more capacity, or add a room.
timetable-together = The pair { $teacher } and { $class }
timetable-impossible-together = { $both } { $load } when both are free. Take back days off, or assign another { word-teacher }.
timetable-impossible-locked = { $name }: two locked lessons collide in { $at }. Unlock one of them.
timetable-has-can-doubles = { $has ->
    [one] needs 1 double period and has time for { $can }
   *[other] needs { $has } double periods and has time for { $can }
}
timetable-impossible-doubles = { $name } { $load }. Take back days off of the { word-teacher }, unlock lessons, or assign fewer double periods.
timetable-difficult = Hardest to place, according to the solver:
timetable-double = double period
timetable-impossible-nothing = No lessons are assigned yet. Fill in the assignments first.
fault-timetable-seconds = Enter 1 to { $value } seconds.
fault-timetable-seed = Enter a whole number from 0.
fault-timetable-no-engine = FET, the program that solves timetables, is not installed on the server. Everything else works. The server's administrator installs it with:
fault-timetable-under-way = A draft is being made for your school. Wait for it, or stop it first.
timetable-files = Download
timetable-shape-grid = By { word-class } (one grid)
timetable-shape-blocks = By { word-class } (blocks)
timetable-shape-teachers = By { word-teacher }
timetable-shape-fet = File for FET (.fet)
timetable-sheet = Timetable
timetable-sheet-from = TIMETABLE FROM { $date }
timetable-day = Day
timetable-session = Session
timetable-wishes = Wishes
timetable-wishes-line = When this { word-teacher } does not teach, and limits of a day and of a week.
timetable-blocked = Periods without teaching
timetable-most-a-day = Most periods a day
timetable-most-sessions = Most sessions a week
timetable-most-sessions-hint = A morning or an afternoon at school is one.
timetable-most-gaps = Most free periods between lessons a week
done-timetable-wishes = The wishes have been saved.
fault-timetable-wish-number = Enter a small number, or leave it empty for no limit.
audit-timetable-generated = A draft timetable was made automatically
audit-timetable-generation-asked = Asked for an automatic timetable
audit-timetable-generation-stopped = Stopped an automatic timetable
audit-timetable-generation-taken = Took an automatic draft
audit-timetable-generation-discarded = Discarded an automatic draft
audit-timetable-wishes-changed = Changed a teacher's wishes
