# Cách gọi người và lớp theo loại trường: các câu khác nhắc đến những từ này.
word-pupil = { $kind ->
    [higher] sinh viên
   *[other] học sinh
}
word-pupil-cap = { $kind ->
    [higher] Sinh viên
   *[other] Học sinh
}
word-pupils = { $kind ->
    [higher] sinh viên
   *[other] học sinh
}
word-teacher = { $kind ->
    [higher] giảng viên
   *[other] giáo viên
}
word-teacher-cap = { $kind ->
    [higher] Giảng viên
   *[other] Giáo viên
}
word-class = { $kind ->
    [higher] nhóm
   *[other] lớp
}
word-class-cap = { $kind ->
    [higher] Nhóm
   *[other] Lớp
}
word-classes = { $kind ->
    [higher] nhóm
   *[other] lớp
}
word-class-study = { $kind ->
    [higher] nhóm
   *[other] lớp học
}
word-classes-cap = { $kind ->
    [higher] Nhóm
   *[other] Lớp
}
word-pupils-cap = { $kind ->
    [higher] Sinh viên
   *[other] Học sinh
}
word-young = { $kind ->
    [higher] sinh viên
   *[other] em
}
word-young-many = { $kind ->
    [higher] các sinh viên
   *[other] các em
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
    [higher] cố vấn học tập
   *[other] giáo viên chủ nhiệm
}
word-homeroom-cap = { $kind ->
    [higher] Cố vấn học tập
   *[other] Giáo viên chủ nhiệm
}
