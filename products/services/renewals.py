"""What a maker answers when asked whether a product enters a round again."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from facilities.models import Representative
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import rules
from ..enums import RenewalChoice, Stage
from ..models import Recognition, RenewalAnswer
from .shared import level_words, locked

LONGEST_REASON = 300
# Those a maker may give; that nobody could be reached is an officer's note.
BY_MAKER = (RenewalChoice.WILL_ENTER, RenewalChoice.UNDECIDED, RenewalChoice.WILL_NOT)


@transaction.atomic
def answer_renewal(
    *, recognition: Recognition, choice: str, actor: Any, now: dt.datetime, by_maker: bool, reason: str = ""
) -> RenewalAnswer:
    """Write down an answer; the latest counts, earlier ones are kept. The same answer again writes nothing.

    A "no" needs its reason. Raises Refusal `not_allowed`, `not_recognised`, `recognition_ended`, `choice_unknown`,
    `reason_missing`, `reason_too_long`.
    """
    row = locked(recognition)
    _refuse_person(row, actor, by_maker=by_maker)
    _refuse_recognition(row)
    words = normalise(reason)
    _refuse_answer(choice, words, by_maker=by_maker)
    last = row.answers.first()
    if last is not None and (last.choice, last.reason, last.by_maker) == (choice, words, by_maker):
        return last
    answer = RenewalAnswer.objects.create(
        recognition=row, choice=choice, reason=words, by_maker=by_maker, answered_at=now, answered_by=actor
    )
    _note(row, answer, actor)
    return answer


def _note(row: Recognition, answer: RenewalAnswer, actor: Any) -> None:
    sentence = (
        _("Cơ sở trả lời về đăng ký lại “%(product)s”, %(level)s năm %(year)s: %(choice)s.")
        if answer.by_maker
        else _("Ghi trả lời của cơ sở về đăng ký lại “%(product)s”, %(level)s năm %(year)s: %(choice)s.")
    )
    record(
        actor=actor,
        action="renewal.answer",
        sentence=sentence
        % {
            "product": row.product.name,
            "level": level_words(row),
            "year": row.year,
            "choice": str(answer.get_choice_display()).lower(),
        },
        subject=row,
        territory=row.territory,
        reason=answer.reason,
        data={"choice": answer.choice, "by_maker": answer.by_maker},
    )


def _refuse_person(row: Recognition, actor: Any, *, by_maker: bool) -> None:
    if by_maker:
        mine = Representative.objects.approved().filter(user=actor, facility=row.product.facility_id)
        if row.product.facility_id is None or not mine.exists():
            raise Refusal("not_allowed", _("Chỉ người đại diện đã được Sở xác nhận của cơ sở được trả lời ở đây."))
    elif not rules.may_enter_product(actor, row.territory_id):
        raise Refusal("not_allowed", _("Chỉ cán bộ của tỉnh được ghi trả lời của cơ sở."))


def _refuse_recognition(row: Recognition) -> None:
    if row.stage != Stage.RECOGNISED or row.published_at is None:
        raise Refusal("not_recognised", _("Công nhận này chưa được công bố nên chưa hỏi về đăng ký lại."))
    if row.revoked_on is not None or row.withdrawn_on is not None:
        raise Refusal("recognition_ended", _("Công nhận này đã thu hồi hoặc đã xin rút nên không hỏi về đăng ký lại."))


def _refuse_answer(choice: str, words: str, *, by_maker: bool) -> None:
    allowed = BY_MAKER if by_maker else tuple(RenewalChoice)
    if choice not in allowed:
        raise Refusal("choice_unknown", _("Hãy chọn một câu trả lời."), field="choice")
    if choice == RenewalChoice.WILL_NOT and not words:
        raise Refusal("reason_missing", _("Hãy ghi vì sao không đăng ký nữa."), field="reason")
    if len(words) > LONGEST_REASON:
        raise Refusal(
            "reason_too_long",
            _("Lý do dài quá %(most)s ký tự. Hãy viết ngắn hơn.") % {"most": LONGEST_REASON},
            field="reason",
        )
