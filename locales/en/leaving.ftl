# Leaving the system: one person's data, erasing a pupil, going to another school.
leaving-data = Download data (.xlsx)
leaving-release = Change of school
leaving-erase = Erase data

data-what = What
data-value = Value
data-school = School
data-login = Login
data-role = Role
data-status = Status
data-grants = Permissions
data-since = Since
data-slip = Sign-in slip printed
data-first-sign-in = First sign-in
data-last-sign-in = Last sign-in
data-year = School year
data-class = { word-class-cap }
data-ended = Left the { word-class }
data-device = Device
data-address = Network address
data-seen = Last used
data-when = When
data-by = Done by
data-by-self = The account's owner
data-by-school = The school
data-sheet-profile = Profile
data-sheet-classes = { word-classes-cap }
data-sheet-devices = Devices
data-sheet-record = Audit log

erasure-title = Erase this { word-pupil }'s data
erasure-lead = This cannot be undone. If { $kind ->
    [higher] the student wants
   *[other] the family wants
} to keep the data, download it first.
erasure-goes = Erased for good
erasure-goes-profile = Profile, family, { word-classes } through the years
erasure-goes-account = The account, unless the { word-young } uses it in another school
erasure-goes-plans = The rows about the { word-young } in imports, and the uploaded files with them; an import that names the { word-young } and is waiting for review is cancelled
erasure-stays = Kept
erasure-stays-text = The school's audit log keeps identifiers only: no names, no reasons.
erasure-name = The { word-young } is still in the school. To be sure, type the full name: { $name }
erasure-name-hint = Accents are not needed.
erasure-button = Erase for good
fault-erasure-name = The name does not match. Type the { word-young }'s full name.
fault-erasure-busy = An import that names the { word-young } is still running. Try again in a few minutes.
done-erased = The { word-young }'s data has been erased.

release-title = Transfer a { word-young } to another school
release-lead = Print a code for the { $kind ->
    [higher] student
   *[other] family
} to take to the new school. When the new school enters it, the { word-young }'s account moves there.
release-carries = The new school receives only the name, birth date and gender; the { word-young } keeps the username and password.
release-keeps = This school keeps the { word-young }'s profile and marks it as left once the new school has completed the transfer. Nothing changes before that.
release-until = The code works once, within 30 days.
release-open = A code has already been printed; it works until { $date }. A new code replaces it.
release-withdraw = Withdraw the code
release-button = Make a code and print it
release-again = Make a new code
release-not-by-code = Only { word-pupils } who sign in with the name on their slip transfer by code. People with their own email are invited by the new school.
release-not-ours = This account no longer belongs to this school alone, so it cannot be transferred by code.
release-paper-title = Transfer code
release-print = Print
release-once = The code is shown only once. Print it now; if it is lost, make a new one.
release-paper-how = In the new school, the account manager opens the list of accounts, chooses Add, then “{ transfer-title }”, and enters this code. It works once, until the end of { $date }.
done-release-withdrawn = The transfer code has been withdrawn.

transfer-title = Transfer in a student
transfer-lead = Enter the transfer code that the previous school printed. The { word-young } keeps the same username and password.
transfer-code = Transfer code
transfer-code-hint = 16 letters and digits in four groups
transfer-class = { word-class-cap }
transfer-no-class = No { word-class } yet
transfer-button = Add to the school
fault-release-missing = Enter the transfer code.
fault-release-not-good = This code cannot be used: it is wrong, used, expired or withdrawn. Check it, or ask the previous school for a new one.
fault-release-own = This code was printed by this school. It is for the { word-young }'s new school.
done-taken-in = Transferred in. Please complete the profile.

audit-data-exported = Downloaded a person's data
audit-pupil-erased = Erased a { word-pupil }'s data
audit-release-made = Made a transfer code
audit-release-withdrawn = Withdrew a transfer code
audit-pupil-taken-in = Transferred in a { word-pupil }
audit-pupil-let-go = A { word-pupil } moved to another school
