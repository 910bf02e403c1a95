# The list of accounts: orders, pages, exports.
accounts-column-name = Full name
accounts-column-class = { word-class-cap }
accounts-column-birth-date = Date of birth
accounts-column-last-signed-in = Signing in
accounts-order = Sort by
accounts-order-name = Name, A to Y
accounts-order-name-down = Name, Y to A
accounts-order-class = { word-class-cap }, lowest first
accounts-order-class-down = { word-class-cap }, highest first
accounts-order-birth-date = Oldest first
accounts-order-birth-date-down = Youngest first
accounts-order-last-signed-in = Longest not signed in
accounts-order-last-signed-in-down = Last signed in first
accounts-last-page = Last page
accounts-export-xlsx = Excel (.xlsx)
accounts-export-csv = Text (.csv)
accounts-class-hint = { word-class-cap }, for example 10A1
accounts-no-class = There is no { word-class } { $class }
accounts-no-class-text = The school year { $year } has no { word-class } of this name. Check how it is written.
accounts-none-here-student = No { word-pupil } is found
accounts-none-here-teacher = No teacher is found
accounts-none-here-manager = No manager is found
accounts-short-password = Password
accounts-short-sign-out = Sign out
accounts-short-release = Sign in again
accounts-found = { $count ->
    [one] One person found
   *[other] { $count } people found
}
accounts-found-more = More than { $count } people found
accounts-elsewhere = But others are:
done-bulk-too-many = These are more than { $n } people, so nothing was done. Narrow the list down, by { word-class } for example, and try again.
done-bulk-no-class = Choose the { word-class } to move to.
done-left-out = { $n } people were left as they are: nothing had to be done about them, or it cannot be.
