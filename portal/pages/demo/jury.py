"""The jury of the invented rounds: declarations, sheets, and what happens on the way to a full board."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.models import User
from rounds.enums import ConflictOrigin, InterestKind, PlanMethod, ScoringPass, SheetState
from rounds.judge_queries import outline_for
from rounds.models import Conflict, Dossier, Round, ScoreSheet
from rounds.services import assigning, conflicts, extensions, paper_sheets, reopening, samples, scoring
from rounds.services.declarations import Interest

from . import scores
from .makers import PREFIX
from .stage import MINUTE, Stage, in_order

# Of each judge: how many of the dossiers, in the round's order, are handed in, and how many are begun.
PROGRESS = {1: (18, 3), 2: (24, 0), 3: (10, 2), 4: (14, 1), 5: (6, 2), 6: (21, 1), 7: (0, 1)}
CONFLICT = ("giamkhao3.thainguyen", 15)
CANNOT = ("giamkhao4.thainguyen", 14)
# The chair gives one judge more time and another a sheet back; a third hands in on paper, the last signs in batches.
LATE_JUDGE, REOPENED, ON_PAPER = "giamkhao5.thainguyen", ("giamkhao4.thainguyen", 3), "giamkhao7.thainguyen"
SIGNED = ("giamkhao2.thainguyen", 12)
PAPER_PLACES = (1, 2)
SAMPLE_PLACES = (3, 19)
# A judge whose workplace is a maker of the round, and one whose tie to a maker turned out to be none.
EMPLOYED, MISTAKEN = "giamkhao6.thainguyen", "giamkhao2.thainguyen"
DECLARED: dict[str, dict[str, Any]] = {
    EMPLOYED: {"employer": f"{PREFIX}Công ty TNHH Vật liệu không nung Quang Sơn"},
    MISTAKEN: {"interests": (Interest(InterestKind.OTHER, name=f"{PREFIX}Hợp tác xã nấm và rau củ sấy Đồng Hỷ"),)},
}
EACH_BY = 5


def score_all(stage: Stage, round_: Round, day: int, *, fails: frozenset[str]) -> None:
    for place, dossier in enumerate(in_order(round_)):
        for number, judge in enumerate(stage.judges):
            moment = stage.at(day) + (20 * place + number) * MINUTE
            _sheet(dossier, judge, moment, submit=True, fails=fails)


def part_way(stage: Stage, round_: Round) -> None:
    """Sheets handed in, begun and untouched, and the incidents that a chair has to see."""
    entered = in_order(round_)
    chair = stage.people["chutich.thainguyen"]
    _stand_aside(stage, round_, entered, chair)
    for number, judge in enumerate(stage.judges, start=1):
        handed_in, begun = PROGRESS[number]
        for dossier in entered[:handed_in]:
            _sheet(dossier, judge, stage.at(-8 + number % 6), submit=True)
        for dossier in entered[handed_in : handed_in + begun]:
            _sheet(dossier, judge, stage.at(-1, 8 + number), submit=False)
    _cannot_assess(stage, entered)
    _on_paper(stage, entered)
    _reopen(stage, entered, chair)
    _more_time(stage, round_, chair)
    _samples(stage, entered)


def two_passes(stage: Stage, round_: Round) -> None:
    """Dossiers divided among the jury, scored from the papers; on site the first judges of each have been."""
    for place, dossier in enumerate(in_order(round_)):
        judges = [row.judge for row in dossier.assignments.select_related("judge").order_by("judge__username")]
        for number, judge in enumerate(judges[:-1]):
            _sheet(dossier, judge, stage.at(-5) + (20 * place + number) * MINUTE, submit=True)
        for number, judge in enumerate(judges[: 3 - place % 2]):
            moment = stage.at(-1, 8) + (20 * place + number) * MINUTE
            _sheet(dossier, judge, moment, submit=number < 2, scoring_pass=ScoringPass.SITE)


def divide(stage: Stage, round_: Round, now: dt.datetime) -> None:
    """The dossiers are divided evenly by the portal, then the plan is put in force."""
    officer = stage.people["canbo.thainguyen"]
    plan = assigning.plan(
        round_=round_, method=PlanMethod.BALANCED, per_dossier=EACH_BY, seed="MAU-2", actor=officer, now=now
    )
    assigning.apply(plan=plan, actor=officer, now=now + MINUTE)


def _stand_aside(stage: Stage, round_: Round, entered: list[Dossier], chair: User) -> None:
    """One declares a tie; of two that the portal found, one is a false alarm and one still waits."""
    who, place = CONFLICT
    conflicts.declare(
        dossier=entered[place],
        user=stage.people[who],
        reason=_("Tôi đã tư vấn lập hồ sơ này (tình huống mẫu)."),
        now=stage.at(-9),
    )
    for alarm in Conflict.objects.filter(
        dossier__round=round_, user=stage.people[MISTAKEN], origin=ConflictOrigin.DETECTED
    ):
        conflicts.dismiss(
            conflict=alarm,
            reason=_("Giám khảo chỉ mua hàng của cơ sở tại hội chợ, không có quan hệ lợi ích (tình huống mẫu)."),
            actor=chair,
            now=stage.at(-9, 10),
        )


def _sheet(
    dossier: Dossier,
    judge: User,
    now: dt.datetime,
    *,
    submit: bool,
    fails: frozenset[str] = frozenset(),
    scoring_pass: ScoringPass = ScoringPass.DOSSIER,
) -> None:
    """Score one dossier for one judge: all of it, or the first half when it is only begun."""
    given = list(_points(dossier, judge, fails).items())
    values: dict[int, scoring.Value] = {pk: (points, "") for pk, points in given[: None if submit else len(given) // 2]}
    sheet = scoring.open_sheet(dossier=dossier, judge=judge, now=now, scoring_pass=scoring_pass)
    saved = scoring.save_scores(sheet=sheet, values=values, revision=sheet.revision, actor=judge, now=now)
    if submit:
        scoring.submit_sheet(sheet=saved.sheet, actor=judge, now=now + MINUTE)


def _points(dossier: Dossier, judge: User, fails: frozenset[str] = frozenset()) -> dict[int, Any]:
    return scores.points(
        outline_for(dossier.round_id, dossier.product.group).maxima,
        code=f"{dossier.round.establishing.first()} {dossier.entry_code}",
        judge=judge.username,
        percent=scores.quality(dossier.entry_code, fails=fails),
        step=dossier.round.score_step,
    )


def _cannot_assess(stage: Stage, entered: list[Dossier]) -> None:
    who, place = CANNOT
    judge, now = stage.people[who], stage.at(-2)
    sheet = scoring.open_sheet(dossier=entered[place + 1], judge=judge, now=now)
    scoring.cannot_assess(
        sheet=sheet, reason=_("Ngoài chuyên môn của giám khảo (tình huống mẫu)."), actor=judge, now=now
    )


def _on_paper(stage: Stage, entered: list[Dossier]) -> None:
    """Two sheets on paper are entered with their scans, the first is confirmed; a batch comes back signed.

    A trial run writes no files, so nothing is entered on paper.
    """
    judge, secretary = stage.people[ON_PAPER], stage.people["thuky.thainguyen"]
    for number, place in enumerate(PAPER_PLACES):
        dossier, now = entered[place], stage.at(-2, 14) + number * MINUTE
        scan = stage.papers.of_sheet(dossier.product, judge)
        if scan is None:
            continue
        values: dict[int, scoring.Value] = {pk: (points, "") for pk, points in _points(dossier, judge).items()}
        sheet = paper_sheets.enter(dossier=dossier, judge=judge, values=values, scan=scan, actor=secretary, now=now)
        if number == 0:
            paper_sheets.confirm(sheet=sheet, actor=judge, now=stage.at(-1))
    who, count = SIGNED
    handed_in = ScoreSheet.objects.filter(dossier__in=entered[:count], judge=stage.people[who])
    paper_sheets.record_signature(
        sheets=list(handed_in.filter(state=SheetState.SUBMITTED)),
        signed_on=stage.at(-2).date(),
        actor=secretary,
        now=stage.at(-1),
    )


def _reopen(stage: Stage, entered: list[Dossier], chair: User) -> None:
    who, place = REOPENED
    judge, reason = stage.people[who], _("Tôi nhập nhầm điểm ở mục 2.2.b (tình huống mẫu).")
    sheet = ScoreSheet.objects.get(dossier=entered[place], judge=judge)
    reopening.ask(sheet=sheet, reason=reason, actor=judge, now=stage.at(-2, 15))
    reopening.reopen(sheet=sheet, reason=reason, actor=chair, now=stage.at(-1, 8))


def _more_time(stage: Stage, round_: Round, chair: User) -> None:
    extensions.extend(
        round_=round_,
        judge=stage.people[LATE_JUDGE],
        until=stage.at(8, 17),
        reason=_("Giám khảo đi công tác đến giữa tuần (tình huống mẫu)."),
        actor=chair,
        now=stage.at(-1, 10),
    )


def _samples(stage: Stage, entered: list[Dossier]) -> None:
    for place in SAMPLE_PLACES:
        product = entered[place].product
        samples.receive(
            dossier=entered[place],
            description=product.name,
            condition=_("Nguyên vẹn (mẫu minh họa)"),
            received_from=product.facility.name if product.facility else "",
            actor=stage.people["totruong.thainguyen"],
            now=stage.at(-6),
        )
