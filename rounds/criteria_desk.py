"""Criteria sets of a round at the desk: the versions, the editor of a draft, who approves, what changed. Thin views."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.inputs import ReasonForm, apply_refusal, attempt, key_of, status_of
from products.enums import ProductGroup

from . import criteria_tree, criteria_words, queries, rules
from .criteria import problems
from .criteria_diff import diff
from .criteria_forms import ChangeForm, SetForm, TornRows, facts_of, lines_typed, stored_rows, typed_rows
from .criteria_tree import MOVES, Rows
from .desk import context, log_of, posted_or_back, round_or_404
from .enums import CriteriaState
from .forms import CopyCriteriaForm
from .models import CriteriaSet, Round
from .services import criteria
from .states import BEFORE_SCORING

S = CriteriaState
HERE, ONE = "admin:rounds_round_criteria_sets", "admin:rounds_round_criteria_set"
WRITE_ACTS = ("revise", "take_back", "discard")
JUDGE_ACTS = ("approve", "return")


@dataclass
class GroupVersions:
    """The versions of one group: in force, open, earlier."""

    group: str
    label: str
    in_force: CriteriaSet | None = None
    open: CriteriaSet | None = None
    earlier: list[CriteriaSet] = field(default_factory=list)
    problems: tuple[str, ...] = ()


def copy_sources(request: HttpRequest, round_: Round) -> QuerySet[CriteriaSet]:
    """Templates, and approved sets of rounds the person can see."""
    visible = Round.objects.visible_to(request.user).values("pk")
    found = CriteriaSet.objects.filter(Q(round__isnull=True) | Q(round__in=visible), state=S.APPROVED)
    return found.select_related("round__territory").exclude(round=round_).order_by("round_id", "name", "pk")


def _may_write(request: HttpRequest, round_: Round) -> bool:
    return round_.state in BEFORE_SCORING and rules.may_propose_criteria(request.user, round_)


def _versions(round_: Round) -> QuerySet[CriteriaSet]:
    return round_.criteria_sets.select_related("proposed_by", "approved_by", "copied_from__round")


def by_group(round_: Round) -> list[GroupVersions]:
    """The general set first, then the groups that have their own. Two queries."""
    found: dict[str, GroupVersions] = {}
    labels = {"": _("Mọi nhóm"), **{str(group): str(group.label) for group in ProductGroup}}
    for one in _versions(round_).prefetch_related("criteria").order_by("-version"):
        row = found.setdefault(one.group, GroupVersions(one.group, labels.get(one.group, one.group)))
        if one.state != S.APPROVED:
            row.open = one
        elif row.in_force is None:
            row.in_force, row.problems = one, problems(queries.as_rows(one))
        else:
            row.earlier.append(one)
    return [found[group] for group in labels if group in found]


def show(
    request: HttpRequest, site: AdminSite, pk: int, *, copy_form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """The versions per group. A dozen queries, however many versions."""
    round_ = round_or_404(request, pk)
    may_write = _may_write(request, round_)
    groups = by_group(round_)
    form = copy_form or (CopyCriteriaForm(sources=copy_sources(request, round_)) if may_write else None)
    page = context(
        site,
        request,
        Round,
        title=_("Bộ tiêu chí, %(round)s") % {"round": round_.title},
        round=round_,
        groups=groups,
        uncovered=_uncovered(groups),
        may_write=may_write,
        is_open=round_.state in BEFORE_SCORING,
        refusal=rules.may_propose_criteria.sentence,
        copy_form=form,
    )
    return render(request, "admin/rounds/criteria_sets.html", page, status=status)


def _uncovered(groups: list[GroupVersions]) -> list[str]:
    """Groups of products without a set in force, when there is no general one."""
    covered = {one.group for one in groups if one.in_force}
    return [] if "" in covered else [str(group.label) for group in ProductGroup if group not in covered]


@posted_or_back(HERE)
def copy(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: a draft copied from a template or another round."""
    round_ = round_or_404(request, pk)
    form = CopyCriteriaForm(request.POST, sources=copy_sources(request, round_))
    made, status = attempt(form, lambda form: criteria.copy_set(round_=round_, actor=request.user, **form.cleaned_data))
    if not made:
        return show(request, site, pk, copy_form=form, status=status)
    messages.success(request, _("Đã chép thành bản nháp. Sửa nếu cần, rồi trình để người khác duyệt."))
    return redirect(ONE, pk, made.pk)


