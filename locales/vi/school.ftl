# Trong trường: menu, tài khoản, lớp, năm học.
shell-school-code = Mã trường { $code }
shell-operator = Quản trị hệ thống
shell-crumbs = Đường dẫn
menu-home = Trang chủ
menu-group-accounts = Quản lý tài khoản
menu-accounts = Danh sách tài khoản
menu-import = Nhập từ bảng tính
menu-group-teaching = Quản lý đào tạo
menu-classes = Quản lý { word-class-study }
menu-schools = Trường
menu-units = Đơn vị trực thuộc

role-student = { word-pupil-cap }
role-teacher = { word-teacher-cap }
role-manager = Quản lý
roles-student = { word-pupil-cap }
roles-teacher = { word-teacher-cap }
roles-manager = Quản lý
grant-owner = Chủ sở hữu
grant-account-manager = Quản lý tài khoản
grant-timetable = Thời khóa biểu
grant-exams = Kỳ thi
grant-reports = Quản lý báo cáo
gender-male = Nam
gender-female = Nữ
gender-other = Khác
field-school-year = Năm học
field-grade = { $kind ->
    [higher] Khóa
   *[other] Khối
}

accounts-title = Danh sách tài khoản
accounts-total = { $count } người
accounts-never = { $count } { word-pupil } chưa đăng nhập lần nào
accounts-export = Xuất
accounts-role = Vai trò
accounts-class = { word-class-cap }
accounts-all-classes = Mọi { word-class }
accounts-status = Trạng thái
accounts-all-statuses = Mọi trạng thái
accounts-filter = Lọc
accounts-clear = Bỏ lọc
accounts-print-class = In phiếu { word-class } { $class }
accounts-choose-class = Chọn một { word-class } ở trên để in phiếu của cả { word-class }.
accounts-none-found = Không tìm thấy ai
accounts-none-found-text = Thử gõ ít chữ hơn (không cần dấu), hoặc bỏ bớt điều kiện lọc.
accounts-empty-student = Chưa có { word-pupil }
accounts-empty-teacher = Chưa có { word-teacher }
accounts-empty-manager = Chưa có quản lý
accounts-empty-text = Cách nhanh nhất là nhập từ bảng tính mà trường đang có.
accounts-signing-in = Đăng nhập
accounts-pages = Trang
accounts-year = Năm học { $year }
accounts-first-page = Trang đầu
accounts-next = Tiếp
accounts-previous = Trước
accounts-actions = Hành động
narrowing-never = Chưa đăng nhập lần nào
narrowing-in = Đã đăng nhập
narrowing-slips = Chưa phát phiếu
narrowing-invited = Đã mời, chưa xác nhận
narrowing-suspended = Tạm khóa
narrowing-left = Đã rời trường

state-suspended = Tạm khóa
state-left = Đã rời trường
state-invited = Đã mời, chưa xác nhận
state-pending = Chờ duyệt
state-temporary-expired = Mật khẩu tạm hết hạn
state-slip-waiting = Chưa phát phiếu
state-never = Chưa đăng nhập lần nào
state-on-devices = Đang dùng { $devices } thiết bị

person-profile = Hồ sơ
person-login = Tên đăng nhập
person-now = Tình trạng
person-slip-printed = Đã in phiếu
person-print-slip = In phiếu tài khoản

