"""Writing the register of provinces: new units, other names, mergers.

A unit is an area. A new name or kind is a dated row of the same unit; only a merger or a split ends it.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.fields import label
from portal.text.folding import normalise
from portal.text.formats import day

from .enums import TerritoryKind
from .models import Succession, Territory, TerritoryName
from .periods import overlapping
from .queries import display_slug

FULL_NAMES = {TerritoryKind.PROVINCE: "Tỉnh %(name)s", TerritoryKind.CITY: "Thành phố %(name)s"}
A_DAY = dt.timedelta(days=1)


def full_name(name: str, kind: str) -> str:
    """ "Tỉnh Thái Nguyên", "Thành phố Huế"."""
    return FULL_NAMES[TerritoryKind(kind)] % {"name": name}


@transaction.atomic
def add_unit(
    *,
    code: str,
    name: str,
    kind: str,
    region: str,
    valid_from: dt.date,
    actor: Any,
    legal_basis: str = "",
    region_certain: bool = True,
) -> Territory:
    """A new unit with its first name. Raises Refusal `unit_invalid` or `code_taken`."""
    unit = Territory(
        code=code,
        name=normalise(name),
        kind=kind,
        region=region,
        region_certain=region_certain,
        valid_from=valid_from,
        legal_basis=normalise(legal_basis),
    )
    return enter(unit=unit, actor=actor)


@transaction.atomic
def enter(*, unit: Territory, actor: Any) -> Territory:
    """Check and save a new unit, and give it its address on the web and its first name."""
    prepare(unit)
    unit.save()
    TerritoryName.objects.create(
        territory=unit,
        name=unit.name,
        full_name=full_name(unit.name, unit.kind),
        kind=unit.kind,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        legal_basis=unit.legal_basis,
    )
    record(
        actor=actor,
        action="territory.create",
        sentence=_("Thêm đơn vị %(name)s từ %(day)s.") % {"name": unit.name, "day": day(unit.valid_from)},
        subject=unit,
        territory=unit,
    )
    return unit


def prepare(unit: Territory) -> None:
    """Give the unit its address and refuse what contradicts the register. Does not write."""
    unit.name = normalise(unit.name)
    unit.slug = _free_slug(unit)
    try:
        unit.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refusal("unit_invalid", messages[0], field=None if field == "__all__" else field) from error
    _refuse_taken_code(unit)


def _free_slug(unit: Territory) -> str:
    """The contract's address; should a second unit of one name end in one year, it takes a number."""
    base = slug = display_slug(unit.name, unit.valid_to)
    others = set(Territory.objects.exclude(pk=unit.pk).values_list("slug", flat=True))
    number = 2
    while slug in others:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _refuse_taken_code(unit: Territory) -> None:
    others = Territory.objects.exclude(pk=unit.pk).filter(code=unit.code)
    for other in others:
        if overlapping([(unit.valid_from, unit.valid_to), (other.valid_from, other.valid_to)]):
            raise Refusal(
                "code_taken",
                _("Mã %(code)s đang là của %(name)s trong thời gian này. Hãy kiểm tra lại mã và ngày.")
                % {"code": unit.code, "name": other.name},
                field="code",
            )


@transaction.atomic
def rename(
    *,
    unit: Territory,
    name: str,
    kind: str,
    on: dt.date,
    actor: Any,
    name_en: str = "",
    legal_basis: str = "",
) -> TerritoryName:
    """From a day on the same unit bears another name or kind; the name before ends the day before.

    Raises Refusal `unit_ended`, `nothing_new`, `name_too_early`, `unit_invalid`.
    """
    current = Territory.objects.select_for_update().get(pk=unit.pk)
    _refuse_ended(current)
    last = current.names.order_by("valid_from").last()
    name = normalise(name)
    _refuse_odd_name(last, name, kind, on, current)
    if last is not None:
        last.valid_to = on - A_DAY
        last.save()
    row = TerritoryName.objects.create(
        territory=current,
        name=name,
        full_name=full_name(name, kind),
        name_en=normalise(name_en),
        kind=kind,
        valid_from=on,
        legal_basis=normalise(legal_basis),
    )
    before = current.name
    follow_last_name(unit=current)
    record(
        actor=actor,
        action="territory.rename",
        sentence=_("Từ %(day)s, %(before)s là %(after)s.")
        % {"day": day(on), "before": last.full_name if last else before, "after": row.full_name},
        subject=current,
        territory=current,
        reason=row.legal_basis,
    )
    return row


