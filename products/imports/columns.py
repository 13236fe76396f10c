"""How officers write the columns and values of a list of recognised products. Pure."""

import datetime as dt
import re

from django.utils.translation import gettext as _

from portal.text.folding import fold
from portal.text.formats import roman

from ..enums import GROUP_SHORT, Level, ProductGroup, Stage

HEADINGS: dict[str, tuple[str, ...]] = {
    "level": ("cấp", "cấp công nhận", "cấp bình chọn"),
    "year": ("năm", "năm công nhận", "năm bình chọn"),
    "round_ordinal": ("lần thứ", "lần", "kỳ", "kỳ bình chọn", "lần bình chọn"),
    "province": ("tỉnh", "tỉnh, thành phố", "tỉnh thành", "tỉnh khi công nhận", "địa phương"),
    "product": ("sản phẩm", "tên sản phẩm", "tên sản phẩm, bộ sản phẩm", "sản phẩm, bộ sản phẩm"),
    "is_set": ("bộ sản phẩm", "là bộ sản phẩm", "là bộ", "bộ"),
    "facility": ("cơ sở", "tên cơ sở", "cơ sở sản xuất", "cơ sở công nghiệp nông thôn", "đơn vị", "đơn vị sản xuất"),
    "facility_address": ("địa chỉ", "địa chỉ cơ sở", "địa chỉ sản xuất"),
    "group": ("nhóm", "nhóm sản phẩm"),
    "facility_kind": ("loại hình", "loại hình cơ sở", "loại cơ sở"),
    "tax_code": ("mã số thuế", "mst"),
    "members": ("thành phần", "sản phẩm trong bộ", "các sản phẩm trong bộ", "thành phần của bộ"),
    "decision_number": ("số quyết định", "quyết định", "quyết định số", "quyết định công nhận"),
    "decision_date": ("ngày quyết định", "ngày ký", "ngày ký quyết định"),
    "certificate_number": ("số giấy chứng nhận", "giấy chứng nhận số", "giấy chứng nhận", "số gcn"),
    "issued_on": ("ngày cấp", "ngày cấp giấy chứng nhận"),
    "expires_on": ("ngày hết hiệu lực", "hết hiệu lực", "hiệu lực đến", "có hiệu lực đến", "ngày hết hạn"),
    "stage": ("giai đoạn", "tình trạng", "trạng thái"),
    "group_certainty": ("căn cứ xếp nhóm", "độ chắc chắn của nhóm"),
    "source": ("nguồn", "nguồn tin"),
    "suspended_from": ("tạm dừng từ",),
    "suspended_to": ("tạm dừng đến hết",),
    "withdrawn_on": ("xin rút ngày",),
    "revoked_on": ("thu hồi ngày",),
    "status_reason": ("lý do tạm dừng, rút, thu hồi",),
    "facility_id": ("mã cơ sở trong tệp",),
    "product_id": ("mã sản phẩm trong tệp",),
    "note": ("ghi chú",),
}
REQUIRED = ("level", "year", "province", "product")


def _folded(words: dict[str, object]) -> dict[str, object]:
    return {fold(word): value for word, value in words.items()}


