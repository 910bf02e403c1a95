# Inside a school: menu, accounts, classes, years.
shell-school-code = School code { $code }
shell-operator = Operator
shell-crumbs = Breadcrumbs
menu-home = Home
menu-group-accounts = Accounts
menu-accounts = List of accounts
menu-import = Import from a spreadsheet
menu-group-teaching = Teaching
menu-classes = Classes
menu-schools = Schools

role-student = Pupil
role-teacher = Teacher
role-manager = Manager
roles-student = Pupils
roles-teacher = Teachers
roles-manager = Managers
grant-owner = Owner
grant-account-manager = Account manager
grant-timetable = Timetable
grant-exams = Exams
grant-reports = Reports
gender-male = Male
gender-female = Female
gender-other = Other
field-school-year = School year
field-grade = Grade

accounts-title = Accounts
accounts-total = { $count ->
    [one] 1 person
   *[other] { $count } people
}
accounts-never = { $count ->
    [one] 1 pupil has never signed in
   *[other] { $count } pupils have never signed in
}
accounts-export = Export to Excel
accounts-role = Role
accounts-class = Class
accounts-all-classes = All classes
accounts-status = Status
accounts-all-statuses = Any status
accounts-filter = Filter
accounts-clear = Clear filters
accounts-print-class = Print slips of { $class }
accounts-choose-class = Choose a class above to print the slips of the whole class.
accounts-none-found = No one found
accounts-none-found-text = Try fewer letters (accents are not needed) or fewer filters.
accounts-empty-student = No pupils yet
accounts-empty-teacher = No teachers yet
accounts-empty-manager = No managers yet
accounts-empty-text = The quickest way is to import the school's spreadsheet.
accounts-signing-in = Signing in
accounts-pages = Pages
accounts-year = School year { $year }
accounts-first-page = First page
accounts-next = Next
accounts-previous = Previous
accounts-actions = Actions
narrowing-never = Never signed in
narrowing-slips = Slip not handed out
narrowing-invited = Invited, not accepted
narrowing-suspended = Suspended
narrowing-left = Left the school

state-suspended = Suspended
state-left = Left the school
state-invited = Invited, not accepted
state-pending = Waiting for activation
state-temporary-expired = Temporary password expired
state-slip-waiting = Slip not handed out
state-never = Never signed in
state-on-devices = { $devices ->
    [one] On 1 device now
   *[other] On { $devices } devices now
}

person-profile = Profile
person-login = Username
person-now = Status
person-slip-printed = Slip printed
person-print-slip = Print the slip

classes-title = Classes
classes-line = { $count ->
    [one] 1 class
   *[other] { $count } classes
}
classes-add = Add classes
classes-empty = No classes in this year yet
classes-empty-text = You can create many at once, such as 10A1-10A12. When you import pupils from a spreadsheet, missing classes are created too.
classes-pupils = pupils
classes-print = Print slips
classes-names = Class names
classes-names-hint = One class (10A1), several (10A1, 10A2) or a range (10A1-10A12)
classes-grade-hint = If empty, it is taken from the name. Kindergartens: enter the age group.
classes-create = Create classes
fault-class-taken = This year already has class { $value }. Choose another name.
done-classes-created = { $n ->
    [0] No new classes.
    [one] 1 class was created.
   *[other] { $n } classes were created.
}
years-title = School years
years-from = From
years-to = To
years-add-label = New school year
years-add-hint = Two consecutive years, such as 2027-2028
years-add = Add school year
fault-school-year = A school year is two consecutive years, such as 2027-2028.
done-year-added = The school year was added.
