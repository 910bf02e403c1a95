# Inside a school: menu, accounts, classes, years.
shell-school-code = School code { $code }
shell-operator = System administrator
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
field-grade = { $kind ->
    [higher] Intake
   *[other] Grade
}

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
accounts-none-found = Nobody found
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
narrowing-in = Have signed in
narrowing-slips = Slip not handed out
narrowing-invited = Invited, not accepted
narrowing-suspended = Suspended
narrowing-left = Left the school

state-suspended = Suspended
state-left = Left the school
state-invited = Invited, not accepted
state-pending = Waiting for approval
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
   *[other] One class (10A1), several (10A1, 10A2) or a range (10A1 to 10A12, Mầm 1-Mầm 3)
}
classes-grade-hint = { $kind ->
    [higher] If empty, it is taken from the name of the group.
   *[other] If empty, it is taken from the name of the class. Kindergartens: enter the age group.
}
classes-preview = { $count ->
    [one] 1 { word-class } will be created:
   *[other] { $count } { word-classes } will be created:
}
classes-preview-grade = Grade { $grade }
classes-preview-taken = Already there, not created again: { $names }
classes-preview-button = Preview
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
    [higher] The student receives an invitation by email and sets a password.
   *[other] The pupil has a username and a temporary password as soon as you press Create; print the slip to hand out.
}
form-lead-teacher = The teacher receives an invitation by email and sets a password.
form-parent-hint = The name and birth year of the mother or of a guardian are needed.
form-email-hint = The invitation is sent to this address; it is also the sign-in name.
form-email-own = This person signs in with the email, so only they can change it.
form-no-class = Choose a { word-class }
form-create = Create
form-create-again = Create and add another
form-save = Save
person-edit = Edit
person-reset = Issue a new password
person-invite = Send the invitation again
person-sign-out = Sign out of all devices
person-suspend = Suspend
person-lift = Lift the suspension
person-leave = Mark as having left
done-member-created = Added to the list.
done-member-changed = Saved.
done-reset-mailed = This account is also used elsewhere, so a link to set a new password has been sent to the person's email.
done-invited-again = The invitation was sent again.
done-invited-enough = The invitation was sent a short while ago and is still valid. Everybody gets one invitation an hour and three a day at most; please try again later.
done-signed-out-everywhere = Signed out of all devices.
done-account-elsewhere = This account is also used elsewhere, so only the person can sign out the devices.
done-suspended = Suspended.
done-suspension-lifted = The suspension has been lifted.
done-left = This person has left the school.
fault-class-gone = This { word-class } no longer exists. Choose another one.
fault-email-taken = A person in the school already has this email. Look for that person in the list.
fault-changed-meanwhile = Someone else has just changed this profile. Open the page again, look, and continue from there.
fault-invited-enough = The school has just sent an invitation to this address. An address gets one invitation an hour and three a day at most; please try again later.
accounts-add = Add
accounts-reset-ask = Issue a new temporary password for { $name }? The old password stops working, and all devices are signed out.
accounts-sign-out-ask = Sign { $name } out of all devices?
menu-grants = Permissions
grants-line = Who may do what in the school. Changes take effect at once. To give a permission to a person who is not in the table, search for them.
grants-find = Find staff to give permissions to
grants-search = Find
grants-holders = See who has permissions
grants-none-text = Try fewer letters (accents are not needed). Only active staff can have permissions.
grants-explained = What does each permission allow?
grants-what-owner = Everything in the school: years, { word-classes }, settings, permissions, the audit log. A school always has at least one owner.
grants-what-account-manager = Add, import, change and suspend accounts; issue passwords to { word-teacher }s and { word-pupils }; approve registrations; print slips. No permissions, no settings.
grants-what-timetable = Make the school's timetable. Sees nobody's account.
grants-what-exams = Run exams: rooms, candidate numbers, invigilation. Sees nobody's account.
grants-what-reports = See the school's reports. Personal numbers are always masked.
grants-save = Save all
grants-owner-ask = Make this person an owner? They can do everything in the school, and afterwards only they can give that up.
grants-save-hint = All changes in the table are saved at once.
fault-grants-last-owner = { $value }: a school needs at least one owner. Nothing was changed.
fault-grants-not-for-them = { $value }: only active staff can have permissions. Nothing was changed.
done-grants-unchanged = Nothing has changed.
grants-other-owner = Only an owner can give up their own permissions.
done-grants-changed = The permissions have been saved.
done-new-role = The role was changed.
fault-last-owner = A school must keep at least one owner. Make another person an owner first.
fault-not-for-them = Only active teachers and managers can have permissions.
person-make-student = Make a { word-pupil }
person-make-teacher = Make a teacher
person-make-manager = Make a manager
menu-group-system = System
menu-settings = Settings
menu-audit = Audit log
settings-homeroom-may-reset = { $kind ->
    [higher] Academic advisers may issue new passwords to their students
   *[other] Homeroom teachers may issue new passwords to their pupils
}
settings-homeroom-may-reset-hint = Only to the { word-pupils } of their own { word-class } in this school year; each time is recorded in the audit log.
settings-one-device = { word-pupils-cap } sign in on one device only
settings-letters-in-english = Send letters in English
settings-letters-in-english-hint = To those who have chosen no language, from the first invitation on. Who has chosen one gets letters in it.
settings-one-device-hint = While a device is in use, a { word-pupil } cannot sign in on another one. The school can sign { word-pupils } out of all devices.
settings-idle-minutes = Idle minutes before a device's session ends
settings-idle-minutes-hint = From 15 to 1440 minutes (a day)
settings-save = Save
done-settings-changed = The settings were saved.
fault-idle-minutes = Enter a number of minutes from 15 to 1440.
audit-line = Everything done in the school: by whom, to whom, when, and from where. Nobody can change or delete the audit log.
audit-what = Action
audit-subject = Target
audit-who = Done by
audit-where = Network address
audit-everything = All actions
audit-nothing = Nothing yet
audit-older = Older
audit-someone = A person who has left
audit-accounts-exported = List exported
audit-class-created = { word-class-cap } created
audit-grants-changed = Permissions changed
audit-invitation-accepted = Invitation accepted
audit-left = Left the school
audit-member-changed = Profile edited
audit-member-created = Person added
audit-owner-invited = Owner invited
audit-password-reset = New password issued
audit-plan-applied = List imported
audit-plan-discarded = Spreadsheet discarded
audit-plan-made = Spreadsheet uploaded
audit-plan-undone = Import undone
audit-registry-class-added = Class added to the registry
audit-registry-people-moved = People of the registry moved to another school
audit-submission-not-taken-over = Submission not taken over
audit-registry-person-added = Person added to the registry
audit-submission-approved = Submission approved
audit-submission-made = List uploaded for submission
audit-submission-replaced = Submission replaced by a newer one
audit-submission-returned = Submission returned
audit-submission-submitted = List handed in
audit-submission-viewed = Submission seen by an operator
audit-submission-withdrawn = Submission withdrawn
audit-role-changed = Role changed
audit-school-opened = School opened
audit-school-year-added = School year added
audit-settings-changed = Settings changed
audit-signed-out-everywhere = Signed out of all devices
audit-slips-printed = Slips printed
audit-suspended = Suspended
audit-suspension-lifted = Suspension lifted
menu-my-classes = My { word-classes }
my-classes-line = { $kind ->
    [higher] The groups you advise in the school year { $year }
   *[other] Your homeroom class in the school year { $year }
}
my-classes-none = { $kind ->
    [higher] You advise no group this year
   *[other] You have no homeroom class this year
}
my-classes-none-text = An owner of the school assigns the { word-homeroom } on the page “{ word-classes-cap }”.
my-classes-pupils = { $count ->
    [one] 1 { word-pupil }
   *[other] { $count } { word-pupils }
}
my-classes-never = { $count ->
    [one] 1 has never signed in
   *[other] { $count } have never signed in
}
my-classes-print = Print unused slips
my-classes-empty = Nobody is in this { word-class } yet
my-classes-empty-text = The school’s account manager adds the { word-pupils } of the { word-class }; they appear here at once.
bulk-region = Actions for the selected people
bulk-pick-page = Select the whole page
bulk-pick = Select { $name }
bulk-with = With {"{whom}"}:
bulk-selected = the {"{n}"} selected
bulk-selected-all = everyone found, on every page
bulk-selected-all-counted = all { $count } found, on every page
bulk-with-picked = With those selected:
bulk-all = All pages
bulk-slips = Print slips
bulk-sign-out = Sign out of all devices
bulk-move-to = Move to { word-class }…
bulk-move = Move
bulk-password-ask = Issue new temporary passwords to {"{whom}"}? Their old passwords stop working, and all devices are signed out.
bulk-sign-out-ask = Sign {"{whom}"} out of all devices?
bulk-suspension-ask = Suspend {"{whom}"}? They cannot sign in until you lift the suspension.
bulk-lifting-ask = Lift the suspension of {"{whom}"}? Those who are suspended can sign in again at once.
bulk-activation-ask = Approve {"{whom}"}? Those whose email is not verified, or who share a name with someone invited, stay for you to look at one by one.
done-bulk-nobody = Nobody was selected. Tick the people, then press the button again.
done-bulk-sign-out = { $n ->
    [one] 1 person was signed out of all devices.
   *[other] { $n } people were signed out of all devices.
}
done-bulk-activation = { $n ->
    [one] Approved 1 person. They receive an email and can sign in.
   *[other] Approved { $n } people. Each receives an email and can sign in.
}
done-bulk-refusal = { $n ->
    [one] Refused 1 person. They receive an email with the reason.
   *[other] Refused { $n } people. Each receives an email with the reason.
}
done-bulk-suspension = { $n ->
    [one] 1 person was suspended.
   *[other] { $n } people were suspended.
}
done-bulk-lifting = { $n ->
    [one] 1 suspension was lifted.
   *[other] { $n } suspensions were lifted.
}
done-bulk-move = { $n ->
    [one] 1 { word-pupil } was moved.
   *[other] { $n } { word-pupils } were moved.
}
audit-owner-replaced = Owner replaced
audit-school-changed = School edited
audit-school-code-added = Old code added
audit-school-suspended = School suspended
audit-school-suspension-lifted = School's suspension lifted
audit-registered = Registered
audit-import-created = Added with a list
audit-import-changed = Profile changed with a list
audit-import-left = Left with a list
audit-import-undone = List taken back
audit-registration-accepted = Registration approved
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
class-delete-text = This { word-class } has never had { word-pupils }, so it can be deleted.
class-delete-planned = This { word-class } stands in assignments, rooms, a timetable or an exam, so it stays. Take it out of those first, then delete it.
class-delete-not = This { word-class } has or once had { word-pupils }, so it stays as part of their history. You can move { word-young-many } to another { word-class } in the list of accounts.
class-delete-ask = Delete { word-class } { $class }?
class-delete = Delete { word-class }
homeroom-title = { $kind ->
    [higher] Academic advisers
   *[other] Homeroom teachers
}
homeroom-teacher = { word-homeroom-cap }
homeroom-short = { $kind ->
    [higher] Adviser:
   *[other] Homeroom:
}
homeroom-nobody = None yet
homeroom-none-yet = No { word-homeroom }
homeroom-one-only = When you add several { word-classes } at once, leave the { word-homeroom } empty and assign all of them afterwards.
homeroom-hint = Type a few letters of the name and choose from the list. An empty field is a { word-class } without { $kind ->
    [higher] an academic adviser
   *[other] a homeroom teacher
}.
homeroom-save = Save
homeroom-no-staff = The school has no teachers yet
homeroom-no-staff-text = Import the list of teachers first, then come back here.
fault-homeroom-teacher = This person is no longer among the school's teachers. Please choose again.
fault-homeroom-many = { $kind ->
    [higher] An academic adviser
   *[other] A homeroom teacher
} can be chosen for one { word-class } only. Leave it empty and assign all { word-classes } afterwards.
fault-homeroom-unknown = { $value } is not among the teachers. Please correct the name, or add this teacher first.
fault-homeroom-several = { $value }: there are several teachers with this name. Please choose from the list that appears while you type, or add the email.
homeroom-missing = Is a teacher missing?
homeroom-add-teacher = Add a teacher
done-class-changed = The { word-class } was saved.
done-class-deleted = The { word-class } was deleted.
done-homerooms = { $n ->
    [0] Nothing changed.
    [one] The { word-homeroom } of 1 { word-class } was saved.
   *[other] The { word-homeroom } of { $n } { word-classes } was saved.
}
audit-class-changed = { word-class-cap } edited
audit-class-deleted = { word-class-cap } deleted
audit-homeroom-changed = { word-homeroom-cap } changed
product-line = The school's account gate
look-title = School logo and colour
look-line = Shown on the school's pages, its sign-in page and its slips.
look-logo = Logo
look-logo-hint = PNG, JPEG or WebP, up to 2 MB. It is made small enough for 256 × 256 pixels.
look-logo-of = Logo of { $school }
look-remove = Remove this logo
look-tone = School colour
look-tone-hint = For the school's edges and mark. Buttons and warnings keep their colours, so that nobody mistakes them.
look-tone-none = Schoolgate's colour
tone-blue = Blue
tone-teal = Teal
tone-green = Green
tone-red = Red
tone-violet = Violet
tone-orange = Orange
tone-pink = Pink
tone-slate = Slate
fault-logo-kind = This file is not a PNG, JPEG or WebP picture. Choose another file.
fault-logo-large = This picture is too large: up to 2 MB and 4,000 pixels an edge. Make it smaller and choose it again.
fault-logo-broken = This picture cannot be read. Open it on your computer, save it, and choose it again.
audit-look-changed = Logo or colour changed

homeroom-question = May { word-homeroom }s issue new passwords?
homeroom-question-text = When a { word-pupil } forgets the password, the { word-homeroom } can issue a temporary one at once, or the { word-pupil } has to come to the office. Each one is on record. You can change this later in Settings.
homeroom-question-yes = Allow it
homeroom-question-no = No, only the office
done-homeroom-may-reset = { word-homeroom-cap }s may now issue new passwords to the { word-pupils } of their { word-class }.
done-homeroom-may-not-reset = Saved: only those who manage accounts issue new passwords.
my-classes-no-reset = The school has not allowed { word-homeroom }s to issue new passwords. When a password is forgotten,
my-classes-ask = ask { $names }.
my-classes-ask-office = ask the school's office.
