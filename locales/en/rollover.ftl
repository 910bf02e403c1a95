# The coming year: the draft by which a school moves on to it.
menu-new-year = New school year
rollover-title = Moving on to the new school year
rollover-years = From { $from } to { $to }
rollover-open-line = A draft; nothing has changed yet
rollover-applied-line = Applied
rollover-none-line = There is no draft yet.
rollover-begin = Make a draft
rollover-begin-text = The draft takes this year's { word-classes } and { word-pupils } and proposes { word-classes } for the coming year. You fill it in over weeks; nothing changes until it is applied.
rollover-to = The coming school year
rollover-to-hint = For example 2027-2028
rollover-discard = Drop the draft
rollover-discard-ask = Drop the draft with everything that was chosen in it?
rollover-make-plan = Review and apply
rollover-plan-made = The last time it was applied
rollover-parts = Parts of the draft
rollover-overview = Overview
rollover-news = Since yesterday:
rollover-news-came = { $count } came.
rollover-news-moved = { $count } changed { word-class }.
rollover-news-left = { $count } left.
rollover-grades = By grade
rollover-sum = Total
rollover-outcome = Result
rollover-outcome-promoted = Promoted
rollover-outcome-kept-back = Kept back
rollover-outcome-awaiting = Awaiting
rollover-outcome-finished = Finished
rollover-outcome-leaving = Leaving
rollover-look-at = Look at this before you apply it
rollover-without-class = { $count ->
    [one] One { word-pupil } is in no { word-class } of this year and so not in the draft.
   *[other] { $count } { word-pupils } are in no { word-class } of this year and so not in the draft.
}
rollover-awaiting = { $count ->
    [one] One { word-pupil } waits to be assessed again: no { word-class } when it is applied, and a list of its own.
   *[other] { $count } { word-pupils } wait to be assessed again: no { word-class } when it is applied, and a list of their own.
}
rollover-still-awaiting = { $count ->
    [one] One { word-pupil } still waits to be assessed again and has no { word-class } in the new year.
   *[other] { $count } { word-pupils } still wait to be assessed again and have no { word-class } in the new year.
}
rollover-empty-targets = { $count ->
    [one] One { word-class } of the coming year has nobody yet: { $names }.
   *[other] { $count } { word-classes } of the coming year have nobody yet: { $names }.
}
rollover-misfits = Classes of the coming year that do not fit the result: kept back, they stay in their grade; promoted, they go to a higher one.
rollover-left-over = { $count ->
    [one] One { word-pupil } was not written: something changed while the plan waited, or it was undone. Press “Review and apply” to go on.
   *[other] { $count } { word-pupils } were not written: something changed while the plan waited, or it was undone. Press “Review and apply” to go on.
}
fault-rollover-pupils-meanwhile = A colleague has just changed the result of: { $value }. Look again, then choose.
rollover-elsewhere = To another { word-class }
rollover-keys = By keyboard: the arrows go from row to row, the space bar picks; 1 promotes, 2 keeps back, 3 is awaiting.
rollover-show = Show the list
rollover-classes = { word-classes-cap } of the coming year
rollover-classes-hint = Correct where a whole { word-class } goes. Leave it empty where all of them finish school. Two with the same name become one; to split one, choose pupils on the page { word-pupils-cap }.
rollover-classes-save = Save
rollover-class-of = { word-class-cap } in { $year }
rollover-class-next = { word-class-cap } of the coming year
rollover-target-of = Coming year's { word-class } of { $class }
rollover-others = Other results
rollover-finishes = Finish school
rollover-pupils = Result of each
rollover-find = Find by name
rollover-into = Will be in { $class }
rollover-none-found = Nobody matches the filter. Take a condition away.
rollover-every = All of the list:
rollover-promote = Promote
rollover-keep-back = Keep back
rollover-finish = Finish school
rollover-leave = Leave
rollover-reason = Reason for leaving
rollover-reason-text = Another reason
rollover-reason-moved = Moved to another school
rollover-reason-dropped-out = Dropped out
rollover-reason-other = Another reason
rollover-from-draft = Moving on to the new school year
rollover-open = Open the draft
rollover-apply = { $count ->
    [one] Apply to one
   *[other] Apply to { $count }
}
rollover-lost-grades = Nobody of grade { $grades } stays.
rollover-confirm-leaves = { $count ->
    [one] I confirm that one { word-pupil } who has not finished the last grade is taken out of the school
   *[other] I confirm that { $count } { word-pupils } who have not finished the last grade are taken out of the school
}
fault-rollover-leaves = The draft takes a great many who have not finished the last grade out of the school. If that is right, tick the confirmation and press again.
fault-rollover-awaiting = Assessed again in the summer: no class yet, decided later.
fault-rollover-finished = Finished school. The account is closed { $value } days after this is applied.
fault-rollover-kept-back = Kept back.
fault-rollover-moved = Leaves: moved to another school.
fault-rollover-dropped-out = Leaves: dropped out.
fault-rollover-leaving = Leaves. { $value }
fault-rollover-year = “{ $value }” is not the year after one of the school's years. Write it as 2027-2028.
fault-rollover-open = The school has a draft already. Apply or drop that one first.
fault-rollover-applied = The school has moved on to { $value } already. To do it again, undo that first.
fault-rollover-no-classes = The year before { $value } has no { word-classes }.
fault-rollover-class-meanwhile = A colleague has just changed this to “{ $value }”. Look again, then save.
fault-rollover-outcome = Choose a result.
fault-rollover-reason = Say why they leave.
fault-rollover-no-class = { $value } has no { word-class } to go to. Write the { word-class } of the coming year.
fault-rollover-other-grade = Kept back, they stay in a class of the same grade as { $value }.
fault-rollover-same-grade = Promoted, they cannot be in a class of the same grade as { $value }, or of a lower one.
refusal-rollover = The draft could not be read. Nothing has changed; please try again.
refusal-rollover-gone = The draft was dropped or has changed. Open it and look again.
done-rollover-begun = The draft was made.
done-rollover-discarded = The draft was dropped.
done-rollover-none = There is no draft.
done-rollover-nothing = There is nothing left to apply.
done-rollover-classes = { $n ->
    [one] One { word-class } was saved.
   *[other] { $n } { word-classes } were saved.
}
done-rollover-pupils = { $n ->
    [one] The result of one was saved.
   *[other] The results of { $n } were saved.
}
done-rollover-nobody = Nobody was chosen.
audit-rollover-begun = Draft for the new year made
audit-rollover-classes-changed = Classes in the draft for the new year changed
audit-rollover-discarded = Draft for the new year dropped
audit-rollover-pupils-changed = Results in the draft for the new year changed
