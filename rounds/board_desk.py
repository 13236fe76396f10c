"""The score board at the desk: every dossier by group, one dossier with its sheets, and both as a file."""

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.exports import as_csv, as_xlsx
from portal.accounts.models import User
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.formats import points
from portal.text.inputs import apply_refusal, status_of
from products.enums import ProductGroup

from . import board_dossier, queries, rules, tally
from .board_rows import Cells, Line, rows_of
from .board_words import rest_of, verdict_of
from .counting import Known, LineMeans, severity_of_judges, whole_tally
from .desk import context, round_for, visible_dossiers
from .enums import RoundState, TieBreak, VerdictChoice
from .forms import VerdictForm
from .models import Dossier, Round
from .score_board import BoardRow, open_points, ranked_groups
from .services import council
from .states import BEFORE_SEAL
from .words_of_rules import sentences

R = RoundState
OK, WRONG = 200, 400
NO_MEANS = LineMeans({}, {})


# Ways to sort the dossiers of a group; all but the number need points, and what is hidden stands last by its number.
ORDERS: dict[str, Callable[[BoardRow], Any]] = {
    "rank": lambda row: (row.rank is None, row.rank or 0),
    "mean": lambda row: -(row.outcome.mean or 0),
    "spread": lambda row: -(row.outcome.spread or 0),
    "code": lambda row: row.outcome.code,
}


def _order_words() -> dict[str, str]:
    return {"rank": _("Thứ hạng"), "mean": _("Điểm trung bình"), "spread": _("Độ lệch"), "code": _("Số hồ sơ")}


