# Mails.
mail-greeting = Dear { $name },
mail-greeting-nobody = Hello,
mail-signature = Schoolgate – your school's accounts. This is an automatic email; please do not reply.
mail-link-instead = If the button does not work, open this address:
mail-owner-invitation-subject = You are invited to manage the accounts of { $school }
mail-owner-invitation-text = The system administrator invites you to be an owner of { $school } on Schoolgate. You will create classes or groups, import the school's lists, and give permissions to your colleagues.
mail-owner-invitation-button = Accept the invitation
mail-owner-invitation-closing = The link works for 7 days. If this is not your responsibility, please ignore this email.
mail-owner-named-subject = You are an owner of { $school }
mail-owner-named-text = The system administrator has made you an owner of { $school } on Schoolgate. You manage its classes or groups, accounts, settings and permissions.
mail-owner-named-button = Go to the school
mail-owner-named-closing = If this is not your responsibility, tell the unit that manages the school.
mail-owners-changed-subject = { $school } has a new owner
mail-owners-changed-text = The system administrator has made { $owner } an owner of { $school } on Schoolgate.
mail-owners-changed-replaced = { $owner } is no longer an owner.
mail-owners-changed-closing = If this is not right, tell the unit that manages the school at once.
mail-member-invitation-subject = { $school } invites you to Schoolgate
mail-member-invitation-text = { $school } has added you to its list. Accept the invitation to use the school's applications.
mail-password-reset-subject = Reset your Schoolgate password
mail-password-reset-text = Someone, probably you, asked to reset the password of this account.
mail-password-reset-button = Set a new password
mail-password-reset-closing = The link works once, within an hour. If you did not ask for it, ignore this email: your password stays as it is.
mail-plan-applied-subject = { $of ->
    [students] { $done ->
        [one] 1 { word-pupil } imported into { $school }
       *[other] { $done } { word-pupils } imported into { $school }
    }
    [teachers] { $done ->
        [one] 1 teacher imported into { $school }
       *[other] { $done } teachers imported into { $school }
    }
    [changes] { $done ->
        [one] 1 change applied to { $school }
       *[other] { $done } changes applied to { $school }
    }
   *[people] { $done ->
        [one] 1 person imported into { $school }
       *[other] { $done } people imported into { $school }
    }
}
mail-plan-applied-closing = { $of ->
    [teachers] The result page shows each row. New people are invited by email.
    [changes] The result page shows each change.
   *[other] The result page has the sign-in slips to print.
}
mail-plan-applied-button = See the result

person-bounce = The last email to this person came back ({ $when }). The mail server said:
person-bounce-mend = Correct the email address
mail-password-reset-by-subject = { $school } has asked for a new password for you
mail-password-reset-by = { $person } ({ $school }) has asked for a new password for you. As you also use this account elsewhere, please set it yourself with the button below.
mail-password-changed-subject = Your Schoolgate password was changed
mail-password-changed-text = The password of this account was just changed by its owner. Other devices have been signed out.
mail-password-changed-button = Set a new password
mail-password-changed-closing = If that was you, there is nothing to do. If it was not, set a new password at once and tell your school.
mail-password-renewed-subject = { $school } has issued a new password for you
mail-password-renewed-text = { $person } ({ $school }) has issued a temporary password for you. Your old password no longer works, and all devices have been signed out.
mail-password-renewed-slip = Passwords are never sent by email: get your sign-in slip at school, sign in, and choose a password of your own.
mail-password-renewed-button = Sign in
mail-password-renewed-closing = If you did not ask for this, ask your school about it.
mail-member-invitation-closing = The link works for 7 days. If you do not belong to this school, please ignore this email.
mail-submission-approved-subject = A list of { $school } was approved
mail-submission-approved-text = An operator has approved the list that the school handed in: { $done ->
    [one] one change was
   *[other] { $done } changes were
} taken over into the registry.
mail-submission-approved-dropped = { $count ->
    [one] One row was not taken over, because the data had changed meanwhile; the page says why.
   *[other] { $count } rows were not taken over, because the data had changed meanwhile; the page says why for each.
}
mail-submission-approved-closing = Sync classes and accounts to bring the changes into the school's own lists.
mail-submission-to-correct-subject = A list of { $school } is to be corrected
mail-submission-to-correct-text = An operator has uploaded a list of the school. It was not handed in: { $rows ->
    [0] something has to be done first, as its page says.
    [one] one row is to be corrected or decided on.
   *[other] { $rows } rows are to be corrected or decided on.
}
mail-submission-to-correct-closing = Correct the rows on the page and hand the list in. Until then no operator can approve it.
mail-submission-returned-subject = A list of { $school } was returned
mail-submission-returned-text = An operator has returned the list that the school handed in.
mail-submission-returned-remark = The reason: { $remark }
mail-submission-returned-closing = Correct the rows on the page and hand it in again, or upload another file.
mail-submission-button = See the list

mail-companies-due-subject = { $count ->
    [one] 1 company is waiting for an answer
   *[other] { $count } companies are waiting for an answer
}
mail-companies-due-text = { $count ->
    [one] 1 company has waited for more than a day. Schoolgate promises an answer within 48 hours.
   *[other] { $count } companies have waited for more than a day. Schoolgate promises an answer within 48 hours.
}
mail-companies-due-button = See who is waiting
mail-companies-due-closing = You are reminded once for each registration.
