"""Every write to fairs and to who took part: checked, locked, audited, in one transaction. Sums are whole đồng.

All raise `Refusal` with a sentence: "not_allowed", "invalid", "illustrative_only", "wrong_product", "wrong_line",
"above_line", "above_norm", "no_norm", "twice_a_year", "not_begun", "not_reported", "has_figures".
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from facilities.publication import is_person
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.formats import day, money
from portal.text.slugs import unique_slug
from products.models import Product

from ..enums import EstimateState
from ..markets import fair_rules
from ..markets.fair_norms import MOST_ABROAD, allowance_of
from ..models import EstimateLine, Fair, Participation, Project
from .checks import checked, hold_facility

STAFF_FACTS = frozenset({"booths", "cost", "support", "line", "source", "note"})
FIGURES = frozenset({"revenue", "contracts", "contracts_value", "partners"})


@transaction.atomic
def save_fair(*, fair: Fair, actor: Any) -> Fair:
    """Add or change a fair; who may is judged by the province it has and the one it had."""
    known = Fair.objects.select_for_update(of=("self",)).filter(pk=fair.pk).first()
    for one in (fair, known or fair):
        fair_rules.require_keeper(actor, one.territory_id)
    year = str(fair.starts_on.year)
    fair.slug = fair.slug or unique_slug(Fair, fair.name if year in fair.name else f"{fair.name} {year}")
    checked(fair)
    fair.save()
    if fair.is_abroad:
        rows = fair.participations.filter(support__gt=0, line=None)
        for row in rows.select_related("fair").order_by("facility"):
            _twice_a_year(row)
    _audit(actor, "fair.save", _("Ghi hội chợ “%(name)s”.") % {"name": fair.name}, fair, fair)
    return fair


@transaction.atomic
def add_participant(
    *, fair: Fair, facility: Facility, actor: Any, products: Iterable[Product] = (), **facts: Any
) -> Participation:
    """A facility that took part or will, with what it cost and what was supported."""
    held = _held(fair, actor)
    hold_facility(facility)
    row = Participation(fair=held, facility=facility, **_known(facts, STAFF_FACTS | FIGURES))
    if held.is_illustrative and not facility.is_illustrative:
        raise Refusal(
            "illustrative_only",
            _("Hội chợ minh họa chỉ ghi cơ sở mẫu, không ghi cơ sở thật."),
            field="facility",
        )
    _write(row, list(products))
    sentence = _("Ghi “%(who)s” tham gia hội chợ “%(name)s”.") % {"who": facility, "name": held.name}
    _audit(actor, "fair.participant_add", sentence, held, row, data={"support": row.support, "cost": row.cost})
    return row


@transaction.atomic
def change_participant(
    *, participation: Participation, actor: Any, products: Iterable[Product] | None = None, **changes: Any
) -> Participation:
    """Change a row. A figure the facility opened and the officer changes is closed again: it consented to another."""
    held = _held(participation.fair, actor)
    row = _locked(participation)
    given = _known(changes, STAFF_FACTS | FIGURES)
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    if not changed and products is None:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    if FIGURES & set(changed):
        row.consented_by, row.consented_at = None, None
    _write(row, None if products is None else list(products))
    sentence = _("Sửa dòng của “%(who)s” tại hội chợ “%(name)s”.") % {"who": row.facility, "name": held.name}
    data = {name: str(value) for name, value in changed.items()}
    _audit(actor, "fair.participant_change", sentence, held, row, data=data)
    return row


@transaction.atomic
def remove_participant(*, participation: Participation, actor: Any) -> None:
    """Take a row out that was entered by mistake; never one whose facility has told its figures."""
    held = _held(participation.fair, actor)
    row = _locked(participation)
    if row.reported_at is not None:
        raise Refusal(
            "has_figures", _("Cơ sở đã khai số liệu tại hội chợ này nên không bỏ dòng được. Hãy sửa số liệu.")
        )
    sentence = _("Bỏ “%(who)s” khỏi hội chợ “%(name)s”.") % {"who": row.facility, "name": held.name}
    data = {"cost": row.cost, "support": row.support, "revenue": row.revenue}
    _audit(actor, "fair.participant_remove", sentence, held, row, data=data)
    row.delete()


@transaction.atomic
def report(
    *,
    participation: Participation,
    actor: Any,
    now: dt.datetime,
    revenue: int | None,
    contracts: int | None = None,
    contracts_value: int | None = None,
    partners: str = "",
) -> Participation:
    """What the facility sold and signed at the fair, told by the facility itself. Zero is an answer, silence is none."""
    row = _locked(participation)
    fair_rules.require_report(actor, row)
    if timezone.localdate(now) < row.fair.starts_on:
        sentence = _("Hội chợ bắt đầu ngày %(day)s, chưa khai được số liệu.") % {"day": day(row.fair.starts_on)}
        raise Refusal("not_begun", sentence)
    if revenue is None:
        raise Refusal("invalid", _("Hãy ghi doanh thu tại hội chợ. Không bán được thì ghi 0."), field="revenue")
    told = {"revenue": revenue, "contracts": contracts, "contracts_value": contracts_value, "partners": partners}
    if any(getattr(row, name) != value for name, value in told.items()):
        row.consented_by, row.consented_at = None, None
    for name, value in told.items():
        setattr(row, name, value)
    row.reported_by, row.reported_at = actor, now
    checked(row)
    row.save()
    sentence = _("“%(who)s” khai số liệu tại hội chợ “%(name)s”.") % {"who": row.facility, "name": row.fair.name}
    _audit(actor, "fair.report", sentence, row.fair, row, data={k: v for k, v in told.items() if k != "partners"})
    return row


@transaction.atomic
def consent(*, participation: Participation, actor: Any, now: dt.datetime) -> Participation:
    """The facility lets its own figures of this fair be shown under its name; given already, it stays as it was."""
    row = _locked(participation)
    fair_rules.require_consent(actor, row)
    if row.revenue is None:
        raise Refusal("not_reported", _("Chưa có số liệu nào để công khai. Hãy khai doanh thu trước."))
    if is_person(row.facility):
        raise Refusal(
            "household",
            _(
                "Doanh thu của hộ kinh doanh, hoặc cơ sở chưa rõ loại hình, chỉ vào số cộng chung, không công khai riêng."
            ),
        )
    if row.consented_at is not None:
        return row
    row.consented_by, row.consented_at = actor, now
    row.save()
    sentence = _("“%(who)s” đồng ý công khai số liệu tại hội chợ “%(name)s”.") % {
        "who": row.facility,
        "name": row.fair.name,
    }
    _audit(actor, "fair.consent", sentence, row.fair, row)
    return row


@transaction.atomic
def withdraw_consent(*, participation: Participation, actor: Any) -> Participation:
    """The facility closes its figures again, at once."""
    row = _locked(participation)
    fair_rules.require_consent(actor, row)
    if row.consented_at is None:
        return row
    row.consented_by, row.consented_at = None, None
    row.save()
    sentence = _("“%(who)s” thôi công khai số liệu tại hội chợ “%(name)s”.") % {
        "who": row.facility,
        "name": row.fair.name,
    }
    _audit(actor, "fair.consent_withdrawn", sentence, row.fair, row)
    return row


def _known(facts: dict[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    unknown = set(facts) - allowed
    if unknown:
        raise TypeError(f"Unknown facts: {', '.join(sorted(unknown))}")
    return facts


def _held(fair: Fair, actor: Any) -> Fair:
    """The fair, locked: its project first, as every service of extension does."""
    if fair.project_id:
        Project.objects.locked(fair.project_id)
    held = Fair.objects.select_for_update(of=("self",)).get(pk=fair.pk)
    fair_rules.require_keeper(actor, held.territory_id)
    return held


def _locked(participation: Participation) -> Participation:
    # Without its facility: a row waited for is read anew, what was joined to it before is not.
    rows = Participation.objects.select_for_update(of=("self",))
    return rows.select_related("fair__territory").get(pk=participation.pk)


def _write(row: Participation, products: list[Product] | None) -> None:
    wrong = [one for one in products or () if one.facility_id != row.facility_id]
    if wrong:
        sentence = _("Sản phẩm “%(name)s” không do cơ sở này làm ra. Hãy chọn lại.") % {"name": wrong[0].name}
        raise Refusal("wrong_product", sentence, field="products")
    checked(row)
    if row.support:
        _supported_rightly(row)
    row.save()
    if products is not None:
        row.products.set(products)


def _supported_rightly(row: Participation) -> None:
    if row.line is not None:
        _within_line(row, row.line)
    elif not row.source:
        _within_norm(row)
    if row.fair.is_abroad and row.line is None:
        _twice_a_year(row)


def _within_line(row: Participation, line: EstimateLine) -> None:
    """A line of the fair's own project, as approved today, for this facility or for all; its rows together within it."""
    if line.project_id != row.fair.project_id or line.facility_id not in {None, row.facility_id}:
        raise Refusal(
            "wrong_line", _("Dòng dự toán này không thuộc đề án của hội chợ hoặc ghi cho cơ sở khác."), field="line"
        )
    standing = EstimateLine.objects.filter(lineage=line.lineage, estimate__state=EstimateState.APPROVED).first()
    approved = (standing.approved or 0) if standing else 0
    paid = Participation.objects.filter(line__lineage=line.lineage).exclude(pk=row.pk)
    others = paid.aggregate(total=Sum("support"))["total"] or 0
    if others + (row.support or 0) > approved:
        raise Refusal(
            "above_line",
            _("Dòng dự toán được duyệt %(approved)s, các cơ sở khác đã nhận %(others)s, không đủ cho %(asked)s.")
            % {"approved": money(approved), "others": money(others), "asked": money(row.support or 0)},
            field="support",
        )


