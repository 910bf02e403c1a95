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
