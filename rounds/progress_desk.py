"""The progress of the scoring at the desk: who has handed in what, which dossiers fall short, the nudge. Thin views.

Four states and more are told apart; points never come near these pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.errors import Refusal
from portal.text.inputs import key_of
from products.enums import ProductGroup

from . import progress_queries, progress_words, rules
from .deadlines_of import is_open
from .desk import context, posted_or_back, round_for, visible_dossiers
from .enums import RoundState, ScoringPass
from .models import Round
from .progress import ORDER, DossierLine, GroupLine, JudgeLine, Standing
from .reopen_requests import asked
from .services import nudging
from .sheet_states import passes_of

# A small round shows every dossier at once; a large one those in need, and the rest group by group.
ALL_AT_ONCE = 60
SHOW_SHORT, SHOW_WAITING, SHOW_LATE = "thieu", "cho", "cham"


@dataclass(frozen=True)
class Filters:
    """What the reader asked to see; anything unknown is ignored."""

    scoring_pass: str
    judge: int | None = None
    state: str = ""
    group: str = ""
    only: str = ""

    @classmethod
    def read(cls, request: HttpRequest, round_: Round) -> "Filters":
        asked = request.GET
        return cls(
            scoring_pass=pass_of(request, round_),
            judge=key_of(asked.get("giam-khao", "")),
            state=_known(asked.get("trang-thai", ""), ORDER),
            group=_known(asked.get("nhom", ""), ProductGroup.values),
            only=_known(asked.get("xem", ""), (SHOW_SHORT, SHOW_WAITING, SHOW_LATE)),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.judge or self.state or self.group or self.only in (SHOW_SHORT, SHOW_WAITING))

    def takes(self, line: DossierLine) -> bool:
        """Whether the dossier belongs to what was asked for."""
        if self.group and line.entry.group != self.group:
            return False
        if self.only == SHOW_SHORT and not line.is_short:
            return False
        if self.only == SHOW_WAITING and line.standing != Standing.WAITING:
            return False
        if self.judge is not None:
            mine = line.states.get(self.judge)
            return mine is not None and self.state in ("", mine)
        return not self.state or self.state in line.states.values()


def _known(asked: str, values: Any) -> str:
    return asked if asked in values else ""


def pass_of(request: HttpRequest, round_: Round) -> str:
    """The pass that the page is about: the one asked for, where the round has it."""
    asked = (request.POST if request.method == "POST" else request.GET).get("luot", "")
    return asked if asked in passes_of(round_) else str(ScoringPass.DOSSIER)


def round_in_scoring(request: HttpRequest, pk: int) -> Round:
    """A round whose progress the person may follow."""
    return round_for(request, pk, rules.may_see_progress)


@dataclass(frozen=True)
class ShownLine:
    """A dossier's row: its line, and for one that falls short why and what to do."""

    line: DossierLine
    standing: str
    why: str = ""
    do: str = ""


@dataclass(frozen=True)
class ShownGroup:
    """A group with the rows that are shown of it, and how many are left for its own page."""

    label: str
    group: GroupLine
    rows: tuple[ShownLine, ...]
    hidden: int
    more: str


