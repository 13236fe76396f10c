"""What a mail server's refusal says about the address. Pure.

Only what is plainly the address's own fault stops letters to it: a refusal of our server, of our message or of the
route would otherwise silence every address within an hour.
"""

import re

from .enums import FaultKind

# Enhanced codes (RFC 3463): class, subject, detail. Subject 1 is the address, 2 the mailbox.
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<!\d)([245]\d\d)(?!\d)")
_FULL = ("2", "2")
# Without an enhanced code: no such mailbox, user not local, mailbox name not allowed.
_NO_SUCH = frozenset({550, 551, 553})
_FULL_BASIC = 552
_PASSING, _LASTING = 400, 500


def of_refusal(code: int, text: str) -> FaultKind | None:
    """What a refusal given while sending says: hard, or nothing. A passing refusal (4xx) is only tried again."""
    if code < _LASTING:
        return None
    return of_status(_status_in(text), code)


def of_report(status: str, diagnosis: str) -> FaultKind | None:
    """What a report of failed delivery says: hard, soft, or nothing about the address."""
    found = _status_in(status) or _status_in(diagnosis)
    basic = _BASIC.search(diagnosis)
    code = int(basic[1]) if basic else 0
    if (found or ("", "", ""))[0] == "4" or (found is None and _PASSING <= code < _LASTING):
        return FaultKind.SOFT
    return of_status(found, code)


def of_status(enhanced: tuple[str, str, str] | None, code: int) -> FaultKind | None:
    if enhanced is None:
        return FaultKind.SOFT if code == _FULL_BASIC else FaultKind.HARD if code in _NO_SUCH else None
    _class, subject, detail = enhanced
    if (subject, detail) == _FULL or code == _FULL_BASIC:
        return FaultKind.SOFT
    if subject in ("1", "2"):
        # 5.1.7 and 5.1.8 speak of the sender's address.
        return None if (subject, detail) in {("1", "7"), ("1", "8")} else FaultKind.HARD
    # 5.0.0 says nothing more than the basic code does.
    return FaultKind.HARD if subject == "0" and code in _NO_SUCH | {0} else None


def _status_in(text: str) -> tuple[str, str, str] | None:
    found = _ENHANCED.search(text)
    return (found[1], found[2], found[3]) if found else None
