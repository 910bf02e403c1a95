# The second factor, and the password asked for again before what weighs much.
code-title = Enter a code
code-lead = The password is right. Open the authenticator app on your phone and enter the 6-digit code.
code-label = Code
code-hint = If you have lost your phone, enter one of the recovery codes that you printed.
code-button = Continue
code-back = Start signing in again
fault-code-missing = Enter the code.
fault-code-wrong = The code is wrong or has already been used. Wait for the next one and try again.

sign-in-form-kept = Your session had ended. What you typed has been kept: sign in to go on.
sign-in-file-not-kept = Your session had ended, so the file was not uploaded. Sign in and choose the file again.
sign-in-form-too-large = Your session had ended, and what you sent was too large to keep. Sign in and do it again.
kept-form-note = This is what you typed before your session ended; nothing has been saved yet. Check it and send it again. A password has to be typed again.
kept-form-title = Go on where you were
kept-form-lead = Your session ended before this was saved. The button sends it again as you typed it.
kept-form-send = Send again
fresh-title = Enter your password again
fresh-lead = For security, please enter your password again. The change you have just sent will then be saved.
fresh-password = Your password
fresh-button = Continue
fresh-back = Cancel and go home

second-factor-title = Two-step sign-in
second-factor-lead = In addition to the password, each sign-in asks for a code from your phone. Nobody can sign in with your password alone.
second-factor-needed = With your permissions, you have to turn on two-step sign-in before anything else.
second-factor-begin = Turn on two-step sign-in
second-factor-app = Install an authenticator app on your phone, such as Google Authenticator, Microsoft Authenticator or Aegis.
second-factor-scan = Scan this code with it.
second-factor-qr = QR code for the authenticator app
second-factor-or-type = If you cannot scan it, type the key:
second-factor-then = Enter the 6-digit code that the app shows.
second-factor-confirm = Confirm and turn on
second-factor-on = On since { $date }.
second-factor-codes-left = { $count ->
    [one] 1 recovery code is not used yet.
   *[other] { $count } recovery codes are not used yet.
}
second-factor-password-hint = Needed for new recovery codes.
second-factor-renew = New recovery codes
second-factor-off = Turn off two-step sign-in
second-factor-off-ask = Turn off two-step sign-in? From then on the password alone is enough.
second-factor-back = Back to my account
done-second-factor-off = Two-step sign-in is off.

recovery-codes-title = Your recovery codes
recovery-codes-lead = Print them or write them down, and keep them safe: they are shown only once. If you lose your phone, each code lets you sign in once.
recovery-codes-print = Print
recovery-codes-copy = Copy
recovery-codes-kept = I have kept them safe

settings-second-factor = Owners and account managers must use two-step sign-in
settings-second-factor-hint = Owners and managers who have not turned it on are asked to do so on the next page they open, before anything else. You too.
settings-second-factor-staff = All staff must use two-step sign-in
settings-second-factor-staff-hint = Includes every { word-teacher }, owners and account managers.
settings-staff-idle-hours = Sign staff out when a device has not been used for
settings-staff-idle-hours-hint = Holds for every manager and every { word-teacher }. Of people in several schools, the shortest time counts.
settings-staff-idle-hours-many = { $n } hours
settings-staff-idle-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
fault-staff-idle-hours = Choose 12 hours, or 1 to 14 days.
person-second-factor-remove = Remove two-step sign-in
person-second-factor-remove-ask = Remove this person's two-step sign-in and sign out all their devices? Only if you are sure who is asking, and the phone is lost.
done-second-factor-removed = Two-step sign-in has been removed. The person signs in again with the password.
audit-second-factor-removed = Two-step sign-in removed
