# OneRoster: the school's roster by the open standard.
oneroster-course-of-grade = Grade
oneroster-course-of-all = General programme
oneroster-download = Download the roster (OneRoster, .zip)
audit-oneroster-exported = Downloaded the roster (OneRoster)
settings-shares-demographics = OneRoster carries birth dates, sex and identifiers
settings-shares-demographics-hint = Connected programs see them only with the permission for it as well.
settings-shares-guardians = OneRoster carries mothers and guardians
settings-shares-guardians-hint = Connected programs see them only with the permission for it as well.
