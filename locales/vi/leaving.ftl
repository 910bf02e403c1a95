# Rời hệ thống: dữ liệu của một người, xóa một em, chuyển trường.
leaving-data = Tải dữ liệu (.xlsx)
leaving-release = Chuyển trường
leaving-erase = Xóa dữ liệu

data-what = Nội dung
data-value = Giá trị
data-school = Trường
data-login = Tên đăng nhập
data-role = Vai trò
data-status = Trạng thái
data-grants = Quyền
data-since = Từ lúc
data-slip = In phiếu tài khoản
data-first-sign-in = Đăng nhập lần đầu
data-last-sign-in = Đăng nhập gần nhất
data-year = Năm học
data-class = { word-class-cap }
data-ended = Rời { word-class } ngày
data-device = Thiết bị
data-address = Địa chỉ mạng
data-seen = Sử dụng gần nhất
data-when = Thời điểm
data-by = Người thực hiện
data-by-self = Chính chủ tài khoản
data-by-school = Nhà trường
data-sheet-profile = Hồ sơ
data-sheet-classes = { word-class-cap }
data-sheet-devices = Thiết bị
data-sheet-record = Nhật ký

erasure-title = Xóa dữ liệu của { word-young }
erasure-lead = Thao tác này không hoàn tác được. Nếu { $kind ->
    [higher] sinh viên cần giữ, hãy tải dữ liệu
   *[other] gia đình cần giữ, hãy tải dữ liệu của em
} trước.
erasure-goes = Sẽ bị xóa hẳn
erasure-goes-profile = Hồ sơ, người thân, { word-class } qua các năm
erasure-goes-account = Tài khoản đăng nhập, nếu { word-young } không dùng ở trường khác
erasure-goes-plans = Các dòng nói về { word-young } trong những lần nhập bảng tính, cùng tệp đã tải lên; lần nhập đang chờ xem lại có tên { word-young } sẽ bị hủy
erasure-stays = Được giữ lại
erasure-stays-text = Nhật ký của trường chỉ giữ mã số, không giữ tên và lý do.
erasure-name = { $kind ->
    [higher] Sinh viên
   *[other] Em
} vẫn đang ở trường. Để chắc chắn, hãy gõ lại họ tên: { $name }
erasure-name-hint = Không cần gõ dấu.
erasure-button = Xóa hẳn
fault-erasure-name = Họ tên chưa đúng. Hãy gõ lại đúng họ tên của { word-young }.
fault-erasure-busy = Đang có một lần nhập bảng tính chưa xong có tên { word-young }. Hãy thử lại sau ít phút.
done-erased = Đã xóa dữ liệu của { word-young }.

release-title = Cho { word-young } chuyển trường
release-lead = In một mã để { $kind ->
    [higher] sinh viên
   *[other] gia đình
} mang đến trường mới. Khi trường mới nhập mã này, tài khoản của { word-young } được chuyển sang đó.
release-carries = Trường mới chỉ nhận được họ tên, ngày sinh, giới tính; { word-young } giữ nguyên tên đăng nhập và mật khẩu.
release-keeps = Nhà trường giữ lại hồ sơ của { word-young }, ghi là đã rời trường từ lúc trường mới tiếp nhận. Trước đó không có gì thay đổi.
release-until = Mã dùng được một lần, trong 30 ngày.
release-open = Đã in một mã, còn hạn đến ngày { $date }. Nếu in lại, mã cũ mất hiệu lực.
release-withdraw = Thu hồi mã
release-button = Tạo mã và in
release-again = Tạo mã mới
release-not-by-code = Chỉ { word-pupil } đăng nhập bằng tên trên phiếu mới chuyển bằng mã. Người có email riêng được trường mới mời qua email.
release-not-ours = Tài khoản này không còn là của riêng trường này, nên không chuyển bằng mã được.
release-paper-title = Mã chuyển trường
release-print = In
release-once = Mã chỉ hiện một lần. Hãy in ngay; nếu lỡ, bạn có thể tạo mã mới.
release-paper-how = Ở trường mới, người quản lý tài khoản mở Danh sách tài khoản, chọn Thêm mới, rồi “{ transfer-title }”, và nhập mã này. Mã dùng một lần, đến hết ngày { $date }.
done-release-withdrawn = Đã thu hồi mã chuyển trường.

transfer-title = Tiếp nhận { word-pupil } chuyển đến
transfer-lead = Nhập mã chuyển trường mà trường cũ đã in. { $kind ->
    [higher] Sinh viên
   *[other] Em
} tiếp tục dùng tên đăng nhập và mật khẩu đang có.
transfer-code = Mã chuyển trường
transfer-code-hint = 16 chữ và số, chia bốn nhóm
transfer-class = { word-class-cap }
transfer-no-class = Chưa xếp { word-class }
transfer-button = Thêm vào trường
fault-release-missing = Hãy nhập mã chuyển trường.
fault-release-not-good = Mã này không dùng được: sai, đã dùng, hết hạn hoặc đã bị thu hồi. Hãy kiểm tra lại, hoặc đề nghị trường cũ in mã mới.
fault-release-own = Mã này do chính trường này in. Mã dành cho trường mới của { word-young }.
done-taken-in = Đã tiếp nhận. Hãy bổ sung hồ sơ cho đầy đủ.

audit-data-exported = Tải dữ liệu của một người
audit-pupil-erased = Xóa dữ liệu của một { word-pupil }
audit-release-made = Tạo mã chuyển trường
audit-release-withdrawn = Thu hồi mã chuyển trường
audit-pupil-taken-in = Tiếp nhận { word-pupil } chuyển đến
audit-pupil-let-go = { word-pupil-cap } đã chuyển sang trường khác
