# Thư điện tử.
mail-greeting = Chào { $name },
mail-greeting-nobody = Chào bạn,
mail-signature = Schoolgate – cổng tài khoản của nhà trường. Đây là thư tự động, xin đừng trả lời.
mail-link-instead = Nếu nút không bấm được, hãy mở địa chỉ này:
mail-owner-invitation-subject = Mời bạn quản lý tài khoản của { $school }
mail-owner-invitation-text = Quản trị hệ thống mời bạn làm chủ sở hữu của { $school } trên Schoolgate. Bạn sẽ tạo lớp hoặc nhóm, nhập các danh sách của trường và phân quyền cho đồng nghiệp.
mail-owner-invitation-button = Xác nhận lời mời
mail-owner-invitation-closing = Liên kết có hiệu lực trong 7 ngày. Nếu bạn không phụ trách việc này, hãy bỏ qua thư.
mail-owner-named-subject = Bạn là chủ sở hữu của { $school }
mail-owner-named-text = Quản trị hệ thống vừa giao cho bạn quyền chủ sở hữu của { $school } trên Schoolgate. Bạn quản lý lớp hoặc nhóm, tài khoản, cài đặt và phân quyền của trường.
mail-owner-named-button = Vào trang của trường
mail-owner-named-closing = Nếu bạn không phụ trách việc này, hãy báo cho đơn vị quản lý trường.
mail-owners-changed-subject = { $school } có chủ sở hữu mới
mail-owners-changed-text = Quản trị hệ thống vừa đặt { $owner } làm chủ sở hữu của { $school } trên Schoolgate.
mail-owners-changed-replaced = { $owner } không còn là chủ sở hữu nữa.
mail-owners-changed-closing = Nếu thông tin này không đúng, hãy báo ngay cho đơn vị quản lý trường.
mail-member-invitation-subject = { $school } mời bạn vào Schoolgate
mail-member-invitation-text = { $school } đã thêm bạn vào danh sách của trường. Hãy xác nhận lời mời để sử dụng các ứng dụng của trường.
mail-password-reset-subject = Đặt lại mật khẩu Schoolgate
mail-password-reset-text = Có người (có thể là bạn) vừa yêu cầu đặt lại mật khẩu của tài khoản này.
mail-password-reset-button = Đặt mật khẩu mới
mail-password-reset-closing = Liên kết dùng được một lần, trong một giờ. Nếu bạn không yêu cầu, hãy bỏ qua thư này: mật khẩu của bạn vẫn như cũ.
mail-plan-applied-subject = { $of ->
    [students] Đã nhập { $done } { word-pupil } vào { $school }
    [teachers] Đã nhập { $done } { word-teacher } vào { $school }
    [changes] Đã áp dụng { $done } thay đổi cho { $school }
   *[people] Đã nhập { $done } người vào { $school }
}
mail-plan-applied-closing = { $of ->
    [teachers] Trang kết quả cho xem từng dòng. Người mới được mời qua email.
    [changes] Trang kết quả cho xem từng thay đổi.
   *[other] Trên trang kết quả có phiếu tài khoản để in.
}
mail-plan-applied-button = Xem kết quả

person-bounce = Thư mới nhất gửi đến người này không đến nơi ({ $when }). Máy chủ thư trả lời:
person-bounce-mend = Sửa địa chỉ email
mail-password-reset-by-subject = { $school } vừa yêu cầu cấp lại mật khẩu cho bạn
mail-password-reset-by = { $person } ({ $school }) vừa yêu cầu cấp lại mật khẩu cho bạn. Vì bạn còn dùng tài khoản này ở nơi khác, hãy tự đặt mật khẩu mới bằng nút dưới đây.
mail-password-changed-subject = Mật khẩu Schoolgate của bạn vừa được đổi
mail-password-changed-text = Mật khẩu của tài khoản này vừa được chính chủ tài khoản đổi. Các thiết bị khác đã được đăng xuất.
mail-password-changed-button = Đặt lại mật khẩu
mail-password-changed-closing = Nếu đó là bạn, bạn không cần làm gì. Nếu không phải bạn, hãy đặt lại mật khẩu ngay và báo cho nhà trường.
mail-password-renewed-subject = { $school } vừa cấp mật khẩu mới cho bạn
mail-password-renewed-text = { $person } ({ $school }) vừa cấp cho bạn một mật khẩu tạm. Mật khẩu cũ không dùng được nữa, và mọi thiết bị đã được đăng xuất.
mail-password-renewed-slip = Mật khẩu không bao giờ được gửi qua thư: hãy nhận phiếu tài khoản ở nhà trường, đăng nhập rồi đặt mật khẩu mới.
mail-password-renewed-button = Đăng nhập
mail-password-renewed-closing = Nếu bạn không yêu cầu việc này, hãy hỏi lại nhà trường.
mail-member-invitation-closing = Liên kết có hiệu lực trong 7 ngày. Nếu bạn không thuộc trường này, hãy bỏ qua thư.
mail-submission-approved-subject = Danh sách nộp của { $school } đã được duyệt
mail-submission-approved-text = Chuyên viên đã duyệt danh sách trường nộp: { $done } thay đổi đã được ghi vào cơ sở dữ liệu.
mail-submission-approved-dropped = { $count } dòng không được ghi vì dữ liệu đã thay đổi trong lúc chờ duyệt; lý do ghi ở từng dòng trên trang.
mail-submission-approved-closing = Hãy đồng bộ lớp và tài khoản để đưa thay đổi vào danh sách của trường.
mail-submission-to-correct-subject = Danh sách của { $school } cần được sửa
mail-submission-to-correct-text = Chuyên viên đã tải lên một danh sách của trường. Danh sách chưa nộp được: { $rows ->
    [0] còn việc phải làm trước, như ghi trên trang.
   *[other] còn { $rows } dòng cần sửa hoặc cần quyết định.
}
mail-submission-to-correct-closing = Hãy sửa các dòng trên trang rồi nộp. Chừng nào chưa nộp, chuyên viên chưa duyệt được.
mail-submission-returned-subject = Danh sách nộp của { $school } bị trả lại
mail-submission-returned-text = Chuyên viên đã trả lại danh sách trường nộp.
mail-submission-returned-remark = Lý do: { $remark }
mail-submission-returned-closing = Hãy sửa các dòng trên trang rồi nộp lại, hoặc tải tệp khác lên.
mail-submission-button = Xem danh sách

mail-companies-due-subject = { $count } doanh nghiệp sắp đến hạn trả lời
mail-companies-due-text = { $count } doanh nghiệp đã chờ hơn một ngày. Schoolgate hứa trả lời trong vòng 48 giờ.
mail-companies-due-button = Xem danh sách chờ duyệt
mail-companies-due-closing = Mỗi đăng ký chỉ được nhắc một lần.
