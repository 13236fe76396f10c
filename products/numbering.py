"""How the numbers of certificates are written. Pure.

A pattern is text with `{number}` (or `{number:03d}`, at least three digits) and, where wanted, `{year}`. Within
one book, which is one authority's of one year, different numbers always read differently.
"""

import re
from string import Formatter

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

DEFAULT_PATTERN = "{number:03d}/GCN-CNNTTB"
LONGEST = 60
HIGHEST = 999_999
_DIGITS = re.compile(r"0[1-6]d")


def written(pattern: str, *, number: int, year: int) -> str:
    """The number as it stands on the paper. The pattern must have passed `check_pattern`."""
    return pattern.format(number=number, year=year)


def check_pattern(pattern: str, *, year: int) -> None:
    """Refuses, in words and at the field `pattern`, what cannot number the certificates of a year."""
    try:
        pieces = list(Formatter().parse(pattern))
    except ValueError:
        raise _refusal(_("Mẫu số có dấu ngoặc nhọn chưa đóng. Hãy viết như {number:03d}/GCN-CNNTTB.")) from None
    fields = [(name, spec or "", turned) for _text, name, spec, turned in pieces if name is not None]
    for name, spec, turned in fields:
        _check_field(name, spec, turned)
    if [name for name, _spec, _turned in fields].count("number") != 1:
        raise _refusal(_("Mẫu số phải có {number} đúng một lần, ở chỗ của số thứ tự."))
    literal = "".join(text for text, *_rest in pieces)
    if re.search(rf"(?<!\d){year}(?!\d)", literal):
        raise _refusal(
            _("Mẫu số ghi sẵn năm %(now)s thì năm sau sẽ sai. Hãy viết {year} ở chỗ của năm.") % {"now": year}
        )
    if len(written(pattern, number=HIGHEST, year=year)) > LONGEST:
        raise _refusal(_("Mẫu số dài quá. Số đầy đủ không được quá %(longest)s chữ.") % {"longest": LONGEST})


def _check_field(name: str, spec: str, turned: str | None) -> None:
    if name not in {"number", "year"}:
        raise _refusal(
            _("Mẫu số không hiểu “%(name)s”. Chỉ dùng {number} cho số thứ tự và {year} cho năm.") % {"name": name}
        )
    if turned or (spec and not (name == "number" and _DIGITS.fullmatch(spec))):
        raise _refusal(_("Sau {number chỉ viết được :02d, :03d, :04d… rồi đóng ngoặc, để số đủ từng ấy chữ số."))


def check_last_number(last_number: int) -> None:
    """Refuses, at the field `paper_number`, where a paper book cannot have ended."""
    if not 1 <= last_number <= HIGHEST:
        raise Refusal(
            "last_number_out_of_range",
            _("Số cuối của sổ giấy phải từ 1 đến %(highest)s.") % {"highest": HIGHEST},
            field="paper_number",
        )


def _refusal(sentence: str) -> Refusal:
    return Refusal("bad_pattern", sentence, field="pattern")
