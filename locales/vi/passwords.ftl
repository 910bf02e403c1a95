# Mật khẩu: vì sao một mật khẩu không được chấp nhận
password-too-short-staff = Mật khẩu cần có ít nhất 12 ký tự. Mẹo: ghép vài từ không liên quan với nhau, có dấu cách cũng được.
password-too-short-pupil = Mật khẩu cần có ít nhất 8 ký tự. Mẹo: ghép vài từ không liên quan với nhau, có dấu cách cũng được.
password-too-long = Mật khẩu chỉ được dài tối đa 200 ký tự.
password-common = Mật khẩu này quá phổ biến nên rất dễ bị đoán ra. Vui lòng chọn mật khẩu khác.
password-person-name = Mật khẩu không được là họ tên của bạn, kể cả khi thêm số. Vui lòng chọn mật khẩu khác.
password-school-name = Mật khẩu không được là tên trường, kể cả khi thêm số. Vui lòng chọn mật khẩu khác.
password-login = Mật khẩu không được trùng với tên đăng nhập hoặc email, kể cả khi thêm số. Vui lòng chọn mật khẩu khác.
password-temporary = Đây là mật khẩu tạm in trên phiếu. Vui lòng chọn một mật khẩu mới chỉ mình bạn biết.

# Cột Mật khẩu trong bảng tính: chỉ là cảnh báo, hệ thống tự tạo mật khẩu tạm thay thế
fault-sheet-password-too-short = Mật khẩu trong bảng tính có ít hơn 6 ký tự nên không dùng được; hệ thống sẽ tự tạo mật khẩu tạm.
fault-sheet-password-too-long = Mật khẩu trong bảng tính dài hơn 200 ký tự nên không dùng được; hệ thống sẽ tự tạo mật khẩu tạm.
fault-sheet-password-common = Mật khẩu trong bảng tính quá phổ biến hoặc là ngày tháng nên dễ bị đoán ra; hệ thống sẽ tự tạo mật khẩu tạm.
