"""The forms there are: who may make each, what must be there first, where its facts come from."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.enums import Level
from rounds import rules
from rounds.enums import Body, CriteriaState, DossierState, SheetState, VerdictChoice
from rounds.models import Dossier, Round, ScoreSheet
from rounds.states import BEFORE_SEAL

from .facts import dossiers as of_dossiers
from .facts import minutes, report, sheets
from .facts import rounds as of_rounds


@dataclass(frozen=True)
class Standing:
    """How far a round has come, as far as forms ask."""

    judged: int
    eligible: int
    proposed: int
    recognised: int
    sheets: int
    seats: int
    criteria: int
    sessions: int


def standing_of(round_: Round) -> Standing:
    """Five queries, however many dossiers; the papers that set up the bodies are read along."""
    prefetch_related_objects([round_], "establishing")
    proposed = Q(state=DossierState.ELIGIBLE, verdict__choice=VerdictChoice.RECOGNISE)
    counted = round_.dossiers.aggregate(
        judged=Count("pk", filter=Q(state__in=of_dossiers.LETTER_STATES)),
        eligible=Count("pk", filter=Q(state=DossierState.ELIGIBLE)),
        proposed=Count("pk", filter=proposed),
        recognised=Count("pk", filter=Q(recognition__isnull=False)),
    )
    return Standing(
        **counted,
        sheets=ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.SUBMITTED).count(),
        seats=round_.seats.filter(until__isnull=True).count(),
        criteria=round_.criteria_sets.filter(state=CriteriaState.APPROVED).count(),
        sessions=round_.sessions.count(),
    )


Test = Callable[[Any, Round], bool]
Blockers = Callable[[Any, Standing], list[str]]
Batch = Callable[..., list[dict[str, Any]]]


def _nothing(_subject: Any, _standing: Any = None) -> list[str]:
    return []


@dataclass(frozen=True)
class Form:
    """One official form. `of_round` writes one paper about a round, `copies` one per dossier."""

    code: str
    slug: str
    title: str | Promise
    may: Test
    template: str
    of_round: Callable[[Round, dt.date], dict[str, Any]] | None = None
    copies: Batch | None = None
    in_round: bool = True
    in_dossier: bool = False
    names_dossiers: bool = True
    round_blockers: Blockers = _nothing
    dossier_blockers: Callable[[Dossier], list[str]] = _nothing
    gaps: Callable[[Round], list[str]] = _nothing


def _may_list(user: Any, round_: Round) -> bool:
    return rules.may_manage(user, round_) or rules.may_record_verdicts(user, round_)


def _may_hand_out(user: Any, round_: Round) -> bool:
    return rules.may_check(user, round_) or rules.may_see_board(user, round_)


def _anyone(user: Any, round_: Round) -> bool:
    """Whoever reaches the dossier's page at all."""
    return True


# --- what must be there first -------------------------------------------------------------------------------


def _sealed(round_: Round, standing: Standing) -> list[str]:
    if round_.state in BEFORE_SEAL:
        return [_("Kỳ chưa khóa chấm điểm.")]
    return []


def _has_met(round_: Round, standing: Standing) -> list[str]:
    if _sealed(round_, standing):
        return _sealed(round_, standing)
    return [] if standing.sessions else [_("Hội đồng chưa họp phiên nào.")]


def _proposed(round_: Round, standing: Standing) -> list[str]:
    if _sealed(round_, standing):
        return _sealed(round_, standing)
    if not standing.proposed and not standing.recognised:
        return [_("Hội đồng chưa đề nghị công nhận sản phẩm nào.")]
    return []


def _announced(round_: Round, standing: Standing) -> list[str]:
    if round_.announced_at is None:
        return [_("Kết quả chưa công bố nên chưa có ngày tính hạn khiếu nại.")]
    return [] if standing.judged else [_("Kỳ này không có hồ sơ nào đã được kết luận.")]


def _recognised(round_: Round, standing: Standing) -> list[str]:
    return [] if standing.recognised else [_("Kỳ này chưa có sản phẩm nào được công nhận.")]


def _seated(round_: Round, standing: Standing) -> list[str]:
    return [] if standing.seats else [_("Kỳ này chưa có thành viên nào.")]