def _within_norm(row: Participation) -> None:
    """Without a line of an estimate the norm in force on the fair's first day decides."""
    if row.cost is None:
        raise Refusal("invalid", _("Hãy ghi chi phí tham gia: số hỗ trợ được tính trên chi phí đó."), field="cost")
    allowed = allowance_of(row.fair, cost=row.cost, asked=row.support or 0, booths=row.booths)
    if allowed is None:
        raise Refusal(
            "no_norm",
            _(
                "Ngày %(day)s không có mức chi nào cho việc này. Hãy chọn dòng dự toán đã duyệt, "
                "hoặc ghi nguồn nếu số này đã công bố."
            )
            % {"day": day(row.fair.starts_on)},
            field="support",
        )
    if (row.support or 0) > allowed.amount:
        raise Refusal(
            "above_norm",
            _("Mức chi cho phép hỗ trợ tối đa %(most)s. %(why)s") % {"most": money(allowed.amount), "why": allowed.why},
            field="support",
        )


def _twice_a_year(row: Participation) -> None:
    """At most two supports abroad a year for one facility; its row is locked, so that two fairs take turns."""
    Facility.objects.select_for_update(of=("self",)).get(pk=row.facility_id)
    year = row.fair.starts_on.year
    fairs = Participation.objects.filter(
        facility=row.facility_id, fair__is_abroad=True, fair__starts_on__year=year, support__gt=0, line=None
    )
    # What an estimate pays abroad is counted where it was approved.
    lines = EstimateLine.objects.filter(
        facility=row.facility_id, item__is_abroad=True, project__year=year, estimate__state=EstimateState.APPROVED
    )
    paid = lines.filter(approved__gt=0).aggregate(units=Sum("units"))["units"] or 0
    if fairs.exclude(pk=row.pk).count() + paid >= MOST_ABROAD:
        raise Refusal(
            "twice_a_year",
            _("Cơ sở này đã được hỗ trợ hai lần đi hội chợ nước ngoài trong năm %(year)s, không hỗ trợ thêm được.")
            % {"year": year},
            field="support",
        )


def _audit(actor: Any, action: str, sentence: str, fair: Fair, subject: Any, **more: Any) -> None:
    record(actor=actor, action=action, sentence=sentence, subject=subject, territory=fair.territory, **more)
