# Trang chủ của trường.
home-hello = Chào { $name }
home-signed-in = Thông tin tài khoản
home-signed-in-text = Dùng tài khoản này để vào các ứng dụng của trường.
to-do-title = Việc cần làm
to-do-nothing = Không còn việc cần làm
to-do-nothing-text = Tất cả { word-pupil } đã có phiếu và đã đăng nhập.
to-do-classes = Tạo { word-class } cho năm học
to-do-classes-text = Tạo nhiều { word-class } một lần, ví dụ { word-class-range }
to-do-students = Nhập danh sách { word-pupil }
to-do-students-text = Tải lên bảng tính của trường và xem lại trước khi nhập
to-do-slips = { word-pupil } chưa được phát phiếu
to-do-slips-text = Xem sổ phát phiếu, rồi in phiếu còn thiếu của từng { word-class }
to-do-never = { word-pupil } chưa đăng nhập lần nào
to-do-never-text = Xem danh sách theo từng { word-class }
to-do-waiting = người tự đăng ký đang chờ duyệt
to-do-waiting-text = Xem từng người rồi duyệt hoặc từ chối
to-do-plans = lần nhập chưa xong
to-do-plans-text = Tệp đã đọc xong, đang chờ bạn xem lại và nhập
to-do-homeroom = { word-class } chưa có { word-homeroom }
to-do-homeroom-text = Phân công cho tất cả { word-class } trên một trang
to-do-invited = thầy cô chưa xác nhận lời mời
to-do-invited-text = Xem danh sách và gửi lại lời mời
to-do-year = Năm học { $year } sắp kết thúc
to-do-year-text = Thêm năm học mới để chuẩn bị { word-class } và danh sách
home-no-class-text = Khi được phân công làm { word-homeroom }, { word-class } của bạn sẽ hiện ở đây.
home-no-class-ask = Khi được phân công làm { word-homeroom }, { word-class } của bạn sẽ hiện ở đây. Nếu cần, hãy hỏi { $names }.
home-print-class = { word-class-cap } { $class }: mở danh sách để in phiếu
home-help-class = { word-class-cap } { $class }: xem từng { word-young } và lý do
home-own-signed-in = Đã đăng nhập
home-class = { $kind ->
    [higher] Nhóm của bạn
   *[other] Lớp của em
}
home-no-homeroom = Chưa có { word-homeroom }
home-no-place = { $kind ->
    [higher] Bạn chưa được xếp nhóm trong năm học này.
   *[other] Em chưa được xếp lớp trong năm học này.
}
home-pupil-help = { $kind ->
    [higher] Nếu cần giúp đỡ, hãy liên hệ cố vấn học tập.
   *[other] Nếu cần giúp đỡ hoặc quên mật khẩu, em hãy hỏi giáo viên chủ nhiệm.
}
home-password-text = { $kind ->
    [higher] Mật khẩu chỉ mình bạn biết
   *[other] Mật khẩu chỉ mình em biết
}
home-pupils = { word-pupil }
home-teachers = { word-teacher }
home-classes = { word-class }
home-online-count = đang trực tuyến
home-grade = Khối { $grade }
home-sign-ins = { word-pupil-cap } đăng nhập
home-sign-ins-link = Xem ai chưa đăng nhập
home-signed-in-share = Tỉ lệ { word-pupil } đã đăng nhập
home-ring = { $part }/{ $whole } { word-pupil }
home-ring-text = đã đăng nhập ít nhất một lần
home-by-grade = Đã đăng nhập theo khối
home-by-class = { word-class-cap } còn nhiều người chưa đăng nhập
home-chart-grade = { $kind ->
    [higher] Phạm vi
   *[other] Khối
}
home-chart-signed-in = Đã đăng nhập
home-chart-slips = Đã có phiếu
home-chart-pupils = { word-pupil-cap }
home-slips = Phát phiếu tài khoản
home-slips-by-class = Đã có phiếu, theo { word-class }
home-slips-done = Đã in đủ phiếu
home-slips-done-text = Không còn { word-pupil } nào thiếu phiếu tài khoản.
home-lately = Hoạt động gần đây
home-lately-link = Xem nhật ký
home-lately-none = Chưa có hoạt động nào
home-lately-none-text = Những lần nhập danh sách, cấp mật khẩu, in phiếu… sẽ hiện ở đây.
home-online = Đang trực tuyến
home-online-none = Không có ai trong 10 phút qua.
steps-title = Chuẩn bị năm học
steps-ready = Đã sẵn sàng
steps-done = đã xong
step-classes = Tạo { word-class }
step-homeroom = Phân công { word-homeroom }
step-students = Nhập danh sách { word-pupil }
step-teachers = Mời { word-teacher }
step-slips = In và phát phiếu tài khoản
step-sign-in = { word-pupil-cap } đăng nhập lần đầu
home-today = Các tiết hôm nay
home-applications-text = Những ứng dụng vào bằng tài khoản này
