# People who are there twice: probable pairs, merging and undoing.
duplicates-title = Records that may be the same person
duplicates-link = Find records of the same person
duplicates-line = { $count ->
    [0] Records that may be of the same person are found here.
    [one] One pair may be the same person. Look at it, then merge the two or say that they are not the same.
   *[other] { $count } pairs may be the same person. Look at each, then merge the two or say that they are not the same.
}
duplicates-none = No pairs
duplicates-none-text = No two records of the school look like the same person.
duplicates-one = First record
duplicates-other = Second record
duplicates-agree = The same
duplicates-differ = Different
duplicates-compare = Compare two records
duplicates-compare-line = Choose which record stays and which value of each field is right.
duplicates-dismiss = Not the same person
duplicates-keep = Record that stays
duplicates-differs = different
duplicates-classes = Classes of all years
duplicates-login = Account that stays in use
duplicates-sessions = { $count ->
    [0] no open session
    [one] one open session
   *[other] { $count } open sessions
}
duplicates-plans = Lists that were imported
duplicates-entries = { $count ->
    [one] one entry
   *[other] { $count } entries
}
duplicates-slip = a sign-in slip that is not used yet
duplicates-other-login = The other login
duplicates-login-alias = Goes on working for a year, into the same account
duplicates-login-end = Ends at once
duplicates-preview = The record that stays gets the { word-classes } of all years, guardians, rights, { word-classes } in charge, places in timetables and exams, the history of lists and identifiers that it does not have; sessions of the other account end. Lists that name the other record from now on are about this person. You can undo it for { $days } days.
duplicates-merge = Merge the two
duplicates-rank = You cannot merge the record of a person whose rights are the same as yours or above.
merges-title = Merged in the last { $days } days
merges-who = The person who stays
merges-gone = got the record of { $name }
merges-when = When
merges-undo = Undo the merge
merges-undone = Undone
merges-behind = Undo the later merge first
merges-stays = Changed after the merge, so it stays: { $what }
merge-stays-classes = { word-classes }
merge-stays-grants = rights
merge-stays-guardians = guardians
merge-stays-registry = the link to the registry
merge-stays-closing = the day on which the account is closed
merge-stays-scim = what another system calls the person
merge-stays-homerooms = { word-classes } in charge
merge-stays-draft = the result in the draft for the new school year
merge-stays-exams = places in exams
merge-stays-timetable = places in the timetable
merge-stays-identifier = an identifier that is somebody else's by now
merge-stays-member = personal details
fault-merge-keep = Choose which record stays.
fault-merge-other-role = A { word-pupil } and a member of staff cannot be merged.
fault-merge-elsewhere = The account that would end is in use at another school. Choose that one to stay in use.
fault-merge-invited = The record that would stay has left, and the other one is invited. Keep the one that is invited.
fault-merge-waiting = One of the two waits for an answer. Accept or refuse them first.
fault-merge-planned = Both records stand in one place: both are candidates of one exam, both have a lesson, a substitution or a duty at the same time, or one takes lessons of the other. Take one of them out of it first.
done-merged = The two records were merged.
done-told-apart = They are remembered as two people.
done-merge-undone = The merge was undone.
done-merge-undone-in-part = The merge was undone; what was changed after it stays and is listed below.
done-merge-not-undone = It cannot be undone any more.
done-merge-behind = The record that stayed was merged into another one since. Undo the later merge first.
done-merge-taken = It cannot be undone: the login or e-mail of the merged record is another member's by now.
audit-members-merged = Two records merged
audit-merge-undone = Merge of records undone
audit-told-apart = Told apart as two people
history-members-merged = { $who } merged another record into this one
history-merge-undone = { $who } undid a merge of records
history-told-apart = { $who } noted that this and a similar record are two people
