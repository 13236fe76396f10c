"""Sentences the score sheet's script says, in the reader's language. Placeholders in braces."""

import json

from django.utils.translation import gettext as _


def script_words() -> str:
    """The sentences as JSON, for a data attribute of the form."""
    return json.dumps(
        {
            "saving": _("Đang lưu…"),
            "saved": _("Đã lưu trên máy chủ {time}"),
            "savedExcept": _("Đã lưu trên máy chủ {time}, trừ {count} ô cần sửa"),
            "unsaved": _("Chưa có điểm nào trên máy chủ"),
            "held": _("Đang giữ trên máy này, sẽ gửi khi có mạng"),
            "unheld": _("Chưa gửi được và máy này không giữ được. Đừng đóng trang."),
            "failed": _("Máy chủ chưa nhận được {count} mục."),
            "again": _("Gửi lại"),
            "stays": _("Điểm đã gõ vẫn giữ trên máy này."),
            "login": _("Phiên đăng nhập đã hết. Điểm đang giữ trên máy này, tự gửi khi bạn đăng nhập lại."),
            "toLogin": _("Đăng nhập lại"),
            "stale": _("Mục {codes} đã được sửa trên máy khác lúc {time}."),
            "choose": _("Chọn bản giữ lại"),
            "keepMine": _("Giữ {points} của trang này"),
            "takeTheirs": _("Lấy {points} của máy kia"),
            "empty": _("ô trống"),
            "mineNote": _("Giữ ghi chú của trang này"),
            "theirsNote": _("Lấy ghi chú của máy kia"),
            "remark": _("nhận xét chung"),
            "missing": _("thiếu {count}"),
            "full": _("đủ"),
            "left": _("còn {count} mục chưa chấm"),
            "allScored": _("đã chấm đủ {count} mục"),
            "fix": _("có {count} ô cần sửa"),
            "toMissing": _("Đến mục thiếu"),
            "toFix": _("Đến ô cần sửa"),
            "submit": _("Nộp phiếu"),
            "needNet": _("Cần mạng để nộp"),
            "over": _("Điểm cao nhất của mục này là {top}. Hãy nhập từ 0 đến {top}."),
            "negative": _("Điểm không được âm. Hãy nhập từ 0 đến {top}."),
            "offStep": _("Bước điểm của kỳ này là {step}. Hãy nhập {below} hoặc {above}."),
            "notNumber": _("Ô này chỉ nhận điểm bằng số. Hãy nhập từ 0 đến {top}, ví dụ {example}."),
            "deadline": _("Hạn nộp {when}, còn {left}"),
            "past": _("Đã hết hạn nộp phiếu lúc {when}"),
            "days": _("{days} ngày {hours} giờ"),
            "hours": _("{hours} giờ {minutes} phút"),
            "minutes": _("{minutes} phút"),
        },
        ensure_ascii=False,
    )
