"""The council's sessions at the desk: who is there, what is said of each dossier, the minutes. Thin views.

Nobody sees here a dossier from which they stand aside, and nobody points before the seal.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.audit.services import record_access
from portal.files.responses import serve
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.inputs import OK, MomentField, apply_refusal, attempt, status_of

from . import council_queries, queries, rules, session_rows
from .desk import SCAN, context, posted_or_back, require, round_for, visible_dossiers
from .enums import Body, RoundState, SessionState
from .models import CouncilSession, Round, Seat
from .official.rendering import CONTENT_TYPES, render_minutes
from .official.views import download
from .services import council, sessions
from .session_rows import Common, Typed
from .standing import stands_aside_anywhere
from .states import BEFORE_SEAL

LIST, PAGE = "admin:rounds_round_sessions", "admin:rounds_round_session"
NOTE_LENGTH = 200


class SeatField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user}, {obj.get_role_display().lower()}"


class SessionForm(forms.Form):
    """When and where the council sits, who leads it, who writes the minutes."""

    held_at = MomentField(label=gettext_lazy("Họp lúc"), error_messages={"required": gettext_lazy("Hãy ghi giờ họp.")})
    place = forms.CharField(
        label=gettext_lazy("Địa điểm"),
        max_length=200,
        error_messages={"required": gettext_lazy("Hãy ghi địa điểm họp.")},
    )
    chaired_by = SeatField(
        Seat.objects.none(),
        label=gettext_lazy("Chủ trì"),
        error_messages={"required": gettext_lazy("Hãy chọn người chủ trì.")},
    )
    minuted_by = SeatField(
        Seat.objects.none(),
        label=gettext_lazy("Người ghi biên bản"),
        error_messages={"required": gettext_lazy("Hãy chọn người ghi biên bản.")},
    )

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = queries.active_seats(round_)
        self.fields["chaired_by"].queryset = seats.filter(body=Body.COUNCIL)  # type: ignore[attr-defined]
        self.fields["minuted_by"].queryset = seats.filter(body__in=[Body.COUNCIL, Body.SUPPORT])  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "minuted_by": self.cleaned_data["minuted_by"].user}


class WordsForm(forms.Form):
    discussion = forms.CharField(
        label=gettext_lazy("Ý kiến thảo luận"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    conclusion = forms.CharField(
        label=gettext_lazy("Kết luận của chủ trì"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class ScanForm(forms.Form):
    scan = forms.FileField(
        label=gettext_lazy("Biên bản đã ký"),
        help_text=gettext_lazy("PDF hoặc ảnh."),
        error_messages={"required": gettext_lazy("Hãy chọn tệp bản chụp.")},
    )


# --- the list of sessions --------------------------------------------------------------------------------------


def show_all(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The sessions of a round, where the council stands, and opening the next one."""
    round_ = _readable(request, pk)
    if request.method != "POST":
        return _list(request, site, round_)
    _require_scribe(request, round_)
    form = SessionForm(request.POST, round_=round_)
    session, status = attempt(
        form,
        lambda form: sessions.open_session(round_=round_, actor=request.user, now=timezone.now(), **form.facts()),
    )
    if not session:
        return _list(request, site, round_, form=form, status=status)
    messages.success(request, _("Đã mở phiên họp %(number)s. Hãy ghi ai có mặt.") % {"number": session.number})
    return redirect(PAGE, pk, session.number)


def _readable(request: HttpRequest, pk: int) -> Round:
    return round_for(request, pk, rules.may_see_board)


def _require_scribe(request: HttpRequest, round_: Round) -> None:
    require(rules.may_record_verdicts, request, round_)


def _list(
    request: HttpRequest, site: AdminSite, round_: Round, *, form: SessionForm | None = None, status: int = 200
) -> HttpResponse:
    listed = list(council_queries.sessions_with_counts(round_))
    sits = any(one.state == SessionState.OPEN for one in listed)
    may_open = round_.state == RoundState.DELIBERATION and not sits and rules.may_record_verdicts(request.user, round_)
    page = context(
        site,
        request,
        Round,
        title=_("Phiên họp hội đồng"),
        round=round_,
        sessions=listed,
        sealed=round_.state not in BEFORE_SEAL,
        numbers=_numbers(round_) if round_.state not in BEFORE_SEAL else None,
        form=(form or SessionForm(round_=round_, initial=_usual(round_))) if may_open else None,
    )
    return render(request, "admin/rounds/sessions.html", page, status=status)