_LEVELS = _folded({
    **{level.value: level for level in Level},
    **{str(level.label): level for level in Level},
    "huyện": Level.DISTRICT,
    "xã": Level.COMMUNE,
    "tỉnh": Level.PROVINCE,
    "cấp tỉnh, thành phố": Level.PROVINCE,
    "cấp thành phố": Level.PROVINCE,
    "khu vực": Level.REGION,
    "quốc gia": Level.NATIONAL,
    "trung ương": Level.NATIONAL,
})  # fmt: skip
_GROUPS = _folded({
    **{group.value: group for group in ProductGroup},
    **{str(group.label): group for group in ProductGroup},
    **{str(label): group for group, label in GROUP_SHORT.items()},
    **{f"{prefix}{number}": group for number, group in enumerate(ProductGroup, 1) for prefix in ("", "nhóm ")},
    "sản phẩm thủ công mỹ nghệ": ProductGroup.HANDICRAFT,
    "nhóm thủ công mỹ nghệ": ProductGroup.HANDICRAFT,
    "nhóm sản phẩm thủ công mỹ nghệ": ProductGroup.HANDICRAFT,
    "chế biến": ProductGroup.PROCESSING,
    "thực phẩm": ProductGroup.PROCESSING,
    "chế biến nông, lâm, thủy sản": ProductGroup.PROCESSING,
    "chế biến nông lâm thủy sản, thực phẩm": ProductGroup.PROCESSING,
    "nhóm chế biến nông, lâm, thủy sản và thực phẩm": ProductGroup.PROCESSING,
    "sản phẩm chế biến nông, lâm, thủy sản và thực phẩm": ProductGroup.PROCESSING,
    "nhóm sản phẩm chế biến nông, lâm, thủy sản và thực phẩm": ProductGroup.PROCESSING,
    "cơ khí": ProductGroup.MACHINERY,
    "thiết bị, máy móc": ProductGroup.MACHINERY,
    "nhóm thiết bị, máy móc, dụng cụ và phụ tùng cơ khí": ProductGroup.MACHINERY,
    "sản phẩm thiết bị, máy móc, dụng cụ và phụ tùng cơ khí": ProductGroup.MACHINERY,
    "nhóm sản phẩm thiết bị, máy móc, dụng cụ và phụ tùng cơ khí": ProductGroup.MACHINERY,
    "khác": ProductGroup.OTHER,
    "nhóm khác": ProductGroup.OTHER,
    "các sản phẩm khác": ProductGroup.OTHER,
    "nhóm sản phẩm khác": ProductGroup.OTHER,
    "nhóm các sản phẩm khác": ProductGroup.OTHER,
})  # fmt: skip
_STAGES = _folded({
    **{stage.value: stage for stage in Stage},
    **{str(stage.label): stage for stage in Stage},
    "": Stage.RECOGNISED,
    "công nhận": Stage.RECOGNISED,
    "đề nghị": Stage.PROPOSED,
    "đề nghị công nhận": Stage.PROPOSED,
    "đề xuất": Stage.PROPOSED,
    "đề cử": Stage.PROPOSED,
})  # fmt: skip
_YES = {fold(word) for word in ("1", "có", "x", "bộ", "bộ sản phẩm", "true", "yes", "đúng")}
_NO = {fold(word) for word in ("0", "không", "đơn", "sản phẩm đơn", "false", "no", "sai")}
_CERTAIN = {fold(word) for word in ("", "stated", "1", "có", "quyết định", "theo quyết định", "đã xác minh")}

MAX_ORDINAL = 99
_ORDINALS = {roman(number): number for number in range(1, MAX_ORDINAL + 1)}
_NUMBER = re.compile(
    r"^(?:quyết định|qđ)?\s*(?:số)?\s*:?\s*(?P<number>[0-9]+[a-z]?)\s*(?:/\s*(?P<symbol>\S.*))?$", re.IGNORECASE
)


class Unreadable(ValueError):
    """A cell that cannot be understood; the message is a whole Vietnamese sentence."""


def level_of(text: str) -> Level:
    found = _LEVELS.get(fold(text))
    if not isinstance(found, Level):
        raise Unreadable(
            _("Cấp “%(text)s” không có. Hãy ghi cấp huyện, xã, tỉnh, khu vực hoặc quốc gia.") % {"text": text}
            if text
            else _("Chưa ghi cấp công nhận. Hãy ghi cấp huyện, xã, tỉnh, khu vực hoặc quốc gia.")
        )
    return found


def group_of(text: str) -> ProductGroup | None:
    """The group, or None for an empty cell."""
    if not text:
        return None
    found = _GROUPS.get(fold(text)) or _group_named(text)
    if not isinstance(found, ProductGroup):
        labels = "; ".join(str(label) for label in GROUP_SHORT.values())
        raise Unreadable(_("Nhóm “%(text)s” không có. Bốn nhóm là: %(labels)s.") % {"text": text, "labels": labels})
    return found


