# The school's home.
home-hello = Hello { $name }
home-signed-in = You are signed in
home-signed-in-text = Use this account to enter the school's applications.
to-do-title = To do
to-do-nothing = Nothing to do
to-do-nothing-text = Every { word-pupil } has a slip and has signed in.
to-do-classes = Create the year's { word-classes }
to-do-classes-text = Create a whole range at once, such as 10A1-10A12
to-do-students = Import the { word-pupils }
to-do-students-text = Upload the school's spreadsheet and review it before anything is written
to-do-slips = { $count ->
    [one] { word-pupil } has no slip yet
   *[other] { word-pupils } have no slip yet
}
to-do-slips-text = See the hand-out ledger and print what each { word-class } lacks
to-do-never = { $count ->
    [one] { word-pupil } has never signed in
   *[other] { word-pupils } have never signed in
}
to-do-never-text = See who they are and which { word-class } they are in
to-do-waiting = { $count ->
    [one] person registered and waits
   *[other] people registered and wait
}
to-do-waiting-text = Look at each and activate or refuse
to-do-plans = { $count ->
    [one] import is not finished
   *[other] imports are not finished
}
to-do-plans-text = The file was read and waits for your review
to-do-homeroom = { $count ->
    [one] { word-class } has no homeroom teacher
   *[other] { word-classes } have no homeroom teacher
}
to-do-homeroom-text = Choose for all { word-classes } on one page
to-do-invited = { $count ->
    [one] teacher has not accepted the invitation
   *[other] teachers have not accepted the invitation
}
to-do-invited-text = See who, and send the invitation again
to-do-year = School year { $year } is about to end
to-do-year-text = Add the next year to prepare { word-classes } and lists
