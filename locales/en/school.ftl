# Inside a school: menu, accounts, classes, years.
shell-school-code = School code { $code }
shell-operator = Operator
shell-crumbs = Breadcrumbs
menu-home = Home
menu-group-accounts = Accounts
menu-accounts = List of accounts
menu-import = Import from a spreadsheet
menu-group-teaching = Teaching
menu-classes = { word-classes-cap }
menu-schools = Schools
menu-units = Managing units

role-student = { word-pupil-cap }
role-teacher = Teacher
role-manager = Manager
roles-student = { word-pupils-cap }
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
    [one] 1 { word-pupil } has never signed in
   *[other] { $count } { word-pupils } have never signed in
}
accounts-export = Export
accounts-role = Role
accounts-class = { word-class-cap }
accounts-all-classes = All { word-classes }
accounts-status = Status
accounts-all-statuses = Any status
accounts-filter = Filter
accounts-clear = Clear filters
accounts-print-class = Print slips of { $class }
accounts-choose-class = Choose a { word-class } above to print the slips of the whole { word-class }.
accounts-none-found = No one found
accounts-none-found-text = Try fewer letters (accents are not needed) or fewer filters.
accounts-empty-student = No { word-pupils } yet
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

classes-title = { word-classes-cap }
classes-line = { $count ->
    [one] 1 { word-class }
   *[other] { $count } { word-classes }
}
classes-add = Add { word-classes }
classes-empty = No { word-classes } in this year yet
classes-empty-text = You can create many at once. When you import { word-pupils } from a spreadsheet, missing { word-classes } are created too.
classes-pupils = { word-pupils }
classes-print = Print slips
classes-names = { word-class-cap } names
classes-names-hint = { $kind ->
    [higher] One group (CNTT K45), several (CNTT K45, CNTT K46) or a range (CNTT 1-CNTT 4)
   *[other] One class (10A1), several (10A1, 10A2) or a range (10A1-10A12, Mầm 1-Mầm 3)
}
classes-grade-hint = If empty, it is taken from the name. Kindergartens: enter the age group.
classes-create = Create { word-classes }
fault-class-taken = This year already has { word-class } { $value }. Choose another name.
done-classes-created = { $n ->
    [0] No new { word-classes }.
    [one] 1 { word-class } was created.
   *[other] { $n } { word-classes } were created.
}
years-title = School years
years-from = From
years-to = To
years-add-label = New school year
years-add-hint = Two consecutive years, such as 2027-2028
years-add = Add school year
fault-school-year = A school year is two consecutive years, such as 2027-2028.
done-year-added = The school year was added.

