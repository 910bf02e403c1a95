# What people and classes are called in each kind of school: other sentences refer to these words.
word-pupil = { $kind ->
    [higher] student
   *[other] pupil
}
word-pupil-cap = { $kind ->
    [higher] Student
   *[other] Pupil
}
word-pupils = { $kind ->
    [higher] students
   *[other] pupils
}
word-teacher = { $kind ->
    [higher] teacher
   *[other] teacher
}
word-teacher-cap = { $kind ->
    [higher] Teacher
   *[other] Teacher
}
word-class = { $kind ->
    [higher] group
   *[other] class
}
word-class-cap = { $kind ->
    [higher] Group
   *[other] Class
}
word-classes = { $kind ->
    [higher] groups
   *[other] classes
}
word-class-study = { $kind ->
    [higher] groups
   *[other] classes
}
word-classes-cap = { $kind ->
    [higher] Groups
   *[other] Classes
}
word-pupils-cap = { $kind ->
    [higher] Students
   *[other] Pupils
}
word-young = { $kind ->
    [higher] student
   *[other] pupil
}
word-young-many = { $kind ->
    [higher] students
   *[other] pupils
}
word-class-example = { $kind ->
    [higher] CNTT K45
   *[other] 10A1
}
word-class-range = { $kind ->
    [higher] CNTT 1-CNTT 4
   *[other] 10A1-10A12
}
word-homeroom = { $kind ->
    [higher] academic adviser
   *[other] homeroom teacher
}
word-homeroom-cap = { $kind ->
    [higher] Academic adviser
   *[other] Homeroom teacher
}
