"""The shield of the forms that anyone may send: no third party, no picture to decipher, nothing typed lost.

Most people never notice it. What looks like a program (sent within a second or two, a hidden box filled in, many
links, the same text again, too many from one place or to one address) is asked one plain sum in words, and goes on
with the answer. Only an address that sends hundreds in an hour has to wait: a hall behind one address never does.

Counts live in the cache, under a keyed hash of the address, for an hour or a day. Without a cache that answers,
the seal of the page and the sum still hold.
"""

import datetime as dt
import logging
import random
import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from portal.text.folding import fold
from portal.text.rates import caller_of

SALT = "products.robots"
# The names say nothing that tells a program which boxes to leave alone.
SEAL, TRAP, SUM = "dau", "website", "ket_qua"
FASTEST, OLDEST = dt.timedelta(seconds=3), dt.timedelta(hours=12)
HOUR, DAY = 3600, 24 * 3600
# Past these a sum is asked: letters from one address and to one target within an hour, the same text within a day.
FROM_ONE, TO_ONE, SAME_TEXT = 8, 30, 2
# Past these the address waits for the hour to end: letters, wrong sums.
MOST_FROM_ONE, MOST_WRONG = 300, 60
LINKS = 2
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
_LOG = logging.getLogger(__name__)
# With a context: "năm" is a year elsewhere.
NUMBERS = (
    pgettext_lazy("số đếm", "không"), pgettext_lazy("số đếm", "một"), pgettext_lazy("số đếm", "hai"),
    pgettext_lazy("số đếm", "ba"), pgettext_lazy("số đếm", "bốn"), pgettext_lazy("số đếm", "năm"),
    pgettext_lazy("số đếm", "sáu"), pgettext_lazy("số đếm", "bảy"), pgettext_lazy("số đếm", "tám"),
    pgettext_lazy("số đếm", "chín"), pgettext_lazy("số đếm", "mười"), pgettext_lazy("số đếm", "mười một"),
    pgettext_lazy("số đếm", "mười hai"), pgettext_lazy("số đếm", "mười ba"), pgettext_lazy("số đếm", "mười bốn"),
    pgettext_lazy("số đếm", "mười lăm"), pgettext_lazy("số đếm", "mười sáu"), pgettext_lazy("số đếm", "mười bảy"),
    pgettext_lazy("số đếm", "mười tám"),
)  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """What the page carries, sealed: which letter it makes, when it was opened, the sum it asks (0 and 0 for none)."""

    uuid: UUID
    made_at: dt.datetime
    first: int = 0
    second: int = 0

    @property
    def asks(self) -> bool:
        return bool(self.first)

    @property
    def question(self) -> str:
        return _("%(first)s cộng %(second)s bằng mấy?") % {
            "first": str(NUMBERS[self.first]).capitalize(),
            "second": NUMBERS[self.second],
        }

    def is_solved(self, answer: str) -> bool:
        """The sum in figures or in words, with or without marks."""
        total = self.first + self.second
        said = fold(answer)
        return self.asks and said in {str(total), fold(str(NUMBERS[total]))}


@dataclass(frozen=True)
class Verdict:
    """What becomes of a form: sent (no words), asked once more with a ticket, or told to wait some seconds."""

    why: str = ""
    ticket: Ticket | None = None
    wait: int = 0

    @property
    def passes(self) -> bool:
        return not self.why


def new_ticket(now: dt.datetime) -> Ticket:
    return Ticket(uuid4(), now)


def sealed(ticket: Ticket) -> str:
    return signing.dumps([ticket.uuid.hex, int(ticket.made_at.timestamp()), ticket.first, ticket.second], salt=SALT)


def unsealed(text: str) -> Ticket | None:
    """The ticket as the portal sealed it; None for everything else."""
    try:
        name, seconds, first, second = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return Ticket(UUID(name), dt.datetime.fromtimestamp(seconds, tz=dt.UTC), first, second)


