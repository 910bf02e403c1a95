# The school's home.
home-hello = Hello { $name }
home-signed-in = You are signed in
home-signed-in-text = Your account works. The school's applications know you by it.
to-do-title = What needs doing
to-do-nothing = Nothing needs doing
to-do-nothing-text = Every pupil has a slip and has signed in.
to-do-classes = Make the year's classes
to-do-classes-text = A whole range at once, such as 10A1-10A12
to-do-students = Bring the pupils in
to-do-students-text = Upload the spreadsheet that the school has, review it, write it
to-do-slips = { $count ->
    [one] 1 pupil has no slip yet
   *[other] { $count } pupils have no slips yet
}
to-do-slips-text = Print the slips by class, eight to a sheet of A4
to-do-never = { $count ->
    [one] 1 pupil has never signed in
   *[other] { $count } pupils have never signed in
}
to-do-never-text = See who they are, and of which class
