# Câu trả lời cho phần mềm khác.
problem-submission-kind = Thiếu loại dữ liệu
problem-submission-kind-detail = Trường kind phải là staff, classes hoặc pupils.
problem-submission-file = Thiếu tệp
problem-submission-file-detail = Trường file phải có một bảng tính (xlsx, xls, ods hoặc csv) không rỗng.
problem-idempotency = Khóa Idempotency-Key đã dùng cho tệp khác
problem-idempotency-detail = Trong 24 giờ, một khóa chỉ dùng cho một lần nộp. Hãy gửi tệp này với khóa khác.
problem-rows-wrong = Có dòng sai
problem-rows-wrong-detail = { $count } dòng sai nên chưa nộp. Trường có thể sửa trên trang, hoặc gửi lại tệp đã sửa.
problem-rows-undecided-detail = { $count } dòng có thể trùng với người đã có nên chưa nộp. Trường cần quyết định trên trang.
problem-submission-held-back = Chưa nộp được
