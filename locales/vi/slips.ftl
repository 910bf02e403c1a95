# Phiếu tài khoản.
slips-title = Phiếu tài khoản
slips-line = { $count } phiếu, { $sheets } tờ A4
slips-without = { $count } người không cần phiếu
slips-print = In phiếu
slips-none = Không có phiếu nào để in
slips-none-text = Chỉ người còn mật khẩu tạm chưa dùng mới có phiếu. Ai đã tự chọn mật khẩu thì không cần phiếu.
slips-how = In trên giấy A4 khổ dọc, cắt theo nét đứt rồi phát tận tay. Ai cầm phiếu đều đăng nhập được, nên đừng chụp ảnh gửi lên nhóm lớp.
slips-of = Phiếu của { $name }
slips-class = Lớp { $class }
slips-password = Mật khẩu tạm
slips-instruction = Vào { $address }. Mật khẩu tạm dùng một lần, đến hết ngày { $date }; đăng nhập lần đầu sẽ chọn mật khẩu mới.
slips-qr = Mã QR mở trang đăng nhập
slips-scan = Quét để đăng nhập
slips-by-class = In riêng từng lớp:
slips-too-many = Có { $count } phiếu. Hãy chọn từng lớp để in.
slips-no-class = Chưa có lớp
