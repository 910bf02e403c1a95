# Đăng nhập, mật khẩu.
sign-in-title = Đăng nhập
sign-in-lead = { $kind ->
    [higher] Giảng viên và sinh viên dùng email. Ai có phiếu thì dùng tên đăng nhập trên phiếu.
   *[other] Thầy cô và sinh viên dùng email. Học sinh dùng tên đăng nhập trên phiếu, ví dụ khaintm@79000701.
}
sign-in-school-lead = { $kind ->
    [higher] Giảng viên và sinh viên dùng email. Ai có phiếu thì dùng tên đăng nhập trên phiếu.
   *[other] Học sinh dùng tên đăng nhập trên phiếu, thầy cô dùng email.
}
sign-in-login = Tên đăng nhập hoặc email
sign-in-password = Mật khẩu
sign-in-button = Đăng nhập
sign-in-forgot = Quên mật khẩu?
sign-in-other-school = Trường khác
fault-login-missing = Hãy nhập tên đăng nhập hoặc email.
fault-email-missing = Hãy nhập email của bạn.
fault-password-missing = Hãy nhập mật khẩu.
fault-sign-in-wrong = Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra lại từng ký tự rồi thử lại.
fault-sign-in-marks = Tên đăng nhập không có dấu tiếng Việt. Có phải bạn muốn gõ “{ $value }”? Hãy tắt bộ gõ tiếng Việt rồi thử lại.
fault-sign-in-bare = Thiếu phần sau dấu @. Ở trang này hãy gõ cả tên đăng nhập như trên phiếu, ví dụ “{ $value }@mã-trường”, hoặc email.
fault-sign-in-too-many = Đã nhập sai quá nhiều lần. Hãy đợi { $value } phút rồi thử lại. { $kind ->
    [higher] Sinh viên có thể nhờ nhà trường mở giúp ngay.
   *[other] Học sinh có thể nhờ thầy cô mở giúp ngay.
}
done-signed-out = Bạn đã đăng xuất.

forgot-title = Quên mật khẩu
forgot-lead = Nhập email bạn dùng để đăng nhập. Chúng tôi sẽ gửi một liên kết để bạn đặt mật khẩu mới.
forgot-email = Email
forgot-button = Gửi liên kết
forgot-pupils = { $kind ->
    [higher] Nếu đăng nhập bằng tên trên phiếu, hãy nhờ nhà trường cấp mật khẩu mới.
   *[other] Học sinh đăng nhập bằng tên trên phiếu: hãy nhờ nhà trường (văn phòng hoặc thầy cô chủ nhiệm) cấp mật khẩu mới.
}
forgot-pupils-homeroom = { $kind ->
    [higher] Đăng nhập bằng tên trên phiếu? Hãy nhờ văn phòng { $school } cấp mật khẩu mới.
   *[other] Học sinh { $school }: hãy nhờ thầy cô chủ nhiệm hoặc văn phòng nhà trường cấp mật khẩu mới.
}
forgot-pupils-office = { $kind ->
    [higher] Đăng nhập bằng tên trên phiếu? Hãy nhờ văn phòng { $school } cấp mật khẩu mới.
   *[other] Học sinh { $school }: hãy nhờ văn phòng nhà trường cấp mật khẩu mới.
}
fault-no-mailbox = Tên đăng nhập này không có hộp thư, nên không gửi được liên kết. Dưới đây là người có thể giúp bạn.
forgot-back = Về trang đăng nhập
forgot-sent-title = Hãy kiểm tra hộp thư
forgot-sent-text = Nếu email này có tài khoản, thư sẽ đến trong vài phút. Liên kết trong thư có hiệu lực một giờ. Nếu không thấy thư, hãy kiểm tra cả mục thư rác.

