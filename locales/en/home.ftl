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
