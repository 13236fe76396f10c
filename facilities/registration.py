"""Producers and their accounts: registering, correcting a claim, the province's word on it.

Registering answers the same whether the login, the tax code or the facility is known or not: nothing here
looks at the register of facilities, and a login that exists costs the same work as a new one.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.audit.services import record
from portal.notices.services import plan
from portal.territory.models import Commune, Territory
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.folding import fold, normalise

from . import rules, services, taxcode
from .enums import RepresentativeState
from .models import Facility, Representative

S = RepresentativeState
# Which wording of the consent to the use of personal data the person agreed to (Luật 91/2025/QH15).
CONSENT = "2026-11"


@dataclass(frozen=True)
class Claim:
    """What a person says of the facility and of the own place in it."""

    name: str
    kind: str
    territory: Territory
    tax_code: str = ""
    commune: str = ""
    address: str = ""
    phone: str = ""
    position: str = ""


@transaction.atomic
def register(*, login: str, password: str, full_name: str, claim: Claim, now: dt.datetime) -> None:
    """Open an account without any rights, with its claim. Returns nothing: the answer is the same either way.

    Where the login exists nothing about it changes; its owner is told that somebody tried. The password is hashed
    and the account entered in both cases, and undone in the second, so that time tells nothing either.
    """
    secret = make_password(password)
    known = User.objects.filter(username=login).first()
    user = User(
        username=login if known is None else f"?{secrets.token_hex(16)}",
        email=login if "@" in login else "",
        full_name=normalise(full_name),
        password=secret,
    )
    try:
        with transaction.atomic():
            user.save()
            _enter(user, claim, now)
            transaction.set_rollback(known is not None)
    except IntegrityError:
        # Somebody registered the same login in the same second.
        known = User.objects.get(username=login)
    if known is not None:
        _warn_owner(known, now)


@transaction.atomic
def claim_facility(*, user: User, claim: Claim, now: dt.datetime) -> Representative:
    """A further claim of a person who has an account. One waits at a time. Raises Refusal `claim_pending`."""
    User.objects.select_for_update().get(pk=user.pk)
    if Representative.objects.filter(user=user, state=S.PENDING).exists():
        raise Refusal(
            "claim_pending",
            _("Bạn đang có một đăng ký chờ Sở xác nhận. Hãy sửa đăng ký đó, hoặc rút trước khi gửi mới."),
        )
    return _enter(user, claim, now)


@transaction.atomic
def correct_claim(*, representative: Representative, claim: Claim, actor: User) -> Representative:
    """Change what was claimed while it waits. Raises Refusal `claim_decided`, `not_yours`."""
    row = _own_pending(representative, actor)
    before = _said(row)
    _fill(row, claim)
    if _said(row) == before:
        return row
    row.save()
    _note(row, actor, "representative.correct", _("Sửa đăng ký đại diện cho %(name)s."))
    return row


@transaction.atomic
def withdraw_claim(*, representative: Representative, actor: User, now: dt.datetime) -> Representative:
    """The person takes a waiting claim back. Raises Refusal `claim_decided`, `not_yours`."""
    row = _own_pending(representative, actor)
    row.state, row.reason, row.decided_at, row.decided_by = S.ENDED, _("Người đăng ký đã rút."), now, actor
    row.save()
    _note(row, actor, "representative.withdraw", _("Rút đăng ký đại diện cho %(name)s."))
    return row


@transaction.atomic
def approve(*, representative: Representative, facility: Facility, actor: Any, now: dt.datetime) -> Representative:
    """The province confirms that the person speaks for a facility of the register; doors open at once.

    Raises Refusal `claim_decided`, `not_your_province`, `own_claim`, `facility_elsewhere`, `represents_already`.
    """
    row = _pending(representative, actor)
    if actor is not None and row.user_id == actor.pk:
        raise Refusal("own_claim", _("Đăng ký của chính bạn do cán bộ khác của Sở xác nhận."))
    chosen = Facility.objects.select_for_update().get(pk=facility.pk)
    if chosen.territory_id not in family_ids(row.territory_id) or chosen.merged_into_id is not None:
        raise Refusal(
            "facility_elsewhere",
            _("Cơ sở đã chọn không thuộc tỉnh này hoặc đã gộp vào cơ sở khác. Hãy chọn cơ sở khác."),
        )
    row.facility, row.state = chosen, S.APPROVED
    row.decided_at, row.decided_by, row.reason = now, actor, ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refusal(
            "represents_already", _("Người này đã là đại diện của cơ sở. Hãy từ chối đăng ký trùng.")
        ) from error
    _note(row, actor, "representative.approve", _("Xác nhận %(person)s đại diện cho %(facility)s."))
    _tell(
        row,
        now,
        kind="representative_approved",
        title=_("Sở đã xác nhận tài khoản của cơ sở"),
        body=_(
            "Sở Công Thương đã xác nhận bạn đại diện cho %(facility)s. Từ nay bạn có thể xem thông tin cơ sở "
            "và nộp hồ sơ bình chọn trên cổng."
        ),
    )
    return row


@transaction.atomic
def approve_new(*, representative: Representative, actor: Any, now: dt.datetime) -> Representative:
    """Enter the facility as claimed, and confirm the person for it. Raises what `create_facility` raises."""
    row = _pending(representative, actor)
    facility = services.create_facility(
        name=row.claimed_name,
        kind=row.claimed_kind,
        tax_code=row.claimed_tax_code,
        territory=row.territory,
        commune=row.commune,
        address_today=row.claimed_address,
        actor=actor,
    )
    return approve(representative=row, facility=facility, actor=actor, now=now)


@transaction.atomic
def refuse(*, representative: Representative, reason: str, actor: Any, now: dt.datetime) -> Representative:
    """The province does not confirm a claim; the person reads why."""
    row = _pending(representative, actor)
    _close(row, S.REFUSED, reason, actor, now)
    _note(row, actor, "representative.refuse", _("Không xác nhận %(person)s đại diện cho %(name)s."))
    _tell(
        row,
        now,
        kind="representative_refused",
        title=_("Sở chưa xác nhận tài khoản của cơ sở"),
        body=_("Sở Công Thương chưa xác nhận đăng ký đại diện cho %(name)s. Lý do: %(reason)s"),
    )
    return row


@transaction.atomic
def end(*, representative: Representative, reason: str, actor: Any, now: dt.datetime) -> Representative:
    """A confirmed person no longer speaks for the facility; doors close at once. Raises Refusal `not_approved`."""
    row = _locked(representative)
    rules.require_decide_claims(actor, row.territory_id)
    if row.state != S.APPROVED:
        raise Refusal("not_approved", _("Người này không còn là người đại diện. Hãy tải lại trang."))
    _close(row, S.ENDED, reason, actor, now)
    _note(row, actor, "representative.end", _("Cho %(person)s thôi đại diện cho %(facility)s."))
    _tell(
        row,
        now,
        kind="representative_ended",
        title=_("Bạn không còn đại diện cho cơ sở trên cổng"),
        body=_("Sở Công Thương đã ghi nhận bạn thôi đại diện cho %(facility)s. Lý do: %(reason)s"),
    )
    return row


# What the representative may change of the facility; the rest goes through the province's officer.
OWN_FIELDS = ("address_today", "introduction")


@transaction.atomic
def update_own_facility(*, facility: Facility, actor: User, address_today: str, introduction: str) -> Facility:
    """The representative corrects today's address and the introduction. Raises Refusal `not_yours`."""
    speaks = Representative.objects.select_for_update(of=("self",)).approved().filter(user=actor, facility=facility)
    if not speaks.exists():
        raise Refusal("not_yours", _("Bạn không đại diện cho cơ sở này."))
    return services.update_facility(
        facility=facility, actor=actor, address_today=address_today, introduction=introduction.strip()
    )


