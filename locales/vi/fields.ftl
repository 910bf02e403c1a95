## Nhãn của các trường, như trong tệp mẫu

field-full-name = Họ và tên
field-gender = Giới tính
field-class = { word-class-cap }
field-class-higher = Nhóm
field-birth-date = Ngày sinh
field-mother-name = Họ và tên mẹ
field-mother-birth-year = Năm sinh của mẹ
field-guardian-name = Họ và tên người giám hộ
field-guardian-birth-year = Năm sinh người giám hộ
field-email = Email
field-phone = Điện thoại
field-address = Địa chỉ
field-national-id = CMND/CCCD
field-moet-id = Mã định danh Bộ GD&ĐT
field-username = Tên đăng nhập
field-password = Mật khẩu
field-department = Khoa
field-status = Trạng thái

## Hướng dẫn của các cột trong tệp mẫu

template-help-full-name = Họ, tên đệm và tên, có dấu, như trong giấy khai sinh.
template-help-first-name = Chỉ ghi tên, như Mai.
template-help-last-name = Họ và tên đệm, như Nguyễn Thị.
template-help-gender = Nam, Nữ hoặc Khác.
template-help-class = Tên { word-class }, như { $kind ->
    [higher] CNTT K45
   *[other] 10A1 hoặc 6/2
}. { word-class-cap } chưa có sẽ được hỏi trước khi tạo.
template-help-grade = Khối của { word-class }, như 10; để trống thì lấy theo tên { word-class }.
template-help-birth-date = Ngày/tháng/năm, như 15/11/2011.
template-help-mother-name = Họ và tên mẹ.
template-help-mother-birth-year = Bốn chữ số, như 1985.
template-help-guardian-name = Họ và tên người giám hộ, nếu có.
template-help-guardian-birth-year = Bốn chữ số, như 1980.
template-help-email = { $kind ->
    [higher] Địa chỉ email, dùng để đăng nhập.
   *[other] Địa chỉ email. Giáo viên dùng email để đăng nhập; của học sinh là email liên hệ của gia đình.
}
template-help-phone = Số điện thoại 10 chữ số, như 0912345678.
template-help-address = Chỗ ở hiện nay.
template-help-national-id = Số CCCD 12 chữ số, hoặc CMND 9 chữ số.
template-help-moet-id = Mã định danh do Bộ GD&ĐT cấp, nếu có.
template-help-username = Để trống khi thêm người mới; hệ thống tự đặt. Tệp xuất ra có sẵn tên này để nhận đúng người.
template-help-password = Mật khẩu tạm, ít nhất 6 ký tự; để trống thì hệ thống tự tạo. Lần đầu đăng nhập phải đổi mật khẩu.
template-help-department = Khoa quản lý nhóm.

## Ví dụ của các cột trong tệp mẫu

template-example-full-name = Nguyễn Thị Mai
template-example-first-name = Mai
template-example-last-name = Nguyễn Thị
template-example-gender = Nữ
template-example-class = { word-class-example }
template-example-grade = 10
template-example-birth-date = 15/11/2011
template-example-mother-name = Trần Thị Lan
template-example-mother-birth-year = 1985
template-example-guardian-name = Nguyễn Văn Hùng
template-example-guardian-birth-year = 1980
template-example-email = mai.nguyen@example.edu.vn
template-example-phone = 0912345678
template-example-address = Phường Ba Đình, Thành phố Hà Nội
template-example-national-id = 001311000001
template-example-moet-id = 0100000001
template-example-username = { "" }
template-example-password = { "" }
template-example-department = Công nghệ thông tin

## Lỗi: nói điều gì sai và phải làm gì. $value là giá trị đã nhập

fault-missing = Chưa có thông tin; hãy điền vào.
fault-too-long = “{ $value }” quá dài; hãy rút gọn còn nhiều nhất 200 ký tự.
fault-formula-error = Công thức trong ô bị lỗi ({ $value }); hãy thay bằng giá trị.