def _refuse_ended(unit: Territory) -> None:
    if unit.valid_to is not None:
        raise Refusal(
            "unit_ended",
            _("%(name)s đã kết thúc ngày %(day)s. Hãy chọn đơn vị đang còn.")
            % {"name": unit.name, "day": day(unit.valid_to)},
        )


def _refuse_odd_name(last: TerritoryName | None, name: str, kind: str, on: dt.date, unit: Territory) -> None:
    if not name:
        raise Refusal("unit_invalid", _("Chưa có tên mới. Hãy ghi tên của đơn vị."), field="name")
    begins = last.valid_from if last else unit.valid_from
    if on <= begins:
        raise Refusal(
            "name_too_early",
            _("Tên đang dùng bắt đầu từ %(day)s. Hãy chọn một ngày sau ngày đó.") % {"day": day(begins)},
            field="on",
        )
    if last is not None and (last.name, last.kind) == (name, kind):
        raise Refusal("nothing_new", _("Đơn vị đã mang tên và loại này. Hãy sửa tên hoặc loại."), field="name")


def follow_last_name(*, unit: Territory) -> None:
    """The unit's short name and kind are those of its newest name; its address follows."""
    last = unit.names.order_by("valid_from").last()
    if last is not None:
        unit.name, unit.kind = last.name, last.kind
    prepare(unit)
    unit.save()


@transaction.atomic
def merge(
    *,
    predecessors: Sequence[Territory],
    successor: Territory,
    on: dt.date,
    actor: Any,
    legal_basis: str = "",
) -> list[Succession]:
    """From a day on the predecessors' area belongs to a unit that stands already; they end the day before.

    Raises Refusal `no_predecessors`, `circle`, `unit_ended`, `successor_not_there`, `merger_too_early`.
    """
    _refuse_absent(successor, on)
    for unit in predecessors:
        refuse_circle(predecessor=unit, successor=successor)
    ended = _end_all(predecessors, on)
    return _link(ended, successor, on, actor, normalise(legal_basis))


@transaction.atomic
def merge_into_new(
    *,
    predecessors: Sequence[Territory],
    code: str,
    name: str,
    kind: str,
    region: str,
    on: dt.date,
    actor: Any,
    legal_basis: str = "",
) -> Territory:
    """From a day on the predecessors form a new unit, which may take the name and code of one of them.

    Raises what `merge` and `add_unit` raise.
    """
    ended = _end_all(predecessors, on)
    unit = add_unit(code=code, name=name, kind=kind, region=region, valid_from=on, actor=actor, legal_basis=legal_basis)
    _link(ended, unit, on, actor, normalise(legal_basis))
    return unit


def _end_all(units: Sequence[Territory], on: dt.date) -> list[Territory]:
    if not units:
        raise Refusal(
            "no_predecessors",
            _("Chưa chọn đơn vị nào để sáp nhập. Hãy chọn ít nhất một đơn vị."),
            field="predecessors",
        )
    return [_end(unit, on) for unit in _locked(units)]


def _link(ended: list[Territory], successor: Territory, on: dt.date, actor: Any, legal_basis: str) -> list[Succession]:
    rows = []
    for unit in ended:
        rows.append(Succession.objects.create(predecessor=unit, successor=successor, on=on, legal_basis=legal_basis))
        record(
            actor=actor,
            action="territory.merge",
            sentence=_("Từ %(day)s, %(old)s thuộc %(new)s.")
            % {"day": day(on), "old": unit.name, "new": successor.name},
            subject=unit,
            territory=successor,
            reason=legal_basis,
        )
    return rows


