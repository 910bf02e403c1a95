menu-group-registry = Registry
menu-submissions = Submissions
menu-operator-submissions = Submissions
submissions-line = Hand in lists of { word-classes }, staff and { word-pupils }, which an operator approves into the registry
submissions-own = The school keeps its part of the registry here, so no files are handed in. An owner can change that in the settings.
submissions-order = Hand in lists in this order: { word-classes } first, since { word-pupils } need a { word-class } that was handed in or is in the registry.
submissions-in-registry = { $count ->
    [0] nothing in the registry yet
   *[other] { $count } in the registry
}
submissions-next-classes = Next: hand in the list of { word-classes }.
submissions-next-staff = Next: hand in the list of staff.
submissions-next-pupils = Next: hand in the list of { word-pupils }.
submissions-kind = Kind of list
submission-kind-classes = { word-classes-cap }
submission-kind-staff = Staff
submission-kind-pupils = { word-pupils-cap }
submissions-check = Upload and check
submissions-templates = Templates:
submissions-empty = The school has not handed in any list
submissions-empty-text = Upload a file; every row is checked before you hand it in.
submissions-latest = Latest
submission-state-checking = Being checked
submission-state-draft = Not handed in
submission-state-submitted = Waiting for approval
submission-state-approving = Being taken over
submission-state-returned = Returned
submission-state-approved = Approved
submission-state-withdrawn = Withdrawn
submission-state-replaced = Replaced by a newer one
submission-discarded = Discarded
submission-returned-text = An operator has returned this list. Correct the rows below and hand it in again, or upload another file.
submission-submitted-text = This list waits for an operator. Rows cannot be changed meanwhile.
submission-submitted-operator = The school waits for your decision on this list.
submission-submitted-at = Handed in at { $at }.
submission-approved-text = { $done ->
    [one] One change was taken over into the registry.
   *[other] { $done } changes were taken over into the registry.
}
submission-withdrawn-text = The school has withdrawn this list. It can be corrected and handed in again.
submission-replaced-text = A newer list of the kind has replaced this one.
submission-classes-missing = These { word-classes } are not in the registry and were not handed in: { $names }. Hand in the list of { word-classes } first.
submission-hand-in-classes = Hand in { word-classes }
submission-classes-waiting = These { word-classes } wait for approval: { $names }. The list of { word-classes } has to be approved before this one.
submission-elsewhere = Another school holds these identifiers. On approval, the person is on record as moving here.
submission-elsewhere-row = Row { $line }: { $school }
submission-will-change = { $count ->
    [one] One record of the registry will change
   *[other] { $count } records of the registry will change
}
submission-all-unchanged = { $count ->
    [one] The one record is as in the registry; there is nothing to hand in
   *[other] All { $count } records are as in the registry; there is nothing to hand in
}
submission-confirm-leaves = { $count ->
    [one] I have checked: the one person who is not in the file is no longer at the school
   *[other] I have checked: the { $count } people who are not in the file are no longer at the school
}
submission-review = Review before handing in
submission-submit = Hand in
submission-withdraw-lead = If you find a mistake, you can withdraw the list before an operator decides.
submission-withdraw = Withdraw
submission-approve = Approve
submission-remark = Why it is returned
submission-remark-hint = The school reads this, and gets it by e-mail.
submission-return = Return to the school
submission-absent = In the registry, and not in the file.
submission-decide-stays = Still at the school
quality-twins = { $count ->
    [one] one row may be about the same person as another
   *[other] { $count } rows may be about the same person as another
}
quality-twin-identifiers = { $count } rows whose identifier another row has as well
quality-birth-dates = { $count ->
    [one] one row without a birth date
   *[other] { $count } rows without a birth date
}
quality-impossible-births = { $count ->
    [one] one row with an impossible or unlikely birth date
   *[other] { $count } rows with an impossible or unlikely birth date
}
quality-no-guardian = { $count ->
    [one] one row without mother or guardian
   *[other] { $count } rows without mother or guardian
}
quality-no-email = { $count ->
    [one] one row without an e-mail address
   *[other] { $count } rows without an e-mail address
}
quality-elsewhere = { $count ->
    [one] one identifier that another school holds
   *[other] { $count } identifiers that other schools hold
}
quality-empty-classes = { $count ->
    [one] one class without pupils
   *[other] { $count } classes without pupils
}
queue-line = What schools have handed in, the oldest first
queue-empty = There are no lists
queue-empty-text = When a school hands in a list, it is shown here.
queue-quality = Quality
queue-approve = Approve the selected
fault-submission-kind = Choose the kind of list.
fault-submission-not-open = This list is being checked or was handed in already.
fault-submission-nothing = The list changes nothing in the registry, so it need not be handed in.
fault-submission-classes = Not handed in: the { word-classes } { $value } are not in the registry. Hand in the list of { word-classes } first.
fault-submission-leaves = More than a fifth of the people are not in the file. Confirm that and hand it in again.
fault-submission-approving = A list of the kind is being taken over. Wait until that is done.
fault-submission-not-waiting = This list does not wait for approval any more.
fault-submission-classes-first = Not approved: the { word-classes } { $value } are not in the registry. Approve the list of { word-classes } first.
fault-submissions-none = Select at least one list.
fault-submissions-many = At most 200 lists can be approved at once.
fault-remark-missing = Say why it is returned.
fault-remark-too-long = This is longer than 1000 characters.
fault-identifier-elsewhere = this identifier is in use elsewhere; your operator sees where
done-submission-submitted = Handed in. An operator will look at it.
done-submission-withdrawn = The list was withdrawn.
done-submission-returned = The list was returned to the school.
done-submissions-approved = { $n ->
    [0] No list was approved.
    [one] One list is being taken over.
   *[other] { $n } lists are being taken over.
}
settings-registry-source = The school's part of the registry
settings-registry-source-hint = Accounts and { word-classes } are synced from it.
settings-registry-submissions = Changes by lists that are handed in and approved
settings-registry-own = The school keeps { word-classes } and people here itself
queue-many-title = Hand in one list of several schools
queue-many-lead = The spreadsheet needs a column “School code”. The rows of each school become a list of that school. Lists without faults are handed in at once; any other stays with its school, to be corrected and handed in there, and its owners get a mail.
queue-many-submit = Upload and divide by school
fault-many-no-codes = The spreadsheet has no column “School code”.
fault-many-without-code = Rows without a school code: { $value }. Nothing was handed in.
fault-many-unknown = No school in your provinces has these codes: { $value }. Nothing was handed in.
fault-many-keep-own = These schools keep their part of the registry themselves: { $value }. Leave their rows out. Nothing was handed in.
fault-many-files = Too many files of these schools wait for review: { $value }. Nothing was handed in.
fault-many-schools = A spreadsheet may have at most 300 schools. Divide it into several files.
fault-many-nobody = There are no rows in the spreadsheet.
done-submissions-begun = { $n ->
    [one] The list of one school is being checked; without faults it appears in the queue.
   *[other] The lists of { $n } schools are being checked; those without faults appear in the queue.
}
