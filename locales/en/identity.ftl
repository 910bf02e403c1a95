# Signing in, passwords.
sign-in-title = Sign in
sign-in-lead = Teachers use their e-mail. Pupils use the username on their slip, with the part behind the @.
sign-in-school-lead = Sign in with the name on your slip or, for teachers, with your e-mail
sign-in-login = Username or e-mail
sign-in-password = Password
sign-in-button = Sign in
sign-in-forgot = Forgotten your password?
sign-in-other-school = Another school
fault-login-missing = Enter your username or e-mail.
fault-password-missing = Enter your password.
fault-sign-in-wrong = The username or the password is not right. Check each character and try again.
fault-sign-in-too-many = { $value ->
    [1] Too many wrong tries. Wait a minute and try again.
   *[other] Too many wrong tries. Wait { $value } minutes and try again.
}
done-signed-out = You are signed out.

forgot-title = Forgotten password
forgot-lead = Enter the e-mail with which you sign in. We will send you a link to set a new password.
forgot-email = E-mail
forgot-button = Send the link
forgot-pupils = Pupils have no e-mail to sign in with: ask your homeroom teacher for a new password.
forgot-back = Back to sign-in
forgot-sent-title = Look into your mailbox
forgot-sent-text = If there is an account with this e-mail, a mail will arrive within minutes. Its link works for an hour. If you do not see it, look among the spam.

password-change-title = Change password
password-first-title = Choose a password of your own
password-first-lead-staff = From now on you sign in with this password. At least 12 characters; a short sentence is easiest to remember.
password-first-lead-pupil = From now on you sign in with this password and no longer with the one on the slip. At least 8 characters.
password-of-login = Your username: { $login }
password-current = Current password
password-new = New password
password-again = The new password again
password-save = Save the password
password-reset-title = Set a new password
password-link-dead-title = This link no longer works
password-link-dead-text = It was used, has expired, or there is a newer one. Ask for a new link.
password-link-ask = Ask for a new link
fault-password-not-repeated = The two passwords differ. Type both again.
fault-password-current-wrong = The current password is not right.
fault-password-outdated = The password was just changed elsewhere. Sign in again.
done-password-changed = The new password is saved. Other devices are signed out.

invitation-title = { $school } invites you
invitation-operator-title = Welcome to Schoolgate
invitation-lead = Set a password to begin. At least 12 characters; a short sentence is easiest to remember.
invitation-accept-lead = You are signed in as { $login }. Use the button below to enter the school.
invitation-accept = Accept the invitation
invitation-sign-in-lead = You have an account, { $login }. Sign in to accept the invitation.
invitation-other-account = You are signed in with another account. This invitation is for { $login }: sign out and open the link again.
done-invitation-accepted = Welcome to the school.
