## Labels of the fields, as in the templates

field-full-name = Full name
field-gender = Gender
field-class = { word-class-cap }
field-class-higher = Group
field-birth-date = Date of birth
field-mother-name = Mother's full name
field-mother-birth-year = Mother's year of birth
field-guardian-name = Guardian's full name
field-guardian-birth-year = Guardian's year of birth
field-email = Email
field-phone = Phone
field-address = Address
field-national-id = National ID
field-moet-id = MoET identifier
field-username = Username
field-password = Password
field-department = Department
field-status = Status

## Help for the template's columns

template-help-full-name = Family name, middle name and given name, with all accents, as on the birth certificate.
template-help-first-name = The given name only, such as Mai.
template-help-last-name = Family name and middle name, such as Nguyễn Thị.
template-help-gender = Male, Female or Other.
template-help-class = The name of the { word-class }, such as { $kind ->
    [higher] CNTT K45
   *[other] 10A1 or 6/2
}. You are asked before new ones are created.
template-help-grade = The grade of the { word-class }, such as 10; left empty, it follows from the name.
template-help-birth-date = Day/month/year, such as 15/11/2011.
template-help-mother-name = The mother's full name.
template-help-mother-birth-year = Four digits, such as 1985.
template-help-guardian-name = The guardian's full name, if there is one.
template-help-guardian-birth-year = Four digits, such as 1980.
template-help-email = { $kind ->
    [higher] An email address, used to sign in.
   *[other] An email address. Teachers sign in with it; a pupil's is the family's contact.
}
template-help-phone = A phone number of 10 digits, such as 0912345678.
template-help-address = Where the person lives now.
template-help-national-id = The CCCD number of 12 digits, or the CMND number of 9 digits.
template-help-moet-id = The identifier given by the Ministry of Education and Training, if there is one.
template-help-username = Leave it empty for new people; the system sets it. Exports contain it, so that people are recognised.
template-help-password = A temporary password of at least 6 characters; if empty, the system makes one. It has to be changed at the first sign-in.
template-help-department = The department that the group belongs to.

## Examples for the template's columns

template-example-full-name = Nguyễn Thị Mai
template-example-first-name = Mai
template-example-last-name = Nguyễn Thị
template-example-gender = Female
template-example-class = { word-class-example }
template-example-grade = 10
template-example-birth-date = 15/11/2011
template-example-mother-name = Trần Thị Lan
template-example-mother-birth-year = 1985
template-example-guardian-name = Nguyễn Văn Hùng
template-example-guardian-birth-year = 1980
template-example-email = mai.nguyen@example.edu.vn
template-example-phone = 0912345678
template-example-address = Phường Ba Đình, Thành phố Hà Nội
template-example-national-id = 001311000001
template-example-moet-id = 0100000001
template-example-username = { "" }
template-example-password = { "" }
template-example-department = Information Technology

## Faults: what is wrong and what to do. $value is what was entered

fault-missing = This is missing; please fill it in.
fault-too-long = “{ $value }” is too long; shorten it to 200 characters at most.
fault-formula-error = The formula in this cell failed ({ $value }); put the value in its place.

fault-name-implausible = “{ $value }” does not look like a person's name; write the full name in letters, without digits or signs.
fault-name-too-long = The name “{ $value }” is too long; shorten it to 100 characters at most.
fault-gender-unknown = The gender “{ $value }” is not understood; write Male, Female or Other.
fault-status-unknown = The status “{ $value }” is not understood; write Active, Transferred, Withdrawn, Graduated, Retired, …

fault-class-malformed = “{ $value }” cannot be the name of a { word-class }; write it briefly, such as { $kind ->
    [higher] CNTT K45
   *[other] 10A1 or 6/2
}, in 30 characters at most.
fault-class-is-date = The spreadsheet turned the name of the { word-class } into a date ({ $value }); format the cell as Text and type the name again.
fault-classes-empty = No { word-class } is named; write one name such as { word-class-example }, or several such as { word-class-range }.
fault-classes-too-many = Too many { word-classes }; create at most 100 at a time.
fault-class-range-unreadable = The range “{ $value }” is not understood; write both names in the same way, the smaller number first, such as { word-class-range }.

