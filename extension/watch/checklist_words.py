"""The sentences that the checklist's script says, in the language of the page."""

import json

from django.utils.translation import gettext as _


def script_words() -> str:
    """Every sentence of the save-state line and the dock, as JSON."""
    return json.dumps(
        {
            "saved": _("Đã lưu trên máy chủ {time}"),
            "saving": _("Đang lưu…"),
            "held": _("Đang giữ trên máy này, sẽ gửi khi có mạng"),
            "unheld": _("Chưa gửi được và trình duyệt này không giữ được. Đừng đóng trang."),
            "unsaved": _("Chưa có gì trên máy chủ"),
            "onlyPhotos": _("Trên máy chủ mới có {count} ảnh"),
            "failed": _("Máy chủ chưa nhận được {count} mục."),
            "login": _("Phiên đăng nhập đã hết. Những gì đã ghi vẫn giữ trên máy này."),
            "toLogin": _("Đăng nhập lại"),
            "again": _("Gửi lại"),
            "stays": _("Những gì đã ghi vẫn giữ trên máy này."),
            "stale": _("{codes} đã được sửa ở máy khác lúc {time}."),
            "choose": _("Chọn bản giữ lại"),
            "keepMine": _("Giữ của tôi: {text}"),
            "takeTheirs": _("Lấy bản kia: {text}"),
            "empty": _("để trống"),
            "photos": _("{count} ảnh đang giữ trên máy này"),
            "sendingPhotos": _("Đang gửi {count} ảnh…"),
            "finish": _("Kết thúc kiểm tra"),
            "needNet": _("Cần mạng để kết thúc"),
            "locating": _("Đang lấy vị trí…"),
            "located": _("Đã ghi vị trí, sai số khoảng {metres} m"),
            "notLocated": _(
                "Máy không cho biết vị trí. Hãy bật định vị cho trang này, hoặc ghi nơi kiểm tra bằng lời."
            ),
            "waiting": _("chờ gửi"),
            "drop": _("Bỏ ảnh này"),
            "photo": _("Ảnh câu {number}"),
            "overall": _("Ảnh chung"),
            "full": _("Máy này hết chỗ giữ ảnh. Hãy tìm nơi có mạng để gửi các ảnh đã chụp, rồi chụp tiếp."),
        },
        ensure_ascii=False,
    )