password-change-title = Đổi mật khẩu
password-first-title = Đặt mật khẩu mới
password-first-lead-staff = Từ lần sau, bạn đăng nhập bằng mật khẩu này. Mật khẩu cần ít nhất 12 ký tự; một câu ngắn là dễ nhớ nhất.
password-first-lead-pupil = { $kind ->
    [higher] Từ lần sau, bạn đăng nhập bằng mật khẩu này. Mật khẩu cần ít nhất 8 ký tự; ghép vài từ lại là dễ nhớ nhất.
   *[other] Từ lần sau, em đăng nhập bằng mật khẩu này. Mật khẩu cần ít nhất 8 ký tự; ghép vài từ lại là dễ nhớ nhất.
}
password-of-login = Tên đăng nhập: { $login }
password-current = Mật khẩu hiện tại
password-new = Mật khẩu mới
password-again = Nhập lại mật khẩu mới
password-save = Lưu mật khẩu
password-keep = Giữ mật khẩu cũ, về trang chủ
password-reset-title = Đặt mật khẩu mới
password-link-dead-title = Liên kết này không dùng được nữa
password-link-dead-text = Liên kết đã được dùng, đã hết hạn hoặc đã có liên kết mới hơn. Nếu đã đặt mật khẩu, bạn chỉ cần đăng nhập; nếu chưa, hãy yêu cầu liên kết mới.
password-link-ask = Yêu cầu liên kết mới
fault-password-not-repeated = Hai lần nhập không giống nhau. Hãy nhập lại cả hai ô.
fault-password-current-wrong = Mật khẩu hiện tại không đúng.
fault-password-outdated = Mật khẩu vừa được đổi ở nơi khác. Hãy đăng nhập lại.
done-password-changed = Đã lưu mật khẩu mới.
done-password-changed-everywhere = Đã lưu mật khẩu mới. Các thiết bị khác đã được đăng xuất.

invitation-title = { $school } mời bạn
invitation-operator-title = Chào mừng bạn đến với Schoolgate
invitation-lead = Hãy đặt mật khẩu để bắt đầu. Mật khẩu cần ít nhất 12 ký tự; một câu ngắn là dễ nhớ nhất.
invitation-accept-lead = Bạn đang đăng nhập bằng { $login }. Bấm nút dưới đây để vào trường.
invitation-accept = Xác nhận lời mời
invitation-sign-in-lead = Bạn đã có tài khoản { $login }. Hãy đăng nhập để xác nhận lời mời.
invitation-wait = Trường đang tạm ngừng nên lúc này chưa nhận lời mời được. Hãy mở lại liên kết này sau; nếu liên kết đã hết hạn, hãy nhờ nhà trường gửi lại thư mời.
invitation-other-account = Bạn đang đăng nhập bằng tài khoản khác. Lời mời này dành cho { $login }: hãy đăng xuất rồi mở lại liên kết.
done-invitation-accepted = Đã xác nhận lời mời. Chào mừng bạn!
fault-sign-in-elsewhere = { $kind ->
    [higher] Tài khoản của bạn đang mở trên một thiết bị khác, mà mỗi người chỉ dùng một thiết bị. Hãy đăng xuất ở thiết bị đó, hoặc nhờ nhà trường đăng xuất giúp. Nếu không còn ai dùng thiết bị đó, sau { $value } phút bạn sẽ đăng nhập được.
   *[other] Tài khoản của em đang mở trên một máy khác, mà mỗi bạn chỉ dùng một máy. Em hãy đăng xuất ở máy đó, hoặc nhờ thầy cô đăng xuất giúp. Nếu không ai dùng máy đó nữa, sau { $value } phút em sẽ đăng nhập được.
}

audit-sign-ins = Đăng nhập
audit-sign-ins-line = Những lần nhập sai, bị khóa tạm và bị từ chối trong 30 ngày qua. Với người dùng tài khoản ở cả nơi khác, chỉ hiện những lần trường này đã từ chối.
me-sign-ins = Hoạt động gần đây
sign-in-event-signed-in = Đã đăng nhập
sign-in-event-wrong-password = Sai mật khẩu
sign-in-event-password-locked = Bị khóa tạm vì sai mật khẩu quá nhiều lần
sign-in-event-wrong-code = Sai mã xác thực
sign-in-event-code-locked = Bị khóa tạm vì sai mã xác thực quá nhiều lần
sign-in-event-wrong-release = Sai mã chuyển trường
sign-in-event-release-locked = Bị khóa tạm vì sai mã chuyển trường quá nhiều lần
sign-in-event-refused = Bị từ chối vì không có quyền
sign-in-event-times = { $n } lần trong giờ đó
password-first-title-pupil = { $kind ->
    [higher] Đặt mật khẩu mới
   *[other] Em hãy đặt mật khẩu mới
}
