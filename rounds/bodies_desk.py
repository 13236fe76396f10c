"""The bodies of a round at the desk: who sits in them, by which papers, whether they are as the rules want. Thin views."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.opening import open_file
from portal.files.services import store
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, apply_refusal, attempt, status_of

from . import bodies_queries, body_rules, queries, rules
from .admin_forms import people_to_seat
from .bodies_forms import (
    USUAL_SEAT,
    USUAL_SIZE,
    EndForm,
    LimitsForm,
    NewSeatForm,
    NewSeats,
    PaperForm,
    ReplaceForm,
    people_choices,
    seat_label,
)
from .bodies_queries import SeatLine
from .desk import SCAN, context, posted_or_back, round_for, round_or_404
from .enums import Body
from .models import EstablishingDecision, Round, Seat
from .services import bodies
from .states import BEFORE_SEAL, COUNCIL_WORKS

HERE, ONE = "admin:rounds_round_bodies", "admin:rounds_round_seat"
ACTS = ("replace", "end", "limits")
EXTRA_ROWS = 3


def show(
    request: HttpRequest, site: AdminSite, pk: int, *, paper_form: PaperForm | None = None, status: int = 200
) -> HttpResponse:
    """The three bodies. A dozen queries, however many people and dossiers."""
    round_ = round_or_404(request, pk)
    seats = bodies_queries.all_seats(round_)
    load_of = bodies_queries.load_of(round_)
    may_manage = rules.may_manage(request.user, round_)
    active = [seat for seat in seats if seat.until is None]
    said = _findings(round_, active, load_of)
    page = context(
        site,
        request,
        Round,
        title=_("Hội đồng, giám khảo, tổ giúp việc, %(round)s") % {"round": round_.title},
        round=round_,
        bodies=[
            (body, said[body.body], may_manage and round_.state in bodies.OPEN_UNTIL[body.body])
            for body in bodies_queries.shown(round_, seats, load_of)
        ],
        has_load=any(load.due for load in load_of.values()),
        may_manage=may_manage,
        paper_form=paper_form or (PaperForm() if may_manage and round_.state in COUNCIL_WORKS else None),
        refusal=rules.may_manage.sentence,
    )
    return render(request, "admin/rounds/bodies.html", page, status=status)


def _findings(
    round_: Round, active: list[Seat], load_of: dict[int, body_rules.Load]
) -> dict[Body, body_rules.Findings]:
    jury, limits = body_rules.jury(round_, active), body_rules.loads(active, load_of)
    jury.blockers += limits.blockers
    jury.warnings += limits.warnings
    return {
        Body.COUNCIL: body_rules.council(round_, active, queries.council_rule(round_.level, today())),
        Body.JURY: jury,
        Body.SUPPORT: body_rules.support(active),
    }


def _managed(request: HttpRequest, pk: int) -> Round:
    return round_for(request, pk, rules.may_manage)


def add(request: HttpRequest, site: AdminSite, pk: int, body: str) -> HttpResponse:
    """People who join a body: a handful of rows, all or none."""
    if body not in Body.values:
        raise Http404
    round_ = _managed(request, pk)
    rows = _new_seats(request, round_, Body(body))
    if request.method != "POST":
        return _show_add(request, site, round_, Body(body), rows)
    if not rows.is_valid():
        return _show_add(request, site, round_, Body(body), rows, status=400)
    try:
        _seat_all(request, round_, body, rows)
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return _show_add(request, site, round_, Body(body), rows, status=status_of(refusal))
    messages.success(request, _("Đã thêm thành viên vào %(body)s.") % {"body": str(Body(body).label)})
    return redirect(HERE, pk)


def _new_seats(request: HttpRequest, round_: Round, body: Body) -> NewSeats:
    seated = frozenset(queries.active_seats(round_, body).values_list("user_id", flat=True))
    people = people_choices(people_to_seat(request.user), without=seated)
    size = EXTRA_ROWS if seated else USUAL_SIZE[body]
    made = forms.formset_factory(NewSeatForm, formset=NewSeats, extra=size, max_num=size, absolute_max=30)
    initial = [{"role": USUAL_SEAT[body], "since": timezone.localdate()}] * size
    rows: Any = made(request.POST or None, initial=initial, form_kwargs={"people": people, "body": body}, prefix="moi")
    for form in rows.forms:
        form.empty_permitted = False
    return rows


@transaction.atomic
def _seat_all(request: HttpRequest, round_: Round, body: str, rows: NewSeats) -> None:
    for form in rows.named():
        facts = dict(form.cleaned_data)
        user = User.objects.get(pk=facts.pop("user"))
        try:
            bodies.seat(round_=round_, user=user, body=body, actor=request.user, **facts)
        except Refusal as refusal:
            apply_refusal(form, refusal)
            raise


def _show_add(
    request: HttpRequest, site: AdminSite, round_: Round, body: Body, rows: NewSeats, *, status: int = 200
) -> HttpResponse:
    page = context(
        site,
        request,
        Round,
        title=_("Thêm thành viên, %(body)s") % {"body": str(body.label)},
        round=round_,
        body=body,
        rows=rows,
        is_open=round_.state in bodies.OPEN_UNTIL[body],
    )
    return render(request, "admin/rounds/bodies_add.html", page, status=status)


def seat(request: HttpRequest, site: AdminSite, pk: int, seat_pk: int) -> HttpResponse:
    """One place: who holds it and held it, what there is to score; replace, limit, end."""
    round_ = _managed(request, pk)
    place = get_object_or_404(Seat.objects.select_related("user__organisation", "round"), pk=seat_pk, round=round_)
    if request.method != "POST":
        return _show_seat(request, site, round_, place)
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise Http404
    form = _seat_forms(request, place, data=request.POST)[name]
    words, status = attempt(form, lambda form: _act(request, place, name, form.cleaned_data))
    if not words:
        return _show_seat(request, site, round_, place, bound=(name, form), status=status)
    messages.success(request, words)
    return redirect(HERE, pk)


def _act(request: HttpRequest, place: Seat, name: str, facts: dict[str, Any]) -> str:
    if name == "replace":
        user = User.objects.get(pk=facts["user"])
        bodies.replace(place=place, actor=request.user, **{**facts, "user": user})
        return _("%(new)s thay %(old)s.") % {"new": user, "old": place.user}
    if name == "end":
        bodies.end_seat(place=place, until=facts["until"], reason=facts["until_reason"], actor=request.user)
        return _("%(person)s đã thôi tham gia.") % {"person": place.user}
    bodies.set_limits(place=place, actor=request.user, **facts)
    return _("Đã ghi giới hạn chấm của %(person)s.") % {"person": place.user}


def _seat_forms(request: HttpRequest, place: Seat, data: Any = None) -> dict[str, forms.Form]:
    seated = queries.active_seats(place.round, Body(place.body)).values_list("user_id", flat=True)
    people = people_choices(people_to_seat(request.user), without=frozenset(seated))
    day = {"since": timezone.localdate(), "until": timezone.localdate()}
    found: dict[str, forms.Form] = {
        "replace": ReplaceForm(data, prefix="replace", initial=day, people=people),
        "end": EndForm(data, prefix="end", initial=day),
    }
    if place.body == Body.JURY:
        limits = {"max_sheets": place.max_sheets, "groups": place.groups}
        found["limits"] = LimitsForm(data, prefix="limits", initial=limits)
    elif data is not None and data.get("act") == "limits":
        raise Http404
    return found


def _show_seat(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    place: Seat,
    *,
    bound: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    offered = _seat_forms(request, place)
    if bound is not None:
        offered[bound[0]] = bound[1]
    before = bodies_queries.before(place, bodies_queries.all_seats(round_))
    load = bodies_queries.load_of(round_).get(place.user_id, body_rules.NO_LOAD) if place.body == Body.JURY else None
    page = context(
        site,
        request,
        Round,
        title=seat_label(place),
        round=round_,
        place=place,
        line=SeatLine(place, before, load or body_rules.NO_LOAD),
        load=load,
        group_words=body_rules.group_words(place.groups),
        forms=offered,
        is_open=place.until is None and round_.state in bodies.OPEN_UNTIL[Body(place.body)],
        is_scored=round_.state not in BEFORE_SEAL,
    )
    return render(request, "admin/rounds/bodies_seat.html", page, status=status)


@posted_or_back(HERE)
def record_paper(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of an establishing decision with its scan."""
    round_ = _managed(request, pk)
    form = PaperForm(request.POST, request.FILES)
    kept, status = attempt(form, lambda form: _keep(request, form, round_=round_, body=form.cleaned_data["body"]))
    if not kept:
        return show(request, site, pk, paper_form=form, status=status)
    messages.success(request, _("Đã ghi quyết định thành lập."))
    return redirect(HERE, pk)


