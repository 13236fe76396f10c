"""A division of dossiers as pages and files show it: loads of judges, who scores each dossier and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from products.enums import ProductGroup

from . import assigning
from .assigning import Facts, Load, Pairs, Panel
from .models import Dossier, Round

WHY: dict[str, str | Promise] = {
    "begun": gettext_lazy("đã mở phiếu"),
    "held": gettext_lazy("giữ như đang phân"),
    "new": "",
}


@dataclass(frozen=True)
class JudgeRow:
    """One judge's load: as figures and as a bar out of a hundred."""

    key: str
    pk: int
    name: str
    load: Load
    groups: tuple[tuple[str, int], ...]
    recused: tuple[str, ...]
    width: int
    limit_at: int | None

    @property
    def is_over(self) -> bool:
        return self.load.limit is not None and self.load.total > max(self.load.limit, self.load.begun)


@dataclass(frozen=True)
class EntryRow:
    """One dossier: who scores it and why, who stands aside, who loses it."""

    dossier: Dossier
    judges: tuple[tuple[str, str, int], ...]
    recused: tuple[str, ...]
    lost: tuple[str, ...]
    is_short: bool


@dataclass(frozen=True)
class Division:
    """Everything a page shows of one division. Two queries to make."""

    judges: tuple[JudgeRow, ...]
    groups: tuple[tuple[str, tuple[EntryRow, ...]], ...]
    hidden: int
    short: tuple[str, ...]
    sheets: int
    gained: int
    lost: int
    moved: int

    @property
    def largest(self) -> int:
        return max((row.load.total for row in self.judges), default=0)

    @property
    def smallest(self) -> int:
        return min((row.load.total for row in self.judges), default=0)


def division(facts: Facts, pairs: Pairs, *, minimum: int, seen: "QuerySet[Dossier]") -> Division:
    """The division as somebody sees it who sees these dossiers; of others only the count is told."""
    dossiers = {str(found.uuid): found for found in seen.select_related("product__facility").order_by("entry_code")}
    loads, panels = assigning.loads(facts, pairs), assigning.panels(facts, pairs)
    people = _people(facts, panels)
    rows = [
        _entry_row(panel, dossiers[panel.entry], people, minimum)
        for panel in sorted(panels, key=lambda one: _place(one, dossiers))
        if panel.entry in dossiers
    ]
    new, gone = pairs - facts.held, facts.held - pairs
    return Division(
        judges=tuple(_judge_rows(loads, people, dossiers)),
        groups=tuple(_grouped(rows)),
        hidden=len(panels) - len(rows),
        short=tuple(row.dossier.entry_code for row in rows if row.is_short),
        sheets=len(pairs),
        gained=len(new) if facts.held else 0,
        lost=len(gone),
        moved=len({entry for entry, _judge in new | gone}) if facts.held else 0,
    )


def _people(facts: Facts, panels: list[Panel]) -> dict[str, User]:
    keys = {judge.key for judge in facts.judges} | {judge for panel in panels for judge in panel.lost}
    return {str(user.uuid): user for user in User.objects.filter(uuid__in=keys)}


def _place(panel: Panel, dossiers: Mapping[str, Dossier]) -> str:
    found = dossiers.get(panel.entry)
    return found.entry_code if found else ""


def _judge_rows(loads: list[Load], people: Mapping[str, User], dossiers: Mapping[str, Dossier]) -> Iterator[JudgeRow]:
    top = max([line.total for line in loads] + [line.limit or 0 for line in loads] + [1])
    for line in sorted(loads, key=lambda one: (str(people[one.judge]), one.judge)):
        yield JudgeRow(
            key=line.judge,
            pk=people[line.judge].pk,
            name=str(people[line.judge]),
            load=line,
            groups=tuple((str(g.label), line.groups[g]) for g in ProductGroup if g in line.groups),
            recused=tuple(sorted(dossiers[entry].entry_code for entry in line.recused if entry in dossiers)),
            width=line.total * 100 // top,
            limit_at=None if line.limit is None else line.limit * 100 // top,
        )


def _entry_row(panel: Panel, dossier: Dossier, people: Mapping[str, User], minimum: int) -> EntryRow:
    return EntryRow(
        dossier=dossier,
        judges=tuple(
            sorted((str(people[judge]), str(WHY[why]), people[judge].pk) for judge, why in panel.judges.items())
        ),
        recused=_names(panel.recused, people),
        lost=_names(panel.lost, people),
        is_short=len(panel.judges) < minimum,
    )


def _names(keys: tuple[str, ...], people: Mapping[str, User]) -> tuple[str, ...]:
    return tuple(sorted(str(people[key]) for key in keys if key in people))


def _grouped(rows: list[EntryRow]) -> Iterator[tuple[str, tuple[EntryRow, ...]]]:
    for group in ProductGroup:
        found = tuple(row for row in rows if row.dossier.product.group == group)
        if found:
            yield str(group.label), found


def seen_by(user: Any, round_: Round) -> "QuerySet[Dossier]":
    """The round's dossiers without those the person has a conflict of interest with."""
    return Dossier.objects.filter(round=round_).without_conflict(user)


def table(found: Division) -> tuple[list[str], list[list[Any]]]:
    """The division as a file holds it: a dossier per row, a column per judge, and how many there are."""
    names = [row.name for row in found.judges]
    headings = [_("Số hồ sơ"), _("Sản phẩm"), _("Cơ sở"), _("Nhóm"), _("Số giám khảo"), *names]
    rows = []
    for group, entries in found.groups:
        for row in entries:
            marks = {name: _("chấm") for name, _why, _pk in row.judges} | {name: _("từ chối") for name in row.recused}
            facility = row.dossier.product.facility
            facts = [row.dossier.entry_code, row.dossier.product.name, facility.name if facility else "", group]
            rows.append([*facts, len(row.judges), *(marks.get(name, "") for name in names)])
    return headings, rows