form-new-student = Add a { word-pupil }
form-new-teacher = Add a teacher
form-lead-student = { $kind ->
    [higher] A student gets an invitation by mail and sets a password.
   *[other] A pupil has a username and a temporary password as soon as you press Add; print the slip to hand out.
}
form-lead-teacher = A teacher gets an invitation by mail and sets a password.
form-parent-hint = The name and birth year of the mother or of a guardian are needed.
form-email-hint = The invitation goes there; it is also what one signs in with.
form-email-own = This person signs in with the e-mail, so only that person can change it.
form-no-class = Choose a { word-class }
form-create = Add
form-create-again = Add, and another one
form-save = Save
person-edit = Edit
person-reset = Issue a new password
person-invite = Send the invitation again
person-sign-out = Sign out of all devices
person-suspend = Suspend
person-lift = Lift the suspension
person-leave = Has left the school
done-member-created = Added to the list.
done-member-changed = Saved.
done-reset-mailed = This account is in use elsewhere too, so a link to set a new password was mailed to the person.
done-invited-again = The invitation was sent again.
done-invited-enough = The last invitation was sent a short while ago and is still good. Everybody gets one invitation an hour and three a day at most; please try again later.
done-signed-out-everywhere = Signed out of all devices.
done-account-elsewhere = This account is in use elsewhere too, so only the person can sign out of the devices.
done-suspended = Suspended.
done-suspension-lifted = The suspension was lifted.
done-left = This person has left the school.
fault-class-gone = This { word-class } is gone. Choose another one.
fault-email-taken = Somebody in the school has this e-mail. Look for that person in the list.
fault-invited-enough = The school has just sent an invitation to this address. An address gets one invitation an hour and three a day at most; please try again later.
fault-changed-meanwhile = Somebody else has just changed this record. Open the page once more, look, and go on from there.
accounts-add = Add
accounts-reset-ask = Issue a new temporary password for { $name }? The password of today stops working, and all devices are signed out.
accounts-sign-out-ask = Sign { $name } out of all devices?
menu-grants = Rights
grants-line = Who may do what in the school. Changes hold at once.
grants-find = Find staff to give rights to
grants-search = Find
grants-holders = See who holds rights
grants-none-text = Try fewer letters. Only active staff can hold rights.
grants-what = Rights
grants-other-owner = The rights of an owner are for that person alone to give up.
done-grants-changed = The rights were saved.
done-new-role = The role was changed.
fault-last-owner = A school keeps at least one owner. Make somebody else an owner first.
fault-not-for-them = Only active teachers and managers hold rights.
person-make-student = Make a { word-pupil }
person-make-teacher = Make a teacher
person-make-manager = Make a manager
menu-group-system = System
menu-settings = Settings
menu-audit = Record
settings-homeroom-may-reset = Homeroom teachers may issue new passwords to their { word-pupils }
settings-homeroom-may-reset-hint = Only to the { word-pupils } of their own { word-class } of this school year; each time is on record.
settings-one-device = Students sign in on one device only
settings-one-device-hint = While a device is in use, a { word-pupil } cannot sign in on another one. The school can sign { word-pupils } out of all devices.
settings-idle-minutes = After how many idle minutes a device no longer counts
settings-idle-minutes-hint = From 15 to 1440 minutes (a day)
settings-save = Save
done-settings-changed = The settings were saved.
fault-idle-minutes = Type a number of minutes from 15 to 1440.
audit-line = Who did what to whom, when, and from where. Nobody can change or delete the record.
audit-what = What
audit-whom = To whom
audit-who = By whom
audit-where = Network address
audit-everything = Everything
audit-nothing = Nothing yet
audit-older = Older
audit-somebody = Somebody who is gone
audit-accounts-exported = List exported
audit-class-created = { word-class-cap } made
audit-grants-changed = Rights changed
audit-invitation-accepted = Invitation accepted
audit-left = Left the school
audit-member-changed = Record edited
audit-member-created = Person added
audit-owner-invited = Owner invited
audit-password-reset = New password issued
audit-plan-applied = List imported
audit-plan-made = Spreadsheet uploaded
audit-plan-undone = Import undone
audit-role-changed = Role changed
audit-school-opened = School opened
audit-school-year-added = School year added
audit-settings-changed = Settings changed
audit-signed-out-everywhere = Signed out of all devices
audit-slips-printed = Slips printed
audit-suspended = Suspended
audit-suspension-lifted = Suspension lifted
menu-my-classes = My { word-classes }
my-classes-line = Your homeroom { word-class } in the school year { $year }
my-classes-none = You have no homeroom { word-class } this year
my-classes-none-text = An owner of the school assigns homeroom teachers on the page of { word-classes }.
my-classes-pupils = { $count ->
    [one] 1 { word-pupil }
   *[other] { $count } { word-pupils }
}
my-classes-never = { $count ->
    [one] one has never signed in
   *[other] { $count } have never signed in
}
my-classes-print = Print unused slips
my-classes-empty = Nobody is in this { word-class } yet
bulk-region = What to do with those picked
bulk-pick-page = Pick the whole page
bulk-pick = Pick { $name }
bulk-with = With {"{whom}"}:
bulk-whom = the {"{n}"} picked
bulk-whom-all = everybody found, on every page
bulk-whom-all-counted = all { $count } found, on every page
bulk-with-picked = With those picked:
bulk-all = All pages
bulk-slips = Print slips
bulk-sign-out = Sign out everywhere
bulk-move-to = Move to { word-class }…
bulk-move = Move
bulk-password-ask = Issue new temporary passwords to {"{whom}"}? Their passwords of today stop working, and all devices are signed out.
bulk-sign-out-ask = Sign {"{whom}"} out of all devices?
bulk-suspension-ask = Suspend {"{whom}"}? They cannot enter the school until you lift that.
bulk-lifting-ask = Lift the suspension of {"{whom}"}? Whoever is suspended can enter the school again at once.
done-bulk-nobody = Nobody was picked. Tick the people, and press again.
done-bulk-sign-out = { $n ->
    [one] One person was signed out of all devices.
   *[other] { $n } people were signed out of all devices.
}
done-bulk-suspension = { $n ->
    [one] One person was suspended.
   *[other] { $n } people were suspended.
}
done-bulk-lifting = { $n ->
    [one] One suspension was lifted.
   *[other] { $n } suspensions were lifted.
}
done-bulk-move = { $n ->
    [one] One { word-pupil } was moved.
   *[other] { $n } { word-pupils } were moved.
}
audit-owner-replaced = Owner replaced
audit-school-changed = School edited
audit-school-code-added = Old code added
audit-school-suspended = School suspended
audit-school-suspension-lifted = School's suspension lifted
audit-registered = Registered
audit-registration-accepted = Registration accepted
audit-registration-refused = Registration refused
class-title = { word-class-cap } { $class }
class-pupils = { $count ->
    [one] 1 { word-pupil }
   *[other] { $count } { word-pupils }
}
class-see-pupils = See the { word-pupils }
class-save = Save
class-edit = Edit { word-class } { $class }
class-delete-title = Delete the { word-class }
class-delete-text = Nobody is in this { word-class } yet, so it can be deleted.
class-delete-not = Somebody is or was in this { word-class }, so it stays as part of their history. You can move { word-pupils } to another { word-class } in the list of accounts.
class-delete-ask = Delete { word-class } { $class }?
class-delete = Delete { word-class }
homeroom-title = Homeroom teachers
homeroom-teacher = Homeroom teacher
homeroom-short = Homeroom:
homeroom-nobody = Nobody yet
homeroom-none-yet = No homeroom teacher
homeroom-one-only = When you add several { word-classes } at once, leave the homeroom teacher empty and choose all of them afterwards.
homeroom-hint = Type a few letters of the name and choose from the list. An empty field is a { word-class } without a homeroom teacher.
homeroom-save = Save
homeroom-no-staff = The school has no teachers yet
homeroom-no-staff-text = Import the list of teachers first, then come back here.
fault-homeroom-teacher = This person is no longer among the school's teachers. Please choose again.
fault-homeroom-many = A homeroom teacher can be chosen for one { word-class } only. Leave it empty and choose for all { word-classes } afterwards.
fault-homeroom-unknown = { $value } is not among the teachers. Please correct the name, or add this teacher first.
fault-homeroom-several = { $value }: several teachers are called that. Please choose from the list that appears while you type, or add the email.
homeroom-missing = A teacher is missing?
homeroom-add-teacher = Add one
done-class-changed = The { word-class } was saved.
done-class-deleted = The { word-class } was deleted.
done-homerooms = { $n ->
    [0] Nothing changed.
    [one] The homeroom teacher of 1 { word-class } was saved.
   *[other] The homeroom teachers of { $n } { word-classes } were saved.
}
audit-class-changed = { word-class-cap } edited
audit-class-deleted = { word-class-cap } deleted
audit-homeroom-changed = Homeroom teacher changed
