# Trợ giúp: tám câu hỏi, mỗi câu một trang.

help-title = Trợ giúp
help-lead = Tám việc nhà trường hay hỏi, mỗi việc một trang.
help-more = Tìm hiểu thêm
help-go = Đến trang này
help-others = Câu hỏi khác
help-sign-in-link = Không đăng nhập được?

help-import-title = Nhập danh sách từ tệp Excel
help-import-lead = Đưa tệp của trường vào, xem trước từng dòng, rồi mới ghi. Trước khi bạn bấm Nhập, chưa có gì thay đổi.
help-import-1 = Vào “Nhập từ bảng tính”, chọn tệp Excel hoặc CSV. Không cần đúng mẫu: cột theo thứ tự nào cũng được, có dấu hay không dấu.
help-import-2 = Xem lại: mỗi dòng là thêm mới, thay đổi, không đổi hay có lỗi. Dòng lỗi nói rõ vì sao; sửa ngay tại dòng, không cần sửa tệp.
help-import-3 = Với người có thể trùng, chọn “Cùng một người” hoặc “Người khác”. { word-classes-cap } chưa có sẽ được tạo, trừ khi bạn bỏ chọn.
help-import-4 = Bấm nút Nhập. Bạn có thể đóng trang; khi xong, bạn nhận được email. Sau đó in phiếu tài khoản.
help-import-note = Nhập nhầm? Mở lại lần nhập trong lịch sử rồi bấm Hoàn tác. Nhập lại đúng tệp đó không tạo thêm ai.

help-slips-title = In và phát phiếu tài khoản
help-slips-lead = Mỗi { word-pupil } nhận một phiếu có tên đăng nhập và mật khẩu tạm, dùng để đăng nhập lần đầu.
help-slips-1 = Vào “Sổ phát phiếu”. Bấm “In phiếu cả trường” để in một lần, mỗi { word-class } bắt đầu ở tờ mới, hoặc in từng { word-class }.
help-slips-2 = Mỗi tờ A4 có tám phiếu với đường cắt. Mã QR mở trang đăng nhập của trường, điền sẵn tên.
help-slips-3 = Phát phiếu. Sổ ghi lại phiếu nào đã in và ai đã đăng nhập.
help-slips-4 = Mất phiếu? In lại được cho đến khi người đó đã tự đặt mật khẩu. Sau đó hãy cấp mật khẩu mới.
help-slips-note = Mật khẩu tạm có hiệu lực 90 ngày và chỉ dùng để đặt mật khẩu riêng. Không ai ở trường xem được mật khẩu riêng.

help-sign-in-title = { $kind ->
    [higher] Sinh viên không đăng nhập được
   *[other] Học sinh không đăng nhập được
}
help-sign-in-lead = Trang của mỗi người nói rõ vì sao người đó không đăng nhập được, kèm nút để xử lý ngay.
help-sign-in-1 = Kiểm tra tên đăng nhập: gõ đủ cả phần sau dấu @ như trên phiếu, không dấu tiếng Việt. Ở trang đăng nhập của trường thì không cần phần sau @.
help-sign-in-2 = Quên mật khẩu: người quản lý tài khoản mở trang của người đó, bấm “{ person-reset }” rồi đưa phiếu mới.
help-sign-in-3 = Sai quá nhiều lần: đợi vài phút, hoặc nhờ nhà trường bấm “{ why-release }”.
help-sign-in-4 = Báo đang dùng thiết bị khác: đăng xuất ở thiết bị cũ, hoặc nhờ nhà trường bấm “{ person-sign-out }”.
help-sign-in-note = Thầy cô đăng nhập bằng email thì bấm “Quên mật khẩu?” để nhận liên kết đặt lại. Tên trên phiếu không có hộp thư, nên cần nhà trường giúp.

help-new-year-title = Bắt đầu năm học mới
help-new-year-lead = Năm học mới có { word-classes } mới; tài khoản và mật khẩu của mọi người giữ nguyên.
help-new-year-1 = Vào “Năm học”, thêm năm học mới. Năm học bắt đầu từ ngày 1 tháng 8, trừ khi trường chọn tháng khác.
help-new-year-2 = Tạo { word-classes } của năm mới; có thể tạo nhiều { word-class } một lần.
help-new-year-3 = Nhập danh sách mới của trường. Người đã có được nhận ra và chuyển sang { word-class } mới, không tạo tài khoản thứ hai.
help-new-year-4 = Cho những người đã ra trường thôi học. Hồ sơ vẫn được giữ; họ không vào trường được nữa. Khi chuyển năm học bằng bản nháp, tài khoản của người đã hoàn thành tự đóng sau số ngày đặt trong “Cấu hình nâng cao”.
help-new-year-note = { $kind ->
    [higher] Phân công cố vấn học tập sau khi tạo nhóm.
   *[other] Phân công giáo viên chủ nhiệm sau khi tạo lớp: quyền giúp học sinh đi theo lớp của năm học.
}

