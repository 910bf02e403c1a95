# Trong trường: menu, tài khoản, lớp, năm học.
shell-school-code = Mã trường { $code }
shell-operator = Chuyên viên
shell-crumbs = Đường dẫn
menu-home = Trang chủ
menu-group-accounts = Quản lý tài khoản
menu-accounts = Danh sách tài khoản
menu-import = Nhập từ bảng tính
menu-group-teaching = Quản lý đào tạo
menu-classes = Quản lý lớp học
menu-schools = Trường

role-student = Học sinh
role-teacher = Giáo viên
role-manager = Quản lý
roles-student = Học sinh
roles-teacher = Giáo viên
roles-manager = Quản lý
grant-owner = Chủ sở hữu
grant-account-manager = Quản lý tài khoản
grant-timetable = Thời khóa biểu
grant-exams = Kỳ thi
grant-reports = Quản lý báo cáo
gender-male = Nam
gender-female = Nữ
gender-other = Khác
field-school-year = Năm học
field-grade = Khối

accounts-title = Danh sách tài khoản
accounts-total = { $count } người
accounts-never = { $count } học sinh chưa đăng nhập lần nào
accounts-export = Xuất Excel
accounts-role = Vai trò
accounts-class = Lớp
accounts-all-classes = Mọi lớp
accounts-status = Trạng thái
accounts-all-statuses = Mọi trạng thái
accounts-filter = Lọc
accounts-clear = Bỏ lọc
accounts-print-class = In phiếu lớp { $class }
accounts-none-found = Không tìm thấy ai
accounts-none-found-text = Thử ít chữ hơn, không cần gõ dấu, hoặc bỏ bớt điều kiện lọc.
accounts-empty-student = Chưa có học sinh
accounts-empty-teacher = Chưa có giáo viên
accounts-empty-manager = Chưa có quản lý
accounts-empty-text = Cách nhanh nhất là nhập từ bảng tính mà trường đang có.
accounts-signing-in = Đăng nhập
accounts-pages = Trang
accounts-year = Năm học { $year }
accounts-first-page = Về trang đầu
accounts-next = Tiếp
accounts-actions = Hành động
narrowing-never = Chưa đăng nhập lần nào
narrowing-slips = Chưa phát phiếu
narrowing-invited = Đã mời, chưa nhận lời
narrowing-suspended = Tạm khóa
narrowing-left = Đã rời trường

state-suspended = Tạm khóa
state-left = Đã rời trường
state-invited = Đã mời, chưa nhận lời
state-pending = Chờ duyệt
state-temporary-expired = Mật khẩu tạm hết hạn
state-slip-waiting = Chưa phát phiếu
state-never = Chưa đăng nhập lần nào
state-on-devices = Đang dùng { $devices } thiết bị

person-profile = Hồ sơ
person-login = Tên để đăng nhập
person-now = Hiện tại
person-slip-printed = In phiếu
person-print-slip = In phiếu tài khoản

classes-title = Quản lý lớp học
classes-line = { $count } lớp
classes-add = Thêm mới lớp
classes-empty = Năm học này chưa có lớp
classes-empty-text = Có thể thêm nhiều lớp một lần, ví dụ 10A1-10A12. Nếu nhập học sinh từ bảng tính, lớp còn thiếu sẽ được tạo luôn.
classes-pupils = học sinh
classes-names = Tên lớp
classes-names-hint = Một lớp (10A1), nhiều lớp (10A1, 10A2) hoặc cả dãy (10A1-10A12)
classes-grade-hint = Để trống thì lấy theo tên lớp. Mầm non: ghi Nhà trẻ, Mẫu giáo bé…
classes-create = Tạo lớp
fault-class-taken = Năm học này đã có lớp { $value }. Hãy chọn tên khác.
done-classes-created = { $n ->
    [0] Không có lớp mới.
   *[other] Đã tạo { $n } lớp.
}
years-title = Năm học
years-from = Từ ngày
years-to = Đến ngày
years-add-label = Thêm năm học
years-add-hint = Hai năm liền nhau, ví dụ 2027-2028
years-add = Thêm năm học
fault-school-year = Năm học gồm hai năm liền nhau, ví dụ 2027-2028.
done-year-added = Đã thêm năm học.
