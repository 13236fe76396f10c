"""What was found in a signed file, said in words."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text.formats import day

from .enums import SignatureState
from .models import CertificatePaper
from .signing import Fault, Signature, Trouble

TROUBLES: dict[Trouble, Any] = {
    "not_a_pdf": gettext_lazy("Tệp này không phải là PDF. Hãy chọn tệp PDF đã ký số."),
    "too_large": gettext_lazy("Tệp nặng hơn 20 MB. Hãy xuất lại giấy chứng nhận nhẹ hơn rồi ký số."),
    "encrypted": gettext_lazy(
        "Tệp PDF có mật khẩu hoặc bị khóa nên không kiểm tra được. Hãy ký số trên tệp không đặt mật khẩu."
    ),
    "broken": gettext_lazy("Tệp PDF này bị hỏng hoặc chưa tải xong. Hãy mở thử trên máy của bạn rồi gửi lại."),
    "too_heavy": gettext_lazy(
        "Tệp PDF này bung ra quá lớn nên không được nhận. Hãy xuất lại giấy chứng nhận từ phần mềm rồi ký số."
    ),
    "too_slow": gettext_lazy("Kiểm tra chữ ký của tệp này quá lâu nên đã dừng. Hãy xuất lại tệp rồi ký số."),
}

FAULTS: dict[Fault, Any] = {
    "altered": gettext_lazy("Nội dung tệp đã bị sửa sau khi ký."),
    "appended": gettext_lazy("Có nội dung được thêm vào tệp sau khi ký."),
    "unreadable": gettext_lazy("Chữ ký trong tệp bị hỏng, không đọc được."),
    "no_chain": gettext_lazy("Chứng thư của người ký không do tổ chức chứng thực nào mà cổng tin cậy cấp."),
    "expired": gettext_lazy("Chứng thư của người ký đã hết hạn lúc ký."),
    "not_yet": gettext_lazy("Chứng thư của người ký chưa có hiệu lực lúc ký."),
    "from_the_future": gettext_lazy("Giờ ký ghi trong tệp còn ở phía trước. Hãy xem lại đồng hồ của máy ký."),
    "unfit": gettext_lazy("Chứng thư của người ký không dùng được để ký văn bản."),
}

PLAIN = {
    SignatureState.TRUSTED: gettext_lazy("Chữ ký số hợp lệ, tệp còn nguyên như khi ký."),
    SignatureState.UNKNOWN_SIGNER: gettext_lazy("Tệp còn nguyên như khi ký, nhưng cổng chưa xác minh được người ký."),
    SignatureState.ALTERED: gettext_lazy("Tệp đã bị sửa sau khi ký. Không dùng tệp này."),
    SignatureState.UNSIGNED: gettext_lazy("Tệp không có chữ ký số."),
}
BELONGS = {
    "code": gettext_lazy("Trong tệp có mã tra cứu của giấy chứng nhận này."),
    "number": gettext_lazy("Trong tệp có số của giấy chứng nhận này."),
    "unknown": gettext_lazy(
        "Không tìm thấy mã tra cứu hay số của giấy chứng nhận này trong tệp. Hãy mở tệp và tự đối chiếu."
    ),
}


@dataclass(frozen=True)
class Line:
    """One signature as the desk shows it."""

    signer: str
    issuer: str
    when: str
    term: str
    whole: str
    fault: str


def lines(paper: CertificatePaper) -> list[Line]:
    """Every signature found in the file, in the order they were made."""
    return [_line(Signature(**one)) for one in paper.findings.get("signatures", ())]


def _line(one: Signature) -> Line:
    first, last = _moment(one.not_before), _moment(one.not_after)
    return Line(
        signer=one.signer or _("không đọc được"),
        issuer=one.issuer,
        when=when_words(one),
        term=_("%(first)s đến %(last)s") % {"first": day(first.date()), "last": day(last.date())}
        if first and last
        else "",
        whole=_whole(one),
        fault=str(FAULTS[one.fault]) if one.fault else "",
    )


def when_words(one: Signature) -> str:
    """When it was signed and by whose clock."""
    at = _moment(one.stamped_at or one.claimed_at)
    if at is None:
        return _("không ghi giờ ký")
    facts = {"time": f"{at:%H:%M}", "day": day(at.date())}
    if one.stamped_at:
        return _("%(time)s ngày %(day)s, theo dấu thời gian") % facts
    return _("%(time)s ngày %(day)s, theo giờ máy ký") % facts


def _whole(one: Signature) -> str:
    if one.covers_file:
        return _("cả tệp")
    if one.changed_after in {"none", "lta_updates"}:
        return _("cả tệp, trừ dữ liệu xác thực thêm vào sau khi ký")
    if one.changed_after == "form_filling" and not one.fault:
        return _("phần trước chữ ký tiếp theo")
    return _("không phải cả tệp")


def _moment(text: str) -> dt.datetime | None:
    return timezone.localtime(dt.datetime.fromisoformat(text)) if text else None


def belongs_words(paper: CertificatePaper) -> str:
    """Whether the file speaks of this certificate; empty for a scan."""
    found = paper.findings.get("belongs")
    return str(BELONGS[found]) if found else ""


def plain(paper: CertificatePaper) -> str:
    """What the check of the signature means, in one sentence for everyone."""
    return str(PLAIN[SignatureState(paper.signature)])