fault-name-implausible = “{ $value }” không giống tên người; hãy ghi họ và tên bằng chữ, không có chữ số hay ký hiệu.
fault-name-too-long = Tên “{ $value }” quá dài; hãy rút gọn còn nhiều nhất 100 ký tự.
fault-gender-unknown = Không nhận ra giới tính “{ $value }”; hãy ghi Nam, Nữ hoặc Khác.
fault-status-unknown = Không nhận ra trạng thái “{ $value }”; hãy ghi Đang học, Đang làm việc, Chuyển đi, Thôi học, …

fault-class-malformed = “{ $value }” không dùng làm tên { word-class } được; hãy ghi gọn như { $kind ->
    [higher] CNTT K45
   *[other] 10A1 hoặc 6/2
}, nhiều nhất 30 ký tự.
fault-class-is-date = Bảng tính đã đổi tên { word-class } thành ngày ({ $value }); hãy định dạng ô là Văn bản (Text) rồi gõ lại tên { word-class }.
fault-classes-empty = Chưa có tên { word-class } nào; hãy ghi một tên như { word-class-example }, hoặc nhiều tên như { word-class-range }.
fault-classes-too-many = Quá nhiều { word-class }; mỗi lần chỉ tạo được nhiều nhất 100 { word-class }.
fault-class-range-unreadable = Không đọc được dãy { word-class } “{ $value }”; hãy ghi từ số nhỏ đến số lớn, cùng một kiểu tên, như { word-class-range }.

fault-date-impossible = Không có ngày { $value }; hãy kiểm tra lại, ghi theo thứ tự ngày/tháng/năm.
fault-date-year-only = “{ $value }” chỉ là năm; hãy ghi đủ ngày/tháng/năm sinh.
fault-date-incomplete = “{ $value }” chưa đầy đủ; hãy ghi đủ ngày/tháng/năm sinh.
fault-date-out-of-range = Ngày sinh { $value } ở tương lai hoặc trước năm 1900; hãy kiểm tra lại.
fault-date-unreadable = Không đọc được ngày “{ $value }”; hãy ghi ngày/tháng/năm, như 15/11/2011.
fault-date-order-unsure = “{ $value }” có thể là ngày/tháng hoặc tháng/ngày: trong cột này có ngày viết theo cả hai cách. Hãy ghi lại theo thứ tự ngày/tháng/năm.
fault-date-maybe-turned = Ngày sinh { $value } có thể đã bị bảng tính đảo ngày với tháng: trong cột này, mọi ô kiểu ngày đều có ngày từ 1 đến 12, các ngày khác lại là chữ. Hãy đối chiếu với giấy tờ.
fault-columns-differ = Hai cột trong tệp ghi khác nhau về người này: { $value }. Hãy ghi lại giá trị đúng, hoặc chọn cột nào chứa thông tin này.
fault-second-column-left = Cột thứ hai trong tệp ghi “{ $value }”; hệ thống lấy giá trị ở cột thứ nhất. Hãy kiểm tra xem cột nào đúng.
fault-year-unreadable = Không đọc được năm sinh “{ $value }”; hãy ghi đủ bốn chữ số, như 1980.
fault-year-out-of-range = Năm sinh { $value } ở tương lai hoặc trước 1900; hãy kiểm tra lại.

fault-email-malformed = “{ $value }” không phải một địa chỉ email hợp lệ; hãy ghi một địa chỉ, không dấu, không khoảng trắng, như ten@truong.edu.vn.
fault-phone-unreadable = “{ $value }” không phải số điện thoại; hãy chỉ ghi chữ số, như 0912345678.
fault-phone-several = “{ $value }” có nhiều số; hãy chỉ để lại một số điện thoại.
fault-phone-length = Số điện thoại { $value } thừa hoặc thiếu chữ số; số di động có 10 chữ số, hãy kiểm tra lại.
fault-phone-prefix = Không có đầu số như của { $value } ở Việt Nam; hãy ghi số bắt đầu bằng 03, 05, 07, 08, 09 hoặc 02.
fault-digits-lost = Bảng tính đã làm mất các chữ số cuối ({ $value }); hãy định dạng cột là Văn bản (Text) rồi nhập lại số từ giấy tờ gốc.
fault-national-id-malformed = “{ $value }” không phải số CMND/CCCD; CCCD có 12 chữ số, CMND có 9 chữ số, hãy kiểm tra lại.
fault-moet-id-malformed = “{ $value }” không phải mã định danh; hãy chỉ ghi chữ cái không dấu và chữ số, nhiều nhất 20 ký tự.