def one(request: HttpRequest, site: AdminSite, pk: int, set_pk: int) -> HttpResponse:
    """A version: the editor while it is a draft that the person may write, else to read."""
    round_ = round_or_404(request, pk)
    version = _version(round_, set_pk)
    writes = version.state == S.DRAFT and _may_write(request, round_)
    if request.method == "POST":
        if writes:
            return _edit(request, site, round_, version)
        messages.error(request, _refused(round_, version, request))
        return _read(request, site, round_, version, status=409)
    if not writes:
        return _read(request, site, round_, version)
    return _editor(request, site, round_, version, stored_rows(version, criteria.lines_of(version)))


def _version(round_: Round, set_pk: int) -> CriteriaSet:
    found = get_object_or_404(_versions(round_).prefetch_related("criteria"), pk=set_pk)
    found.round = round_
    return found


def _refused(round_: Round, version: CriteriaSet, request: HttpRequest) -> str:
    if not rules.may_propose_criteria(request.user, round_):
        return str(rules.may_propose_criteria.sentence)
    if round_.state not in BEFORE_SCORING:
        return _("Kỳ bình chọn %(state)s nên bộ tiêu chí đã khóa, không thay được.") % {
            "state": str(round_.get_state_display()).lower()
        }
    return _("Phiên bản này %(state)s nên không sửa được. Hãy lập phiên bản mới.") % {
        "state": str(version.get_state_display()).lower()
    }


def _edit(request: HttpRequest, site: AdminSite, round_: Round, version: CriteriaSet) -> HttpResponse:
    """POST of the editor: a row moved (nothing is written), the draft saved, or saved and handed in."""
    tag = request.POST.get("tag", "")
    form = SetForm(request.POST, instance=version)
    try:
        rows = typed_rows(request.POST)
    except TornRows:
        messages.error(request, _("Trang gửi lên bị thiếu phần bảng tiêu chí. Hãy tải lại trang rồi làm lại."))
        return _editor(
            request, site, round_, version, stored_rows(version, criteria.lines_of(version)), form=form, status=400
        )
    act, _dash, place = request.POST.get("do", "save").partition("-")
    if act in MOVES:
        return _moved(request, site, round_, version, rows, form=form, tag=tag, act=act, place=place)
    wrong = criteria_tree.mistakes(rows)
    if not form.is_valid() or wrong or len(rows) > criteria_tree.MAX_ROWS:
        return _editor(request, site, round_, version, rows, form=form, wrong=wrong, tag=tag, status=400)
    try:
        _write(request, version, form, rows, tag, hand_in=act == "propose")
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return _editor(
            request, site, round_, version, rows, form=form, tag=tag, refusal=refusal, status=status_of(refusal)
        )
    if act == "propose":
        messages.success(request, _("Đã trình. Người có quyền duyệt đã được báo; bản này có hiệu lực sau khi duyệt."))
        return redirect(HERE, round_.pk)
    messages.success(request, _("Đã lưu bản nháp."))
    return redirect(ONE, round_.pk, version.pk)


@transaction.atomic
def _write(request: HttpRequest, version: CriteriaSet, form: SetForm, rows: Rows, tag: str, *, hand_in: bool) -> None:
    facts = {"change_reason": version.change_reason, **form.cleaned_data}
    saved = criteria.save_draft(criteria_set=version, rows=facts_of(rows), tag=tag, actor=request.user, **facts)
    if hand_in:
        tag = criteria.version_tag(saved)
        criteria.propose(criteria_set=saved, tag=tag, actor=request.user, now=timezone.now())


def _moved(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    version: CriteriaSet,
    rows: Rows,
    *,
    form: SetForm,
    tag: str,
    act: str,
    place: str,
) -> HttpResponse:
    """The same page with a row added, moved or dropped; it is written with everything else by “Lưu bản nháp”."""
    form.is_valid()
    at = key_of(place)
    if at is None or at >= len(rows):
        raise Http404
    if act == "add" and len(rows) >= criteria_tree.MAX_ROWS:
        messages.error(request, _("Một bộ có nhiều nhất %(most)s mục.") % {"most": criteria_tree.MAX_ROWS})
        return _editor(request, site, round_, version, rows, form=form, tag=tag, unsaved=True)
    after = MOVES[act](rows, at)
    acted = criteria_tree.place_after(rows, after, act, at)
    return _editor(request, site, round_, version, after, form=form, tag=tag, unsaved=True, acted=acted)


