# Trang chủ của trường.
home-hello = Chào { $name }
home-signed-in = Bạn đã đăng nhập
home-signed-in-text = Bạn dùng tài khoản này để vào các ứng dụng của trường.
to-do-title = Việc cần làm
to-do-nothing = Không còn việc gì cần làm
to-do-nothing-text = Mọi học sinh đã nhận phiếu và đã đăng nhập.
to-do-classes = Tạo lớp cho năm học
to-do-classes-text = Tạo cả dãy lớp một lần, ví dụ 10A1-10A12
to-do-students = Nhập danh sách học sinh
to-do-students-text = Tải lên bảng tính của trường, xem lại rồi mới ghi
to-do-slips = học sinh chưa phát phiếu
to-do-slips-text = Chọn lớp rồi in phiếu, tám phiếu một tờ A4
to-do-never = học sinh chưa đăng nhập lần nào
to-do-never-text = Xem đó là những em nào, lớp nào
