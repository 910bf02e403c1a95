# Announcing by mail, fixed lessons, norms, busy times at other schools, a day alone, prints on A4.
timetable-publish-line = From { $date } on everybody in the school sees this version.
timetable-announce = Announce by mail
timetable-announce-hint = Each { word-teacher } and each { word-pupil } with an email address as login whose lessons change gets one mail.
done-timetable-announced = The timetable has been published. The mails are on their way.
mail-timetable-published-subject = Timetable of { $school } from { $date }
mail-timetable-published-text = { $school } has published a new timetable, in force from { $date }.
mail-timetable-published-changes = { $count ->
    [one] 1 of your lessons differs from the timetable before.
   *[other] { $count } of your lessons differ from the timetable before.
}
mail-timetable-published-button = See the timetable
mail-timetable-published-closing = Calendar applications that use your calendar address are updated automatically.
timetable-fixed = Fixed lessons
timetable-fixed-line = Places the same lesson in many { word-classes }, such as the flag ceremony or the class hour, and locks it. { word-teacher-cap } and room are those that are assigned.
timetable-fixed-slot = Period
timetable-fixed-classes = { word-classes-cap } (empty: all { word-classes } that have lessons in this session)
timetable-fixed-rest = Leave out what collides
timetable-fixed-do = Place and lock
done-timetable-fixed = { $n ->
    [one] The lesson is placed and locked in 1 { word-class }.
   *[other] The lesson is placed and locked in { $n } { word-classes }.
}
timetable-copy-class = Copy another { word-class }
timetable-copy-class-from = From { word-class }
timetable-copy-class-hint = Only empty fields are filled; { word-teacher } and room are those that are assigned to this { word-class }.
done-timetable-class-copied = { $n ->
    [one] 1 lesson has been copied from the other { word-class }.
   *[other] { $n } lessons have been copied from the other { word-class }.
}
fault-timetable-copy-class = Choose another { word-class } of this school year.
timetable-cautions = Placed, but against a wish:
timetable-caution-blocked = { $teacher } does not teach in this period.
timetable-caution-elsewhere = { $teacher } teaches at another school in this period.
timetable-caution-load = { $count } periods, more than the maximum of { $most } a day
timetable-caution-day = { $teacher } has { $load }.
timetable-elsewhere-short = at another school
timetable-elsewhere = Busy at another school
timetable-elsewhere-line = This { word-teacher } lets the schools know each other's busy times. Timetables that are made automatically leave the following times free.
timetable-sum-of-norm = { $count ->
    [one] 1 period a week, norm { $norm }
   *[other] { $count } periods a week, norm { $norm }
}
timetable-over-norm = { $count } too many
timetable-under-norm = { $count } too few
timetable-norm = Norm a week (periods)
timetable-norm-hint = { $kind ->
    [higher] Leave it empty where there is none.
   *[other] Empty: as the rules have it, 23 in primary, 19 in lower and 17 in upper secondary schools; 4 fewer for a { word-homeroom }.
}
timetable-takes-it = takes this lesson
timetable-days-nav = Choose a day
timetable-by-day = By day
timetable-whole-week = Whole week
timetable-sheet-print-a4 = prints on A4 landscape
timetable-sheet-on-a3 = For A3
timetable-sheet-on-a4 = For A4
timetable-shape-fet-lessons = File for FET with the lessons placed (.fet)