def _scorable(round_: Round, standing: Standing) -> list[str]:
    if not standing.criteria:
        return [_("Kỳ này chưa có bộ tiêu chí.")]
    return [] if standing.eligible else [_("Chưa có hồ sơ nào đủ điều kiện.")]


def _scored(round_: Round, standing: Standing) -> list[str]:
    return [] if standing.sheets else [_("Chưa có phiếu chấm nào được nộp.")]


def _dossier_handed_in(dossier: Dossier) -> list[str]:
    return [] if dossier.submitted_at else [_("Hồ sơ chưa nộp.")]


def _dossier_asked(dossier: Dossier) -> list[str]:
    return [] if dossier.requests.exists() else [_("Hồ sơ không có yêu cầu bổ sung nào đang mở.")]


def _dossier_announced(dossier: Dossier) -> list[str]:
    if dossier.round.announced_at is None:
        return [_("Kết quả chưa công bố nên chưa có ngày tính hạn khiếu nại.")]
    decided = dossier.state in of_dossiers.LETTER_STATES
    return [] if decided else [_("Hồ sơ này chưa được kết luận nên không có thông báo kết quả.")]


def _dossier_eligible(dossier: Dossier) -> list[str]:
    return [] if dossier.state == DossierState.ELIGIBLE else [_("Hồ sơ chưa đủ điều kiện chấm điểm.")]


def _dossier_scored(dossier: Dossier) -> list[str]:
    if not dossier.sheets.filter(state=SheetState.SUBMITTED).exists():
        return [_("Chưa có phiếu chấm nào được nộp cho hồ sơ này.")]
    return [] if sheets.finished([dossier]) else [_("Còn giám khảo chưa nộp phiếu chấm của hồ sơ này.")]


# --- what stays blank ---------------------------------------------------------------------------------------


def _submission_gaps(round_: Round) -> list[str]:
    gaps = [] if round_.submission_number else [_("Chưa ghi số tờ trình, chỗ này để trống.")]
    return gaps + _establishing_gap(round_)


def _establishing_gap(round_: Round) -> list[str]:
    if any(one.body == Body.COUNCIL for one in round_.establishing.all()):
        return []
    return [_("Chưa ghi quyết định lập hội đồng ở trang “Hội đồng, giám khảo”.")]


def _decision_gaps(round_: Round) -> list[str]:
    if round_.decision_id:
        return []
    return [_("Quyết định chưa ký: số, ngày để trống và có chữ “Dự thảo”."), *_establishing_gap(round_)]


