# The own timetable in calendar applications.
calendar-title = Calendar on your phone
calendar-hint = Your timetable in a calendar application, always up to date
calendar-line = Paste this private address into a calendar application (Google Calendar, Apple, Outlook) to see your timetable and each change of it.
calendar-address = The address of your calendar
calendar-once = Copy it now: it is shown once. Everybody who has it sees your calendar.
calendar-none = You have no calendar address yet.
calendar-made = The address was made at { $date }.
calendar-make = Make an address
calendar-renew = Change the address
calendar-renew-ask = Change the address? The old one stops working, and you paste the new one into your calendar application.
calendar-revoke = Revoke the address
calendar-revoke-ask = Revoke the address? Calendar applications no longer see your timetable.
calendar-own = Timetable
done-calendar-revoked = The calendar address has been revoked.
