# OneRoster: danh sách của trường theo chuẩn quốc tế.
oneroster-course-of-grade = Khối
oneroster-course-of-all = Chương trình chung
oneroster-download = Tải danh sách OneRoster (.zip)
audit-oneroster-exported = Tải danh sách OneRoster
settings-shares-demographics = Danh sách OneRoster có ngày sinh, giới tính và mã định danh
settings-shares-demographics-hint = Phần mềm kết nối chỉ thấy khi cũng được phép xem.
settings-shares-guardians = Danh sách OneRoster có mẹ và người giám hộ
settings-shares-guardians-hint = Phần mềm kết nối chỉ thấy khi cũng được phép xem.
