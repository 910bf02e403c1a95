# Syncing accounts and classes with the registry.
menu-sync = Sync accounts
sync-title-accounts = Sync accounts
sync-line-accounts = Compares the school's accounts with the registry. Nothing changes until you have reviewed and applied it. What the school has changed itself stays.
sync-since = Last synced: { $when }.
sync-never = The school has never been synced.
sync-nothing-there = The registry has nobody of the school yet. Hand in data first.
sync-changes = { $count ->
    [0] No changes wait.
    [one] One change waits.
   *[other] { $count } changes wait.
}
sync-waits = A sync waits for review.
sync-review = Review
sync-begin = Start the sync
sync-again = Compare again
fault-doubt-registry = Both the school and the registry have changed it; the registry says “{ $value }”. Unless you choose, the school keeps its own.
fault-doubt-registry-twin = This person is linked to another one of the registry.
fault-registry-differs = Yours differs: the registry says “{ $value }”. The school has changed it, so it stays.
fault-registry-conflict = Both the school and the registry have changed it; the registry says “{ $value }”. The school keeps its own.
fault-registry-gone = No longer in the list that the school handed in.
fault-registry-class-gone = The registry no longer has this { word-class }. The { word-class } and its { word-pupils } stay as they are.
fault-registry-moved = Moved to another school.
plan-registry-differs = { $count ->
    [one] One person differs from the registry because the school has changed something; that stays.
   *[other] { $count } people differ from the registry because the school has changed something; that stays.
}
plan-registry-conflict = { $count ->
    [one] Of one person, both sides have changed something; the school keeps its own unless you choose otherwise.
   *[other] Of { $count } people, both sides have changed something; the school keeps its own unless you choose otherwise.
}
sync-unlisted = { $count ->
    [one] One person has not changed and is not listed here.
   *[other] { $count } people have not changed and are not listed here.
}
sync-from-registry = From the registry
sync-take = Take the registry's
sync-keep = Keep the school's
compare-registry = In the registry
sync-apply = Apply the sync
plan-begun-by = Begun by { $name }, { $at }
plan-used-by = Applied by { $name }, { $at }
plan-for-owners = Only an owner of the school can apply, discard or undo this.
refusal-registry = The registry could not be read. Nothing has changed; please try again.
audit-sync-made = Began to sync accounts
sync-first = { $count ->
    [one] To avoid duplicates, sync first: one change of the registry is not synced yet.
   *[other] To avoid duplicates, sync first: { $count } changes of the registry are not synced yet.
}
sync-twins-title = This person may be in the registry.
sync-twins-lead = Sync instead of creating
sync-twins-ask = Ask an account manager to sync.
sync-title-classes = Sync { word-classes }
sync-line-classes = Compares the { word-classes } of this school year with the registry. { word-classes-cap } that the school does not have are made; grades follow the registry unless the school has changed them; none is deleted.
settings-nightly = Sync accounts every night
settings-nightly-hint = Runs only where the registry has changed and nobody is reviewing a sync.
settings-nightly-off = No
settings-nightly-prepare = Prepare it and mail the owners to review it
settings-nightly-apply = Apply it where it only adds or changes at most 200 people; otherwise prepare it for review
audit-sync-prepared = Prepared a sync at night
mail-sync-prepared-subject = { $changes ->
    [one] One change waits to be synced
   *[other] { $changes } changes wait to be synced
}
mail-sync-prepared-text = { $changes ->
    [one] Last night, { $school } was compared with the registry. One change waits for your review.
   *[other] Last night, { $school } was compared with the registry. { $changes } changes wait for your review.
}
mail-sync-prepared-button = Review
mail-sync-prepared-closing = Nothing changes until you apply it. How the school syncs at night is set in the settings.
plan-doubts-doubt-registry = { $count ->
    [one] One row that both the school and the registry have changed
   *[other] { $count } rows that both the school and the registry have changed
}
plan-doubts-doubt-registry-twin = { $count ->
    [one] One row about a person who is linked to another one of the registry
   *[other] { $count } rows about people who are linked to other ones of the registry
}
sync-plan-reading = Comparing with the registry
sync-plan-refused = Could not be compared
sync-plan-ready = Review before syncing
sync-plan-applying = Being applied
sync-plan-applied = Result of the sync
sync-plan-failed = Not synced
sync-plan-undoing = Being undone
sync-plan-undone = This sync was undone
sync-nothing-written = nothing has changed yet
sync-will-change = { $count ->
    [0] There is nothing to change
    [one] One change will be applied
   *[other] { $count } changes will be applied
}
sync-no-changes = There are no changes
sync-no-changes-text = What the school has is as in the registry.
sync-find = Find by name
sync-undo = Undo this sync
sync-discard = Discard this sync
sync-discard-ask = Discard this sync and what was decided here? You can compare again at any time.
