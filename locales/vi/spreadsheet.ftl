## Vì sao không đọc được tệp: tệp là gì và phải làm gì

refusal-empty = Tệp này trống. Hãy kiểm tra lại tệp rồi chọn lại.
refusal-too-large = Tệp này lớn hơn 20 MB. Hãy xóa hình ảnh và các trang tính không cần, hoặc chia thành nhiều tệp nhỏ hơn.
refusal-inflates = Tệp này nén quá nhiều dữ liệu nên không được mở. Hãy chép riêng danh sách sang một bảng tính mới rồi lưu lại.
refusal-protected = Tệp này được bảo vệ bằng mật khẩu. Hãy mở tệp bằng Excel, bỏ mật khẩu (Tệp → Thông tin → Bảo vệ sổ làm việc → Mã hóa bằng mật khẩu → xóa trống), lưu lại rồi tải lên.
refusal-broken = Tệp này bị hỏng, không mở được. Hãy mở lại bằng Excel hoặc LibreOffice, lưu thành tệp .xlsx mới rồi tải lên.
refusal-picture = Tệp này là hình ảnh, không phải bảng tính. Hãy nhập danh sách vào tệp mẫu, hoặc tải lên tệp Excel gốc.
refusal-word-document = Tệp này là văn bản Word, không phải bảng tính. Hãy chép bảng trong văn bản sang Excel, lưu thành tệp .xlsx rồi tải lên.
refusal-presentation = Tệp này là bài trình chiếu, không phải bảng tính. Hãy tải lên tệp Excel có danh sách.
refusal-pdf = Tệp này là PDF, không phải bảng tính. Hãy tải lên tệp Excel gốc, hoặc chép danh sách vào tệp mẫu.
refusal-archive = Tệp này là tệp nén (.zip, .rar, …). Hãy giải nén rồi tải lên bảng tính ở bên trong.
refusal-apple-numbers = Tệp này là bảng tính của Apple Numbers. Hãy mở bằng Numbers, chọn Tệp → Xuất sang → Excel, rồi tải lên tệp .xlsx.
refusal-old-excel = Tệp này do Excel đời rất cũ (trước Excel 97) lưu. Hãy mở bằng Excel hoặc LibreOffice, lưu thành tệp .xlsx rồi tải lên.
refusal-html-without-table = Tệp này là trang web và không có bảng nào đọc được. Hãy mở bằng Excel, lưu thành tệp .xlsx rồi tải lên.
refusal-unknown = Không nhận ra loại tệp này. Hãy tải lên bảng tính Excel (.xlsx, .xls), LibreOffice (.ods) hoặc tệp .csv.
refusal-no-table = Không tìm thấy danh sách nào trong tệp. Hãy kiểm tra xem bảng có dòng tiêu đề như “Họ và tên”, “Ngày sinh”, “{ word-class-cap }” không, hoặc dùng tệp mẫu.
refusal-too-many-rows = Danh sách có hơn 100.000 người. Hãy chia thành nhiều tệp nhỏ hơn.
refusal-too-many-columns = Bảng có hơn 200 cột. Hãy xóa bớt những cột không cần.
refusal-timeout = Đọc tệp này quá lâu nên đã dừng. Hãy chép riêng danh sách sang một bảng tính mới rồi lưu lại.
refusal-memory = Đọc tệp này tốn quá nhiều bộ nhớ nên đã dừng. Hãy chép riêng danh sách sang một bảng tính mới, lưu thành tệp .xlsx rồi tải lên.
refusal-unknown-encoding = Không có bảng mã này. Hãy chọn một bảng mã trong danh sách.
refusal-no-such-sheet = Tệp không có trang tính nào tên như vậy. Hãy kiểm tra lại tên trang tính trong tệp, kể cả chữ hoa và khoảng trắng.
refusal-reader-failed = Chưa đọc được tệp do lỗi của hệ thống. Hãy thử lại sau ít phút; nếu vẫn lỗi, hãy báo cho người quản trị.