@transaction.atomic
def _keep(request: HttpRequest, form: PaperForm, **where: Any) -> EstablishingDecision:
    upload = form.cleaned_data["scan"]
    facts = {
        "title": form.cleaned_data["title"],
        "signed_on": form.cleaned_data["signed_on"],
        "scan": store(upload, allow=SCAN, field="scan") if upload else None,
        "actor": request.user,
    }
    if "paper" in where:
        return bodies.correct_establishing(paper=where["paper"], **facts)
    return bodies.record_establishing(**where, **facts)


def _paper(round_: Round, paper_pk: int) -> EstablishingDecision:
    return get_object_or_404(EstablishingDecision.objects.select_related("scan", "round"), pk=paper_pk, round=round_)


def correct_paper(request: HttpRequest, site: AdminSite, pk: int, paper_pk: int) -> HttpResponse:
    """What was recorded of a decision, to correct."""
    round_ = _managed(request, pk)
    paper = _paper(round_, paper_pk)
    form = PaperForm(request.POST or None, request.FILES or None, instance=_paper(round_, paper_pk))
    status = OK
    if request.method == "POST":
        kept, status = attempt(form, lambda form: _keep(request, form, paper=paper))
        if kept:
            messages.success(request, _("Đã sửa quyết định thành lập."))
            return redirect(HERE, pk)
    page = context(
        site,
        request,
        Round,
        title=_("Sửa quyết định thành lập"),
        round=round_,
        paper=paper,
        form=form,
        is_open=round_.state in COUNCIL_WORKS,
    )
    return render(request, "admin/rounds/bodies_paper.html", page, status=status)


def paper_file(request: HttpRequest, site: AdminSite, pk: int, paper_pk: int) -> HttpResponseBase:
    """The scan, to whoever works on the round; who read it is written down."""
    round_ = round_or_404(request, pk)
    paper = _paper(round_, paper_pk)
    if paper.scan is None:
        raise Http404
    return open_file(
        request,
        paper.scan,
        filename=_("Quyết định thành lập"),
        action="establishing.read",
        sentence=_("Xem bản chụp quyết định %(title)s.") % {"title": paper.title},
        subject=round_,
        territory=round_.territory,
    )


PATHS = (
    ("thanh-vien/", show, "bodies"),
    ("thanh-vien/<slug:body>/them/", add, "bodies_add"),
    ("thanh-vien/quyet-dinh/", record_paper, "establishing"),
    ("thanh-vien/quyet-dinh/<int:paper_pk>/", correct_paper, "establishing_one"),
    ("thanh-vien/quyet-dinh/<int:paper_pk>/tep/", paper_file, "establishing_file"),
    ("thanh-vien/<int:seat_pk>/", seat, "seat"),
)
