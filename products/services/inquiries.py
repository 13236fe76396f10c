"""What becomes of a reader's letter: received, passed on, answered, closed, erased.

Audit rows name the kind of letter and what it is about, never the sender, the words or the network address.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.audit.middleware import current_ip
from portal.audit.services import record
from portal.notices.models import Notice
from portal.territory.models import Territory
from portal.territory.queries import current_of
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import inquiry_letters
from ..enums import InquiryKind, InquiryState
from ..inquiry_queries import due_to_be_erased, speakers_of
from ..inquiry_states import FOR_MAKERS, OPEN, may_become
from ..models import Inquiry, Product

S = InquiryState
# Everything that may tell who wrote: emptied together, the answer too, which may greet the sender by name.
PERSONAL = ("name", "organisation", "email", "phone", "message", "quantity", "destination", "answer")
ONE_LINE = ("name", "organisation", "email", "phone", "quantity", "destination")


@dataclass(frozen=True)
class Words:
    """What a visitor wrote, and how to reach them."""

    message: str
    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    quantity: str = ""
    destination: str = ""
    wanted_by: dt.date | None = None
    about: str = ""
    language: str = "vi"


@transaction.atomic
def send_inquiry(
    *,
    uuid: UUID,
    kind: str,
    words: Words,
    now: dt.datetime,
    product: Product | None = None,
    facility: Facility | None = None,
    territory: Territory | None = None,
) -> Inquiry:
    """Receive a letter once: the same form sent again finds the letter that is there.

    It goes to the unit of today; a question to a maker whom somebody speaks for goes straight to the maker.
    """
    there = Inquiry.objects.filter(uuid=uuid).first()
    if there is not None:
        return there
    maker = facility or (product.facility if product else None)
    place = territory or (product.territory if product else maker.territory if maker else None)
    speakers = speakers_of(maker) if kind in FOR_MAKERS else []
    letter = Inquiry(
        uuid=uuid,
        kind=kind,
        about=words.about if kind == InquiryKind.ERROR else "",
        product=product,
        facility=maker,
        territory=current_of(place) if place else None,
        message=tidy(words.message),
        wanted_by=words.wanted_by,
        language=words.language,
        received_at=now,
        state=S.PASSED_ON if speakers else S.NEW,
        passed_on_at=now if speakers else None,
        **{name: normalise(getattr(words, name)) for name in ONE_LINE},
    )
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError:  # the same form, sent twice at the same moment
        return Inquiry.objects.get(uuid=uuid)
    with _unseen():
        _audit(letter, None, "received", _("Nhận thư của bạn đọc: %(kind)s, %(what)s."))
    inquiry_letters.tell_maker(letter, speakers, now=now)
    return letter


@transaction.atomic
def pass_to_maker(*, inquiry: Inquiry, actor: Any, now: dt.datetime) -> Inquiry:
    """Hand a letter to those who speak for the facility. Raises Refusal `nobody_speaks`, `inquiry_settled`."""
    letter = _locked(inquiry)
    speakers = speakers_of(letter.facility) if letter.kind in FOR_MAKERS else []
    if not speakers:
        raise Refusal(
            "nobody_speaks",
            _("Chưa có ai đại diện cơ sở trên cổng. Hãy báo cơ sở qua điện thoại rồi trả lời thay, hoặc đóng thư."),
        )
    _move(letter, S.PASSED_ON, passed_on_at=now)
    _audit(letter, actor, "passed_on", _("Chuyển thư của bạn đọc cho cơ sở: %(kind)s, %(what)s."))
    inquiry_letters.tell_maker(letter, speakers, now=now)
    return letter


@transaction.atomic
def hand_over(*, inquiry: Inquiry, territory: Territory | None, actor: Any) -> Inquiry:
    """Give a new letter to another province, or with None to the portal itself. Raises Refusal `same_place`."""
    letter = _locked(inquiry)
    place = current_of(territory) if territory else None
    if place == letter.territory:
        raise Refusal("same_place", _("Thư đang ở nơi này. Hãy chọn nơi khác."), field="territory")
    if letter.state != S.NEW or letter.kind != InquiryKind.CONTACT:
        raise _settled()
    before = letter.territory
    letter.territory = place
    letter.save(update_fields=["territory"])
    _audit(letter, actor, "handed_over", _("Chuyển thư của bạn đọc sang nơi khác: %(kind)s, %(what)s."), place=before)
    return letter


@transaction.atomic
def answer_inquiry(*, inquiry: Inquiry, text: str, actor: Any, now: dt.datetime) -> Inquiry:
    """Answer the sender, on their own page and by mail where they left an address. Raises `answer_missing`."""
    letter = _locked(inquiry)
    said = tidy(text)
    if not said:
        raise Refusal("answer_missing", _("Chưa có câu trả lời. Hãy viết câu trả lời rồi gửi."), field="text")
    _move(letter, S.ANSWERED, answer=said, answered_at=now, answered_by=actor)
    _audit(letter, actor, "answered", _("Trả lời thư của bạn đọc: %(kind)s, %(what)s."))
    inquiry_letters.tell_sender(letter, now=now)
    return letter


@transaction.atomic
def close_inquiry(*, inquiry: Inquiry, note: str = "", actor: Any, now: dt.datetime) -> Inquiry:
    """Settle a letter without an answer of its own: what was mended, that both have talked. The sender reads the note."""
    letter = _locked(inquiry)
    said = tidy(note)
    if letter.state == S.ANSWERED or not said:
        _move(letter, S.CLOSED, closed_at=now)
    else:
        _move(letter, S.CLOSED, closed_at=now, answer=said, answered_at=now, answered_by=actor)
        inquiry_letters.tell_sender(letter, now=now)
    _audit(letter, actor, "closed", _("Xong thư của bạn đọc: %(kind)s, %(what)s."))
    return letter


@transaction.atomic
def reject_inquiry(*, inquiry: Inquiry, actor: Any, now: dt.datetime) -> Inquiry:
    """Mark a letter as spam."""
    letter = _move(_locked(inquiry), S.REJECTED, closed_at=now)
    _audit(letter, actor, "rejected", _("Đánh dấu thư rác: %(kind)s, %(what)s."))
    return letter


@transaction.atomic
def restore_inquiry(*, inquiry: Inquiry, actor: Any) -> Inquiry:
    """What was taken for spam waits again, for the staff. Raises Refusal `inquiry_erased` when its words are gone."""
    letter = _locked(inquiry)
    if letter.erased_at is not None:
        raise Refusal("inquiry_erased", _("Nội dung thư đã xóa nên không mở lại được."))
    _move(letter, S.NEW, closed_at=None, passed_on_at=None)
    _audit(letter, actor, "restored", _("Bỏ dấu thư rác: %(kind)s, %(what)s."))
    return letter


# --- erasing ----------------------------------------------------------------------------------------------------


@transaction.atomic
def take_back_inquiry(*, inquiry: Inquiry, now: dt.datetime) -> Inquiry:
    """The sender deletes their words at once; what stays is that there was a letter of this kind. Safe to repeat."""
    letter = Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    if letter.erased_at is not None:
        return letter
    if letter.state in OPEN:
        letter.state, letter.closed_at = S.CLOSED, now
    _erase(letter, now)
    with _unseen():
        _audit(letter, None, "taken_back", _("Người gửi xóa thư: %(kind)s, %(what)s."))
    return letter


def erase_old(*, now: dt.datetime, keep_months: int) -> int:
    """Erase senders' data kept long enough: so many months after a letter was settled, twice as many after it came.

    Returns how many. Each letter is its own transaction, so that a broken night loses nothing.
    """
    due = due_to_be_erased(
        settled_before=months_before(now, keep_months), received_before=months_before(now, 2 * keep_months)
    )
    return sum(_erase_one(pk, now) for pk in list(due.order_by("pk").values_list("pk", flat=True)))


def months_before(now: dt.datetime, months: int) -> dt.datetime:
    """The same day so many months ago, or the last day of a shorter month."""
    local = timezone.localtime(now)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    first_of_next = dt.date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return local.replace(year=year, month=month + 1, day=min(local.day, last))


@transaction.atomic
def _erase_one(pk: int, now: dt.datetime) -> int:
    letter = Inquiry.objects.select_for_update(of=("self",)).filter(pk=pk, erased_at=None).first()
    if letter is None:
        return 0
    if letter.state in OPEN:
        letter.state, letter.closed_at = S.CLOSED, now
    _erase(letter, now)
    _audit(letter, None, "erased", _("Xóa dữ liệu người gửi đã hết thời gian giữ: %(kind)s, %(what)s."))
    return 1


def _erase(letter: Inquiry, now: dt.datetime) -> None:
    for name in PERSONAL:
        setattr(letter, name, "")
    letter.wanted_by, letter.erased_at = None, now
    letter.save()
    # The ledger of letters holds the address and the answer.
    Notice.objects.filter(kind__in=inquiry_letters.TO_SENDERS, subject_id=letter.uuid).delete()


# --- steps ------------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """Lines as typed, without what no database keeps, trailing spaces and more than one empty line."""
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text.replace("\x00", "")).splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept).strip()


def _locked(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)


def _settled() -> Refusal:
    return Refusal("inquiry_settled", _("Thư này đã được xử lý. Hãy tải lại trang để xem."))


def _move(letter: Inquiry, target: str, **facts: Any) -> Inquiry:
    if not may_become(letter.state, target):
        raise _settled()
    letter.state = target
    for name, value in facts.items():
        setattr(letter, name, value)
    letter.save()
    return letter


@contextmanager
def _unseen() -> Iterator[None]:
    """Within, no audit row notes the network address: a visitor's is personal data."""
    token = current_ip.set(None)
    try:
        yield
    finally:
        current_ip.reset(token)


def _audit(letter: Inquiry, actor: Any, act: str, sentence: str, place: Territory | None = None) -> None:
    what = letter.product or letter.facility or letter.territory or _("cổng")
    record(
        actor=actor,
        action=f"inquiry.{act}",
        sentence=sentence % {"kind": letter.get_kind_display().lower(), "what": what},
        subject=letter,
        territory=letter.territory,
        data={"from": place.slug} if place else {},
    )