help-grants-title = Ai được làm gì trong trường
help-grants-lead = Quyền được giao cho { word-teacher } và quản lý trong bảng “Phân quyền”; chỉ chủ sở hữu giao được quyền.
help-grants-1 = Chủ sở hữu làm được mọi việc. Trường luôn có ít nhất một; nên có hai người.
help-grants-2 = Quản lý tài khoản thêm, nhập, sửa tài khoản, cấp lại mật khẩu, duyệt đăng ký và in phiếu.
help-grants-3 = Các quyền thời khóa biểu, kỳ thi, báo cáo chỉ mở đúng phần việc đó.
help-grants-4 = Đánh dấu trong bảng rồi bấm “Lưu tất cả”. Thay đổi có hiệu lực ngay và được ghi vào nhật ký.
help-grants-note = Không ai tự nâng quyền của mình, và không ai sửa được người có quyền cao hơn.

help-homeroom-title = { $kind ->
    [higher] Cố vấn học tập giúp được gì
   *[other] Giáo viên chủ nhiệm giúp được gì
}
help-homeroom-lead = Người phụ trách thấy { word-class } của mình: ai đã nhận phiếu, ai chưa đăng nhập, ai đang bị khóa.
help-homeroom-1 = Mở “{ word-class-cap } của tôi”. Trang này chỉ có { word-class } của năm học hiện tại.
help-homeroom-2 = In phiếu còn thiếu của { word-class }, mở khóa sau khi sai mật khẩu nhiều lần, đăng xuất khỏi mọi thiết bị.
help-homeroom-3 = Cấp lại mật khẩu: chỉ khi chủ sở hữu cho phép trong “Cấu hình nâng cao”. Nếu chưa, trang nói cần nhờ ai.
help-homeroom-4 = Hồ sơ sai? Báo người quản lý tài khoản; người phụ trách { word-class } không sửa hồ sơ.
help-homeroom-note = Quyền này đi theo { word-class }: khi hết năm học hoặc đổi người phụ trách, quyền cũng hết.

help-registration-title = { word-teacher-cap } tự đăng ký vào trường
help-registration-lead = Thầy cô tự đăng ký với tên trường; nhà trường đối chiếu rồi duyệt hoặc từ chối.
help-registration-1 = Người đăng ký mở trang đăng nhập, bấm “Đăng ký”, tìm trường theo tên hoặc mã.
help-registration-2 = Người đó xác minh email bằng liên kết trong thư. Trước đó, nhà trường chưa duyệt được.
help-registration-3 = Người quản lý tài khoản mở “Chờ duyệt”, bấm “Duyệt” hoặc “Từ chối” ngay tại dòng, hoặc chọn nhiều người một lần.
help-registration-4 = Nếu trường đã có người cùng tên được mời, hãy ghép hai hồ sơ thay vì duyệt là người mới.
help-registration-note = Khi được duyệt hoặc bị từ chối, người đăng ký nhận email. Đăng ký chưa xác minh tự bị xóa sau 30 ngày.

help-data-protection-title = Bảo vệ dữ liệu cá nhân
help-data-protection-lead = Dữ liệu của mỗi trường tách riêng: trường khác không thấy, kể cả việc một người có ở trường bạn hay không.
help-data-protection-1 = Chỉ người được giao quyền mới thấy hồ sơ. Số định danh luôn bị che; mỗi lần xem đầy đủ đều được ghi lại.
help-data-protection-2 = Ai đã làm gì, lúc nào đều có trong “Nhật ký” và trong lịch sử của từng người.
help-data-protection-3 = Người có yêu cầu nhận bản sao dữ liệu của mình: mở trang của người đó, “Thao tác khác”, tải dữ liệu.
help-data-protection-4 = Xóa dữ liệu một { word-pupil }: chủ sở hữu làm tại trang của người đó. Tệp danh sách đã nhập tự bị xóa sau 90 ngày.
help-data-protection-note = Không gửi mật khẩu qua tin nhắn hay email. Phiếu phải được trao tận tay.
