# Trang chủ của trường.
home-hello = Chào { $name }
home-signed-in = Bạn đã đăng nhập
home-signed-in-text = Tài khoản của bạn dùng được. Các ứng dụng của trường nhận ra bạn bằng tài khoản này.
to-do-title = Việc cần làm
to-do-nothing = Không còn việc gì cần làm
to-do-nothing-text = Mọi học sinh đã nhận phiếu và đã đăng nhập.
to-do-classes = Lập các lớp của năm học
to-do-classes-text = Thêm một lần cả dãy, ví dụ 10A1-10A12
to-do-students = Đưa học sinh vào
to-do-students-text = Tải lên bảng tính trường đang có, xem lại rồi ghi
to-do-slips = { $count } học sinh chưa phát phiếu
to-do-slips-text = In phiếu theo lớp, tám phiếu một tờ A4
to-do-never = { $count } học sinh chưa đăng nhập lần nào
to-do-never-text = Xem là những em nào, lớp nào
