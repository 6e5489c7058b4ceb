"""What an alarm says to people, in Vietnamese: what is wrong, and what to do. The technical detail stays as the log has it."""

from __future__ import annotations

from mailbox_ingest.model.alarms import AlarmKind

# kind: what is wrong; what to do
WORDS: dict[AlarmKind, tuple[str, str]] = {
    AlarmKind.MAILBOX_LOGIN_REFUSED: (
        "Hộp thư từ chối đăng nhập",
        "Mật khẩu có thể đã đổi hoặc mật khẩu ứng dụng đã bị thu hồi. Tạo mật khẩu ứng dụng mới, cập nhật cấu hình và khởi động lại.",
    ),
    AlarmKind.TOKEN_REVOKED: (
        "Quyền truy cập hộp thư (OAuth) đã hết hiệu lực",
        "Chạy lại “mailbox-ingest auth google” để cấp lại quyền cho tài khoản.",
    ),
    AlarmKind.MAILBOX_REFUSED: (
        "Máy chủ thư đến từ chối yêu cầu",
        "Chạy “mailbox-ingest doctor” để kiểm tra máy chủ, chứng thư số và tên thư mục trong cấu hình.",
    ),
    AlarmKind.MAILBOX_UNREACHABLE: (
        "Không kết nối được với hộp thư",
        "Kiểm tra mạng, tường lửa và tình trạng của nhà cung cấp thư. Thư vẫn nằm trên máy chủ và sẽ được lấy về khi có kết nối.",
    ),
    AlarmKind.MAILBOX_SILENT: (
        "Đã lâu chưa kiểm tra được hộp thư",
        "Kiểm tra dịch vụ có đang chạy không và nhật ký có dòng “poll_done” không; nếu cần, khởi động lại dịch vụ.",
    ),
    AlarmKind.DOWNLOAD_BUDGET_SPENT: (
        "Đã dùng hết dung lượng tải thư trong ngày",
        "Việc lấy thư tạm dừng để hộp thư không bị khóa, và tự tiếp tục khi có lại dung lượng. Xem thư nào quá lớn hoặc quá nhiều.",
    ),
    AlarmKind.NO_MAIL: (
        "Đến hạn báo cáo nhưng chưa nhận được thư nào",
        "Gửi thử một thư đến hộp thư nhận báo cáo; kiểm tra thư mục thư rác, bộ lọc và việc chuyển tiếp thư.",
    ),
    AlarmKind.DISK_FULL: (
        "Ổ đĩa đã đầy",
        "Giải phóng dung lượng hoặc mở rộng ổ đĩa chứa cơ sở dữ liệu và thư mục tạm. Không mất thư: thư vẫn nằm trên máy chủ.",
    ),
    AlarmKind.DATABASE_BUSY: (
        "Cơ sở dữ liệu đang bị chương trình khác khóa",
        "Tìm và dừng chương trình đang giữ tệp cơ sở dữ liệu (bản thứ hai của dịch vụ, công cụ sao lưu, phiên sqlite3 còn mở).",
    ),
    AlarmKind.DATABASE_UNAVAILABLE: (
        "Không dùng được cơ sở dữ liệu",
        "Kiểm tra máy chủ PostgreSQL hoặc tệp SQLite bằng “mailbox-ingest db check”. Sau khi nâng cấp, chạy “mailbox-ingest db upgrade”.",
    ),
    AlarmKind.SENDING_REFUSED: (
        "Máy chủ thư đi từ chối tài khoản gửi",
        "Kiểm tra mật khẩu ứng dụng và cấu hình [smtp], rồi chạy “mailbox-ingest doctor”. Thư trả lời vẫn nằm trong hàng đợi.",
    ),
    AlarmKind.SENDING_UNREACHABLE: (
        "Không kết nối được với máy chủ thư đi",
        "Kiểm tra mạng và tường lửa (cổng 587). Thư trả lời vẫn nằm trong hàng đợi và sẽ được gửi khi có kết nối.",
    ),
    AlarmKind.SENDING_PAUSED: (
        "Việc gửi thư đã tạm dừng",
        "Thường do vượt hạn mức gửi trong ngày của nhà cung cấp; việc gửi tự tiếp tục. Xem “mailbox-ingest status”.",
    ),
    AlarmKind.REPLIES_STOPPED: (
        "Đã ngừng gửi thư trả lời để tránh lặp thư",
        "Quá nhiều thư trả lời trong thời gian ngắn. Tìm nguyên nhân (máy trả lời tự động) rồi chạy “mailbox-ingest outbox resume”. "
        "Nếu các thư đều đúng (nhiều đơn vị cùng gửi), tăng breaker_replies trong mục [outbox].",
    ),
    AlarmKind.READING_IMPOSSIBLE: (
        "Không khởi động được tiến trình đọc báo cáo",
        "Kiểm tra bộ nhớ, số tiến trình và thư mục tạm của máy. Thư đã nhận vẫn chờ và sẽ được đọc sau.",
    ),
    AlarmKind.MAILS_HELD: (
        "Có thư gửi đi đang chờ người quyết định",
        "Không chắc thư đã được gửi hay chưa. Xem bằng “mailbox-ingest outbox list --state held” và “outbox show”, rồi chọn "
        "“outbox release” (gửi) hoặc “outbox drop” (bỏ).",
    ),
    AlarmKind.MESSAGES_UNREAD: (
        "Nhiều thư không đọc được",
        "Xem các thư đang chờ bằng “mailbox-ingest review list” và lỗi trong nhật ký (“message_failed”); báo cho người phát triển.",
    ),
    AlarmKind.SENDERS_UNPROVEN: (
        "Không thư nào được xác thực: mọi thư đều phải chờ người xem",
        "Đặt authserv_id của hộp thư đúng tên mà nhà cung cấp ghi ở đầu dòng Authentication-Results. Nếu nhà cung cấp không ghi tên, "
        "đặt unproven_senders trong mục [admission] (khi đó không gì chứng tỏ thư là của đơn vị). Xem thêm “mailbox-ingest doctor”.",
    ),
    AlarmKind.DIGEST_FAILED: (
        "Chưa lập được bản tổng hợp gửi lãnh đạo",
        "Chạy “mailbox-ingest digest preview” để thấy lỗi; bản tổng hợp được thử lại mỗi 15 phút.",
    ),
    AlarmKind.REMINDERS_FAILED: (
        "Chưa lập được thư nhắc báo cáo",
        "Chạy “mailbox-ingest remind --dry-run” để thấy lỗi; thư nhắc được thử lại sau mỗi lần kiểm tra hộp thư.",
    ),
    AlarmKind.BACKUP_FAILED: (
        "Không sao lưu được cơ sở dữ liệu",
        "Kiểm tra thư mục [backup] còn chỗ và ghi được không, rồi chạy “mailbox-ingest backup” để thử lại.",
    ),
    AlarmKind.JOB_FAILED: (
        "Một công việc định kỳ không chạy được",
        "Đọc phần chi tiết, chạy “mailbox-ingest doctor” và xem dòng “job_failed” trong nhật ký.",
    ),
    AlarmKind.JOB_BROKEN: (
        "Một công việc định kỳ bị lỗi chương trình",
        "Gửi nhật ký quanh thời điểm này cho người phát triển. Các công việc khác vẫn chạy.",
    ),
}