fault-date-impossible = There is no such date as { $value }; check it, and write day/month/year in this order.
fault-date-year-only = “{ $value }” is only a year; write the whole date of birth, day/month/year.
fault-date-incomplete = “{ $value }” is incomplete; write the whole date of birth, day/month/year.
fault-date-out-of-range = The date of birth { $value } is in the future or before 1900; check it.
fault-date-unreadable = The date “{ $value }” is not understood; write day/month/year, such as 15/11/2011.
fault-date-order-unsure = “{ $value }” may be day/month or month/day: this column has dates of both kinds. Write it again as day/month/year.
fault-date-maybe-turned = A spreadsheet may have swapped the day and month of { $value }: every real date in this column has a day from 1 to 12, and the other dates are text. Check it against the papers.
fault-columns-differ = Two columns of the file say different things of this person: { $value }. Write the right one, or choose which of the columns holds it.
fault-second-column-left = A second column of the file says “{ $value }” here; what the first one says was taken. Check which is right.
fault-year-unreadable = The year of birth “{ $value }” is not understood; write all four digits, such as 1980.
fault-year-out-of-range = The year of birth { $value } is in the future or before 1900; check it.

fault-email-malformed = “{ $value }” is not an email address; write one address without accents or spaces, such as name@school.edu.vn.
fault-phone-unreadable = “{ $value }” is not a phone number; write digits only, such as 0912345678.
fault-phone-several = “{ $value }” contains several numbers; keep one.
fault-phone-length = The phone number { $value } has too many or too few digits; mobile numbers have 10, check it.
fault-phone-prefix = No number in Vietnam begins like { $value }; write one that begins with 03, 05, 07, 08, 09 or 02.
fault-digits-lost = The spreadsheet lost the last digits ({ $value }); format the column as Text and enter the number again from the original papers.
fault-national-id-malformed = “{ $value }” is not a national ID number; they have 12 digits, old ones 9, check it.
fault-moet-id-malformed = “{ $value }” is not an identifier; write only letters without accents and digits, 20 characters at most.

fault-username-malformed = “{ $value }” cannot be a username; use 2 to 40 lowercase letters without accents, digits, dots, underscores or hyphens.
fault-password-short = The password is too short; give it at least 6 characters, or leave it empty to have one generated.

fault-mother-or-guardian-missing = This is missing; enter the full name and year of birth of the mother, or of a guardian.
fault-mother-year-missing = The mother's name is given, but not her year of birth; fill it in.
fault-mother-name-missing = The mother's year of birth is given, but not her name; fill it in.
fault-guardian-year-missing = The guardian's name is given, but not the year of birth; fill it in.
fault-guardian-name-missing = The guardian's year of birth is given, but not the name; fill it in.

## Warnings: values that do not agree

fault-national-id-gender-mismatch = The national ID number { $value } does not match the gender; check it against the papers.
fault-national-id-birth-year-mismatch = The national ID number { $value } does not match the year of birth; check it against the papers.
fault-age-grade-mismatch = With the date of birth { $value }, this person is not the right age for this grade; check the date of birth and the { word-class }.
fault-age-too-young = With the date of birth { $value }, this person is not yet 18; check the date of birth.
fault-mother-too-young = The mother's year of birth ({ $value }) is too close to the { word-pupil }'s; check it.

## Guesses: $value is what was entered, $new is what will be stored

guess-name-case = “{ $value }” was written with the usual capital and small letters: { $new }.
guess-gender-code = “{ $value }” was read as { $new ->
    [male] { gender-male }
    [female] { gender-female }
   *[other] { $new }
} (1 is male, 0 is female).
guess-gender-tick = The mark “{ $value }” was read as { $new ->
    [male] { gender-male }
    [female] { gender-female }
   *[other] { $new }
}.
guess-date-two-digit-year = “{ $value }” has two digits of the year; it was read as { $new }.
guess-date-month-first = This column writes the month before the day; “{ $value }” was read as { $new }.
guess-date-serial = “{ $value }” is Excel's serial number of a day; it was read as { $new }.
guess-date-compact = “{ $value }” has nothing between its parts; it was read as { $new }.
guess-year-of-date = Only the year { $new } was taken from “{ $value }”.
guess-phone-zero-restored = “{ $value }” had lost its leading 0; it was read as { $new }.
guess-phone-renumbered = “{ $value }” is an old 11-digit number; with its new prefix it is { $new }.
guess-national-id-zero-restored = “{ $value }” had lost its leading zeros; it was read as { $new }.
fault-text-broken = Letters of “{ $value }” were lost: there are question marks in their place. Open the original file again, save it as .xlsx or CSV UTF-8 and upload that, or type the value again.
fault-class-number-unsure = this cell is the number { $value }, which may be { word-class } 10.1, or { word-class } 10.10 without its last zero. Format the column as Text and type the name again, or type the right one here.
guess-number-format = This cell holds a number and shows “{ $value }” by its format; it was read as { $new }.
