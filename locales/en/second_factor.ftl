# The second factor, and the password asked for again before what weighs much.
code-title = Enter a code
code-lead = The password is right. Open the authenticator app on your phone and enter the code of 6 digits.
code-label = Code
code-hint = Lost your phone? Enter one of the recovery codes that you printed.
code-button = Go on
code-back = Sign in from the beginning
fault-code-missing = Enter the code.
fault-code-wrong = The code is not right, or was used already. Wait for the next one and try again.

fresh-title = Enter your password again
fresh-lead = This weighs much, so your password is asked for again. Then what you sent goes on; nothing has to be entered twice.
fresh-password = Your password
fresh-button = Go on
fresh-back = Leave it, back to the home page

second-factor-title = Two-step sign-in
second-factor-lead = Beside the password, each sign-in asks for a code from your phone. Whoever learns your password still does not get in.
second-factor-needed = With the rights that you have, two-step sign-in has to be turned on before anything else.
second-factor-begin = Turn on two-step sign-in
second-factor-app = Install an authenticator app on your phone, such as Google Authenticator, Microsoft Authenticator or Aegis.
second-factor-scan = Scan this code with it.
second-factor-qr = QR code for the authenticator app
second-factor-or-type = You cannot scan it? Type the key:
second-factor-then = Enter the code of 6 digits that the app shows.
second-factor-confirm = Confirm and turn on
second-factor-on = On since { $date }.
second-factor-codes-left = { $count ->
    [one] 1 recovery code is not used yet.
   *[other] { $count } recovery codes are not used yet.
}
second-factor-password-hint = Needed for new recovery codes and for turning it off.
second-factor-renew = New recovery codes
second-factor-off = Turn off two-step sign-in
second-factor-off-ask = Turn off two-step sign-in? From then on the password alone is enough.
second-factor-back = Back to my account
done-second-factor-off = Two-step sign-in is off.

recovery-codes-title = Your recovery codes
recovery-codes-lead = Print them or write them down, and keep them safe: they are shown this once. When your phone is lost, each lets you sign in once.
recovery-codes-print = Print
recovery-codes-copy = Copy
recovery-codes-kept = They are safe

settings-second-factor = Owners and account managers must use two-step sign-in
settings-second-factor-hint = Whoever has not turned it on is led to do so with the next page, before anything else. You too.
settings-second-factor-staff = All staff must use two-step sign-in
settings-second-factor-staff-hint = Every { word-teacher } too, and with them owners and account managers.
settings-staff-idle-hours = Sign staff out when a device has not been used for
settings-staff-idle-hours-hint = Holds for every manager and every { word-teacher }. Of people in several schools, the shortest time counts.
settings-staff-idle-hours-many = { $n } hours
settings-staff-idle-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
fault-staff-idle-hours = Choose 12 hours, or 1 to 14 days.
person-second-factor-remove = Remove two-step sign-in
person-second-factor-remove-ask = Remove this person's two-step sign-in and sign him out everywhere? Only if you are sure who asks, and the phone is lost.
done-second-factor-removed = Two-step sign-in is removed. The person signs in again with the password.
audit-second-factor-removed = Removed two-step sign-in
