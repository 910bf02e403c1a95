# Sign-in slips.
slips-title = Sign-in slips
slips-title-one = Sign-in slip
slips-line = { $count ->
    [one] 1 slip
   *[other] { $count } slips
}, { $sheets ->
    [one] 1 sheet of A4
   *[other] { $sheets } sheets of A4
}
slips-without = { $count ->
    [one] 1 person needs no slip
   *[other] { $count } people need no slip
}
slips-print = Print slips
slips-none = No slips to print
slips-none-text = Only people whose temporary password has not been used yet have slips. People who have set a password need none.
slips-how = Print on A4 portrait, cut along the dashes and hand each slip over in person. Anyone holding a slip can sign in with it, so never post photos of them.
slips-renewed = A new temporary password was issued at { $when }. The old password and slip no longer work.
slips-of = Slip of { $name }
slips-class = { word-class-cap } { $class }
slips-password = Temporary password
slips-instruction = Go to { $address }. The temporary password works once, until the end of { $date }; at the first sign-in you set a new one.
slips-qr = QR code that opens the sign-in page
slips-scan = Scan to sign in
slips-by-class = Print one { word-class }:
slips-too-many = There are { $count } slips. Print one { word-class } at a time.
slips-no-class = No { word-class }
slips-were-printed = I have printed them
slips-how-noscript = Print with your browser's own command (Ctrl+P), then press the button above to record it in the slip distribution.
slips-noted = Recorded in the slip distribution: these slips were printed.
slips-download = Download for Excel
slips-copy = Copy the slip
slips-copied = Copied
slips-sheet = Sign-in slips
slips-good-until = Valid until
slips-address = Where to sign in
done-slips-printed = { $n ->
    [0] There was no slip to record.
    [one] Recorded in the slip distribution: 1 slip was printed.
   *[other] Recorded in the slip distribution: { $n } slips were printed.
}
done-slips-none = None of them has an unused temporary password, so there are no slips.
menu-ledger = Slip distribution
ledger-waiting = { $count ->
    [one] 1 slip not printed
   *[other] { $count } slips not printed
}
ledger-empty-text = This page shows each { word-class } of the year: whose slip was printed, who has signed in.
ledger-homeroom = { word-homeroom-cap }
ledger-pupils = { word-pupils-cap }
ledger-never = Never signed in
ledger-column-waiting = Slips not printed
ledger-all-printed = All printed
ledger-n-waiting = not printed
ledger-n-never = never signed in
ledger-print = { $count ->
    [one] Print the missing slip
   *[other] Print the { $count } missing slips
}
ledger-slip = Slip
ledger-last = Last sign-in
ledger-print-school = Print the whole school's slips ({ $count }), by { word-class }
ledger-print-again = Print again
ledger-printed = Printed: { $when }
ledger-not-printed = Not printed
ledger-no-slip = Needs no slip
bulk-slips-file = Slips to Excel
audit-slips-shown = Slips viewed
audit-slips-downloaded = Slips downloaded
slips-born = born { $date }
