# What other programs are answered.
problem-submission-kind = The kind is missing
problem-submission-kind-detail = The field kind must be staff, classes or pupils.
problem-submission-file = The file is missing
problem-submission-file-detail = The field file must hold a spreadsheet (xlsx, xls, ods or csv) that is not empty.
problem-idempotency = The Idempotency-Key was used for another file
problem-idempotency-detail = For 24 hours a key is good for one submission. Send this file with another key.
problem-rows-wrong = Rows are wrong
problem-rows-wrong-detail = { $count ->
    [one] One row is wrong, so nothing was handed in. The school can mend it on the page, or send the file again.
   *[other] { $count } rows are wrong, so nothing was handed in. The school can mend them on the page, or send the file again.
}
problem-rows-undecided-detail = { $count ->
    [one] One row may be about a person who is there already, so nothing was handed in. The school decides on the page.
   *[other] { $count } rows may be about people who are there already, so nothing was handed in. The school decides on the page.
}
problem-submission-held-back = Not handed in
