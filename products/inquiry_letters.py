"""Letters about readers' letters: to who speaks for the maker, and the answer to the sender in their language.

Mail to a maker leads to the page where the words stand and carries none of them, so that neither mailboxes nor the
ledger of notices hold what a stranger wrote.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.representing import represented
from portal.notices import services as notices
from portal.notices.enums import Audience
from portal.notices.kinds import Kind, register

from .enums import InquiryKind
from .models import Inquiry

# A maker hears of each letter at once up to this many in a day; the inbox shows the rest.
TOLD_A_DAY = 5
DAY = dt.timedelta(days=1)


def _page(user: Any, subject_id: UUID) -> str:
    """The maker's page of the letter, while the person speaks for the maker."""
    mine = Inquiry.objects.filter(uuid=subject_id, facility__in=represented(user))
    return reverse("own_letter", args=[subject_id]) if mine.exists() else ""


ASKED = register(
    Kind(
        code="inquiry",
        label=gettext_lazy("Câu hỏi và yêu cầu mua hàng của bạn đọc"),
        whom=frozenset({Audience.FACILITY}),
        link=_page,
    )
)
# One kind for each language of the letter.
ANSWERED = {
    "vi": register(Kind(code="inquiry_answer", label=gettext_lazy("Trả lời thư của bạn đọc"), to_strangers=True)),
    "en": register(
        Kind(
            code="inquiry_answer_en",
            label=gettext_lazy("Trả lời thư của bạn đọc, tiếng Anh"),
            to_strangers=True,
            language="en",
        )
    ),
}
TO_SENDERS = tuple(kind.code for kind in ANSWERED.values())


def tell_maker(letter: Inquiry, speakers: Sequence[Any], *, now: dt.datetime) -> None:
    """Tell those who speak for the facility that somebody wrote. Two queries and those of the ledger."""
    if not speakers:
        return
    lately = Inquiry.objects.filter(facility=letter.facility, passed_on_at__gt=now - DAY)
    if lately.count() > TOLD_A_DAY:
        return
    address = settings.SITE_URL + reverse("own_letter", args=[letter.uuid])
    if letter.kind == InquiryKind.PURCHASE:
        title = _("Có người muốn mua hàng: %(what)s")
    else:
        title = _("Có câu hỏi gửi quý cơ sở: %(what)s")
    body = _(
        "Một bạn đọc của cổng vừa viết cho quý cơ sở.\n\n"
        "Đọc và trả lời ở trang: %(address)s\n\n"
        "Sau 7 ngày làm việc chưa có trả lời, thư được chuyển cho Sở Công Thương của tỉnh."
    )
    notices.plan(
        kind=ASKED.code,
        subject=letter,
        due_on=timezone.localdate(now),
        title=title % {"what": letter.product or letter.facility},
        body=body % {"address": address},
        users=speakers,
        territory=letter.territory,
    )


def tell_sender(letter: Inquiry, *, now: dt.datetime) -> None:
    """Mail the answer to the address the sender left, in the language in which they wrote."""
    if not letter.email:
        return
    with translation.override(letter.language):
        address = settings.SITE_URL + reverse("inquiry_sent", args=[letter.uuid])
        what = letter.product or letter.facility
        title = _("Trả lời về %(what)s") % {"what": what} if what else _("Trả lời thư bạn gửi cổng")
        body = _(
            "Bạn đã viết cho cổng ngày %(day)s. Đây là câu trả lời:\n\n%(answer)s\n\n"
            "Xem lại thư, câu trả lời, hoặc xóa thư của bạn ở trang riêng: %(address)s"
        ) % {
            "day": f"{timezone.localdate(letter.received_at):%d/%m/%Y}",
            "answer": letter.answer,
            "address": address,
        }
        # Of no province: the address is nobody's to see in the list of letters but the administrators'.
        notices.plan(
            kind=ANSWERED[letter.language].code,
            subject=letter,
            due_on=timezone.localdate(now),
            title=title,
            body=body,
            recipients=[letter.email],
        )
