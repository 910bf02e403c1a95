# The school's home.
home-hello = Hello { $name }
home-signed-in = Account details
home-signed-in-text = Use this account for the school's applications.
to-do-title = To do
to-do-nothing = Nothing to do
to-do-nothing-text = All { word-pupils } have their slips and have signed in.
to-do-classes = Create the year's { word-classes }
to-do-classes-text = Create many at once, such as { word-class-range }
to-do-students = Import the { word-pupils }
to-do-students-text = Upload the school's spreadsheet and review it before importing
to-do-slips = { $count ->
    [one] { word-pupil } has no slip yet
   *[other] { word-pupils } have no slip yet
}
to-do-slips-text = See the slip distribution and print what each { word-class } lacks
to-do-never = { $count ->
    [one] { word-pupil } has never signed in
   *[other] { word-pupils } have never signed in
}
to-do-never-text = See who they are, { word-class } by { word-class }
to-do-waiting = { $count ->
    [one] registration is waiting for approval
   *[other] registrations are waiting for approval
}
to-do-waiting-text = Look at each one and approve or refuse
to-do-plans = { $count ->
    [one] import is not finished
   *[other] imports are not finished
}
to-do-plans-text = The file has been read and is waiting for your review
to-do-homeroom = { $count ->
    [one] { word-class } has no { word-homeroom }
   *[other] { word-classes } have no { word-homeroom }
}
to-do-homeroom-text = Assign them for all { word-classes } on one page
to-do-invited = { $count ->
    [one] teacher has not accepted the invitation
   *[other] teachers have not accepted the invitation
}
to-do-invited-text = See who they are and send the invitation again
to-do-year = School year { $year } is about to end
to-do-year-text = Add the next year to prepare { word-classes } and lists
home-no-class-text = Once you are a { word-homeroom }, your { word-class } appears here.
home-no-class-ask = Once you are a { word-homeroom }, your { word-class } appears here. If you miss it, ask { $names }.
home-print-class = { word-class-cap } { $class }: open the list to print slips
home-help-class = { word-class-cap } { $class }: see who, and why
home-own-signed-in = Have signed in
home-class = Your { word-class }
home-no-homeroom = No { word-homeroom } yet
home-no-place = You are in no { word-class } this school year yet.
home-pupil-help = Need help, or forgot your password? Ask your { word-homeroom }.
home-password-text = A password that only you know
home-pupils = { $count ->
    [one] { word-pupil }
   *[other] { word-pupils }
}
home-teachers = { $count ->
    [one] { word-teacher }
   *[other] { word-teacher }s
}
home-classes = { $count ->
    [one] { word-class }
   *[other] { word-classes }
}
home-online-count = online
home-grade = Grade { $grade }
home-sign-ins = Sign-ins
home-sign-ins-link = See who has not signed in
home-signed-in-share = Share of { word-pupils } who have signed in
home-ring = { $part } of { $whole } { word-pupils }
home-ring-text = have signed in at least once
home-by-grade = Signed in, by grade
home-by-class = { word-classes-cap } with most who have not signed in
home-chart-grade = { $kind ->
    [higher] Scope
   *[other] Grade
}
home-chart-signed-in = Signed in
home-chart-slips = Have a slip
home-chart-pupils = { word-pupils-cap }
home-slips = Sign-in slips
home-slips-by-class = Have a slip, by { word-class }
home-slips-done = All slips are printed
home-slips-done-text = No { word-pupil } lacks a slip.
home-lately = Recent activity
home-lately-link = Open the audit log
home-lately-none = Nothing has happened yet
home-lately-none-text = Imports, new passwords, printed slips and the like will appear here.
home-online = Online now
home-online-none = Nobody in the last 10 minutes.
steps-title = Getting the year ready
steps-ready = Ready
steps-done = done
step-classes = Create the { word-classes }
step-homeroom = Assign each { word-class } a { word-homeroom }
step-students = Import the { word-pupils }
step-teachers = Invite the { word-teacher }s
step-slips = Print and hand out slips
step-sign-in = { word-pupils-cap } sign in for the first time
home-today = Lessons today
home-applications-text = Applications that this account opens
