"""Tax codes: 10 digits with a check digit, 10-3 for branches, or the 12-digit personal id of a household.

An odd code is worth a warning, never a refusal: old registrations and typing errors must not stop an entry.
"""

import re

from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

LENGTH = 10
BRANCH_LENGTH = 13
PERSONAL_LENGTH = 12
STORED_LENGTH = 14
SHOWN = 3
_ODD_BRANCH = re.compile(r"\s*(\d{10})\s*[-\u2013\u2014]\s*(\d{1,2})\s*", re.ASCII)


def normalise(text: str) -> str:
    """The form in which a code is stored: no blanks or dots, a branch as 10-3.

    A nine-digit number that becomes valid with the zero Excel dropped gets its zero back.
    """
    if odd := _ODD_BRANCH.fullmatch(text):
        return "-".join(odd.groups())  # not a personal id, though it has as many digits
    code = re.sub(r"[\s./\u2013\u2014-]+", "", text).upper()
    if len(code) == LENGTH - 1 and code.isdigit() and mst.is_valid(f"0{code}"):
        code = f"0{code}"
    return f"{code[:LENGTH]}-{code[LENGTH:]}" if len(code) == BRANCH_LENGTH and code.isdigit() else code


def is_personal(text: str) -> bool:
    """Whether the code is a person's 12-digit id, which is personal data."""
    code = normalise(text)
    return len(code) == PERSONAL_LENGTH and code.isdigit()


def check(text: str) -> str | None:
    """A sentence about an odd code, or None when it is empty or in order."""
    code = normalise(text)
    if not code or is_personal(code):
        return None
    try:
        mst.validate(code)
    except ValidationError:
        return _warning(code)
    return None


def _warning(code: str) -> str:
    digits = code.replace("-", "")
    if not digits.isdigit() or len(digits) not in {LENGTH, BRANCH_LENGTH}:
        return _(
            "Mã số thuế %(code)s không có dạng 10 số, 10-3 số hoặc 12 số định danh. "
            "Hãy đối chiếu với giấy đăng ký kinh doanh."
        ) % {"code": code}
    return _("Mã số thuế %(code)s sai chữ số kiểm tra. Hãy đối chiếu với giấy đăng ký kinh doanh.") % {"code": code}


def mask(text: str) -> str:
    """The code as it may be shown outside staff screens: of a personal id only the last three digits."""
    code = normalise(text)
    return f"{'•' * (PERSONAL_LENGTH - SHOWN)}{code[-SHOWN:]}" if is_personal(code) else code