def _editor(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    version: CriteriaSet,
    rows: Rows,
    *,
    form: SetForm | None = None,
    wrong: dict[int, list[str]] | None = None,
    tag: str = "",
    refusal: Refusal | None = None,
    unsaved: bool = False,
    acted: int | None = None,
    status: int = 200,
) -> HttpResponse:
    stored = CriteriaSet.objects.prefetch_related("criteria").get(pk=version.pk)
    moved_on = refusal is not None and refusal.code == "moved_on"
    found = criteria_words.row_problems(rows)
    theirs = _theirs(stored, rows) if moved_on else []
    page = context(
        site,
        request,
        Round,
        title=_("Sửa bộ tiêu chí, %(round)s") % {"round": round_.title},
        round=round_,
        version=stored,
        form=form or SetForm(instance=stored),
        rows=criteria_words.editor_rows(rows, wrong or {}),
        wrong=len(wrong or {}),
        too_many=len(rows) > criteria_tree.MAX_ROWS,
        problems=found.get("", []),
        uneven=sum(len(sentences) for code, sentences in found.items() if code),
        tag=criteria.version_tag(stored) if moved_on or not tag else tag,
        theirs=theirs,
        acted=acted,
        unsaved=unsaved or status != 200,  # noqa: PLR2004
        may_add=len(rows) < criteria_tree.MAX_ROWS,
        records=log_of(stored),
    )
    return render(request, "admin/rounds/criteria_edit.html", page, status=status)


def _theirs(stored: CriteriaSet, rows: Rows) -> list[criteria_words.ChangeShown]:
    """How what was typed differs from what someone else has saved meanwhile."""
    typed = lines_typed(rows)
    return criteria_words.changes_shown(diff(criteria.lines_of(stored), typed), typed)


def _read(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    version: CriteriaSet,
    *,
    bound: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = criteria.lines_of(version)
    earlier = _versions(round_).filter(group=version.group, version__lt=version.version).order_by("-version")
    before = earlier.prefetch_related("criteria").first()
    writers = criteria.writers_of(version)
    may_approve = rules.may_approve_criteria(request.user, round_)
    hands = {user.pk for user in writers} | {version.proposed_by_id}
    act_forms = {name: _act_form(name, bound) for name in ("revise", "discard", "return")}
    page = context(
        site,
        request,
        Round,
        title=f"{version.name}, {round_.title}",
        round=round_,
        version=version,
        lines=criteria_words.shown(lines),
        total=criteria_words.total(lines),
        before=before,
        changes=criteria_words.changes_shown(diff(criteria.lines_of(before), lines), lines) if before else [],
        writers=writers,
        tag=criteria.version_tag(version),
        may_write=_may_write(request, round_),
        may_approve=may_approve and request.user.pk not in hands,
        had_a_hand=may_approve and request.user.pk in hands,
        is_open=round_.state in BEFORE_SCORING,
        is_in_force=_in_force(round_, version),
        has_open=_versions(round_).filter(group=version.group).exclude(state=S.APPROVED).exists(),
        forms=act_forms,
        records=log_of(version),
    )
    return render(request, "admin/rounds/criteria_set.html", page, status=status)


def _in_force(round_: Round, version: CriteriaSet) -> bool:
    if version.state != S.APPROVED:
        return False
    newer = round_.criteria_sets.filter(group=version.group, state=S.APPROVED, version__gt=version.version)
    return not newer.exists()


def _act_form(name: str, bound: tuple[str, forms.Form] | None) -> forms.Form:
    if bound is not None and bound[0] == name:
        return bound[1]
    return ChangeForm(prefix=name) if name == "revise" else ReasonForm(prefix=name)


def act(request: HttpRequest, site: AdminSite, pk: int, set_pk: int) -> HttpResponse:
    """POST of one act on a version: next version, take back, drop, approve, return."""
    if request.method != "POST":
        return redirect(ONE, pk, set_pk)
    round_ = round_or_404(request, pk)
    version = _version(round_, set_pk)
    name = request.POST.get("act", "")
    if name not in (*WRITE_ACTS, *JUDGE_ACTS):
        raise Http404
    form: forms.Form | None = None
    reason = ""
    if name in ("revise", "discard", "return"):
        form = (ChangeForm if name == "revise" else ReasonForm)(request.POST, prefix=name)
        if not form.is_valid():
            return _back(request, site, round_, version, bound=(name, form), status=400)
        reason = form.cleaned_data["reason"]
    try:
        return _done(request, round_, version, name, reason)
    except Refusal as refusal:
        if form is not None:
            apply_refusal(form, refusal)
        messages.error(request, str(refusal.sentence))
        return _back(request, site, round_, version, bound=(name, form) if form else None, status=status_of(refusal))


def _back(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    version: CriteriaSet,
    *,
    bound: tuple[str, forms.Form] | None,
    status: int,
) -> HttpResponse:
    return _read(request, site, round_, _version(round_, version.pk), bound=bound, status=status)


def _done(request: HttpRequest, round_: Round, version: CriteriaSet, name: str, reason: str) -> HttpResponse:
    user, now, tag = request.user, timezone.now(), request.POST.get("tag", "")
    if name == "revise":
        made = criteria.revise(criteria_set=version, reason=reason, actor=user)
        messages.success(request, _("Đã lập bản nháp của phiên bản mới. Bản đang dùng vẫn có hiệu lực đến khi duyệt."))
        return redirect(ONE, round_.pk, made.pk)
    if name == "discard":
        criteria.discard(criteria_set=version, reason=reason, actor=user)
        messages.success(request, _("Đã bỏ bản nháp."))
        return redirect(HERE, round_.pk)
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "take_back": (
            lambda: criteria.take_back(criteria_set=version, actor=user),
            _("Đã lấy về để sửa tiếp. Sửa xong hãy trình lại."),
        ),
        "approve": (
            lambda: criteria.approve(criteria_set=version, tag=tag, actor=user, now=now),
            _("Đã duyệt. Bộ tiêu chí này có hiệu lực từ bây giờ."),
        ),
        "return": (
            lambda: criteria.send_back(criteria_set=version, reason=reason, actor=user, now=now),
            _("Đã trả lại kèm lý do."),
        ),
    }
    run, words = acts[name]
    run()
    messages.success(request, words)
    return redirect(ONE, round_.pk, version.pk)


