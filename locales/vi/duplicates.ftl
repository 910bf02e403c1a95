# Người có hai hồ sơ: các cặp có thể trùng, gộp và hoàn tác.
duplicates-title = Hồ sơ có thể trùng nhau
duplicates-link = Tìm hồ sơ trùng nhau
duplicates-line = { $count ->
    [0] Hệ thống tìm những hồ sơ có thể là của cùng một người.
   *[other] { $count } cặp có thể là cùng một người. Xem từng cặp rồi gộp, hoặc ghi nhận là hai người khác nhau.
}
duplicates-none = Không có cặp nào
duplicates-none-text = Không có hai hồ sơ nào trông như của cùng một người.
duplicates-one = Hồ sơ thứ nhất
duplicates-other = Hồ sơ thứ hai
duplicates-agree = Giống nhau
duplicates-differ = Khác nhau
duplicates-compare = So sánh hai hồ sơ
duplicates-compare-line = Chọn hồ sơ được giữ lại và giá trị đúng của từng mục.
duplicates-dismiss = Không phải cùng một người
duplicates-keep = Giữ hồ sơ
duplicates-differs = khác nhau
duplicates-classes = Lớp của các năm
duplicates-login = Tài khoản tiếp tục dùng
duplicates-sessions = { $count ->
    [0] không đăng nhập trên thiết bị nào
   *[other] đang đăng nhập trên { $count } thiết bị
}
duplicates-plans = Danh sách đã nhập
duplicates-entries = { $count } mục
duplicates-slip = có phiếu tài khoản chưa dùng
duplicates-other-login = Tên đăng nhập còn lại
duplicates-login-alias = Vẫn đăng nhập được trong một năm, vào cùng tài khoản
duplicates-login-end = Ngừng dùng ngay
duplicates-preview = Khi gộp, hồ sơ được giữ nhận { word-class } của mọi năm, phụ huynh, quyền, { word-class } đang phụ trách, chỗ trong thời khóa biểu và kỳ thi, lịch sử nhập danh sách và mã định danh mà mình chưa có; các phiên đăng nhập của tài khoản kia kết thúc. Danh sách nhập sau này nếu còn ghi theo hồ sơ kia thì được hiểu là người này. Hoàn tác được trong { $days } ngày.
duplicates-merge = Gộp hai hồ sơ
duplicates-rank = Bạn không thể gộp hồ sơ của người có quyền ngang hoặc cao hơn bạn.
merges-title = Đã gộp trong { $days } ngày qua
merges-who = Người được giữ
merges-gone = đã nhận hồ sơ của { $name }
merges-when = Khi nào
merges-undo = Hoàn tác việc gộp
merges-undone = Đã hoàn tác
merges-behind = Hoàn tác lần gộp sau trước
merges-stays = Đã sửa sau khi gộp nên giữ nguyên: { $what }
merge-stays-classes = { word-classes }
merge-stays-grants = quyền
merge-stays-guardians = phụ huynh
merge-stays-registry = liên kết với cơ sở dữ liệu ngành
merge-stays-closing = ngày đóng tài khoản
merge-stays-scim = mã và tên trong hệ thống khác
merge-stays-homerooms = { word-class } phụ trách
merge-stays-draft = kết quả trong bản chuẩn bị năm học mới
merge-stays-exams = chỗ trong kỳ thi
merge-stays-timetable = chỗ trong thời khóa biểu
merge-stays-identifier = mã định danh, nay là của người khác
merge-stays-member = thông tin cá nhân
fault-merge-keep = Hãy chọn hồ sơ được giữ lại.
fault-merge-other-role = Không gộp được { word-pupil } với giáo viên, nhân viên.
fault-merge-elsewhere = Tài khoản sẽ ngừng dùng hiện còn được dùng ở trường khác. Hãy chọn tài khoản đó để tiếp tục dùng.
fault-merge-invited = Hồ sơ được giữ đã rời trường, còn hồ sơ kia đang được mời. Hãy giữ hồ sơ được mời.
fault-merge-waiting = Một trong hai người đang chờ duyệt. Hãy duyệt hoặc từ chối trước.
fault-merge-planned = Hai hồ sơ cùng có mặt ở một chỗ: cùng là thí sinh của một kỳ thi, cùng có tiết, dạy thay hoặc coi thi vào một lúc, hoặc người này dạy thay cho người kia. Hãy đưa một trong hai ra khỏi chỗ đó trước.
done-merged = Đã gộp hai hồ sơ.
done-told-apart = Đã ghi nhận là hai người khác nhau.
done-merge-undone = Đã hoàn tác việc gộp.
done-merge-undone-in-part = Đã hoàn tác việc gộp; những gì đã sửa sau khi gộp được giữ nguyên và liệt kê bên dưới.
done-merge-not-undone = Không hoàn tác được nữa.
done-merge-behind = Hồ sơ được giữ đã được gộp vào hồ sơ khác sau đó. Hãy hoàn tác lần gộp sau trước.
done-merge-taken = Không hoàn tác được: tên đăng nhập hoặc email của hồ sơ đã gộp nay là của người khác trong trường.
audit-members-merged = Gộp hai hồ sơ
audit-merge-undone = Hoàn tác việc gộp hồ sơ
audit-told-apart = Ghi nhận là hai người khác nhau
history-members-merged = { $who } gộp một hồ sơ khác vào hồ sơ này
history-merge-undone = { $who } hoàn tác việc gộp hồ sơ
history-told-apart = { $who } ghi nhận hồ sơ này và một hồ sơ tương tự là của hai người khác nhau