def _enter(user: User, claim: Claim, now: dt.datetime) -> Representative:
    row = Representative(user=user, state=S.PENDING, applied_at=now)
    _fill(row, claim)
    row.save()
    _note(row, user, "representative.register", _("Đăng ký đại diện cho %(name)s."), data={"consent": CONSENT})
    _tell_officers(row, now)
    return row


def _tell_officers(row: Representative, now: dt.datetime) -> None:
    """Officers of the province hear that somebody waits, in the day's digest unless they chose otherwise."""
    held = Grant.objects.active(timezone.localdate(now)).filter(
        role=Role.OFFICER, territory__in=family_ids(row.territory_id), user__is_active=True
    )
    plan(
        kind="representative_claimed",
        subject=row,
        users=list(User.objects.filter(pk__in=held.values("user"))),
        due_on=timezone.localdate(now),
        title=_("%(name)s đăng ký tài khoản") % _words(row),
        body=_("%(person)s đăng ký đại diện cho %(name)s. Hãy đối chiếu với danh bạ rồi xác nhận hoặc từ chối.")
        % _words(row),
        territory=row.territory,
    )


def _fill(row: Representative, claim: Claim) -> None:
    row.territory = claim.territory
    row.commune = commune_of(claim.territory, claim.commune)
    # A commune that the loaded list does not know is kept in the address, as the person wrote it.
    loose = "" if row.commune else normalise(claim.commune)
    row.claimed_name, row.claimed_kind = normalise(claim.name), claim.kind
    row.claimed_tax_code = taxcode.normalise(claim.tax_code)
    row.claimed_address = ", ".join(part for part in (normalise(claim.address), loose) if part)[:300]
    row.position, row.phone = normalise(claim.position), normalise(claim.phone)