# What a longer heading of a group cannot do without ("Nhóm sản phẩm về thiết bị, máy móc, nông cụ").
_GROUP_WORDS = {
    fold("thủ công mỹ nghệ"): ProductGroup.HANDICRAFT,
    fold("chế biến"): ProductGroup.PROCESSING,
    fold("cơ khí"): ProductGroup.MACHINERY,
    fold("máy móc"): ProductGroup.MACHINERY,
}


def _group_named(text: str) -> ProductGroup | None:
    """The group that a heading beginning with "nhóm" or "sản phẩm" names, when it names only one."""
    words = fold(text)
    if not words.startswith(("nhom ", "san pham ", "cac san pham ", "nganh ")):
        return None
    found = {group for key, group in _GROUP_WORDS.items() if f" {key} " in f" {words} "}
    if not found and words.endswith(" khac"):
        return ProductGroup.OTHER
    return found.pop() if len(found) == 1 else None


def is_group(text: str) -> bool:
    """Whether a text names one of the groups."""
    try:
        return group_of(text) is not None
    except Unreadable:
        return False


def stage_of(text: str) -> Stage:
    found = _STAGES.get(fold(text))
    if not isinstance(found, Stage):
        raise Unreadable(_("Giai đoạn “%(text)s” không có. Hãy ghi “đã công nhận” hoặc “đề nghị”.") % {"text": text})
    return found


def set_of(text: str) -> bool | None:
    """Whether the row is a set, or None for an empty cell."""
    if not text:
        return None
    if fold(text) in _YES:
        return True
    if fold(text) in _NO:
        return False
    raise Unreadable(_("Cột bộ sản phẩm ghi “%(text)s”. Hãy ghi 1 nếu là bộ, 0 nếu không.") % {"text": text})


def certain(text: str) -> bool:
    """Whether the group stands in the decision; anything but a word for yes says it was inferred."""
    return fold(text) in _CERTAIN


def year_of(text: str, *, today: dt.date, first: int) -> int:
    match = re.fullmatch(r"(?:năm\s+)?(\d{4})", text, re.IGNORECASE)
    if not match:
        raise Unreadable(
            _("Năm “%(text)s” không hợp lệ. Hãy ghi năm bằng bốn chữ số.") % {"text": text}
            if text
            else _("Chưa ghi năm công nhận. Hãy ghi năm bằng bốn chữ số.")
        )
    year = int(match[1])
    if year > today.year:
        raise Unreadable(_("Năm %(year)s chưa đến. Hãy kiểm tra lại năm.") % {"year": year})
    if year < first:
        raise Unreadable(_("Năm %(year)s quá xa. Hãy ghi năm từ %(first)s.") % {"year": year, "first": first})
    return year


def ordinal_of(text: str) -> int:
    """The ordinal of a round, written VI or 6, "lần thứ VI"; 0 for an empty cell."""
    word = re.sub(r"^(?:lần)?\s*(?:thứ)?\s*", "", text, flags=re.IGNORECASE).strip().upper()
    if not word:
        return 0
    if word in _ORDINALS:
        return _ORDINALS[word]
    if word.isdecimal() and 1 <= int(word) <= MAX_ORDINAL:
        return int(word)
    raise Unreadable(_("Lần thứ “%(text)s” không hợp lệ. Hãy ghi số La Mã, ví dụ VI, hoặc số thường.") % {"text": text})


def decision_of(text: str) -> tuple[str, str] | None:
    """Number and symbol of a decision ("2568/QĐ-BCT"), or None for an empty cell."""
    if not text:
        return None
    match = _NUMBER.match(text)
    if not match:
        raise Unreadable(
            _("Số quyết định “%(text)s” không hợp lệ. Hãy ghi số và ký hiệu, ví dụ 2568/QĐ-BCT.") % {"text": text}
        )
    return match["number"], (match["symbol"] or "QĐ").strip()