@dataclass(frozen=True)
class ShownJudge:
    """A judge's row, and whether the person can be nudged now."""

    line: JudgeLine
    name: str
    office: str
    just_told: bool
    may_nudge: bool


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The page: judges, then dossiers by group, short ones first."""
    round_ = round_in_scoring(request, pk)
    now = timezone.now()
    filters = Filters.read(request, round_)
    found = progress_queries.progress(
        round_, visible_dossiers(request, round_), filters.scoring_pass, now=now, groups=ProductGroup.values
    )
    may_nudge = round_.state == RoundState.SCORING and rules.may_nudge(request.user, round_)
    judges = list(_judges(found, round_, filters, now=now, may_nudge=may_nudge))
    groups = list(_groups(found, round_, filters))
    page = context(
        site,
        request,
        Round,
        title=_("Tiến độ chấm, %(round)s") % {"round": round_.title},
        round=round_,
        found=found,
        filters=filters,
        passes=_passes(request, round_, filters.scoring_pass),
        totals=[(state, found.total(state)) for state in ORDER],
        judges=judges,
        groups=groups,
        names={pk: str(person) for pk, person in found.people.items()},
        choices=_choices(found),
        shown=sum(len(group.rows) for group in groups),
        short=sum(group.short for group in found.groups),
        nudgeable=sum(one.may_nudge for one in judges),
        may_label=rules.may_run_scoring(request.user, round_),
        may_extend=round_.state == RoundState.SCORING and rules.may_extend(request.user, round_),
        is_open=round_.state == RoundState.SCORING,
        requests=_requests(request, round_),
    )
    return render(request, "admin/rounds/progress.html", page)


def _requests(request: HttpRequest, round_: Round) -> list[Any]:
    """Sheets that judges ask to have opened again, for who may open them. One query."""
    if round_.state != RoundState.SCORING or not rules.may_reopen_sheets(request.user, round_):
        return []
    here = Q(dossier__in=visible_dossiers(request, round_))
    return list(asked(here).select_related("judge", "dossier").defer("total", "remark"))


def _passes(request: HttpRequest, round_: Round, current: str) -> list[tuple[str, str, bool]]:
    passes = passes_of(round_)
    if len(passes) == 1:
        return []
    return [(one, str(ScoringPass(one).label), one == current) for one in passes]


def _judges(
    found: progress_queries.Progress, round_: Round, filters: Filters, *, now: Any, may_nudge: bool
) -> Iterator[ShownJudge]:
    for line in found.judges:
        if filters.only == SHOW_LATE and not (line.is_seated and line.missing):
            continue
        person = found.people[line.judge]
        just_told = line.nudged_at is not None and now - line.nudged_at < nudging.ONCE_IN
        can = bool(line.missing) and line.is_seated and not just_told
        able = can and is_open(round_, filters.scoring_pass, line.until, now)
        yield ShownJudge(line, str(person), str(person.organisation or ""), just_told, may_nudge and able)


def _groups(found: progress_queries.Progress, round_: Round, filters: Filters) -> Iterator[ShownGroup]:
    everything = filters.narrows or len(found.lines) <= ALL_AT_ONCE
    for group in found.groups:
        lines = [line for line in group.lines if filters.takes(line)]
        if not lines:
            continue
        rows = lines if everything else [line for line in lines if line.is_short]
        query = urlencode({"luot": filters.scoring_pass, "nhom": group.group})
        yield ShownGroup(
            label=str(ProductGroup(group.group).label),
            group=group,
            rows=tuple(_shown(line, round_) for line in rows),
            hidden=len(lines) - len(rows),
            more=f"{reverse('admin:rounds_round_progress', args=[round_.pk])}?{query}",
        )


def _shown(line: DossierLine, round_: Round) -> ShownLine:
    standing = str(progress_words.STANDING_WORDS[line.standing])
    if not line.is_short:
        return ShownLine(line, standing)
    return ShownLine(line, standing, progress_words.why_short(line), progress_words.what_to_do(line, round_.assignment))


def _choices(found: progress_queries.Progress) -> dict[str, list[tuple[Any, str]]]:
    """What the filters offer."""
    return {
        "judges": [(line.judge, f"{line.number}. {found.people[line.judge]}") for line in found.judges],
        "states": [(state, str(progress_words.STATE_WORDS[state])) for state in ORDER],
        "groups": [(group.group, str(ProductGroup(group.group).label)) for group in found.groups],
    }


@posted_or_back("admin:rounds_round_progress")
def nudge(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: tell one judge, or all who are late, what is missing."""
    round_ = round_in_scoring(request, pk)
    asked = request.POST.get("judge", "")
    judges = None if not asked else [key_of(asked) or 0]
    scoring_pass = pass_of(request, round_)
    back = reverse("admin:rounds_round_progress", args=[pk]) + f"?{urlencode({'luot': scoring_pass})}"
    try:
        told = nudging.nudge(
            round_=round_, scoring_pass=scoring_pass, judges=judges, actor=request.user, now=timezone.now()
        )
    except Refusal as refusal:
        if refusal.code == "not_allowed":
            raise PermissionDenied(str(refusal.sentence)) from None
        messages.error(request, str(refusal.sentence))
        return redirect(back)
    messages.success(request, _told(told))
    return redirect(back)


def _told(told: nudging.Nudged) -> str:
    said = []
    if told.told:
        said.append(ngettext("Đã nhắc %(n)d giám khảo.", "Đã nhắc %(n)d giám khảo.", told.told) % {"n": told.told})
    if told.just_told:
        said.append(
            ngettext(
                "%(n)d giám khảo đã được nhắc trong vòng một giờ nên không nhắc lại.",
                "%(n)d giám khảo đã được nhắc trong vòng một giờ nên không nhắc lại.",
                told.just_told,
            )
            % {"n": told.just_told}
        )
    if told.over:
        said.append(
            ngettext(
                "%(n)d giám khảo đã hết hạn nộp, hãy gia hạn trước.",
                "%(n)d giám khảo đã hết hạn nộp, hãy gia hạn trước.",
                told.over,
            )
            % {"n": told.over}
        )
    return " ".join(said)


PATHS = (
    ("tien-do/", show, "progress"),
    ("tien-do/nhac/", nudge, "nudge"),
)
