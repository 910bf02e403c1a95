# Hộp thư của bản dùng thử.
mailbox-title = Hộp thư dùng thử
mailbox-line = Thư gửi cho bất kỳ ai trong bản dùng thử đều hiện ở đây, thư mới nhất ở trên.
mailbox-empty = Chưa có thư nào
mailbox-empty-text = Khi bạn mở một trường hoặc yêu cầu đặt lại mật khẩu, thư sẽ hiện ở đây sau vài giây. Hãy tải lại trang.
mailbox-open = Mở liên kết trong thư
mailbox-letters = Xem tất cả mẫu thư
letters-title = Mẫu thư
letters-line = { $count } mẫu thư với dữ liệu ví dụ, bằng hai ngôn ngữ
letters-as-html = Xem như trong hộp thư
