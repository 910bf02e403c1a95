# Phiếu tài khoản.
slips-title = Phiếu tài khoản
slips-title-one = Phiếu tài khoản
slips-line = { $count } phiếu, { $sheets } tờ A4
slips-without = { $count } người không cần phiếu
slips-print = In phiếu
slips-none = Không có phiếu nào để in
slips-none-text = Chỉ người còn mật khẩu tạm chưa dùng mới có phiếu. Người đã tự đặt mật khẩu không cần phiếu.
slips-how = In trên giấy A4 khổ dọc, cắt theo nét đứt rồi phát tận tay. Ai cầm phiếu đều đăng nhập được, nên không chụp ảnh gửi lên nhóm chat của { word-class }.
slips-renewed = Đã cấp mật khẩu tạm mới lúc { $when }. Mật khẩu và phiếu trước đó không dùng được nữa.
slips-of = Phiếu của { $name }
slips-class = { word-class-cap } { $class }
slips-password = Mật khẩu tạm
slips-instruction = Vào { $address }. Mật khẩu tạm dùng một lần, đến hết ngày { $date }; lần đăng nhập đầu tiên cần đặt mật khẩu mới.
slips-qr = Mã QR mở trang đăng nhập
slips-scan = Quét để đăng nhập
slips-by-class = In riêng từng { word-class }:
slips-too-many = Có { $count } phiếu. Hãy chọn từng { word-class } để in.
slips-no-class = Chưa xếp { word-class }
slips-were-printed = Tôi đã in xong
slips-how-noscript = In bằng lệnh In của trình duyệt (Ctrl+P), rồi bấm nút ở trên để ghi vào sổ phát phiếu.
slips-noted = Đã ghi vào sổ phát phiếu: các phiếu này đã in.
slips-download = Tải bảng Excel
slips-copy = Sao chép phiếu
slips-copied = Đã sao chép
slips-sheet = Phiếu tài khoản
slips-good-until = Dùng được đến
slips-address = Địa chỉ đăng nhập
done-slips-printed = { $n ->
    [0] Không có phiếu nào để ghi.
   *[other] Đã ghi vào sổ phát phiếu: { $n } phiếu đã in.
}
done-slips-none = Trong số đó không có ai còn mật khẩu tạm chưa dùng, nên không có phiếu.
menu-ledger = Sổ phát phiếu
ledger-waiting = { $count } phiếu chưa in
ledger-empty-text = Sổ ghi từng { word-class } của năm học: phiếu nào đã in, ai đã đăng nhập.
ledger-homeroom = { $kind ->
    [higher] Cố vấn học tập
   *[other] Chủ nhiệm
}
ledger-pupils = { word-pupil-cap }
ledger-never = Chưa đăng nhập
ledger-column-waiting = Phiếu chưa in
ledger-all-printed = Đã in đủ
ledger-n-waiting = phiếu chưa in
ledger-n-never = chưa đăng nhập lần nào
ledger-print = In { $count } phiếu còn thiếu
ledger-print-school = In phiếu cả trường ({ $count }), theo { word-class }
ledger-slip = Phiếu
ledger-last = Đăng nhập gần nhất
ledger-print-again = In lại
ledger-printed = Đã in: { $when }
ledger-not-printed = Chưa in
ledger-no-slip = Không cần phiếu
bulk-slips-file = Xuất phiếu ra Excel
audit-slips-shown = Xem phiếu
audit-slips-downloaded = Tải phiếu ra Excel
slips-born = sinh { $date }