def _round(request: HttpRequest, pk: int) -> Round:
    return round_for(request, pk, rules.may_see_board)


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The board. Before the scoring is closed only the head judge reads points on it, of what all have finished.

    Some twenty queries, however many dossiers and sheets.
    """
    with rules.asked_once():
        return _board(request, site, _round(request, pk))


def _board(request: HttpRequest, site: AdminSite, round_: Round) -> HttpResponse:
    rows = queries.board(round_, visible_dossiers(request, round_))
    opened = open_points(request.user, round_, rows)
    chosen = request.GET.get("sort", "")
    if chosen not in ORDERS or not opened:
        chosen = "rank" if opened else "code"
    cells = Cells(sees_points=bool(opened), is_sealed=round_.state not in BEFORE_SEAL)
    page = context(
        site,
        request,
        Round,
        title=_("Bảng điểm, %(round)s") % {"round": round_.title},
        round=round_,
        groups=[
            (group, label, len(lines), rows_of(lines, cells)) for group, label, lines in _groups(rows, opened, chosen)
        ],
        sees_points=bool(opened),
        may_see_points=rules.may_see_points(request.user, round_),
        points_sentence=rules.may_see_points.sentence,
        orders=[(name, words, name == chosen) for name, words in _order_words().items()] if opened else [],
        is_sealed=round_.state not in BEFORE_SEAL,
        seal=queries.seal_of(round_) if round_.state not in BEFORE_SEAL else None,
        rules_in_words=sentences(round_),
        severities=_severities(round_) if round_.state not in BEFORE_SEAL else [],
        least=(tally.SEVERITY_DOSSIERS, tally.SEVERITY_OTHERS),
        totals=_totals(rows, opened),
    )
    return render(request, "admin/rounds/board.html", page)


def _totals(rows: list[BoardRow], opened: frozenset[int]) -> dict[str, int]:
    return {
        "dossiers": len(rows),
        "submitted": sum(row.submitted for row in rows),
        "due": sum(row.due for row in rows),
        "open": len(opened),
        "passed": sum(row.passed for row in rows if row.dossier.pk in opened),
        "flagged": sum(row.outcome.disagrees for row in rows if row.dossier.pk in opened),
        "proposed": sum(row.verdict is not None and row.verdict.choice == VerdictChoice.RECOGNISE for row in rows),
    }


def _groups(rows: list[BoardRow], opened: frozenset[int], chosen: str) -> list[tuple[str, str, list[Line]]]:
    """Group, its words, its lines in the chosen order."""
    ranked = ranked_groups(rows, opened)
    key = ORDERS[chosen]
    found: list[tuple[str, str, list[Line]]] = []
    for group in ProductGroup:
        mine = [row for row in rows if row.outcome.group == group]
        if not mine:
            continue
        by_code = sorted(mine, key=lambda row: row.outcome.code)
        if chosen != "code":
            seen = [row for row in by_code if row.dossier.pk in opened]
            by_code = sorted(seen, key=key) + [row for row in by_code if row.dossier.pk not in opened]
        lines = [_line(row, is_open=row.dossier.pk in opened, is_ranked=group in ranked) for row in by_code]
        found.append((str(group), str(group.label), lines))
    return found


def _line(row: BoardRow, *, is_open: bool, is_ranked: bool) -> Line:
    outcome, product = row.outcome, row.dossier.product
    has_mean = is_open and outcome.divisor > 0
    return Line(
        pk=row.dossier.pk,
        rank=(row.rank or "") if is_open and is_ranked else "",
        code=outcome.code,
        name=product.name,
        facility=product.facility.name if product.facility else "",
        sheets=f"{row.submitted}/{row.due}",
        rest=rest_of(row.hands),
        mean=points(row.mean) if has_mean and row.mean is not None else "",
        mark=_mark(row) if is_open else "",
        spread=points(outcome.spread) if has_mean and outcome.spread is not None else "",
        flagged=has_mean and outcome.disagrees,
        verdict=verdict_of(row.verdict) if row.verdict else "",
    )


def _mark(row: BoardRow) -> str:
    if row.dossier.gathered_late:
        return "late"
    if not row.quorate:
        return "short"
    return "passed" if row.passed else "failed"


def _severities(round_: Round) -> list[tuple[str, int, str]]:
    """Judge, dossiers compared, difference in words; the harshest first. Two queries."""
    found = severity_of_judges(round_)
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=found)}
    ordered = sorted(found.items(), key=lambda one: (one[1].difference is None, one[1].difference or 0, names[one[0]]))
    return [(names[judge], one.dossiers, board_dossier.signed(one.difference)) for judge, one in ordered]


def dossier(request: HttpRequest, site: AdminSite, pk: int, dossier_pk: int) -> HttpResponse:
    """One dossier: its sheets side by side once they are open to the reader, and the council's word on it."""
    round_ = _round(request, pk)
    if request.method != "POST":
        return _show_dossier(request, site, round_, dossier_pk)
    found = visible_dossiers(request, round_).filter(pk=dossier_pk).first()
    if found is None:
        raise Http404
    form = VerdictForm(request.POST, prefix=f"v{dossier_pk}")
    if not form.is_valid():
        return _show_dossier(request, site, round_, dossier_pk, form=form, status=WRONG)
    try:
        council.record_verdict(dossier=found, actor=request.user, now=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        if round_.state != R.DELIBERATION:
            messages.error(request, str(refusal.sentence))
        return _show_dossier(request, site, round_, dossier_pk, form=form, status=status_of(refusal))
    messages.success(request, _("Đã ghi ý kiến hội đồng về hồ sơ %(code)s.") % {"code": found.entry_code})
    board_url = redirect("admin:rounds_round_board", pk).url
    return redirect(f"{board_url}#ho-so-{dossier_pk}")


def _show_dossier(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    dossier_pk: int,
    *,
    form: VerdictForm | None = None,
    status: int = OK,
) -> HttpResponse:
    rows = queries.board(round_, visible_dossiers(request, round_))
    row = next((row for row in rows if row.dossier.pk == dossier_pk), None)
    if row is None:
        raise Http404
    opened = open_points(request.user, round_, rows)
    is_open = dossier_pk in opened
    is_ranked = row.outcome.group in ranked_groups(rows, opened)
    may_speak = round_.state == R.DELIBERATION and rules.may_record_verdicts(request.user, round_)
    sealed = round_.state not in BEFORE_SEAL
    step = TieBreak(row.outcome.decided_by).label if is_open and is_ranked and row.outcome.decided_by else ""
    page = context(
        site,
        request,
        Round,
        title=_("Điểm hồ sơ %(code)s, %(round)s") % {"code": row.outcome.code, "round": round_.title},
        round=round_,
        row=row,
        line=_line(row, is_open=is_open, is_ranked=is_ranked),
        group=ProductGroup(row.outcome.group).label,
        step=step,
        is_open=is_open,
        is_sealed=sealed,
        points_sentence=rules.may_see_points.sentence,
        tables=board_dossier.tables(
            round_, row, is_open=is_open, severities=severity_of_judges(round_) if sealed else {}
        ),
        may_open=Dossier.objects.visible_to(request.user).filter(pk=dossier_pk).exists(),
        form=(form or _verdict_form(row)) if may_speak else None,
    )
    return render(request, "admin/rounds/board_dossier.html", page, status=status)


def _verdict_form(row: BoardRow) -> VerdictForm:
    initial = {name: getattr(row.verdict, name) for name in VerdictForm.base_fields} if row.verdict else {}
    return VerdictForm(prefix=f"v{row.dossier.pk}", initial=initial)


@require_safe
def as_workbook(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The board as an .xlsx file, with the rules it was counted by."""
    return _export(request, pk, "xlsx")


@require_safe
def as_text(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The board as a .csv file."""
    return _export(request, pk, "csv")


def _export(request: HttpRequest, pk: int, fmt: str) -> HttpResponseBase:
    """What the person reads on the page, with the mean of every input. Taking it is an act."""
    round_ = _round(request, pk)
    rows = queries.board(round_, visible_dossiers(request, round_))
    opened = open_points(request.user, round_, rows)
    headings, lines = _file(round_, rows, opened)
    if request.method == "GET":
        record_access(
            request,
            action="round.board_export",
            sentence=_("Tải bảng điểm (%(total)s hồ sơ, %(format)s).") % {"total": len(rows), "format": fmt},
            subject=round_,
            territory=round_.territory,
            data={"dossiers": len(rows), "with_points": len(opened), "format": fmt},
        )
    name = _("Bảng điểm")
    file_name = f"{name} {round_.title} {today():%Y-%m-%d}.{fmt}"
    if fmt == "csv":
        return as_csv(headings, lines, file_name=file_name)
    return as_xlsx(name, headings, lines, file_name=file_name, about=[round_.title, *sentences(round_)])


def _file(round_: Round, rows: list[BoardRow], opened: frozenset[int]) -> tuple[list[str], Iterator[list[Any]]]:
    heads = [_("Tiêu chí %(code)s") % {"code": code} for code in tally.HEADS]
    means = _means(round_, [row for row in rows if row.dossier.pk in opened])
    inputs = sorted({code for one in means.values() for code in one.lines}, key=_natural)
    headings = [
        _("Nhóm"),
        _("Hạng"),
        _("Hồ sơ"),
        _("Sản phẩm"),
        _("Cơ sở"),
        _("Phiếu phải nộp"),
        _("Phiếu đã nộp"),
        _("Không đánh giá được"),
        _("Từ chối chấm"),
        _("Trung bình"),
        _("Đạt"),
        _("Độ lệch"),
        *heads,
        *inputs,
        _("Ý kiến hội đồng"),
    ]
    ranked = ranked_groups(rows, opened)
    return headings, (_cells(row, opened, ranked, means.get(row.outcome.code, NO_MEANS), inputs) for row in rows)


def _natural(code: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdecimal() else 0, part) for part in code.split(".")]


def _means(round_: Round, rows: Iterable[BoardRow]) -> dict[str, LineMeans]:
    """By entry code the mean of every input, from the sheets that count. Five queries."""
    scored = [row for row in rows if not row.dossier.gathered_late]
    return whole_tally(round_, [Known(row.dossier.pk, row.outcome.code, row.outcome.group) for row in scored])[1]


def _cells(
    row: BoardRow, opened: frozenset[int], ranked: frozenset[str], means: LineMeans, inputs: list[str]
) -> list[Any]:
    product, is_open = row.dossier.product, row.dossier.pk in opened
    return [
        str(ProductGroup(row.outcome.group).label),
        row.rank if is_open and row.outcome.group in ranked else None,
        row.outcome.code,
        product.name,
        product.facility.name if product.facility else "",
        row.due,
        row.submitted,
        row.cannot_assess,
        row.conflicts,
        row.mean if is_open else None,
        (_("đạt") if row.passed else _("chưa đạt") if row.quorate else _("chưa đủ phiếu")) if is_open else "",
        row.outcome.spread if is_open else None,
        *(_rounded(means.heads.get(head)) for head in tally.HEADS),
        *(_rounded(means.lines.get(code)) for code in inputs),
        verdict_of(row.verdict) if row.verdict else "",
    ]


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(tally.SHOWN, rounding=ROUND_HALF_UP)


PATHS = (
    ("board/", show, "board"),
    ("board/<int:dossier_pk>/", dossier, "verdict"),
    ("board/tai-xlsx/", as_workbook, "board_xlsx"),
    ("board/tai-csv/", as_text, "board_csv"),
)
