# Sign-in slips.
slips-title = Sign-in slips
slips-line = { $count ->
    [one] 1 slip
   *[other] { $count } slips
}, { $sheets ->
    [one] 1 sheet of A4
   *[other] { $sheets } sheets of A4
}
slips-without = { $count ->
    [one] 1 person needs none
   *[other] { $count } people need none
}
slips-print = Print
slips-none = No slips to print
slips-none-text = There are slips only for those whose temporary password is not used yet. Whoever has chosen a password needs none.
slips-how = Print on A4, upright, cut along the dashes and hand each slip over in person. Whoever holds a slip can sign in with it: do not post photos of them.
slips-of = Slip of { $name }
slips-class = Class { $class }
slips-password = Temporary password
slips-instruction = Go to { $address }. This password works once, until { $date }; the first time, you choose a new one.
slips-qr = QR code that opens the sign-in page
slips-scan = Scan to sign in
