# Kết quả, thống kê, phúc khảo và sửa điểm của kỳ thi.

exam-withheld-at = đã hủy hẹn giờ lúc { $when } vì thiếu điểm
audit-exam-withheld = Hủy hẹn giờ công bố vì thiếu điểm
fault-exam-not-published = Điểm của { word-class } này chưa công bố nên chưa có gì để phúc khảo. Hãy sửa ở trang nhập điểm của môn.

mail-mark-corrected-subject = Điểm của bạn ở { $exam } có cập nhật
mail-mark-corrected-text = { $school } vừa ghi kết quả phúc khảo hoặc sửa điểm môn { $subject } của bạn.
mail-mark-corrected-button = Xem điểm
mail-mark-corrected-closing = Điểm trước, điểm sau và lý do có ở trang Kỳ thi của tôi.
exam-own-corrected = Điểm môn { $subject } của { $exam } đã được phúc khảo hoặc sửa:
exam-own-corrected-see = Xem lý do

exam-results-title = Bảng điểm
exam-results-class = { word-class-cap } { $class }
exam-results-by-class = Bảng điểm theo { word-class }
exam-results-by-subject = Bảng điểm theo môn
exam-smas = Bảng điểm để nhập vào SMAS
exam-smas-text = Mỗi { word-class } một trang: mã { word-pupil } (mã định danh Bộ GD&ĐT) và điểm cuối kỳ, làm tròn một chữ số thập phân. { word-pupils-cap } vắng thi hoặc vi phạm để trống.
exam-mean = Điểm trung bình
exam-mark-span = Thấp nhất – cao nhất
exam-at-least-5 = Từ 5 điểm trở lên
exam-at-least-8 = Từ 8 điểm trở lên
exam-passed = Đạt
exam-absent = Vắng
exam-violations = Vi phạm

exam-statistics = Thống kê thí sinh
exam-by-paper = Theo môn thi
exam-by-room = Theo phòng thi
exam-by-class = Theo { word-class }
exam-seated-count = Đã có chỗ
exam-rooms-used = Số phòng
exam-withdrawn-n = { $count } không dự thi

exam-appeals = Phúc khảo và sửa điểm
exam-appeals-empty = Chưa có phúc khảo
exam-appeals-empty-text = Sau khi công bố, kết quả phúc khảo và các lần sửa điểm được ghi ở đây, có điểm trước, điểm sau và lý do.
exam-before = Điểm trước
exam-after = Điểm sau
exam-correction = Sửa điểm
exam-correction-kind = Loại
exam-correction-at = Thời gian
exam-correction-actor = Người ghi
exam-correction-enter = Ghi kết quả phúc khảo hoặc sửa điểm
exam-correction-text = Thí sinh thấy điểm mới, điểm cũ và lý do ngay sau khi lưu. Phúc khảo không đổi điểm cũng được ghi.
exam-corrected = Đã phúc khảo, sửa điểm

exam-unnumbered = Chưa có số báo danh
exam-duty-anyway = Vẫn đổi, dù chưa đúng quy tắc
fault-exam-duty-conflict = Nếu đổi: { $value }. Chọn người khác, hoặc đánh dấu “Vẫn đổi” rồi gửi lại.
fault-exam-duty-day-off = Người thay nghỉ hôm đó. Hãy chọn người khác.
fault-exam-duty-elsewhere = Người thay đang coi thi ở nơi khác vào giờ đó. Hãy chọn người khác.