def commune_of(territory: Territory, text: str) -> Commune | None:
    """The commune of today's province that a text names, with or without "xã", or None. One query."""
    wanted = fold(text)
    if not wanted:
        return None
    rows = Commune.objects.filter(territory__in=family_ids(territory.pk), valid_to__isnull=True)
    found = [row for row in rows if wanted in (row.folded, fold(str(row)))]
    return found[0] if len(found) == 1 else None


def _said(row: Representative) -> tuple[Any, ...]:
    return (
        row.territory_id,
        row.commune_id,
        row.claimed_name,
        row.claimed_kind,
        row.claimed_tax_code,
        row.claimed_address,
        row.position,
        row.phone,
    )


def _locked(representative: Representative) -> Representative:
    return Representative.objects.select_for_update(of=("self",)).get(pk=representative.pk)


def _pending(representative: Representative, actor: Any) -> Representative:
    row = _locked(representative)
    rules.require_decide_claims(actor, row.territory_id)
    _refuse_decided(row)
    return row


def _own_pending(representative: Representative, actor: User) -> Representative:
    row = _locked(representative)
    if row.user_id != actor.pk:
        raise Refusal("not_yours", _("Đăng ký này là của người khác."))
    _refuse_decided(row)
    return row


def _refuse_decided(row: Representative) -> None:
    if row.state != S.PENDING:
        raise Refusal(
            "claim_decided",
            _("Đăng ký này đã ở trạng thái “%(state)s”. Hãy tải lại trang.") % {"state": row.get_state_display()},
        )


def _close(row: Representative, state: S, reason: str, actor: Any, now: dt.datetime) -> None:
    tidy = normalise(reason)
    if not tidy:
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field="reason")
    row.state, row.reason, row.decided_at, row.decided_by = state, tidy, now, actor
    row.save()


def _words(row: Representative) -> dict[str, str]:
    return {
        "name": row.claimed_name,
        "person": str(row.user),
        "facility": row.facility.name if row.facility else row.claimed_name,
        "reason": row.reason,
    }


def _note(row: Representative, actor: Any, action: str, sentence: str, data: dict[str, Any] | None = None) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % _words(row),
        subject=row,
        territory=row.territory,
        reason=row.reason,
        data=data,
    )


def _tell(row: Representative, now: dt.datetime, *, kind: str, title: str, body: str) -> None:
    plan(
        kind=kind,
        subject=row,
        users=[row.user],
        due_on=timezone.localdate(now),
        title=title,
        body=body % _words(row),
        territory=row.territory,
    )


def _warn_owner(user: User, now: dt.datetime) -> None:
    """Somebody registered with a login that exists: the owner is told, nobody else is."""
    plan(
        kind="login_registered_again",
        subject=user,
        users=[user],
        due_on=timezone.localdate(now),
        title=_("Có người đăng ký lại bằng tên đăng nhập của bạn"),
        body=_(
            "Có người vừa đăng ký tài khoản cơ sở bằng tên đăng nhập của bạn. Tài khoản và mật khẩu của bạn không thay đổi. "
            "Nếu đó là bạn, hãy đăng nhập bằng mật khẩu đã có; quên mật khẩu thì hỏi Sở Công Thương."
        ),
    )
    record(
        actor=None,
        action="account.register_again",
        sentence=_("Có người đăng ký lại bằng tên đăng nhập đã có."),
        subject=user,
    )