def _usual(round_: Round) -> dict[str, Any]:
    """The next full hour, the chair, the secretary."""
    seats = {seat.role: seat.pk for seat in queries.active_seats(round_, Body.COUNCIL)}
    return {
        "held_at": timezone.localtime(timezone.now()).replace(minute=0, second=0, microsecond=0),
        "chaired_by": seats.get("chair"),
        "minuted_by": seats.get("secretary"),
    }


def _numbers(round_: Round) -> dict[str, Any]:
    """Where the council stands: spoken of, proposed, what the quota leaves. Two queries."""
    entries = council_queries.entries_of(round_)
    proposed = sum(one.choice == "recognise" for one in entries)
    return {
        "total": len(entries),
        "unspoken": sum(not one.choice for one in entries),
        "proposed": proposed,
        "quota": round_.quota,
        "left": None if round_.quota is None else round_.quota - proposed,
        "over": 0 if round_.quota is None else max(proposed - round_.quota, 0),
    }


# --- one session -----------------------------------------------------------------------------------------------


def show(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """The session: who is there, the list of one group, what was said, closing it."""
    session = _session(request, pk, number)
    return _page(request, site, session)


def _session(request: HttpRequest, pk: int, number: int) -> CouncilSession:
    round_ = _readable(request, pk)
    found = council_queries.sessions_of(round_).filter(number=number).first()
    if found is None:
        raise Http404
    found.round = round_
    return found


def _to_write(request: HttpRequest, pk: int, number: int) -> CouncilSession:
    session = _session(request, pk, number)
    _require_scribe(request, session.round)
    return session


@posted_or_back(LIST)
def attendance(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST of who is present."""
    session = _to_write(request, pk, number)
    typed = _typed_presence(request, session)
    try:
        room = sessions.record_attendance(session=session, rows=typed, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        return _page(request, site, session, presence=typed, refused={"attendance": refusal}, status=status_of(refusal))
    messages.success(request, council.quorum_words(room))
    return _back(session, "co-mat")


def _typed_presence(request: HttpRequest, session: CouncilSession) -> dict[int, tuple[bool, str]]:
    seats = session.attendances.values_list("seat", flat=True)
    here = set(request.POST.getlist("present"))
    return {seat: (str(seat) in here, request.POST.get(f"note-{seat}", "")[:NOTE_LENGTH]) for seat in seats}


@posted_or_back(LIST)
def facts(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST of a corrected hour, place, chair or scribe."""
    session = _to_write(request, pk, number)
    form = SessionForm(request.POST, round_=session.round)
    _made, status = attempt(
        form,
        lambda form: sessions.update_session(session=session, actor=request.user, now=timezone.now(), **form.facts()),
    )
    if status != OK:
        return _page(request, site, session, facts_form=form, status=status)
    messages.success(request, _("Đã sửa thông tin phiên họp."))
    return _back(session)


@posted_or_back(LIST)
def words(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST of what was discussed and concluded."""
    session = _to_write(request, pk, number)
    form = WordsForm(request.POST)
    form.is_valid()
    try:
        sessions.record_words(session=session, actor=request.user, now=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return _page(request, site, session, words_form=form, status=status_of(refusal))
    messages.success(request, _("Đã lưu ý kiến thảo luận và kết luận."))
    return _back(session, "noi-dung")


@posted_or_back(LIST)
def close(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST of the end: the minutes are locked."""
    session = _to_write(request, pk, number)
    try:
        sessions.close_session(session=session, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        return _page(request, site, session, refused={"close": refusal}, status=status_of(refusal))
    messages.success(request, _("Đã khóa biên bản. Hãy in, ký rồi tải bản đã ký lên."))
    return _back(session)


@posted_or_back(LIST)
def attach(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST of the signed minutes."""
    session = _to_write(request, pk, number)
    form = ScanForm(request.POST, request.FILES)

    @transaction.atomic
    def attached(form: ScanForm) -> None:
        kept = store(form.cleaned_data["scan"], allow=SCAN, field="scan")
        sessions.attach_scan(session=session, scan=kept, actor=request.user, now=timezone.now())

    _made, status = attempt(form, attached)
    if status != OK:
        return _page(request, site, session, scan_form=form, status=status)
    messages.success(request, _("Đã lưu biên bản đã ký."))
    return _back(session)


def scan(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponseBase:
    """The signed minutes as a file; not for whoever stands aside from a dossier that they name."""
    session = _session(request, pk, number)
    if session.scan is None or stands_aside_anywhere(request.user, session.round):
        raise Http404
    _note_reading(request, session, _("Mở biên bản đã ký của phiên họp %(number)s."), "session.scan_read")
    return serve(session.scan, filename=_("Biên bản phiên họp %(number)s") % {"number": session.number}, inline=True)


def minutes(request: HttpRequest, site: AdminSite, pk: int, number: int, fmt: str) -> HttpResponse:
    """The minutes as a file: as they were locked, or a draft. Not for whoever stands aside from a dossier in them."""
    session = _session(request, pk, number)
    if fmt not in CONTENT_TYPES or stands_aside_anywhere(request.user, session.round):
        raise Http404
    data, name = render_minutes(session, fmt=fmt)
    _note_reading(request, session, _("Lập biên bản phiên họp %(number)s thành tệp."), "session.minutes_made")
    return download(data, name, fmt)


def _note_reading(request: HttpRequest, session: CouncilSession, sentence: str, action: str) -> None:
    record_access(
        request,
        action=action,
        sentence=sentence % {"number": session.number},
        subject=session,
        territory=session.round.territory,
    )


def _back(session: CouncilSession, anchor: str = "") -> HttpResponse:
    response = redirect(PAGE, session.round_id, session.number)
    if anchor:
        response["Location"] += f"#{anchor}"
    return response


# --- the list of a group ---------------------------------------------------------------------------------------


@posted_or_back(LIST)
def verdicts(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST of the rows of one group: filled from the common words to be looked at, or recorded all or nothing."""
    session = _to_write(request, pk, number)
    group, common = request.POST.get("nhom", ""), Common.read(request.POST)
    room = council_queries.room_of(session)
    dossiers = _dossiers(request, session.round)
    mine = [one for one in dossiers if one.product.group == group]
    typed = session_rows.read(request.POST, [one.pk for one in mine])
    rows = session_rows.rows_of(session.round, mine, room, reader=_reader(request))
    if request.POST.get("do") == "fill":
        filled = session_rows.filled(rows, typed, common)
        return _page(request, site, session, group=group, typed=filled, common=common, is_filled=True)
    typed = session_rows.with_common_votes(rows, typed, common)
    said, faults = session_rows.words_of(typed)
    refusal: Refusal | None = None
    written = 0
    if not faults:
        try:
            written = council.record_verdicts(round_=session.round, words=said, actor=request.user, now=timezone.now())
        except council.Faults as found:
            refusal, faults = found, session_rows.faults_of(found.rows)
        except Refusal as found:
            refusal = found
    if faults or refusal:
        refusal = refusal or council.Faults({pk: [] for pk in faults})
        status = 400 if faults else status_of(refusal)
        return _page(
            request, site, session, group=group, typed=typed, faults=faults, common=common,
            refused={"verdicts": refusal}, status=status,
        )  # fmt: skip
    if written:
        messages.success(request, _("Đã ghi ý kiến hội đồng về %(total)s hồ sơ.") % {"total": written})
    else:
        messages.info(request, _("Không có dòng nào khác với ý kiến đã ghi."))
    response = _back(session)
    response["Location"] += f"?nhom={group}#danh-sach"
    return response


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _dossiers(request: HttpRequest, round_: Round) -> list[Any]:
    return session_rows.dossiers_of(visible_dossiers(request, round_))


def _page(
    request: HttpRequest,
    site: AdminSite,
    session: CouncilSession,
    *,
    group: str = "",
    typed: dict[int, Typed] | None = None,
    faults: dict[int, dict[str, str]] | None = None,
    common: Common | None = None,
    is_filled: bool = False,
    presence: dict[int, tuple[bool, str]] | None = None,
    facts_form: SessionForm | None = None,
    words_form: WordsForm | None = None,
    scan_form: ScanForm | None = None,
    refused: dict[str, Refusal] | None = None,
    status: int = 200,
) -> HttpResponse:
    round_ = session.round
    sealed = round_.state not in BEFORE_SEAL
    is_open = session.state == SessionState.OPEN
    speaks = is_open and rules.may_record_verdicts(request.user, round_)
    room = council_queries.room_of(session)
    dossiers = _dossiers(request, round_) if sealed and is_open else []
    groups = session_rows.groups_of(dossiers)
    chosen = _chosen(groups, group or request.GET.get("nhom", ""))
    mine = [one for one in dossiers if chosen is not None and one.product.group == chosen.group]
    rows = session_rows.rows_of(round_, mine, room, reader=_reader(request), typed=typed, faults=faults)
    numbers = _numbers(round_) if sealed else None
    page = context(
        site,
        request,
        Round,
        title=_("Phiên họp %(number)s") % {"number": session.number},
        round=round_,
        session=session,
        is_open=is_open,
        speaks=speaks,
        members=_members(session, presence),
        room=room,
        quorum=council.quorum_words(room),
        numbers=numbers,
        others=numbers["proposed"] - chosen.proposed if numbers and chosen else 0,
        groups=groups,
        chosen=chosen,
        rows=rows,
        common=common or Common(),
        is_filled=is_filled,
        aside=[(row.dossier, row.silent) for row in rows if row.silent],
        facts_form=(facts_form or SessionForm(round_=round_, initial=_initial(session))) if speaks else None,
        words_form=(words_form or WordsForm(initial=_said(session))) if speaks else None,
        scan_form=(scan_form or ScanForm()) if _takes_scan(request, session) else None,
        blockers=sessions.closing_blockers(session, reader=request.user) if speaks else [],
        refused={name: _told(one) for name, one in (refused or {}).items()},
        reads_minutes=not stands_aside_anywhere(request.user, round_),
    )
    return render(request, "admin/rounds/session.html", page, status=status)


def _chosen(groups: list[session_rows.Group], name: str) -> session_rows.Group | None:
    """The group asked for, else the first with something left to say, else the first."""
    asked = next((one for one in groups if one.group == name), None)
    return asked or next((one for one in groups if one.unspoken), groups[0] if groups else None)


def _members(session: CouncilSession, presence: dict[int, tuple[bool, str]] | None) -> list[dict[str, Any]]:
    found = []
    for row in council_queries.attendances_of(session):
        present, note = (presence or {}).get(row.seat_id, (row.present, row.note))
        found.append({"seat": row.seat, "present": present, "note": note})
    return found


def _initial(session: CouncilSession) -> dict[str, Any]:
    scribe = queries.active_seats(session.round).filter(
        user=session.minuted_by_id, body__in=[Body.COUNCIL, Body.SUPPORT]
    )
    return {
        "held_at": timezone.localtime(session.held_at),
        "place": session.place,
        "chaired_by": session.chaired_by_id,
        "minuted_by": scribe.values_list("pk", flat=True).first(),
    }


def _said(session: CouncilSession) -> dict[str, str]:
    return {"discussion": session.discussion, "conclusion": session.conclusion}


def _takes_scan(request: HttpRequest, session: CouncilSession) -> bool:
    return session.state == SessionState.CLOSED and rules.may_record_verdicts(request.user, session.round)


def _told(refusal: Refusal) -> list[str]:
    """The sentence, and the details that it does not hold already."""
    first = str(refusal.sentence)
    return [first, *(str(one) for one in refusal.details if str(one) not in first)]


PATHS = (
    ("phien-hop/", show_all, "sessions"),
    ("phien-hop/<int:number>/", show, "session"),
    ("phien-hop/<int:number>/thong-tin/", facts, "session_facts"),
    ("phien-hop/<int:number>/co-mat/", attendance, "session_attendance"),
    ("phien-hop/<int:number>/y-kien/", verdicts, "session_verdicts"),
    ("phien-hop/<int:number>/noi-dung/", words, "session_words"),
    ("phien-hop/<int:number>/khoa/", close, "session_close"),
    ("phien-hop/<int:number>/luu-ban-ky/", attach, "session_attach"),
    ("phien-hop/<int:number>/ban-ky/", scan, "session_scan"),
    ("phien-hop/<int:number>/bien-ban/<slug:fmt>/", minutes, "session_minutes"),
)