def compare(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """What changed between two versions: of this round, or what one of them was copied from."""
    round_ = round_or_404(request, pk)
    choices = _comparable(request, round_)
    after = _chosen(request, choices, "den") or (choices[-1] if choices else None)
    before = _chosen(request, choices, "tu") or _usual_before(choices, after)
    lines = criteria.lines_of(after) if after else ()
    changes = diff(criteria.lines_of(before), lines) if before else None
    page = context(
        site,
        request,
        Round,
        title=_("So sánh bộ tiêu chí, %(round)s") % {"round": round_.title},
        round=round_,
        choices=choices,
        selects=[("tu", _("Bản trước"), before), ("den", _("Bản sau"), after)],
        before=before,
        after=after,
        changes=criteria_words.changes_shown(changes, lines) if changes is not None else [],
    )
    return render(request, "admin/rounds/criteria_compare.html", page)


def _comparable(request: HttpRequest, round_: Round) -> list[CriteriaSet]:
    """The round's versions and what they were copied from, where the person can see it. One query, and the rows."""
    visible = Round.objects.visible_to(request.user).values("pk")
    sources = round_.criteria_sets.filter(copied_from__isnull=False).values("copied_from")
    origin = Q(pk__in=sources) & (Q(round__isnull=True) | Q(round__in=visible))
    found = CriteriaSet.objects.filter(Q(round=round_) | origin).select_related("round__territory")
    return sorted(
        found.prefetch_related("criteria"), key=lambda one: (one.round_id == round_.pk, one.group, one.version, one.pk)
    )


def _chosen(request: HttpRequest, choices: list[CriteriaSet], name: str) -> CriteriaSet | None:
    asked = request.GET.get(name, "")
    return next((one for one in choices if str(one.pk) == asked), None)


def _usual_before(choices: list[CriteriaSet], after: CriteriaSet | None) -> CriteriaSet | None:
    """The version before it, else what it was copied from."""
    if after is None:
        return None
    same = [
        one
        for one in choices
        if one.round_id == after.round_id and one.group == after.group and one.version < after.version
    ]
    if same:
        return same[-1]
    return next((one for one in choices if one.pk == after.copied_from_id), None)


PATHS = (
    ("tieu-chi/", show, "criteria_sets"),
    ("tieu-chi/chep/", copy, "criteria_copy"),
    ("tieu-chi/so-sanh/", compare, "criteria_compare"),
    ("tieu-chi/<int:set_pk>/", one, "criteria_set"),
    ("tieu-chi/<int:set_pk>/viec/", act, "criteria_act"),
)
