# Công bố bằng thư, tiết cố định, định mức, giờ bận ở trường khác, xem theo ngày, in trên A4.
timetable-publish-line = Từ { $date }, mọi người trong trường sẽ thấy bản này.
timetable-announce = Gửi thư báo
timetable-announce-hint = Mỗi { word-teacher } và { word-pupil } có tiết thay đổi, nếu đăng nhập bằng email, sẽ nhận một thư.
done-timetable-announced = Đã công bố thời khóa biểu. Thư báo đang được gửi.
mail-timetable-published-subject = Thời khóa biểu từ { $date } của { $school }
mail-timetable-published-text = { $school } đã công bố thời khóa biểu mới, áp dụng từ { $date }.
mail-timetable-published-changes = So với thời khóa biểu trước, lịch của bạn thay đổi { $count } tiết.
mail-timetable-published-button = Xem thời khóa biểu
mail-timetable-published-closing = Nếu bạn đã thêm thời khóa biểu vào ứng dụng lịch, các tiết ở đó sẽ tự cập nhật.
timetable-fixed = Tiết cố định
timetable-fixed-line = Xếp cùng một tiết cho nhiều { word-classes }, ví dụ chào cờ hoặc sinh hoạt lớp, rồi khóa lại. { word-teacher-cap } và phòng lấy theo phân công.
timetable-fixed-slot = Vào tiết
timetable-fixed-classes = { word-classes-cap } (để trống: tất cả { word-classes } học buổi đó)
timetable-fixed-rest = Bỏ qua { word-class } bị trùng
timetable-fixed-do = Xếp và khóa
done-timetable-fixed = Đã xếp và khóa tiết này cho { $n } { word-classes }.
timetable-copy-class = Chép từ { word-class } khác
timetable-copy-class-from = Từ { word-class }
timetable-copy-class-hint = Chỉ chép vào những ô còn trống; { word-teacher } và phòng lấy theo phân công của { word-class } này.
done-timetable-class-copied = Đã chép { $n } tiết từ { word-class } khác.
fault-timetable-copy-class = Hãy chọn một { word-class } khác trong năm học này.
timetable-cautions = Đã xếp, nhưng chưa đúng nguyện vọng:
timetable-caution-blocked = { $teacher } không dạy vào tiết này.
timetable-caution-elsewhere = { $teacher } bận dạy ở trường khác vào tiết này.
timetable-caution-load = { $count } tiết, nhiều hơn mức tối đa { $most } tiết mỗi ngày
timetable-caution-day = { $teacher } có { $load }.
timetable-elsewhere-short = bận ở trường khác
timetable-elsewhere = Bận ở trường khác
timetable-elsewhere-line = { word-teacher-cap } này đồng ý cho các trường biết giờ bận của nhau. Khi xếp tự động, các tiết trùng với những giờ sau sẽ được để trống.
timetable-sum-of-norm = { $count } tiết mỗi tuần, định mức { $norm }
timetable-over-norm = thừa { $count } tiết
timetable-under-norm = thiếu { $count } tiết
timetable-norm = Định mức mỗi tuần (tiết)
timetable-norm-hint = { $kind ->
    [higher] Để trống nếu không có định mức.
   *[other] Để trống thì lấy theo quy định: tiểu học 23, THCS 19, THPT 17 tiết; { word-homeroom } ít hơn 4 tiết.
}
timetable-takes-it = đang dạy thay
timetable-days-nav = Chọn ngày
timetable-by-day = Xem theo ngày
timetable-whole-week = Xem cả tuần
timetable-sheet-print-a4 = in trên giấy A4 ngang
timetable-sheet-on-a3 = Bản in A3
timetable-sheet-on-a4 = Bản in A4
timetable-shape-fet-lessons = Tệp cho FET với các tiết đã xếp (.fet)
