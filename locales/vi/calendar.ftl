# Lịch riêng cho ứng dụng lịch.
calendar-title = Lịch trên điện thoại
calendar-hint = Thời khóa biểu của bạn trong ứng dụng lịch, tự cập nhật
calendar-line = Dán địa chỉ riêng này vào ứng dụng lịch (Google Calendar, Apple, Outlook) để thấy thời khóa biểu của bạn và mọi thay đổi.
calendar-address = Địa chỉ lịch của bạn
calendar-once = Hãy chép ngay: địa chỉ chỉ hiện một lần. Ai có địa chỉ này đều xem được lịch của bạn.
calendar-none = Bạn chưa có địa chỉ lịch.
calendar-made = Địa chỉ lịch được tạo lúc { $date }.
calendar-make = Tạo địa chỉ
calendar-renew = Đổi địa chỉ
calendar-renew-ask = Đổi địa chỉ? Địa chỉ cũ sẽ ngừng hoạt động và bạn phải dán địa chỉ mới vào ứng dụng lịch.
calendar-revoke = Hủy địa chỉ
calendar-revoke-ask = Hủy địa chỉ? Ứng dụng lịch sẽ không còn thấy thời khóa biểu của bạn.
calendar-own = Thời khóa biểu
done-calendar-revoked = Đã hủy địa chỉ lịch.