FORMS: tuple[Form, ...] = (
    Form(
        code="bodies_list",
        slug="danh-sach-hoi-dong",
        title=gettext_lazy("Danh sách hội đồng, ban giám khảo, tổ giúp việc"),
        may=rules.may_manage,
        template="bodies_list",
        of_round=of_rounds.bodies_list,
        names_dossiers=False,
        round_blockers=_seated,
        gaps=_establishing_gap,
    ),
    Form(
        code="registration_form",
        slug="phieu-dang-ky",
        title=gettext_lazy("Phiếu đăng ký (Phụ lục 1)"),
        may=_anyone,
        template="registration_form",
        copies=of_dossiers.registration_forms,
        in_round=False,
        in_dossier=True,
    ),
    Form(
        code="statement",
        slug="thuyet-minh",
        title=gettext_lazy("Bản thuyết minh sản phẩm (Phụ lục 2)"),
        may=_anyone,
        template="statement",
        copies=of_dossiers.statements,
        in_round=False,
        in_dossier=True,
    ),
    Form(
        code="receipt",
        slug="bien-nhan",
        title=gettext_lazy("Giấy biên nhận hồ sơ"),
        may=rules.may_check,
        template="receipt",
        copies=of_dossiers.receipts,
        in_round=False,
        in_dossier=True,
        dossier_blockers=_dossier_handed_in,
    ),
    Form(
        code="supplement_letter",
        slug="yeu-cau-bo-sung",
        title=gettext_lazy("Công văn yêu cầu bổ sung hồ sơ"),
        may=rules.may_check,
        template="supplement_letter",
        copies=of_dossiers.supplement_letters,
        in_round=False,
        in_dossier=True,
        dossier_blockers=_dossier_asked,
    ),
    Form(
        code="score_sheet_blank",
        slug="phieu-cham-trang",
        title=gettext_lazy("Phiếu chấm điểm để trống (Phụ lục 4)"),
        may=_may_hand_out,
        template="score_sheet",
        copies=sheets.blank_sheets,
        in_dossier=True,
        round_blockers=_scorable,
        dossier_blockers=_dossier_eligible,
    ),
    Form(
        code="score_sheet",
        slug="phieu-cham",
        title=gettext_lazy("Phiếu chấm điểm đã nộp (Phụ lục 4)"),
        may=rules.may_see_points,
        template="score_sheet",
        copies=sheets.filled_sheets,
        in_dossier=True,
        round_blockers=_scored,
        dossier_blockers=_dossier_scored,
    ),
    Form(
        code="tally_record",
        slug="bien-ban-tong-hop",
        title=gettext_lazy("Biên bản tổng hợp kết quả chấm điểm"),
        may=rules.may_see_board,  # the same
        template="tally_record",
        of_round=of_rounds.tally_record,
        round_blockers=_sealed,
    ),
    Form(
        code="council_minutes",
        slug="bien-ban-hoi-dong",
        title=gettext_lazy("Biên bản họp hội đồng (phiên gần nhất)"),
        may=rules.may_see_board,
        template="council_minutes",
        of_round=minutes.of_round,
        round_blockers=_has_met,
    ),
    Form(
        code="provisional_list",
        slug="danh-sach-du-kien",
        title=gettext_lazy("Danh sách dự kiến công nhận"),
        may=_may_list,
        template="provisional_list",
        of_round=of_rounds.provisional_list,
        round_blockers=_proposed,
    ),
    Form(
        code="submission",
        slug="to-trinh",
        title=gettext_lazy("Tờ trình kèm danh sách đề nghị công nhận"),
        may=rules.may_manage,  # made only of a sealed round, whose points its staff read
        template="submission",
        of_round=of_rounds.submission,
        round_blockers=_proposed,
        gaps=_submission_gaps,
    ),
    Form(
        code="decision_draft",
        slug="du-thao-quyet-dinh",
        title=gettext_lazy("Quyết định công nhận (dự thảo) kèm danh sách"),
        may=rules.may_manage,
        template="decision_draft",
        of_round=of_rounds.decision_draft,
        round_blockers=_proposed,
        gaps=_decision_gaps,
    ),
    Form(
        code="result_letter",
        slug="thong-bao-ket-qua",
        title=gettext_lazy("Thông báo kết quả cho từng cơ sở"),
        may=rules.may_manage,
        template="result_letter",
        copies=of_dossiers.result_letters,
        in_dossier=True,
        round_blockers=_announced,
        dossier_blockers=_dossier_announced,
    ),
    Form(
        code="abstract_list",
        slug="danh-sach-trich-ngang",
        title=gettext_lazy("Danh sách trích ngang gửi cấp trên (Phụ lục 5)"),
        may=rules.may_manage,
        template="abstract_list",
        of_round=of_rounds.abstract_list,
        round_blockers=_recognised,
    ),
    Form(
        code="voting_report",
        slug="bao-cao-binh-chon",
        title=gettext_lazy("Báo cáo kết quả bình chọn trong năm"),
        may=rules.may_reach_desk,
        template="voting_report",
        of_round=report.voting_report,
        names_dossiers=False,
    ),
)
BY_CODE = {form.code: form for form in FORMS}
BY_SLUG = {form.slug: form for form in FORMS}


def forms_of_round(round_: Round) -> list[Form]:
    """The forms a round of this level can have; nothing stands above the nation."""
    listed = [form for form in FORMS if form.in_round]
    return [form for form in listed if form.code != "abstract_list" or round_.level != Level.NATIONAL]


def forms_of_dossier() -> list[Form]:
    return [form for form in FORMS if form.in_dossier]


def dossiers_of(subject: Any, narrowed: "QuerySet[Dossier] | None") -> "QuerySet[Dossier]":
    """The dossiers that copies are made for; `narrowed` leaves out what the reader may not see."""
    found = narrowed if narrowed is not None else Dossier.objects.all()
    if isinstance(subject, Round):
        return found.filter(round=subject)
    return found.filter(pk=subject.pk)
