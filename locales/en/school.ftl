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
menu-units = Managing units

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

form-new-student = Add a student
form-new-teacher = Add a teacher
form-lead-student = A student has a username and a temporary password as soon as you press Add; print the slip to hand out.
form-lead-teacher = A teacher gets an invitation by mail and sets a password.
form-parent-hint = The name and birth year of the mother or of a guardian are needed.
form-email-hint = The invitation goes there; it is also what one signs in with.
form-email-own = This person signs in with the e-mail, so only that person can change it.
form-no-class = Choose a class
form-create = Add
form-create-again = Add, and another one
form-save = Save
person-edit = Edit
person-reset = Issue a new password
person-reset-ask = Issue a new temporary password? The password of today stops working, and all devices are signed out.
person-invite = Send the invitation again
person-invite-ask = Send this person the invitation again?
person-sign-out = Sign out of all devices
person-sign-out-ask = Sign this person out of all devices?
person-suspend = Suspend
person-suspend-ask = Suspend this person? Nobody can enter the school as this person until you lift that.
person-lift = Lift the suspension
person-leave = Has left the school
person-leave-ask = Has this person left? The record is kept, but the person can no longer enter the school and is in no class.
done-member-created = Added to the list.
done-member-changed = Saved.
done-reset-mailed = This account is in use elsewhere too, so a link to set a new password was mailed to the person.
done-invited-again = The invitation was sent again.
done-signed-out-everywhere = Signed out of all devices.
done-account-elsewhere = This account is in use elsewhere too, so only the person can sign out of the devices.
done-suspended = Suspended.
done-suspension-lifted = The suspension was lifted.
done-left = This person has left the school.
fault-class-gone = This class is gone. Choose another one.
fault-email-taken = Somebody in the school has this e-mail. Look for that person in the list.
fault-changed-meanwhile = Somebody else has just changed this record. Open the page once more, look, and go on from there.