def judge(request: HttpRequest, ticket: Ticket | None, *, text: str, target: str, now: dt.datetime) -> Verdict:
    """Whether a form whose fields are right may be sent. Counts it, whatever the verdict."""
    caller = caller_of(request, SALT)
    counts = _count(caller, text, target, now)
    if counts.of_caller > MOST_FROM_ONE or _so_far(f"wrong:{caller}", HOUR, now) > MOST_WRONG:
        why = _("Từ mạng này vừa có quá nhiều thư. Nội dung bạn viết còn nguyên ở đây. Hãy gửi lại sau ít phút.")
        return Verdict(why, ticket, wait=HOUR - int(now.timestamp()) % HOUR)
    if ticket is not None and ticket.asks:
        if ticket.is_solved(request.POST.get(SUM, "")):
            return Verdict()
        _counted(f"wrong:{caller}", HOUR, now)
        return _ask(ticket, now, _("Kết quả phép cộng chưa đúng. Nội dung bạn viết còn nguyên, hãy trả lời câu mới."))
    if ticket is not None and now - ticket.made_at > OLDEST:
        # Whoever holds a seal of the portal only left the page open; the letter's own name lets it be sent once.
        why = _("Trang mở đã lâu nên cần gửi lại. Nội dung bạn viết còn nguyên, hãy bấm gửi lần nữa.")
        return Verdict(why, replace(ticket, made_at=now - FASTEST))
    why = _suspicion(request, ticket, text, counts, now)
    return _ask(ticket, now, why) if why else Verdict()


@dataclass(frozen=True)
class Counts:
    """How many letters this one makes within the hour or the day."""

    of_caller: int
    of_target: int
    of_text: int


def _suspicion(request: HttpRequest, ticket: Ticket | None, text: str, counts: Counts, now: dt.datetime) -> str:
    """The first thing that looks like a program, in words; empty when nothing does."""
    signs = (
        (ticket is None, _("Trang thiếu dấu thời gian.")),
        (ticket is not None and now - ticket.made_at < FASTEST, _("Thư gửi nhanh hơn người đọc kịp.")),
        (bool(request.POST.get(TRAP, "").strip()), _("Trình duyệt đã tự điền một ô để trống.")),
        (len(_LINK.findall(text)) > LINKS, _("Thư có nhiều đường liên kết.")),
        (counts.of_text > SAME_TEXT, _("Nội dung này vừa được gửi nhiều lần.")),
        (counts.of_caller > FROM_ONE, _("Từ mạng này vừa có nhiều thư.")),
        (counts.of_target > TO_ONE, _("Nơi nhận vừa có nhiều thư.")),
    )
    why = next((words for is_so, words in signs if is_so), "")
    return f"{why} {_('Để chắc là người đang gửi, hãy trả lời phép cộng rồi bấm gửi lần nữa.')}" if why else ""


def _ask(ticket: Ticket | None, now: dt.datetime, why: str) -> Verdict:
    chance = random.SystemRandom()
    asked = ticket or new_ticket(now)
    return Verdict(why, replace(asked, first=chance.randint(1, 9), second=chance.randint(1, 9)))


# --- counting -----------------------------------------------------------------------------------------------------


def too_many(request: HttpRequest, what: str, most: int, now: dt.datetime) -> bool:
    """Count one small act of an address; whether it is more than so many within the hour."""
    return _counted(f"{what}:{caller_of(request, SALT)}", HOUR, now) > most


def _count(caller: str, text: str, target: str, now: dt.datetime) -> Counts:
    words = sha256(fold(text).encode()).hexdigest()[:24]
    return Counts(
        of_caller=_counted(f"from:{caller}", HOUR, now),
        of_target=_counted(f"to:{target}", HOUR, now),
        of_text=_counted(f"text:{words}", DAY, now),
    )


def _key(name: str, seconds: int, now: dt.datetime) -> str:
    return f"letters:{name}:{int(now.timestamp()) // seconds}"


def _counted(name: str, seconds: int, now: dt.datetime) -> int:
    key = _key(name, seconds, now)
    return _asked_cache(lambda: cache.incr(key) if not cache.add(key, 1, seconds) else 1)


def _so_far(name: str, seconds: int, now: dt.datetime) -> int:
    return _asked_cache(lambda: int(cache.get(_key(name, seconds, now), 0)))


def _asked_cache(ask: Any) -> int:
    """A cache that does not answer, or forgot between two calls, counts nothing: letters still come."""
    try:
        return int(ask())
    except Exception:
        _LOG.warning("The cache does not count letters", exc_info=True)
        return 0
