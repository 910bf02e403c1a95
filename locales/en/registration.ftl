# Registering oneself: teachers, companies; the answers.
sign-in-register = No account yet? Register
register-title = Register
register-lead = Who are you?
register-teacher = Teacher
register-teacher-text = You teach at a school that uses Schoolgate. Once the school has approved you, you can start.
register-pupils = Pupils and students need not register: the school creates their accounts, then hands out slips or sends invitations.
register-sign-in = Have an account? Sign in
register-teacher-title = Register a teacher account
register-teacher-lead = After this you verify your email and wait for the school's approval.
register-as = You register with the account that you are signed in with: { $login }
register-phone = Phone (optional)
register-email-hint = You will sign in with this email. We send an email to verify it.
register-password-hint = The password needs at least 12 characters; a short sentence is easiest to remember.
register-password-again = Password again
register-school-hint = Type the school's name (accents not needed), its code, or add its province, then choose the school.
register-school-found = { $count ->
    [one] 1 school; please choose it
   *[other] { $count } schools; please choose one
}
register-school-none = No school found.
register-school-open = Is the school not on Schoolgate yet? Ask the school to have itself opened by the provincial department of education and training (or the commune that manages it), then come back here.
register-button = Register
register-back = Your registration
fault-own-name-missing = Type your full name.
fault-own-gender-missing = Choose your gender.
fault-own-birth-date-missing = Type your birth date.
fault-school-missing = Type the name or the code of your school.
fault-school-unknown = No school found. Try fewer words, or the school's code.
fault-school-suspended = This school is suspended and takes no registrations now. Please ask the school, and register later.
fault-school-choose = Choose your school from the list below.
fault-in-school-already = You are already in this school's list, or you have registered. If you cannot sign in, ask the school's account manager.
register-sent-title = Registration received
register-sent-lead = Three more steps:
register-sent-mail = Open the mail that we have just sent to you, press the button in it, and type your password again. The link is good for 3 days.
register-sent-school = Wait for the school to approve it. We tell those in charge as soon as your email is verified.
register-sent-done = When you are approved you get a mail, and sign in with your email and your password.
register-sent-nothing = No mail? Look into the spam folder. After 10 minutes you can send the registration again to get a new mail.
verify-title = Verify your email
verify-lead = Confirm that { $login } is your email.
verify-password-lead = Type the password again that you chose when you registered, so that it is certain that only you know it. For another one, type the new password into both fields.
verify-password = Password
verify-password-again = Once more, if it is a new password
verify-button = Yes, this is my email
verify-not-me = If you did not register, close this page and ignore the email: the registration will be deleted by itself.
verify-dead-text = The link was used, has expired, or there is a newer one. If your email is verified, sign in to see your registration; if not, register again to get a new mail.
done-verified = Your email is verified. Thank you!
done-registered = Your registration has been sent. You will receive an email when it is approved.
done-mail-sent = The verification email has been sent again.
done-mail-enough = The email has already been sent a few times. Look in the spam folder too, and wait 10 minutes before you ask again.
state-title = Your registration
state-waiting = Registered: { $when }. Waiting for approval; you will receive an email.
state-nothing = This account belongs to no school, and no registration is waiting.
state-to-school = Go to the school
state-register = Register with a school

menu-waiting = Waiting for approval
narrowing-pending = Waiting for approval
accounts-none-waiting = Nobody is waiting for approval
accounts-none-waiting-text = When a teacher registers with the school, they are shown here and you receive an email.
question-title = Waiting for the school's approval
question-lead = This person registered with the school and has verified the email. Check the profile below before you approve.
question-unverified = This person registered with the school but has not verified the email yet. You can approve once the link in the email has been used; registrations that are not verified are deleted after 30 days.
question-twin = The school's list already has a teacher with this name:
question-join = Approve and merge with this person
question-activate = Approve
question-activate-new = No, approve as a new person
question-refuse = Refuse
refusal-title = Refuse the registration
refusal-title-many = { $count ->
    [one] Refuse 1 registration
   *[other] Refuse { $count } registrations
}
refusal-who = Refused are:
waiting-unverified = Email not verified yet
waiting-twin = Same name as someone invited
refusal-lead = The applicant receives an email with the reason, and is no longer in the school's list.
refusal-reason = Reason
refusal-reason-hint = For example: the school has no teacher with this name.
fault-reason-missing = Give the reason: the applicant will read it.
fault-reason-too-long = The reason is too long; shorten it to 500 characters at most.
done-activated = Approved. The teacher receives an email and can sign in.
done-refused = Refused. The applicant receives an email with the reason.
done-unverified = Not approved: the email is not verified yet.
done-twin-gone = Not approved: the person to merge with has just changed. Please look again.

