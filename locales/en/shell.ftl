# The frame of every page, what is common, times, errors.
shell-skip = Skip to the main content
shell-ask-no = Cancel
shell-ask-yes = OK
shell-menu = Menu
shell-menu-main = Main menu
shell-find = Find a person or { word-class }
search-title = Search
search-of = Found for “{ $typed }”
search-field = Name, username, { word-class } or identifier
search-button = Search
search-none = No person and no { word-class } found
search-none-text = Try fewer letters; accents are not needed.
search-nothing-typed = Who are you looking for?
search-how = Type part of a name, a username, a { word-class }, a phone number or an identifier; accents are not needed.
search-said = {"{n}"} suggestions; choose with the arrow keys.
search-all-student = See all { word-pupils } found
search-all-teacher = See all { word-teacher }s found
search-all-manager = See all managers found
shell-find-hint = Find a name, { word-class }, username…
shell-me = Your account:
shell-change-password = Change password
shell-sign-out = Sign out
shell-other-language = VI
shell-other-language-name = Tiếng Việt
shell-dark = Dark theme
shell-light = Light theme

shell-close = Close
palette-title = Go to
palette-key = Ctrl K
palette-hint = Go to a page, person or { word-class }…
palette-none = Nothing matches.

form-faults = Not saved yet. Please correct the following:
form-fault-title = Error:
form-show-password = Show the password
form-date-form = dd/mm/yyyy
form-date-pick = Choose in the calendar
form-hide-password = Hide the password

names-one-of = { $names } or { $last }
time-today = Today, { $time }
time-yesterday = Yesterday, { $time }
time-days-ago = { $days ->
    [one] 1 day ago
   *[other] { $days } days ago
}

error-home = Go to home
error-request = Request number for support:
error-not-found-title = Page not found
error-not-found-text = The address may be mistyped, or the page no longer exists. No data has been lost.
error-forbidden-title = You do not have permission to open this page
error-forbidden-text = If this is part of your work, ask an owner of the school to give you permission.
error-school-suspended-title = Your school is suspended
error-school-suspended-text = For now its users cannot sign in, and no data is lost. To learn more, ask the unit that manages the school.
error-foreign-origin-title = This request did not come from our pages
error-foreign-origin-text = Nothing was changed. Open the page again, start over, and use a recent browser.
error-method-title = This page does not accept such a request
error-method-text = Go back to the previous page and use the button there.
error-too-large-title = The file is too large
error-too-large-text = A file may have up to 20 MB. Remove pictures and sheets that are not used, or split it.
error-too-many-tries-title = Too many attempts
error-too-many-tries-text = { $minutes ->
    [one] Wait a minute and try again.
   *[other] Wait { $minutes } minutes and try again.
}
error-overloaded-title = Too many people at once
error-overloaded-text = Wait a minute and try again. No data has been lost.
error-unavailable-title = The system is resting for a moment
error-unavailable-text = The school's data is safe and nothing has changed. Try again in a few minutes; if you have just sent a form, go back and send it again.
error-files-waiting-title = Too many files are waiting to be reviewed
error-files-waiting-text = Import or discard the files that are waiting under “Import from a spreadsheet”, then upload this file again.
error-locked-title = Another change is being saved right now
error-locked-text = A large change to this school is being saved. Nothing of yours was changed or lost: try again in a moment.
error-search-too-long-title = The search is too long
error-search-too-long-text = A search takes up to 10 words and 100 characters. Go back and search for a few words of the name.
error-address-too-long-title = This address is too long
error-address-too-long-text = Go back to the previous page and choose fewer things at a time.
error-form-too-long-title = The form is too long
error-form-too-long-text = Nothing was saved. Go back, shorten what you typed or choose fewer things at a time, and try again.
error-malformed-title = This request cannot be read
error-malformed-text = Go back to the previous page, reload it and try again.
error-internal-title = Something went wrong on our side
error-internal-text = What you just did may not have been saved. Try again in a few minutes; if it fails again, tell support the number below.
ask-title = Please confirm
ask-password = Issue a new password to this person? The present one, and a slip that was printed, no longer work.
ask-sign-out = Sign this person out of all devices?
ask-class-deletion = Delete this { word-class }? This cannot be undone.
ask-bulk-password = Issue new passwords to all selected people? Their present ones, and slips that were printed, no longer work.
ask-bulk-sign-out = Sign all selected people out of all devices?
ask-bulk-suspension = Suspend all selected people?
