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
slips-print = Print slips
slips-none = No slips to print
slips-none-text = Only people whose temporary password is still unused have slips. Whoever has chosen a password needs none.
slips-how = Print on A4 portrait, cut along the dashes and hand each slip over in person. Anyone holding a slip can sign in with it, so never post photos of them.
slips-of = Slip of { $name }
slips-class = Class { $class }
slips-password = Temporary password
slips-instruction = Go to { $address }. The temporary password works once, until { $date }; at the first sign-in you choose a new one.
slips-qr = QR code that opens the sign-in page
slips-scan = Scan to sign in
slips-by-class = Print one class:
slips-too-many = There are { $count } slips. Choose one class after the other.
slips-no-class = No class