mail-verification-subject = Verify your email
mail-verification-text = You (or someone using this email) registered with { $place } on Schoolgate. Press the button below, then confirm that the email is yours.
mail-verification-plain = You (or somebody who used this email) registered on Schoolgate. Press the button below, then confirm that the email is yours.
mail-verification-button = Verify the email
mail-verification-closing = The link works for 3 days. If you did not register, ignore this email: the registration will be deleted by itself.
mail-account-exists-subject = You already have a Schoolgate account
mail-account-exists-text = Someone (perhaps you) registered with { $place } using this email. It already has an account, so no new one is needed: sign in, then send the registration.
mail-account-exists-plain = Somebody (perhaps you) registered for a company using this email. It has an account already, so no new one is needed: sign in, then send the registration.
mail-account-exists-forgot = If you have not set a password yet or have forgotten it, press “Forgotten your password?” on the sign-in page.
mail-account-exists-button = Sign in and register
mail-account-exists-closing = If it was not you, ignore this email: your account stays as it is.
mail-registrations-subject = { $count ->
    [one] 1 teacher is waiting for approval at { $school }
   *[other] { $count } teachers are waiting for approval at { $school }
}
mail-registrations-text = { $count ->
    [one] 1 more teacher has registered with the school and verified the email. Check the profile, then approve or refuse.
   *[other] { $count } more teachers have registered with the school and verified their emails. Check the profiles, then approve or refuse.
}
mail-registrations-button = See who is waiting
mail-registrations-closing = This email is sent at most once an hour, to the school's owners and account managers.
mail-accepted-subject = { $place }: your registration is approved
mail-accepted-text = Your registration with { $place } is approved. From now on you sign in with your email and your password.
mail-accepted-button = Sign in
mail-accepted-closing = We wish you well with your work.
mail-refused-subject = { $place }: your registration is not approved
mail-refused-text = Your registration with { $place } is not approved.
mail-refused-reason = Reason: { $reason }
mail-refused-button = Register again
mail-refused-closing = If there is a mistake, please contact the place where you registered.

register-company = Professional
register-company-text = You represent a company. Schoolgate approves within 48 hours.
register-company-title = Register a professional account
register-company-lead = After this you verify your email; Schoolgate approves within 48 hours.
register-company-hint = Type the company's name. If it is in the list, choose it; if not, the name that you typed is sent for approval.
register-position = Position (optional)
register-tax-code = Tax code (optional)
register-sent-company = Wait for Schoolgate's approval: within 48 hours from now, once your email is verified.
field-company = Company
field-tax-code = Tax code
field-position = Position
company-found = { $count ->
    [one] 1 company found; choose it if it is yours
   *[other] { $count } companies found; choose yours if it is among them
}
company-found-new = A new company: the name that you typed is sent for approval.
company-found-none = None of these: use the name that I typed
company-representative = Representative
company-line = Company
company-colleague-waits = This person wants to represent the company too. If this is your colleague, approve; Schoolgate may also approve.
fault-company-missing = Type the name of your company.
fault-company-too-long = The company's name is too long; shorten it to 200 characters at most.
fault-company-waits = You already represent this company, or have a registration that is waiting.
fault-position-too-long = The position is too long; shorten it to 100 characters at most.
fault-tax-code = A tax code has 10 digits (a branch adds a dash and 3 digits), or 12 digits.
state-company-waiting = Registered: { $when }. Schoolgate approves within 48 hours after your email is verified; you will receive an email.
menu-companies = Companies
companies-title = Companies waiting for approval
companies-line = Oldest first; to be answered within 48 hours
companies-none = No company is waiting for approval
companies-none-text = Applicants who have verified their email are shown here.
companies-registered = Registered
companies-due = Due
companies-due-at = By { $day }
companies-overdue = Overdue: { $when }
companies-new = New company
companies-more = { $count ->
    [one] 1 more representative
   *[other] { $count } more representatives
}
companies-approved = Approved
companies-approved-title = Approved companies
companies-approved-none = No company has been approved yet
companies-none-found = No company found
companies-find = Find a company by name or tax code
companies-active = Representative
companies-unverified = Email not verified
companies-twins = Possibly the same company as:
companies-approve = Approve the company
companies-approve-people = Approve the waiting representatives
companies-reason = Reason for refusing
companies-reason-hint = The applicant will read this reason in the email.
done-company-approved = Approved. The representative will receive an email.
done-company-rejected = Refused. The applicant will receive an email with the reason.
done-colleague-approved = Approved. Your colleague will receive an email.
done-colleague-rejected = Refused. The applicant will receive an email with the reason.
company-profile = Company profile
company-next = What is next
company-next-me = Check your account
company-next-me-text = Language, password, signed-in devices
company-next-safe = A code on your phone when you sign in
company-next-colleagues = Colleagues who want to represent the company too register at the address below and choose its name. You approve them here.
