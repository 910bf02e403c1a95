# Signing in, passwords.
sign-in-title = Sign in
sign-in-lead = { $kind ->
    [higher] Teachers and students use their email. If you have a slip, use the username on it.
   *[other] Teachers and students use their email. Pupils use the username on their slip, such as khaintm@79000701.
}
sign-in-school-lead = { $kind ->
    [higher] Teachers and students use their email. If you have a slip, use the username on it.
   *[other] Pupils use the username on their slip, teachers their email.
}
sign-in-login = Username or email
sign-in-password = Password
sign-in-button = Sign in
sign-in-forgot = Forgotten your password?
sign-in-other-school = Another school
fault-login-missing = Enter your username or email.
fault-email-missing = Enter your email.
fault-password-missing = Enter your password.
fault-sign-in-wrong = The username or password is wrong. Check each character and try again.
fault-sign-in-marks = Usernames have no Vietnamese accents. Did you mean “{ $value }”? Switch off the Vietnamese keyboard and try again.
fault-sign-in-bare = The part after the @ is missing. On this page type the whole login as on your slip, such as “{ $value }@school-code”, or your email.
fault-sign-in-too-many = Too many wrong attempts. Wait { $value } min and try again. { $kind ->
    [higher] Your school can help a student at once.
   *[other] A pupil's teacher can help at once.
}
done-signed-out = You are signed out.

forgot-title = Forgotten password
forgot-lead = Enter the email you sign in with. We will send you a link to set a new password.
forgot-email = Email
forgot-button = Send the link
forgot-pupils = { $kind ->
    [higher] If you sign in with the name on your slip, ask the school for a new password.
   *[other] Pupils sign in with the name on their slip: ask your school (the office or your homeroom teacher) for a new password.
}
forgot-pupils-homeroom = { $kind ->
    [higher] Do you sign in with the name on your slip? Ask the office of { $school } for a new password.
   *[other] Pupils of { $school }: ask your homeroom teacher or the school's office for a new password.
}
forgot-pupils-office = { $kind ->
    [higher] Do you sign in with the name on your slip? Ask the office of { $school } for a new password.
   *[other] Pupils of { $school }: ask the school's office for a new password.
}
fault-no-mailbox = This login has no mailbox, so no link can be sent. Below is who can help you.
forgot-back = Back to sign-in
forgot-sent-title = Check your inbox
forgot-sent-text = If there is an account with this email, a message will arrive within minutes. Its link works for one hour. If you do not see it, check your spam folder.

password-change-title = Change password
password-first-title = Set a new password
password-first-lead-staff = From now on you sign in with this password. It needs at least 12 characters; a short sentence is easiest to remember.
password-first-lead-pupil = From now on you sign in with this password. It needs at least 8 characters; a few words together are easiest to remember.
password-of-login = Your username: { $login }
password-current = Current password
password-new = New password
password-again = Repeat the new password
password-save = Save the password
password-keep = Keep your old password and go home
password-reset-title = Set a new password
password-link-dead-title = This link no longer works
password-link-dead-text = The link has been used, has expired, or was replaced by a newer one. If you have set a password, just sign in; if not, ask for a new link.
password-link-ask = Ask for a new link
fault-password-not-repeated = The two passwords differ. Type both again.
fault-password-current-wrong = The current password is wrong.
fault-password-outdated = The password was just changed elsewhere. Sign in again.
done-password-changed = Your new password is saved.
done-password-changed-everywhere = Your new password is saved. Other devices have been signed out.

invitation-title = { $school } invites you
invitation-operator-title = Welcome to Schoolgate
invitation-lead = Set a password to begin. It needs at least 12 characters; a short sentence is easiest to remember.
invitation-accept-lead = You are signed in as { $login }. Press the button below to join the school.
invitation-accept = Accept the invitation
invitation-wait = The school is suspended, so the invitation cannot be accepted now. Open this link again later; if it has expired by then, ask the school for a new invitation.
invitation-sign-in-lead = You already have an account, { $login }. Sign in to accept the invitation.
invitation-other-account = You are signed in with another account. This invitation is for { $login }: sign out and open the link again.
done-invitation-accepted = You have accepted the invitation. Welcome!
fault-sign-in-elsewhere = { $kind ->
    [higher] You are signed in on another device, and each student may use only one. Sign out there, or ask the school to sign you out. If that device is no longer in use, you can sign in after { $value } min.
   *[other] You are signed in on another device, and each pupil may use only one. Sign out there, or ask your teacher to sign you out. If that device is no longer in use, you can sign in after { $value } min.
}

audit-sign-ins = Sign-ins
audit-sign-ins-line = Wrong attempts, locks and refusals in the last 30 days. For people who also use their account elsewhere, only what this school refused.
me-sign-ins = Recent activity
sign-in-event-signed-in = Signed in
sign-in-event-wrong-password = Wrong password
sign-in-event-password-locked = Temporarily locked after too many wrong passwords
sign-in-event-wrong-code = Wrong code
sign-in-event-code-locked = Temporarily locked after too many wrong codes
sign-in-event-refused = Refused: not permitted
sign-in-event-wrong-release = Wrong transfer code
sign-in-event-release-locked = Temporarily locked after too many wrong transfer codes
sign-in-event-times = { $n } times within the hour
password-first-title-pupil = Set your new password
