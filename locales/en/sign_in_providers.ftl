# Signing in with a linked account at Google or Microsoft.
sign-in-with = Sign in with { $provider }
sign-in-with-hint = For those who have linked their work account after signing in with the password.
provider-refused-unreachable = That service does not answer at the moment. Sign in with your password, or try again in a few minutes.
provider-refused-cancelled = You stopped signing in at that service. Nothing has changed.
provider-refused-expired = This sign-in took too long or was begun in another browser. Please begin again.
provider-refused-not-proven = What that service answered could not be verified. Try again, or sign in with your password.
provider-refused-too-many-tries = Too many attempts from this network. Sign in with your password, or wait a few minutes.
provider-refused-not-linked = That account is not linked with any account here. Sign in with your password, then link the two under My account.
provider-refused-not-allowed = Your school does not let you sign in this way. Sign in with your password.
provider-refused-address-unverified = That service does not confirm that the e-mail address is yours, so the accounts could not be linked. Tell the person who looks after this server.
provider-refused-other-address = The two accounts have different e-mail addresses, so they cannot be linked. Choose the one with the same address as your account here.
provider-refused-taken = One of the two accounts is linked with another one. Remove that link first.

sign-in-providers-title = Sign in with another account
sign-in-providers-line = Link your work account at Google or Microsoft that has the same e-mail address, and sign in with it in place of the password.
providers-not-allowed = To link accounts, every school of yours must let its staff sign in this way. The owner of the school turns it on in the settings.
sign-in-providers-none = No services yet
sign-in-providers-none-text = This server is not connected with Google or Microsoft. Sign in with your password.
providers-service = Service
providers-state = Link
providers-since = Linked since { $date }
providers-unlinked = Not linked
providers-link = Link
providers-unlink = Remove the link
provider-unlink-ask = Remove the link? You will not be able to sign in with that account any more; your password here stays as it is.
providers-ends = Changing your password or signing out of all devices removes the link; you can link the accounts again.
done-provider-linked = The accounts are linked. You can sign in with that account from now on.
done-provider-unlinked = The link was removed.
me-providers-hint = Use your work account at Google or Microsoft in place of the password
settings-sign-in-with = Staff may sign in with work accounts ({ $providers })
settings-sign-in-with-hint = Everyone links the accounts themselves, after signing in with the password, and the e-mail address must be the same in both. { $kind ->
    [higher] Not for students.
   *[other] Not for pupils.
}
sign-in-event-signed-in-by-provider = Signed in with a linked account
mail-sign-in-linked-subject = Your Schoolgate account was linked with { $provider }
mail-sign-in-linked-text = You can now sign in to this account with the { $provider } account that has the same e-mail address.
mail-sign-in-linked-button = See the links
mail-sign-in-linked-closing = If that was you, there is nothing to do. If it was not, change your password at once, which removes the link, and tell your school.