def _locked(units: Sequence[Territory]) -> list[Territory]:
    pks = sorted({unit.pk for unit in units})
    return list(Territory.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def _refuse_absent(successor: Territory, on: dt.date) -> None:
    if not successor.holds_on(on):
        raise Refusal(
            "successor_not_there",
            _("%(name)s không tồn tại vào ngày %(day)s. Hãy chọn đơn vị khác hoặc sửa ngày.")
            % {"name": successor.name, "day": day(on)},
            field="successor",
        )


def _end(unit: Territory, on: dt.date) -> Territory:
    """End the unit and its last name on the day before."""
    _refuse_ended(unit)
    if on <= unit.valid_from:
        raise Refusal(
            "merger_too_early",
            _("%(name)s bắt đầu từ %(day)s. Hãy chọn một ngày sau ngày đó.")
            % {"name": unit.name, "day": day(unit.valid_from)},
            field="on",
        )
    unit.valid_to = on - A_DAY
    names = unit.names.filter(valid_to__isnull=True)
    for name in names:
        name.valid_to = unit.valid_to
        name.save()
    prepare(unit)
    unit.save()
    return unit


@transaction.atomic
def correct(*, unit: Territory, fields: Sequence[str], actor: Any) -> Territory:
    """Save corrections of what was entered wrongly. A new name or a merger has its own service.

    Raises Refusal `unit_invalid` or `code_taken`.
    """
    prepare(unit)
    unit.save()
    if fields:
        labels = [label(Territory, field) for field in fields]
        note_correction(unit=unit, actor=actor, what=", ".join(labels))
    return unit


def note_correction(*, unit: Territory, actor: Any, what: str = "") -> None:
    """The audit row of a correction, in the transaction that writes it."""
    record(
        actor=actor,
        action="territory.correct",
        sentence=_("Sửa %(what)s của đơn vị %(name)s.")
        % {"what": what or _("tên gọi, sáp nhập theo thời gian"), "name": unit.name},
        subject=unit,
        territory=unit,
    )


def refuse_circle(*, predecessor: Territory, successor: Territory) -> None:
    """Raises Refusal `circle` when the successor is the unit itself or went into it."""
    following: dict[int, list[int]] = {}
    for earlier, later in Succession.objects.values_list("predecessor_id", "successor_id"):
        following.setdefault(earlier, []).append(later)
    reached, ahead = set(), [successor.pk]
    while ahead:
        pk = ahead.pop()
        if pk not in reached:
            reached.add(pk)
            ahead.extend(following.get(pk, []))
    if predecessor.pk in reached:
        raise Refusal(
            "circle",
            _("%(new)s đã nhập vào %(old)s hoặc chính là đơn vị này. Hãy chọn đơn vị kế thừa khác.")
            % {"new": successor.name, "old": predecessor.name},
            field="successor",
        )


def refuse_bad_succession(*, predecessor: Territory, successor: Territory, on: dt.date) -> None:
    """Raises Refusal `circle`, `successor_not_there` or `not_ended` for a succession entered by hand."""
    refuse_circle(predecessor=predecessor, successor=successor)
    _refuse_absent(successor, on)
    if predecessor.valid_to != on - A_DAY:
        raise Refusal(
            "not_ended",
            _("Đơn vị cũ phải kết thúc vào %(day)s, ngày trước khi sáp nhập. Hãy sửa một trong hai ngày.")
            % {"day": day(on - A_DAY)},
            field="on",
        )


def refuse_bad_names(periods: Sequence[tuple[dt.date, dt.date | None]], unit: Territory) -> None:
    """Raises Refusal `names_overlap` or `name_outside_unit` for the names a unit is to have."""
    clash = overlapping(periods)
    if clash:
        raise Refusal(
            "names_overlap",
            _("Hai tên cùng có hiệu lực vào ngày %(day)s. Hãy ghi ngày kết thúc của tên trước.")
            % {"day": day(clash[1][0])},
        )
    last = unit.valid_to or dt.date.max
    if any(since < unit.valid_from or (until or last) > last for since, until in periods):
        raise Refusal(
            "name_outside_unit", _("Có tên nằm ngoài thời gian tồn tại của đơn vị. Hãy sửa lại ngày của tên.")
        )
