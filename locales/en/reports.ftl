# Reports.
menu-reports = Reports
menu-group-reports = Reports
reports-tab-users = Users
reports-tab-use = Usage
reports-tab-size = Size
reports-tab-quality = Data quality
reports-export = Export to Excel
reports-count = Count again
reports-counted = Counted at { $at }
done-counting = Counting again. Reload the page in a few minutes.
reports-empty = No figures yet
reports-empty-pupils = Once the school has { word-pupils }, the figures are shown here.
reports-users-line = Personal numbers, identifiers and phone numbers are masked
reports-find = Find by name
reports-find-hint = Find by name
reports-last-sign-in = Last sign-in
reports-never = Never
reports-users-statuses = By status
reports-users-genders = By gender
reports-users-genders-of = By gender, { word-class } { $class }
reports-users-statuses-of = By status, { word-class } { $class }
reports-head-count = Number
reports-head-classes = { word-classes-cap }
reports-head-age = Age
reports-head-expected = In the grade of this age
reports-head-band = { word-pupils-cap } in a { word-class }
reports-head-year = School year
reports-head-group = Group
reports-head-may-sign-in = May sign in
reports-head-never = Never signed in
reports-head-share = Share
reports-head-day = Day
reports-head-first = First sign-ins
reports-head-hour = Hour
reports-head-sign-ins = Sign-ins
reports-head-weekday = Day of the week
reports-head-device = Device
reports-head-cause = Cause
reports-head-times = Times
reports-head-moment = When
reports-head-line = What
reports-head-score = Score
reports-gender-male = Male
reports-gender-female = Female
reports-gender-other = Other
reports-gender-unknown = Not known
reports-pupils = { $count ->
    [one] { word-pupil }
   *[other] { word-pupils }
}
reports-classes = { $count ->
    [one] { word-class }
   *[other] { word-classes }
}
reports-class-average = { $count ->
    [one] { word-pupil } in a { word-class } on average
   *[other] { word-pupils } in a { word-class } on average
}
reports-without-class = { $count ->
    [one] { word-pupil } without a { word-class }
   *[other] { word-pupils } without a { word-class }
}
reports-no-class = Without a { word-class }
reports-no-grade = { $kind ->
    [higher] All
   *[other] Of no grade
}
reports-age = { $age } years
reports-size-grades = { $kind ->
    [higher] Students by gender
   *[other] { word-pupils-cap } by grade and gender
}
reports-size-ages = Ages
reports-size-ages-text = Ages follow from the years of birth, in the year in which the school year begins. The dashed frame is the number of { word-pupils } in the grade of that age, half on each side.
reports-size-ages-unknown = { $count ->
    [one] One has no birth date and is not counted here.
   *[other] { $count } have no birth date and are not counted here.
}
reports-size-bands = Sizes of { word-classes }
reports-size-classes = By { word-class }
reports-size-years = Compared with the years before
reports-first-classes = This page shows the first { $count } { word-classes }.
reports-pupils-in = { $count ->
    [one] { word-pupil } has signed in
   *[other] { word-pupils } have signed in
}
reports-pupils-never = { $count ->
    [one] { word-pupil } has never signed in
   *[other] { word-pupils } have never signed in
}
reports-teachers-in = { $count ->
    [one] teacher has signed in
   *[other] teachers have signed in
}
reports-teachers-never = { $count ->
    [one] teacher has never signed in
   *[other] teachers have never signed in
}
reports-all-pupils = All { word-pupils }
reports-use-grades = { $kind ->
    [higher] Signed in
   *[other] Signed in, by grade
}
reports-all-teachers = All teachers
reports-all-managers = All managers
reports-use-first = First sign-ins by day, since the year began
reports-use-first-text = Of the people who are in the school: those who have left or were erased do not count any more.
reports-use-hours = Sign-ins by hour of the day
reports-use-weekdays = Sign-ins by day of the week
reports-use-devices = Devices
reports-use-resets = New passwords and their causes
reports-use-classes = Signed in, by { word-class }
reports-recent = In the last { $days } days; a person counts once an hour.
reports-recent-days = In the last { $days } days.
reports-hour = { $hour }:00
reports-people-resets = Given a new password
reports-people-gone = Those who were erased or merged into another are not among them any more.
reports-people-none = Nobody
reports-people-none-text = Since this was counted, these people have changed or are not in the school any more.
weekday-monday = Monday
weekday-tuesday = Tuesday
weekday-wednesday = Wednesday
weekday-thursday = Thursday
weekday-friday = Friday
weekday-saturday = Saturday
weekday-sunday = Sunday
weekday-short-monday = Mon
weekday-short-tuesday = Tue
weekday-short-wednesday = Wed
weekday-short-thursday = Thu
weekday-short-friday = Fri
weekday-short-saturday = Sat
weekday-short-sunday = Sun
device-kind-phone = Phone
device-kind-tablet = Tablet
device-kind-computer = Computer
device-kind-other = Not known
reset-cause-forgotten = { word-pupil-cap } forgot the password
reset-cause-first = { word-pupil-cap } had never signed in
reset-cause-staff = Teacher or manager
reset-cause-gone = Since erased, or merged into another
reports-score = data quality score
reports-clean = { $count ->
    [one] person or { word-class } with nothing to correct
   *[other] people and { word-classes } with nothing to correct
}
reports-to-mend = { $count ->
    [one] person or { word-class } to complete or correct
   *[other] people and { word-classes } to complete or correct
}
reports-quality-lines = To complete or correct
reports-quality-text = What may have a submission returned, or keep people from signing in. A number leads to its list.
reports-quality-score = Score over time
reports-quality-score-text = The score is the share of people and { word-classes } with nothing to correct.
quality-line-no-parent = No mother or guardian
quality-line-no-birth-date = No birth date
quality-line-age = { $kind ->
    [higher] Age is unlikely
   *[other] Age does not fit the grade
}
quality-line-no-gender = No gender
quality-line-twin = Same name and birth date
quality-line-no-class = Without a { word-class }
quality-line-no-homeroom = { word-class-cap } without a { word-homeroom }
quality-line-national-id = Personal number or identifier does not match
quality-line-no-email = Teachers and managers without an e-mail address
quality-line-no-slip = Slip not handed out
quality-line-expired = Temporary password has expired
quality-line-bounced = Mail came back
quality-why-no-parent = A submission needs the name and birth year of the mother or of a guardian.
quality-why-no-birth-date = Lists of { word-pupils } and teachers that are handed in need the birth date, and it tells people of one name apart.
quality-why-no-gender = Lists of { word-pupils } and teachers that are handed in need the gender.
quality-why-age = More than one year before the age of the grade, or more than three after it: check the birth date and the { word-class }.
quality-why-twin = Perhaps one { word-pupil } who was entered twice: compare each pair, and merge it or say that these are two people.
quality-why-no-class = The { word-pupil } is in no { word-class } this school year.
quality-why-no-homeroom = Nobody can help the { word-pupils } of the { word-class } when they forget the password.
quality-why-national-id = The personal number contradicts the province, the gender or the year of birth; or the identifier of the ministry is malformed.
quality-why-no-email = Without an address, a person cannot get a new password by mail, and gets none of the mails of the school.
quality-why-no-slip = They have a temporary password whose slip was never printed.
quality-why-expired = The slip is no longer good: give a new password.
quality-why-bounced = The mail server says that there is no such address: correct it and send the mail again.
reports-line-clean = Nothing to correct
reports-line-clean-text = All of this is complete.
reports-line-mended = This list is done
reports-line-mended-text = When it was counted last, there were { $count } more. Press “Count again” to see them.
reports-line-beyond = There are { $count } more than can be turned to here. The Excel file of the report has all; the next ones are shown here once these are done.
reports-sheet-ends = The list ends here; there are { $count } more.
reports-mend-others = Those who manage the school's accounts can correct these.
reports-mend-homeroom = Assign homeroom teachers
reports-mend-sheet = Complete by spreadsheet
reports-mend-twins = Compare and merge
reports-mend-slips = Open the hand-out ledger
reports-mend-one = Edit
reports-mend-compare = Compare
reports-mend-compare-person = Compare { $name } with the other one
reports-mend-person = Edit { $name }
reports-mend-passwords = { $count ->
    [one] Give one person a new password
   *[other] Give { $count } people a new password
}
reports-mend-passwords-ask = { $count ->
    [one] Give the person on this page a new password? A printed slip is no longer good.
   *[other] Give the { $count } people on this page a new password? Their printed slips are no longer good.
}
reports-mend-class = { $count ->
    [one] Put one person into the { word-class }
   *[other] Put { $count } people into the { word-class }
}
reports-country = The whole country
reports-country-line = Counted by each school once a day, without personal data
reports-map = { word-pupils-cap } who have signed in, by province
reports-map-text = The darker a tile, the larger the share. A province leads to its schools.
reports-provinces = By province
reports-units = By managing unit
reports-schools-of = Schools
reports-schools-none = No school fits. Take away a filter.
reports-schools-find = Find a school by name or code
reports-open-school = Open the school
reports-schools = { $count ->
    [one] school
   *[other] schools
}
reports-schools-active = { $count ->
    [one] active school
   *[other] active schools
}
reports-schools-silent = { $count ->
    [one] school without a sign-in for 30 days
   *[other] schools without a sign-in for 30 days
}
reports-overdue = { $count ->
    [one] submission waiting for more than 7 days
   *[other] submissions waiting for more than 7 days
}
reports-accounts = { $count ->
    [one] account of a { word-pupil }
   *[other] accounts of { word-pupils }
}
reports-accounts-staff = { $count ->
    [one] account of a teacher or manager
   *[other] accounts of teachers and managers
}
reports-share-in = of { word-pupils } have signed in
reports-share-slips = of { word-pupils } have a slip
reports-share-staff-in = of teachers and managers have signed in
reports-column-schools = Schools
reports-column-active = Active
reports-column-silent = Nobody signs in
reports-column-name = School
reports-column-unit = Managing unit
reports-column-state = State
reports-column-staff = Teachers and managers
reports-column-staff-in = Teachers and managers signed in
reports-column-counted = Counted on
reports-column-suspended = Suspended
reports-column-pupils = { word-pupils-cap }
reports-column-in = Signed in
reports-column-slips = Have a slip
reports-column-score = Data score
reports-column-overdue = Overdue
reports-state-active = Active
reports-state-silent = No sign-in for 30 days
reports-state-unopened = Nobody has ever signed in
reports-state-suspended = Suspended
reports-schools-any = In any state
reports-never-counted = Not counted yet
reports-over-time-in = { word-pupils-cap } who have signed in, over time
reports-over-time-schools = Active schools, over time
reports-over-time-slips = { word-pupils-cap } who have a slip, over time
reports-over-time-overdue = Overdue submissions, over time
reports-over-time-score = Data score, over time
audit-report-taken = Took a report
settings-monthly-report = Mail the owners a monthly report
settings-monthly-report-hint = On the first of each month, the owners get the figures of the school. The mail names nobody.
mail-monthly-report-subject = { $school }: the monthly report
mail-monthly-report-text = { $pupils } { word-pupils } may sign in, and { $in } have done so.
mail-monthly-report-mend = The records of { $count } people and { word-classes } are to be completed or corrected.
mail-monthly-report-button = Open the reports
mail-monthly-report-closing = The school has asked for this mail in its settings, and can switch it off there.