classes-title = Quản lý { word-class-study }
classes-line = { $count } { word-class }
classes-add = Thêm mới { word-class }
classes-empty = Năm học này chưa có { word-class }
classes-empty-text = Có thể tạo nhiều { word-class } một lần. Khi nhập { word-pupil } từ bảng tính, { word-class } còn thiếu sẽ được tạo luôn.
classes-pupils = { word-pupil }
classes-print = In phiếu
classes-names = Tên { word-class }
classes-names-hint = { $kind ->
    [higher] Một nhóm (CNTT K45), nhiều nhóm (CNTT K45, CNTT K46) hoặc cả dãy (CNTT 1-CNTT 4)
   *[other] Một lớp (10A1), nhiều lớp (10A1, 10A2) hoặc cả dãy (10A1 đến 10A12, Mầm 1-Mầm 3)
}
classes-grade-hint = { $kind ->
    [higher] Để trống thì lấy theo tên nhóm.
   *[other] Để trống thì lấy theo tên lớp. Mầm non: ghi Nhà trẻ, Mẫu giáo bé…
}
classes-preview = Sẽ tạo { $count } { word-class }:
classes-preview-grade = Khối { $grade }
classes-preview-taken = Đã có, không tạo lại: { $names }
classes-preview-button = Xem trước
classes-create = Tạo { word-class }
fault-class-taken = Năm học này đã có { word-class } { $value }. Hãy chọn tên khác.
done-classes-created = { $n ->
    [0] Không có { word-class } mới.
   *[other] Đã tạo { $n } { word-class }.
}
years-title = Năm học
years-from = Từ ngày
years-to = Đến ngày
years-add-label = Năm học mới
years-add-hint = Hai năm liền nhau, ví dụ 2027-2028
years-add = Thêm năm học
fault-school-year = Năm học gồm hai năm liền nhau, ví dụ 2027-2028.
done-year-added = Đã thêm năm học.