## Bảng mã của tệp văn bản: đoán và cho đổi

encoding-guessed = Tệp không ghi rõ bảng mã; hệ thống đoán là { $name }. Nếu dòng dưới đây sai dấu, hãy chọn bảng mã khác.
encoding-utf-8 = Unicode (UTF-8)
encoding-utf-16le = Unicode (UTF-16)
encoding-utf-16be = Unicode (UTF-16 BE)
encoding-windows-1258 = Windows tiếng Việt (CP 1258)
encoding-windows-1252 = Windows Tây Âu (CP 1252)
encoding-tcvn3 = TCVN3 (ABC, phông .VnTime)
encoding-vni = VNI (phông VNI-Times)

## Bảng và các cột

table-other-sheets = Tệp còn những trang tính khác cũng có danh sách và chưa được đọc: { $sheets }.
table-unknown-column = Không nhận ra cột “{ $header }”; hãy chọn thông tin tương ứng, hoặc để trống nếu không dùng.
table-without-names = Không nhận ra cột nào chứa họ tên; hãy chọn cột họ và tên.

## Những điều đã đoán: $value là giá trị đã nhập, $new là giá trị sẽ lưu

guess-gender-mark = Theo dấu ở cột Nam/Nữ, giới tính là { $new ->
    [male] { gender-male }
    [female] { gender-female }
   *[other] { $new }
}.
guess-class-from-above = { word-class-cap } { $new } lấy từ dòng phía trên.
guess-class-from-title = { word-class-cap } { $new } lấy từ tiêu đề của danh sách.
guess-class-from-sheet-name = { word-class-cap } { $new } lấy từ tên trang tính.

## Giá trị trong tệp

value-gender-male = Nam
value-gender-female = Nữ
value-gender-other = Khác
value-status-invited = Đã mời
value-status-pending = Chờ duyệt
value-status-active = Đang hoạt động
value-status-suspended = Tạm khóa
value-status-left = Đã rời trường

## Tệp mẫu

template-sheet-list = Danh sách
template-sheet-guide = Hướng dẫn
template-sheet-choices = Danh mục
template-first-name = Tên
template-last-name = Họ và tên đệm
template-choose = Chọn trong danh sách, hoặc gõ vào.
template-example-mark = Ví dụ:
template-guide-title = Cách điền danh sách
template-guide-required = Cột có dấu (*) là bắt buộc với người mới.
template-guide-required-students = Cột có dấu (*) là bắt buộc với người mới. Học sinh mới còn cần họ tên và năm sinh của mẹ hoặc của người giám hộ.
template-guide-example = Dòng “Ví dụ” chỉ để minh họa, không bao giờ được nhập; có thể xóa hoặc để nguyên.
template-guide-paste = Có thể dán danh sách có sẵn vào; thứ tự cột thế nào cũng được, miễn là giữ dòng tiêu đề.
template-guide-again = Nhập lại cùng một tệp không tạo thêm người: người đã có chỉ được cập nhật.
template-guide-column = Cột
template-guide-content = Nội dung

## Tệp các dòng lỗi

failed-sheet = Dòng lỗi
failed-column = Lỗi
refusal-discarded = Lần nhập này đã được bỏ; tệp và các dòng của lần nhập đã được xóa. Chưa nhập gì.
refusal-rights-lost = Người tải tệp này lên không còn quyền nhập danh sách. Chưa nhập gì.
refusal-expired = Lần nhập này đã quá 90 ngày nên tệp và các dòng của lần nhập đã được xóa. Hãy tải tệp lên lần nữa.
refusal-broken-text = Chữ trong tệp này đã bị mất: nhiều chữ có dấu đã thành dấu hỏi. Hãy mở lại tệp gốc, lưu thành tệp .xlsx (hoặc CSV UTF-8) rồi tải lên.
encoding-utf-8-twice = Unicode bị mã hóa hai lần
