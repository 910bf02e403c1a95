# Đăng nhập bằng tài khoản Google hoặc Microsoft đã liên kết.
sign-in-with = Đăng nhập bằng { $provider }
sign-in-with-hint = Dành cho người đã liên kết tài khoản công việc của mình sau khi đăng nhập bằng mật khẩu.
provider-refused-unreachable = Dịch vụ đó hiện không phản hồi. Hãy đăng nhập bằng mật khẩu, hoặc thử lại sau ít phút.
provider-refused-cancelled = Bạn đã dừng đăng nhập ở dịch vụ đó. Chưa có gì thay đổi.
provider-refused-expired = Lần đăng nhập này đã quá thời hạn hoặc được bắt đầu ở trình duyệt khác. Hãy làm lại từ đầu.
provider-refused-not-proven = Chưa xác minh được phản hồi của dịch vụ đó. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.
provider-refused-too-many-tries = Đã thử quá nhiều lần từ mạng này. Hãy đăng nhập bằng mật khẩu, hoặc đợi vài phút.
provider-refused-not-linked = Tài khoản đó chưa liên kết với tài khoản nào ở đây. Hãy đăng nhập bằng mật khẩu, rồi liên kết ở trang Tài khoản của tôi.
provider-refused-not-allowed = Nhà trường chưa cho phép bạn đăng nhập theo cách này. Hãy đăng nhập bằng mật khẩu.
provider-refused-address-unverified = Dịch vụ đó không xác nhận địa chỉ email là của bạn, nên chưa liên kết được. Hãy báo người phụ trách kỹ thuật.
provider-refused-other-address = Hai tài khoản có địa chỉ email khác nhau, nên không liên kết được. Hãy chọn tài khoản có cùng email với tài khoản ở đây.
provider-refused-taken = Một trong hai tài khoản đã liên kết với tài khoản khác. Hãy hủy liên kết đó trước.

sign-in-providers-title = Đăng nhập bằng tài khoản khác
sign-in-providers-line = Liên kết tài khoản công việc ở Google hoặc Microsoft có cùng email để đăng nhập bằng tài khoản đó thay cho mật khẩu.
providers-not-allowed = Để liên kết được, mọi trường của bạn phải cho phép giáo viên, nhân viên đăng nhập theo cách này. Chủ sở hữu của trường bật mục này trong Cấu hình nâng cao.
sign-in-providers-none = Chưa có dịch vụ nào
sign-in-providers-none-text = Máy chủ này chưa kết nối với Google hay Microsoft. Hãy đăng nhập bằng mật khẩu.
providers-service = Dịch vụ
providers-state = Liên kết
providers-since = Đã liên kết từ { $date }
providers-unlinked = Chưa liên kết
providers-link = Liên kết
providers-unlink = Hủy liên kết
provider-unlink-ask = Hủy liên kết? Bạn sẽ không đăng nhập bằng tài khoản đó được nữa; mật khẩu ở đây vẫn dùng như cũ.
providers-ends = Đổi mật khẩu hoặc đăng xuất khỏi mọi thiết bị sẽ hủy liên kết; sau đó bạn có thể liên kết lại.
done-provider-linked = Đã liên kết. Từ nay bạn có thể đăng nhập bằng tài khoản đó.
done-provider-unlinked = Đã hủy liên kết.
me-providers-hint = Dùng tài khoản công việc ở Google hoặc Microsoft thay cho mật khẩu
settings-sign-in-with = Cho phép giáo viên, nhân viên đăng nhập bằng tài khoản công việc ({ $providers })
settings-sign-in-with-hint = Mỗi người phải tự liên kết sau khi đăng nhập bằng mật khẩu, và email ở hai nơi phải giống nhau. { $kind ->
    [higher] Không áp dụng cho sinh viên.
   *[other] Không áp dụng cho học sinh.
}
sign-in-event-signed-in-by-provider = Đã đăng nhập bằng tài khoản liên kết
mail-sign-in-linked-subject = Tài khoản Schoolgate của bạn vừa được liên kết với { $provider }
mail-sign-in-linked-text = Từ nay có thể đăng nhập vào tài khoản này bằng tài khoản { $provider } có cùng địa chỉ email.
mail-sign-in-linked-button = Xem các liên kết
mail-sign-in-linked-closing = Nếu đó là bạn, bạn không cần làm gì. Nếu không phải bạn, hãy đổi mật khẩu ngay: liên kết sẽ bị hủy. Sau đó hãy báo cho nhà trường.