form-new-student = Thêm { word-pupil }
form-new-teacher = Thêm { word-teacher }
form-lead-student = { $kind ->
    [higher] Sinh viên nhận thư mời và tự đặt mật khẩu.
   *[other] Học sinh có tên đăng nhập và mật khẩu tạm ngay khi bạn bấm Thêm; hãy in phiếu để phát cho các em.
}
form-lead-teacher = { word-teacher-cap } nhận thư mời và tự đặt mật khẩu.
form-parent-hint = Cần họ tên và năm sinh của mẹ, hoặc của người giám hộ.
form-email-hint = Thư mời được gửi đến địa chỉ này; đây cũng là tên đăng nhập.
form-email-own = Email này là tên đăng nhập của người đó, nên chỉ người đó đổi được.
form-no-class = Chọn { word-class }
form-create = Thêm
form-create-again = Thêm và nhập người tiếp theo
form-save = Lưu
person-edit = Sửa hồ sơ
person-reset = Cấp mật khẩu mới
person-invite = Gửi lại thư mời
person-sign-out = Đăng xuất khỏi mọi thiết bị
person-suspend = Tạm khóa
person-lift = Mở khóa
person-leave = Cho thôi học (nghỉ việc)
done-member-created = Đã thêm vào danh sách.
done-member-changed = Đã lưu hồ sơ.
done-reset-mailed = Người này còn dùng tài khoản ở nơi khác, nên liên kết đặt lại mật khẩu đã được gửi vào email của người đó.
done-invited-again = Đã gửi lại thư mời.
done-signed-out-everywhere = Đã đăng xuất khỏi mọi thiết bị.
done-account-elsewhere = Người này còn dùng tài khoản ở nơi khác, nên chỉ người đó tự đăng xuất được các thiết bị của mình.
done-invited-enough = Thư mời mới được gửi và vẫn còn hiệu lực. Mỗi người nhận nhiều nhất một thư mời mỗi giờ và ba thư mỗi ngày; hãy thử lại sau.
done-suspended = Đã tạm khóa.
done-suspension-lifted = Đã mở khóa.
done-left = Người này đã rời trường.
fault-class-gone = { word-class-cap } này không còn. Hãy chọn { word-class } khác.
fault-email-taken = Trong trường đã có người dùng email này. Hãy tìm người đó trong danh sách.
fault-invited-enough = Trường vừa gửi thư mời đến địa chỉ này. Mỗi địa chỉ nhận nhiều nhất một thư mời mỗi giờ và ba thư mỗi ngày; hãy thử lại sau.
fault-changed-meanwhile = Hồ sơ này vừa được người khác sửa. Hãy mở lại trang để xem, rồi sửa tiếp.
accounts-add = Thêm mới
accounts-reset-ask = Cấp mật khẩu tạm mới cho { $name }? Mật khẩu hiện nay không dùng được nữa và mọi thiết bị sẽ bị đăng xuất.
accounts-sign-out-ask = Đăng xuất { $name } khỏi mọi thiết bị?
menu-grants = Phân quyền
grants-line = Mỗi người được làm gì trong trường. Thay đổi có hiệu lực ngay. Muốn phân quyền cho người chưa có trong bảng, hãy tìm tên người đó.
grants-find = Tìm { word-teacher }, quản lý
grants-search = Tìm
grants-holders = Xem những người đang có quyền
grants-none-text = Thử gõ ít chữ hơn (không cần dấu). Chỉ người đang hoạt động mới được cấp quyền.
grants-explained = Mỗi quyền cho phép làm gì?
grants-what-owner = Làm được mọi việc trong trường: năm học, { word-class }, cấu hình, phân quyền, nhật ký. Trường luôn có ít nhất một chủ sở hữu.
grants-what-account-manager = Thêm, nhập, sửa, tạm khóa tài khoản; cấp lại mật khẩu cho { word-teacher } và { word-pupil }; duyệt đăng ký; in phiếu. Không phân quyền, không đổi cấu hình.
grants-what-timetable = Lập thời khóa biểu của trường. Không xem được tài khoản của người khác.
grants-what-exams = Tổ chức kỳ thi: phòng, số báo danh, lịch coi thi. Không xem được tài khoản của người khác.
grants-what-reports = Xem các báo cáo của trường. Số định danh luôn được che.
grants-save = Lưu tất cả
grants-owner-ask = Trao quyền chủ sở hữu? Người nhận làm được mọi việc trong trường, và sau đó chỉ chính người ấy mới tự bỏ được quyền này.
grants-save-hint = Mọi thay đổi trong bảng được lưu cùng một lúc.
fault-grants-last-owner = { $value }: trường phải có ít nhất một chủ sở hữu. Chưa có gì thay đổi.
fault-grants-not-for-them = { $value }: chỉ { word-teacher } và quản lý đang hoạt động mới được cấp quyền. Chưa có gì thay đổi.
done-grants-unchanged = Không có gì thay đổi.
grants-other-owner = Quyền của một chủ sở hữu chỉ người đó tự bỏ được.
done-grants-changed = Đã lưu quyền.
done-new-role = Đã đổi vai trò.
fault-last-owner = Trường phải còn ít nhất một chủ sở hữu. Hãy cấp quyền chủ sở hữu cho người khác trước.
fault-not-for-them = Chỉ { word-teacher } và quản lý đang hoạt động mới được cấp quyền.
person-make-student = Chuyển thành { word-pupil }
person-make-teacher = Chuyển thành { word-teacher }
person-make-manager = Chuyển thành quản lý
menu-group-system = Cấu hình hệ thống
menu-settings = Cấu hình nâng cao
menu-audit = Nhật ký
settings-homeroom-may-reset = { $kind ->
    [higher] Cho phép cố vấn học tập cấp lại mật khẩu cho sinh viên
   *[other] Cho phép giáo viên chủ nhiệm cấp lại mật khẩu cho học sinh
}
settings-homeroom-may-reset-hint = Chỉ { word-pupil } của { word-class } mình { $kind ->
    [higher] phụ trách
   *[other] chủ nhiệm
} trong năm học này; mỗi lần đều được ghi vào nhật ký.
settings-one-device = { word-pupil-cap } chỉ đăng nhập trên một thiết bị
settings-letters-in-english = Gửi thư bằng tiếng Anh
settings-letters-in-english-hint = Dành cho người chưa chọn ngôn ngữ, kể cả thư mời đầu tiên. Ai đã chọn ngôn ngữ thì nhận thư bằng ngôn ngữ đó.
settings-one-device-hint = Khi đang dùng một thiết bị, { word-pupil } không đăng nhập được trên thiết bị khác. Nhà trường có thể đăng xuất { word-young-many } khỏi mọi thiết bị.
settings-idle-minutes = Số phút không hoạt động trước khi thiết bị hết phiên
settings-idle-minutes-hint = Từ 15 đến 1440 phút (một ngày)
settings-save = Lưu lại
done-settings-changed = Đã lưu cấu hình.
fault-idle-minutes = Hãy nhập số phút từ 15 đến 1440.
audit-line = Mọi thao tác trong trường: người thực hiện, đối tượng, thời điểm, địa chỉ mạng. Không ai sửa hay xóa được nhật ký.
audit-what = Thao tác
audit-subject = Đối tượng
audit-who = Người thực hiện
audit-where = Địa chỉ mạng
audit-everything = Mọi thao tác
audit-nothing = Chưa có thao tác nào
audit-older = Cũ hơn
audit-someone = Người đã rời trường
audit-accounts-exported = Xuất danh sách
audit-class-created = Tạo { word-class }
audit-grants-changed = Đổi quyền
audit-invitation-accepted = Xác nhận lời mời
audit-left = Cho thôi học (nghỉ việc)
audit-member-changed = Sửa hồ sơ
audit-member-created = Thêm người
audit-owner-invited = Mời chủ sở hữu
audit-password-reset = Cấp mật khẩu mới
audit-plan-applied = Nhập danh sách
audit-plan-discarded = Bỏ bảng tính đã tải lên
audit-plan-made = Tải bảng tính lên
audit-plan-undone = Hoàn tác lần nhập
audit-registry-class-added = Thêm { word-class } vào cơ sở dữ liệu
audit-registry-people-moved = Người trong cơ sở dữ liệu chuyển trường
audit-submission-not-taken-over = Danh sách nộp chưa ghi được vào cơ sở dữ liệu
audit-registry-person-added = Thêm người vào cơ sở dữ liệu
audit-submission-approved = Danh sách được duyệt
audit-submission-made = Tải danh sách nộp lên
audit-submission-replaced = Danh sách nộp được thay bằng bản mới
audit-submission-returned = Danh sách nộp bị trả lại
audit-submission-submitted = Nộp dữ liệu
audit-submission-viewed = Chuyên viên xem danh sách nộp
audit-submission-withdrawn = Rút lại danh sách nộp
audit-role-changed = Đổi vai trò
audit-school-opened = Mở trường
audit-school-year-added = Thêm năm học
audit-settings-changed = Đổi cấu hình
audit-signed-out-everywhere = Đăng xuất khỏi mọi thiết bị
audit-slips-printed = In phiếu
audit-suspended = Tạm khóa
audit-suspension-lifted = Mở khóa
menu-my-classes = { word-class-cap } của tôi
my-classes-line = { $kind ->
    [higher] Nhóm bạn phụ trách trong năm học { $year }
   *[other] Lớp bạn chủ nhiệm trong năm học { $year }
}
my-classes-none = { $kind ->
    [higher] Năm nay bạn chưa phụ trách nhóm nào
   *[other] Năm nay bạn chưa chủ nhiệm lớp nào
}
my-classes-none-text = Chủ sở hữu của trường phân công { word-homeroom } ở trang { classes-title }.
my-classes-pupils = { $count } { word-pupil }
my-classes-never = { $count } { word-young } chưa đăng nhập lần nào
my-classes-print = In phiếu chưa dùng
my-classes-empty = { word-class-cap } này chưa có { word-pupil }
my-classes-empty-text = Người quản lý tài khoản của trường thêm { word-pupil } vào { word-class }; danh sách hiện ở đây ngay sau đó.
bulk-region = Thao tác với những người đã chọn
bulk-pick-page = Chọn cả trang
bulk-pick = Chọn { $name }
bulk-with = Với {"{whom}"}:
bulk-selected = {"{n}"} người đã chọn
bulk-selected-all = tất cả những người tìm thấy, mọi trang
bulk-selected-all-counted = tất cả { $count } người tìm thấy, mọi trang
bulk-with-picked = Với những người đã chọn:
bulk-all = Tất cả các trang
bulk-slips = In phiếu
bulk-sign-out = Đăng xuất khỏi mọi thiết bị
bulk-move-to = Chuyển đến { word-class }…
bulk-move = Chuyển { word-class }
bulk-password-ask = Cấp mật khẩu tạm mới cho {"{whom}"}? Mật khẩu hiện nay không dùng được nữa và mọi thiết bị sẽ bị đăng xuất.
bulk-sign-out-ask = Đăng xuất {"{whom}"} khỏi mọi thiết bị?
bulk-suspension-ask = Tạm khóa {"{whom}"}? Họ không đăng nhập được cho đến khi bạn mở khóa.
bulk-lifting-ask = Mở khóa cho {"{whom}"}? Người đang bị tạm khóa sẽ đăng nhập lại được ngay.
bulk-activation-ask = Duyệt {"{whom}"}? Ai chưa xác minh email hoặc trùng tên với người đã mời thì được giữ lại để bạn xem riêng.
done-bulk-nobody = Chưa chọn ai. Hãy đánh dấu những người cần chọn rồi bấm lại.
done-bulk-sign-out = Đã đăng xuất { $n } người khỏi mọi thiết bị.
done-bulk-suspension = Đã tạm khóa { $n } người.
done-bulk-lifting = Đã mở khóa { $n } người.
done-bulk-activation = Đã duyệt { $n } người. Mỗi người nhận được email và có thể đăng nhập.
done-bulk-refusal = Đã từ chối { $n } người. Mỗi người nhận được email kèm lý do.
done-bulk-move = Đã chuyển { word-class } { $n } { word-pupil }.
audit-owner-replaced = Thay chủ sở hữu
audit-school-changed = Đổi thông tin trường
audit-school-code-added = Thêm mã trường cũ
audit-school-suspended = Tạm ngừng trường
audit-school-suspension-lifted = Cho trường hoạt động lại
audit-registered = Tự đăng ký
audit-import-created = Thêm bằng danh sách
audit-import-changed = Sửa hồ sơ bằng danh sách
audit-import-left = Cho rời trường bằng danh sách
audit-import-undone = Hoàn tác danh sách
audit-registration-accepted = Duyệt đăng ký
audit-registration-refused = Từ chối đăng ký
class-title = { word-class-cap } { $class }
class-pupils = { $count } { word-pupil }
class-see-pupils = Xem { word-pupil }
class-save = Lưu lại
class-edit = Sửa { word-class } { $class }
class-delete-title = Xóa { word-class }
class-delete-text = { word-class-cap } này chưa có { word-pupil } nào nên xóa được.
class-delete-planned = { word-class-cap } này đang có trong phân công giảng dạy, phòng học, thời khóa biểu hoặc kỳ thi nên được giữ lại. Hãy bỏ { word-class } ra khỏi những chỗ đó trước rồi xóa.
class-delete-not = { word-class-cap } này đang có hoặc đã từng có { word-pupil }, nên được giữ lại trong quá trình học của { word-young-many }. Bạn có thể chuyển { word-young-many } sang { word-class } khác trong danh sách tài khoản.
class-delete-ask = Xóa { word-class } { $class }?
class-delete = Xóa { word-class }
homeroom-title = { $kind ->
    [higher] Phân công cố vấn học tập
   *[other] Phân công chủ nhiệm
}
homeroom-teacher = { word-homeroom-cap }
homeroom-short = { $kind ->
    [higher] CVHT
   *[other] GVCN
}
homeroom-nobody = Chưa có
homeroom-none-yet = { $kind ->
    [higher] Chưa có CVHT
   *[other] Chưa có GVCN
}
homeroom-one-only = Nếu thêm nhiều { word-class } cùng lúc, hãy để trống { word-homeroom } rồi phân công sau cho cả năm học.
homeroom-hint = Gõ vài chữ của họ tên rồi chọn thầy cô trong danh sách hiện ra. Ô để trống là { word-class } chưa có { word-homeroom }.
homeroom-save = Lưu phân công
homeroom-no-staff = Trường chưa có { word-teacher } nào
homeroom-no-staff-text = Nhập danh sách { word-teacher } trước, rồi quay lại đây để phân công.
fault-homeroom-teacher = Người này không còn trong danh sách { word-teacher } của trường. Hãy chọn lại.
fault-homeroom-many = { word-homeroom-cap } chỉ chọn được khi thêm một { word-class }. Hãy để trống, rồi phân công cho các { word-class } sau.
fault-homeroom-unknown = { $value } không có trong danh sách { word-teacher }. Hãy sửa lại tên, hoặc thêm người này trước.
fault-homeroom-several = { $value }: có nhiều { word-teacher } tên như vậy. Hãy chọn trong danh sách hiện ra khi gõ, hoặc ghi thêm email.
homeroom-missing = Chưa thấy { word-teacher } cần chọn?
homeroom-add-teacher = Thêm { word-teacher }
done-class-changed = Đã lưu { word-class }.
done-class-deleted = Đã xóa { word-class }.
done-homerooms = { $n ->
    [0] Phân công không có gì thay đổi.
   *[other] Đã lưu { word-homeroom } của { $n } { word-class }.
}
audit-class-changed = Sửa { word-class }
audit-class-deleted = Xóa { word-class }
audit-homeroom-changed = Đổi { word-homeroom }
product-line = Cổng tài khoản của nhà trường
look-title = Logo và màu của trường
look-line = Hiện trên các trang, trang đăng nhập và phiếu tài khoản của trường.
look-logo = Logo
look-logo-hint = PNG, JPEG hoặc WebP, tối đa 2 MB. Logo được thu nhỏ vừa khung 256 × 256 điểm ảnh.
look-logo-of = Logo của { $school }
look-remove = Bỏ logo này
look-tone = Màu của trường
look-tone-hint = Dùng cho đường viền và biểu tượng của trường. Nút bấm và cảnh báo giữ nguyên màu để không nhầm lẫn.
look-tone-none = Màu của Schoolgate
tone-blue = Xanh dương
tone-teal = Xanh ngọc
tone-green = Xanh lá
tone-red = Đỏ
tone-violet = Tím
tone-orange = Cam
tone-pink = Hồng
tone-slate = Xám
fault-logo-kind = Tệp này không phải ảnh PNG, JPEG hoặc WebP. Hãy chọn tệp khác.
fault-logo-large = Ảnh quá lớn: tối đa 2 MB và 4.000 điểm ảnh mỗi cạnh. Hãy thu nhỏ rồi chọn lại.
fault-logo-broken = Không đọc được ảnh này. Hãy mở ảnh trên máy, lưu lại rồi chọn lần nữa.
audit-look-changed = Đổi logo, màu của trường

homeroom-question = { word-homeroom-cap } có được cấp lại mật khẩu không?
homeroom-question-text = Khi một { word-young } quên mật khẩu, { word-homeroom } có thể cấp ngay mật khẩu tạm cho { word-young } ở { word-class } mình, hoặc { word-young } phải đến văn phòng. Mỗi lần cấp đều được ghi lại. Có thể đổi lại trong Cấu hình.
homeroom-question-yes = Cho phép
homeroom-question-no = Không, chỉ văn phòng cấp
done-homeroom-may-reset = Đã cho phép { word-homeroom } cấp lại mật khẩu cho { word-pupil } { word-class } mình.
done-homeroom-may-not-reset = Đã lưu: chỉ người quản lý tài khoản cấp lại mật khẩu.
my-classes-no-reset = Trường chưa cho phép { word-homeroom } cấp lại mật khẩu. Khi một { word-young } quên mật khẩu:
my-classes-ask = hãy nhờ { $names }.
my-classes-ask-office = hãy nhờ văn phòng nhà trường.
