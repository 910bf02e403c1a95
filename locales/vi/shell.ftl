# Khung trang, thông báo chung, thời gian, lỗi.
shell-skip = Đến nội dung chính
shell-ask-no = Hủy
shell-ask-yes = Đồng ý
shell-menu = Menu
shell-menu-main = Menu chính
shell-find = Tìm người
shell-find-hint = Tìm tên, tên đăng nhập, mã định danh…
shell-me = Tài khoản của bạn:
shell-change-password = Đổi mật khẩu
shell-sign-out = Đăng xuất
shell-other-language = EN
shell-other-language-name = English
shell-dark = Giao diện tối
shell-light = Giao diện sáng

form-faults = Chưa lưu được. Hãy sửa những chỗ sau:
form-fault-title = Lỗi:
form-show-password = Hiện mật khẩu
form-hide-password = Ẩn mật khẩu

time-today = Hôm nay, { $time }
time-yesterday = Hôm qua, { $time }
time-days-ago = { $days } ngày trước

error-home = Về trang chủ
error-request = Mã yêu cầu khi cần hỗ trợ:
error-not-found-title = Không tìm thấy trang này
error-not-found-text = Có thể địa chỉ bị gõ sai, hoặc trang không còn nữa. Không có dữ liệu nào bị mất.
error-forbidden-title = Bạn không có quyền vào trang này
error-forbidden-text = Nếu việc này thuộc phần bạn phụ trách, hãy nhờ chủ sở hữu của trường cấp quyền cho bạn.
error-school-suspended-title = Trường của bạn đang tạm ngừng
error-school-suspended-text = Chưa ai của trường vào được, và không có dữ liệu nào bị mất. Nếu cần biết thêm, hãy hỏi đơn vị quản lý trường.
error-foreign-origin-title = Yêu cầu này không đến từ trang của chúng tôi
error-foreign-origin-text = Chưa có gì thay đổi. Hãy mở lại trang, làm lại từ đầu, và dùng trình duyệt phiên bản mới.
error-method-title = Trang này không nhận yêu cầu kiểu đó
error-method-text = Hãy quay lại trang trước và bấm nút trên trang.
error-too-large-title = Tệp quá lớn
error-too-large-text = Tệp được tối đa 20 MB. Hãy xóa hình ảnh và các trang tính không dùng, hoặc chia thành nhiều tệp.
error-too-many-tries-title = Đã thử quá nhiều lần
error-too-many-tries-text = Hãy đợi { $minutes } phút rồi thử lại.
error-overloaded-title = Đang có quá nhiều người cùng lúc
error-overloaded-text = Hãy đợi một phút rồi thử lại. Chưa có gì bị mất.
error-malformed-title = Yêu cầu này không đọc được
error-malformed-text = Hãy quay lại trang trước, tải lại trang và thử lần nữa.
error-internal-title = Có lỗi ở phía chúng tôi
error-internal-text = Việc bạn vừa làm có thể chưa được lưu. Hãy thử lại sau ít phút; nếu vẫn lỗi, hãy báo cho người hỗ trợ mã dưới đây.
