# Đồng bộ tài khoản và lớp với cơ sở dữ liệu ngành.
menu-sync = Đồng bộ tài khoản
sync-title-accounts = Đồng bộ tài khoản
sync-line-accounts = So sánh tài khoản của trường với cơ sở dữ liệu ngành. Chưa có gì thay đổi cho đến khi bạn xem lại và áp dụng. Những gì trường đã tự sửa được giữ nguyên.
sync-since = Đồng bộ lần gần nhất: { $when }.
sync-never = Trường chưa đồng bộ lần nào.
sync-nothing-there = Cơ sở dữ liệu ngành chưa có ai của trường. Hãy nộp dữ liệu trước.
sync-changes = { $count ->
    [0] Không có thay đổi nào chờ đồng bộ.
   *[other] { $count } thay đổi chờ đồng bộ.
}
sync-waits = Một lần đồng bộ đang chờ xem lại.
sync-review = Xem lại
sync-begin = Bắt đầu đồng bộ
sync-again = So sánh lại từ đầu
fault-doubt-registry = Cả trường và cơ sở dữ liệu ngành đều đã sửa; ngành ghi “{ $value }”. Nếu bạn không chọn, trường giữ giá trị của mình.
fault-doubt-registry-twin = Người này đang gắn với một người khác trong cơ sở dữ liệu ngành.
fault-registry-differs = Khác với cơ sở dữ liệu ngành (ngành ghi “{ $value }”). Trường đã tự sửa nên giữ nguyên.
fault-registry-conflict = Cả trường và cơ sở dữ liệu ngành đều đã sửa; ngành ghi “{ $value }”. Trường giữ giá trị của mình.
fault-registry-gone = Không còn trong danh sách mà trường đã nộp.
fault-registry-class-gone = { word-class-cap } này không còn trong cơ sở dữ liệu ngành. { word-class-cap } và { word-pupils } ở trường được giữ nguyên.
fault-registry-moved = Đã chuyển sang trường khác.
plan-registry-differs = { $count } người có thông tin khác với cơ sở dữ liệu ngành vì trường đã tự sửa; trường giữ nguyên.
plan-registry-conflict = { $count } người có thông tin mà cả hai bên đều đã sửa; trường giữ giá trị của mình nếu bạn không chọn khác.
sync-unlisted = { $count } người không đổi gì, không liệt kê ở đây.
sync-from-registry = Đồng bộ từ cơ sở dữ liệu ngành
sync-take = Lấy theo cơ sở dữ liệu ngành
sync-keep = Giữ của trường
compare-registry = Trong cơ sở dữ liệu ngành
sync-apply = Áp dụng đồng bộ
plan-begun-by = { $name } bắt đầu lúc { $at }
plan-used-by = { $name } áp dụng lúc { $at }
plan-for-owners = Chỉ chủ sở hữu của trường áp dụng, bỏ hoặc hoàn tác được lần này.
refusal-registry = Không đọc được cơ sở dữ liệu ngành. Chưa có gì thay đổi; hãy thử lại.
audit-sync-made = Bắt đầu đồng bộ tài khoản
sync-first = Để tránh trùng lặp, hãy đồng bộ trước: cơ sở dữ liệu ngành có { $count } thay đổi chưa đồng bộ.
sync-twins-title = Người này có thể đã có trong cơ sở dữ liệu ngành.
sync-twins-lead = Đồng bộ thay vì tạo mới
sync-twins-ask = Hãy đề nghị người quản lý tài khoản đồng bộ.
sync-title-classes = Đồng bộ { word-class-study }
sync-line-classes = So sánh các { word-class } của năm học này với cơ sở dữ liệu ngành. { word-class-cap } nào trường chưa có sẽ được tạo; khối của { word-class } theo cơ sở dữ liệu ngành, trừ khi trường đã tự sửa; không { word-class } nào bị xóa.
settings-nightly = Đồng bộ tài khoản mỗi đêm
settings-nightly-hint = Chỉ chạy khi cơ sở dữ liệu ngành có thay đổi và không ai đang xem lại một lần đồng bộ.
settings-nightly-off = Không
settings-nightly-prepare = Chuẩn bị sẵn và gửi email cho chủ sở hữu để xem lại
settings-nightly-apply = Tự áp dụng khi chỉ thêm hoặc sửa không quá 200 người; nếu không thì chuẩn bị sẵn để xem lại
audit-sync-prepared = Chuẩn bị đồng bộ trong đêm
mail-sync-prepared-subject = Có { $changes } thay đổi chờ đồng bộ
mail-sync-prepared-text = Đêm qua, { $school } đã được so sánh với cơ sở dữ liệu ngành. { $changes } thay đổi đang chờ bạn xem lại.
mail-sync-prepared-button = Xem lại
mail-sync-prepared-closing = Chưa có gì thay đổi cho đến khi bạn áp dụng. Trường có thể đổi cách đồng bộ ban đêm trong Cấu hình nâng cao.
plan-doubts-doubt-registry = { $count } dòng mà cả trường và cơ sở dữ liệu ngành đều đã sửa
plan-doubts-doubt-registry-twin = { $count } dòng về người đang gắn với một người khác trong cơ sở dữ liệu ngành
sync-plan-reading = Đang so sánh với cơ sở dữ liệu ngành
sync-plan-refused = Chưa so sánh được
sync-plan-ready = Xem lại trước khi đồng bộ
sync-plan-applying = Đang áp dụng
sync-plan-applied = Kết quả đồng bộ
sync-plan-failed = Chưa đồng bộ được
sync-plan-undoing = Đang hoàn tác
sync-plan-undone = Lần đồng bộ này đã được hoàn tác
sync-nothing-written = chưa có gì thay đổi
sync-will-change = { $count ->
    [0] Không có gì để thay đổi
   *[other] Sẽ áp dụng { $count } thay đổi
}
sync-no-changes = Không có thay đổi nào
sync-no-changes-text = Dữ liệu của trường đã giống cơ sở dữ liệu ngành.
sync-find = Tìm họ tên
sync-undo = Hoàn tác lần đồng bộ
sync-discard = Bỏ lần đồng bộ này
sync-discard-ask = Bỏ lần đồng bộ này và những gì đã quyết định ở đây? Có thể so sánh lại bất cứ lúc nào.
