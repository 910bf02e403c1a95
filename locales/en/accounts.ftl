# The list of accounts: orders, pages, exports.
accounts-column-name = Full name
accounts-column-class = { word-class-cap }
accounts-column-birth-date = Date of birth
accounts-column-last-signed-in = Sign-in status
accounts-order = Sort by
accounts-order-name = Name, A to Y
accounts-order-name-down = Name, Y to A
accounts-order-class = { word-class-cap }, lowest first
accounts-order-class-down = { word-class-cap }, highest first
accounts-order-birth-date = Oldest first
accounts-order-birth-date-down = Youngest first
accounts-order-last-signed-in = Least recently signed in first
accounts-order-last-signed-in-down = Most recently signed in first
accounts-last-page = Last page
accounts-export-xlsx = Excel (.xlsx)
accounts-export-csv = Text (.csv)
accounts-class-hint = { word-class-cap }, for example { word-class-example }
accounts-no-class = There is no { word-class } { $class }
accounts-no-class-text = The school year { $year } has no { word-class } of this name. Check the name.
accounts-none-here-student = No { word-pupil } found
accounts-none-here-teacher = No teacher found
accounts-none-here-manager = No manager found
accounts-short-password = Password
accounts-short-sign-out = Sign out
accounts-short-release = Unlock
accounts-found = { $count ->
    [one] 1 person found
   *[other] { $count } people found
}
accounts-found-more = More than { $count } people found
accounts-elsewhere = Found in other lists:
accounts-elsewhere-classes = In other { word-classes }
accounts-elsewhere-statuses = With another status
done-bulk-too-many = This would affect more than { $n } people, so nothing was done. Narrow the list down, by { word-class } for example, and try again.
done-bulk-no-class = Choose the { word-class } to move to.
done-left-out = { $n ->
    [one] 1 person was left unchanged: nothing to do, or this cannot be done.
   *[other] { $n } people were left unchanged: nothing to do, or this cannot be done.
}
accounts-open-page = Open the page
bulk-more = More
