# Xác thực hai bước, và hỏi lại mật khẩu trước việc quan trọng.
code-title = Nhập mã xác thực
code-lead = Mật khẩu đã đúng. Hãy mở ứng dụng xác thực trên điện thoại và nhập mã 6 chữ số.
code-label = Mã xác thực
code-hint = Nếu mất điện thoại, hãy nhập một mã dự phòng đã in.
code-button = Tiếp tục
code-back = Đăng nhập lại từ đầu
fault-code-missing = Hãy nhập mã.
fault-code-wrong = Mã không đúng hoặc đã được dùng. Hãy đợi mã mới rồi nhập lại.

fresh-title = Nhập lại mật khẩu
fresh-lead = Để bảo mật, vui lòng nhập lại mật khẩu. Thay đổi vừa gửi sẽ được lưu.
fresh-password = Mật khẩu của bạn
fresh-button = Tiếp tục
fresh-back = Hủy, về trang chủ

second-factor-title = Xác thực hai bước
second-factor-lead = Ngoài mật khẩu, mỗi lần đăng nhập cần thêm một mã trên điện thoại của bạn. Người khác dù biết mật khẩu cũng không đăng nhập được.
second-factor-needed = Người có quyền như bạn phải bật xác thực hai bước trước khi làm việc tiếp.
second-factor-begin = Bật xác thực hai bước
second-factor-app = Cài một ứng dụng xác thực trên điện thoại, ví dụ Google Authenticator, Microsoft Authenticator hoặc Aegis.
second-factor-scan = Dùng ứng dụng đó quét mã này.
second-factor-qr = Mã QR cho ứng dụng xác thực
second-factor-or-type = Nếu không quét được, hãy nhập khóa:
second-factor-then = Nhập mã 6 chữ số mà ứng dụng hiện ra.
second-factor-confirm = Xác nhận và bật
second-factor-on = Đã bật từ ngày { $date }.
second-factor-codes-left = Còn { $count } mã dự phòng chưa dùng.
second-factor-password-hint = Cần để in mã dự phòng mới hoặc để tắt.
second-factor-renew = Tạo mã dự phòng mới
second-factor-off = Tắt xác thực hai bước
second-factor-off-ask = Tắt xác thực hai bước? Từ lần sau chỉ cần mật khẩu để đăng nhập.
second-factor-back = Về tài khoản của tôi
done-second-factor-off = Đã tắt xác thực hai bước.

recovery-codes-title = Mã dự phòng của bạn
recovery-codes-lead = Hãy in hoặc chép lại rồi cất nơi an toàn: các mã này chỉ hiện một lần. Khi mất điện thoại, mỗi mã cho bạn đăng nhập một lần.
recovery-codes-print = In
recovery-codes-copy = Sao chép
recovery-codes-kept = Tôi đã cất các mã

settings-second-factor = Bắt buộc xác thực hai bước với chủ sở hữu và người quản lý tài khoản
settings-second-factor-hint = Người chưa bật sẽ được hướng dẫn bật ở lần mở trang tiếp theo, trước khi làm việc khác. Kể cả bạn.
settings-second-factor-staff = Bắt buộc xác thực hai bước với toàn bộ cán bộ, { word-teacher }
settings-second-factor-staff-hint = Gồm cả { word-teacher }, chủ sở hữu và người quản lý tài khoản.
settings-staff-idle-hours = Tự động đăng xuất cán bộ, { word-teacher } khi thiết bị không được dùng quá
settings-staff-idle-hours-hint = Áp dụng cho người quản lý và { word-teacher }. Ai thuộc nhiều trường thì tính theo thời gian ngắn nhất.
settings-staff-idle-hours-many = { $n } giờ
settings-staff-idle-days = { $n } ngày
fault-staff-idle-hours = Hãy chọn 12 giờ, hoặc từ 1 đến 14 ngày.
person-second-factor-remove = Gỡ xác thực hai bước
person-second-factor-remove-ask = Gỡ xác thực hai bước của người này và đăng xuất khỏi mọi thiết bị? Chỉ làm khi chắc chắn đúng người và họ đã mất điện thoại.
done-second-factor-removed = Đã gỡ xác thực hai bước. Người này đăng nhập lại bằng mật khẩu.
audit-second-factor-removed = Gỡ xác thực hai bước