fault-username-malformed = “{ $value }” không dùng làm tên đăng nhập được; hãy dùng từ 2 đến 40 chữ thường không dấu, chữ số, dấu chấm, gạch dưới hoặc gạch nối.
fault-password-short = Mật khẩu quá ngắn; hãy đặt ít nhất 6 ký tự, hoặc để trống để hệ thống tự tạo.

fault-mother-or-guardian-missing = Chưa đủ thông tin; hãy điền họ tên và năm sinh của mẹ, hoặc của người giám hộ.
fault-mother-year-missing = Có họ tên mẹ nhưng chưa có năm sinh; hãy điền năm sinh của mẹ.
fault-mother-name-missing = Có năm sinh của mẹ nhưng chưa có họ tên; hãy điền họ và tên mẹ.
fault-guardian-year-missing = Có họ tên người giám hộ nhưng chưa có năm sinh; hãy điền năm sinh người giám hộ.
fault-guardian-name-missing = Có năm sinh người giám hộ nhưng chưa có họ tên; hãy điền họ và tên người giám hộ.

## Cảnh báo: các giá trị không khớp nhau

fault-national-id-gender-mismatch = Số CCCD { $value } không khớp với giới tính; hãy đối chiếu với giấy tờ.
fault-national-id-birth-year-mismatch = Số CCCD { $value } không khớp với năm sinh; hãy đối chiếu với giấy tờ.
fault-age-grade-mismatch = Ngày sinh { $value } không đúng độ tuổi của khối { word-class }; hãy kiểm tra ngày sinh và { word-class }.
fault-age-too-young = Theo ngày sinh { $value } thì chưa đủ 18 tuổi; hãy kiểm tra ngày sinh.
fault-mother-too-young = Năm sinh của mẹ ({ $value }) quá gần năm sinh của { word-pupil }; hãy kiểm tra lại.

## Điều đã đoán: $value là giá trị đã nhập, $new là giá trị sẽ lưu

guess-name-case = “{ $value }” được viết lại chữ hoa, chữ thường: { $new }.
guess-gender-code = “{ $value }” được hiểu là { $new ->
    [male] { gender-male }
    [female] { gender-female }
   *[other] { $new }
} (1 là nam, 0 là nữ).
guess-gender-tick = Dấu “{ $value }” được hiểu là { $new ->
    [male] { gender-male }
    [female] { gender-female }
   *[other] { $new }
}.
guess-date-two-digit-year = “{ $value }” chỉ có hai chữ số của năm, được hiểu là { $new }.
guess-date-month-first = Cột này ghi tháng trước ngày; “{ $value }” được hiểu là { $new }.
guess-date-serial = “{ $value }” là số thứ tự ngày của Excel, được hiểu là { $new }.
guess-date-compact = “{ $value }” không có dấu ngăn cách, được hiểu là { $new }.
guess-year-of-date = Từ “{ $value }” chỉ lấy năm { $new }.
guess-phone-zero-restored = “{ $value }” bị mất số 0 ở đầu, được bổ sung thành { $new }.
guess-phone-renumbered = “{ $value }” là số 11 chữ số cũ, được đổi sang đầu số mới: { $new }.
guess-national-id-zero-restored = “{ $value }” bị mất số 0 ở đầu, được bổ sung thành { $new }.
fault-text-broken = “{ $value }” bị mất chữ: có dấu hỏi ở chỗ chữ có dấu. Hãy mở lại tệp gốc, lưu thành .xlsx hoặc CSV UTF-8 rồi tải lên, hoặc gõ lại.
fault-class-number-unsure = ô này là số { $value }, có thể là { word-class } 10.1 hoặc { word-class } 10.10 đã mất số 0 ở cuối. Hãy định dạng cột là Văn bản (Text) rồi gõ lại tên { word-class }, hoặc gõ tên đúng ở đây.
guess-number-format = Ô này chứa một số và hiện là “{ $value }” theo định dạng của ô; được hiểu là { $new }.
