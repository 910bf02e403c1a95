# Passwords: why one is not accepted
password-too-short-staff = The password needs at least 12 characters. Tip: put together a few unrelated words; spaces are fine.
password-too-short-pupil = The password needs at least 8 characters. Tip: put together a few unrelated words; spaces are fine.
password-too-long = The password can have at most 200 characters.
password-common = This password is so common that it is easily guessed. Please choose another.
password-person-name = The password must not be your own name, with or without numbers. Please choose another.
password-school-name = The password must not be the school's name, with or without numbers. Please choose another.
password-login = The password must not be your username or email, with or without numbers. Please choose another.
password-temporary = This is the temporary password from your slip. Please choose a new one that only you know.

# The column "Mật khẩu" (Password) of a spreadsheet: only a warning, a temporary password is made instead
fault-sheet-password-too-short = The password in the spreadsheet has fewer than 6 characters and cannot be used; a temporary password will be made instead.
fault-sheet-password-too-long = The password in the spreadsheet has more than 200 characters and cannot be used; a temporary password will be made instead.
fault-sheet-password-common = The password in the spreadsheet is one that many people use, or a date, and is easily guessed; a temporary password will be made instead.
