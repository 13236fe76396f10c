"""What may be done on the page of a dossier: each act with its form, its button, when it stands there, how it is done."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import rules as facility_rules
from facilities.services import update_facility
from portal.files.services import EVERYTHING, store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from portal.text.workdays import after_working_days
from products import rules as product_rules
from products.services import set_members, update_product

from . import queries, rules
from .completeness import PHOTOS, missing_by_addressee, missing_sentences
from .dossier_forms import (
    AdmitForm,
    AnswersForm,
    DocumentForm,
    FacilityFactsForm,
    FixForm,
    NothingForm,
    PapersForm,
    ProductFactsForm,
    RequestForm,
    ReuseForm,
    SourceForm,
    StatementForm,
    SubmitForm,
    WithReason,
)
from .eligibility import Check, stands_in_the_way, words_of_refusal
from .enums import Addressee, DossierState
from .models import Dossier, DossierDocument, SupplementRequest
from .services import dossiers, eligibility, papers, remarks, requests
from .states import BEFORE_SEAL, CHECKING, COUNCIL_WORKS, OPEN

D = DossierState
PICTURES: frozenset[Kind] = frozenset({"image"})
USUAL_DAYS = 5  # working days that a request leaves, as a first proposal
END_OF_DAY = dt.time(17)
FACILITY_FACTS = ("name", "kind", "tax_code", "commune", "address_today")

Data = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """An act as it was asked for: by whom, on what, with which words, when."""

    user: Any
    dossier: Dossier
    form: Any
    target: int
    now: dt.datetime

    @property
    def data(self) -> Data:
        found: Data = self.form.cleaned_data
        return found


@dataclass(frozen=True)
class Act:
    """One act on a dossier.

    `tag` is the version that the page was read at: the dossier's revision, or the moment the facility or
    product was last written. Adding a paper needs none. `of_row` acts speak of one row named by `target`.
    """

    form: Callable[..., forms.Form]
    words: Any
    done: Any
    run: Callable[[Call], object]
    when: Callable[[Dossier], bool]
    rule: Callable[[Any, Dossier], bool]
    quiet: bool = False
    hint: Any = ""
    of_row: bool = False
    initial: Callable[[Dossier], Data] = field(default=lambda _dossier: {})
    tag: Callable[[Dossier], str] | None = field(default=lambda dossier: str(dossier.revision))
    blocked: Callable[[Dossier], tuple[str, ...]] = field(default=lambda _dossier: ())

    def tag_now(self, dossier: Dossier) -> str:
        """The version that stands in the database, read again under the lock."""
        fresh = Dossier.objects.select_related("product__facility").get(pk=dossier.pk)
        return self.tag(fresh) if self.tag else ""


def checks(user: Any, dossier: Dossier) -> bool:
    return rules.may_check(user, dossier.round)


def receives(user: Any, dossier: Dossier) -> bool:
    return rules.may_receive(user, dossier.round)


def decides(user: Any, dossier: Dossier) -> bool:
    return rules.may_decide(user, dossier.round)


def edits_facility(user: Any, dossier: Dossier) -> bool:
    facility = dossier.product.facility
    return facility is not None and checks(user, dossier) and facility_rules.may_edit(user, facility.territory_id)


def edits_product(user: Any, dossier: Dossier) -> bool:
    return checks(user, dossier) and product_rules.may_enter_product(user, dossier.product.territory_id)


def is_being_checked(dossier: Dossier) -> bool:
    return dossier.state == D.SUBMITTED and dossier.round.state in CHECKING


def is_supplementing(dossier: Dossier) -> bool:
    return dossier.state == D.NEEDS_SUPPLEMENT and dossier.round.state in CHECKING


def is_open(dossier: Dossier) -> bool:
    return is_being_checked(dossier) or is_supplementing(dossier)


def answers_conditions(dossier: Dossier) -> bool:
    return dossier.state in OPEN and dossier.round.state in CHECKING


def takes_papers(dossier: Dossier) -> bool:
    return dossier.state in OPEN and dossier.round.state in CHECKING


def may_be_refused(dossier: Dossier) -> bool:
    return dossier.state in (D.SUBMITTED, D.NEEDS_SUPPLEMENT, D.ELIGIBLE) and dossier.round.state in BEFORE_SEAL


def may_be_withdrawn(dossier: Dossier) -> bool:
    return dossier.state not in (D.NOT_ELIGIBLE, D.WITHDRAWN, D.GATHERED) and dossier.round.state in BEFORE_SEAL


def waits_too_late(dossier: Dossier) -> bool:
    until = dossier.supplement_until
    late = until is not None and timezone.now() >= until
    return is_supplementing(dossier) and late and not dossier.late_reason


def may_be_remarked(dossier: Dossier) -> bool:
    return dossier.state == D.ELIGIBLE and dossier.round.state in COUNCIL_WORKS


def conditions(dossier: Dossier) -> tuple[Check, ...]:
    """The conditions as they stand, read once for a page."""
    known: tuple[Check, ...] | None = getattr(dossier, "_conditions", None)
    if known is None:
        known = queries.eligibility(dossier, on=timezone.localdate())
        dossier._conditions = known  # type: ignore[attr-defined]
    return known


def in_the_way(dossier: Dossier) -> tuple[str, ...]:
    """Every reason why the dossier cannot be admitted now."""
    missing = missing_sentences(queries.checklist(dossier, on=timezone.localdate()))
    return (*missing, *stands_in_the_way(conditions(dossier)))


def document_of(dossier: Dossier, pk: int) -> DossierDocument:
    found = dossier.documents.filter(pk=pk).first()
    if found is None:
        raise Refusal("document_unknown", _("Hồ sơ không có giấy tờ này. Hãy tải lại trang."))
    return found


def _timed(service: Callable[..., object]) -> Callable[[Call], object]:
    def run(call: Call) -> object:
        return service(dossier=call.dossier, actor=call.user, now=call.now, **call.data)

    return run


def _add_document(call: Call) -> object:
    facts = dict(call.data)
    upload = facts.pop("file")
    allow = PICTURES if facts["kind"] in PHOTOS else EVERYTHING
    stored = store(upload, allow=allow, field="file") if upload else None
    return dossiers.add_document(dossier=call.dossier, actor=call.user, file=stored, **facts)


def _take_papers(call: Call) -> None:
    for kind in call.data["kinds"]:
        dossiers.add_document(dossier=call.dossier, kind=kind, on_paper=True, actor=call.user)


def _mark_fix(call: Call) -> object:
    document = document_of(call.dossier, call.target)
    return dossiers.mark_needs_fix(document=document, remark=call.data["remark"], actor=call.user)


def _mark_received(call: Call) -> object:
    return dossiers.mark_received(document=document_of(call.dossier, call.target), actor=call.user)


def _answer(call: Call) -> object:
    answers = call.form.answers()
    return eligibility.answer_all(dossier=call.dossier, answers=answers, actor=call.user, now=call.now)


def request_words(dossier: Dossier) -> Data:
    """The words of each addressee: of the open request, else written from the rows."""
    rows = queries.checklist(dossier, on=timezone.localdate())
    owed = missing_by_addressee(rows)
    asked = {one.addressee: one for one in open_requests(dossier)}
    words = {
        f"words_{who.value}": asked[who].words if who in asked else "\n".join(owed.get(who, ())) for who in Addressee
    }
    until = timezone.localtime(dossier.supplement_until) if dossier.supplement_until else usual_deadline()
    return {"until": until, **words}


def open_requests(dossier: Dossier) -> list[SupplementRequest]:
    """The requests not yet answered. One query, none where they are prefetched."""
    return [one for one in dossier.requests.all() if one.closed_at is None]


def usual_deadline() -> dt.datetime:
    day = after_working_days(timezone.localdate(), USUAL_DAYS)
    return timezone.make_aware(dt.datetime.combine(day, END_OF_DAY))


def _request(call: Call) -> object:
    return requests.request_supplement(
        dossier=call.dossier, until=call.data["until"], words=call.form.words(), actor=call.user, now=call.now
    )


def _withdraw_request(call: Call) -> object:
    asked = next((one for one in open_requests(call.dossier) if one.pk == call.target), None)
    if asked is None:
        raise Refusal("request_closed", _("Yêu cầu này đã khép. Hãy tải lại trang."))
    addressee = Addressee(asked.addressee)
    return requests.withdraw_request(
        dossier=call.dossier, addressee=addressee, actor=call.user, now=call.now, **call.data
    )


def _update(call: Call) -> object:
    return dossiers.update_dossier(dossier=call.dossier, actor=call.user, now=call.now, **call.data)


def _facility(call: Call) -> object:
    facility = call.dossier.product.facility
    if facility is None:
        raise Refusal("facility_missing", _("Sản phẩm chưa ghi cơ sở làm ra."))
    return update_facility(facility=facility, actor=call.user, **call.data)


def _product(call: Call) -> object:
    product, data = call.dossier.product, call.data
    changed = [name for name in ("name", "group", "materials") if getattr(product, name) != data[name]]
    for name in changed:
        setattr(product, name, data[name])
    if "members" in data:
        set_members(product=product, names=data["members"], actor=call.user)
    return update_product(product=product, actor=call.user, changed=changed)


def _reuse(call: Call) -> object:
    documents = DossierDocument.objects.filter(pk__in=call.data["documents"])
    return papers.reuse(dossier=call.dossier, documents=list(documents), actor=call.user, now=call.now)


def _of(dossier: Dossier, names: tuple[str, ...]) -> Data:
    return {name: getattr(dossier, name) for name in names}


def _stamp(thing: Any) -> str:
    return str(thing.updated_at.timestamp()) if thing else ""


ACTS: dict[str, Act] = {
    "submit": Act(
        SubmitForm,
        gettext_lazy("Nộp hồ sơ"),
        gettext_lazy("Đã nộp hồ sơ, số %(code)s."),
        _timed(dossiers.submit),
        lambda d: d.state == D.DRAFT,
        receives,
        initial=lambda d: {"received_on": d.received_on},
    ),
    "admit": Act(
        AdmitForm,
        gettext_lazy("Kết luận đủ điều kiện"),
        gettext_lazy("Hồ sơ %(code)s đủ điều kiện, sẽ được chuyển Ban Giám khảo."),
        _timed(dossiers.admit),
        is_being_checked,
        checks,
        initial=lambda d: {"remark": d.support_remark},
        blocked=in_the_way,
    ),
    "resubmit": Act(
        NothingForm,
        gettext_lazy("Nhận lại hồ sơ đã bổ sung"),
        gettext_lazy("Hồ sơ %(code)s đã nộp lại."),
        _timed(dossiers.resubmit),
        is_supplementing,
        checks,
        hint=gettext_lazy("Bấm khi cơ sở đã gửi đủ giấy tờ cần bổ sung."),
    ),
    "accept_late": Act(
        WithReason,
        gettext_lazy("Cho nhận bổ sung sau hạn"),
        gettext_lazy("Đã cho nhận bổ sung sau hạn của hồ sơ %(code)s."),
        _timed(requests.accept_late),
        waits_too_late,
        decides,
        hint=gettext_lazy("Hạn bổ sung đã qua. Lãnh đạo ghi lý do thì hồ sơ được nhận lại."),
    ),
    "request_supplement": Act(
        RequestForm,
        gettext_lazy("Thông báo bổ sung hồ sơ"),
        gettext_lazy("Đã gửi thông báo bổ sung hồ sơ %(code)s."),
        _request,
        is_open,
        checks,
        quiet=True,
        initial=request_words,
    ),
    "withdraw_request": Act(
        WithReason,
        gettext_lazy("Thu hồi yêu cầu"),
        gettext_lazy("Đã thu hồi yêu cầu bổ sung."),
        _withdraw_request,
        is_supplementing,
        checks,
        quiet=True,
        of_row=True,
    ),
    "reject": Act(
        WithReason,
        gettext_lazy("Kết luận không đủ điều kiện"),
        gettext_lazy("Hồ sơ %(code)s không đủ điều kiện."),
        _timed(dossiers.reject),
        may_be_refused,
        checks,
        quiet=True,
        initial=lambda d: {"reason": words_of_refusal(conditions(d))},
    ),
    "withdraw": Act(
        WithReason,
        gettext_lazy("Ghi cơ sở rút hồ sơ"),
        gettext_lazy("Đã ghi cơ sở rút hồ sơ %(code)s."),
        _timed(dossiers.withdraw),
        may_be_withdrawn,
        receives,
        quiet=True,
    ),
    "remark": Act(
        AdmitForm,
        gettext_lazy("Lưu nhận xét"),
        gettext_lazy("Đã lưu nhận xét của tổ giúp việc về hồ sơ %(code)s."),
        _timed(remarks.write_remark),
        may_be_remarked,
        checks,
        initial=lambda d: {"remark": d.support_remark},
    ),
    "answers": Act(
        AnswersForm,
        gettext_lazy("Lưu kết quả kiểm tra"),
        gettext_lazy("Đã lưu kết quả kiểm tra điều kiện."),
        _answer,
        answers_conditions,
        checks,
    ),
    "add_document": Act(
        DocumentForm,
        gettext_lazy("Thêm giấy tờ"),
        gettext_lazy("Đã nhận giấy tờ."),
        _add_document,
        takes_papers,
        checks,
        tag=None,
    ),
    "papers": Act(
        PapersForm,
        gettext_lazy("Ghi đã nhận bản giấy"),
        gettext_lazy("Đã ghi các giấy tờ nhận bản giấy."),
        _take_papers,
        takes_papers,
        checks,
        tag=None,
    ),
    "needs_fix": Act(
        FixForm,
        gettext_lazy("Ghi điều cần sửa"),
        gettext_lazy("Đã đánh dấu cần sửa."),
        _mark_fix,
        takes_papers,
        checks,
        of_row=True,
        tag=None,
    ),
    "received": Act(
        NothingForm,
        gettext_lazy("Xác nhận đã đủ"),
        gettext_lazy("Đã xác nhận giấy tờ đủ."),
        _mark_received,
        takes_papers,
        checks,
        of_row=True,
        tag=None,
    ),
    "update": Act(
        StatementForm,
        gettext_lazy("Lưu nội dung"),
        gettext_lazy("Đã lưu nội dung hồ sơ."),
        _update,
        lambda d: d.state in OPEN,
        checks,
        initial=lambda d: _of(d, tuple(StatementForm.base_fields)),
    ),
    "source": Act(
        SourceForm,
        gettext_lazy("Lưu cách nộp"),
        gettext_lazy("Đã lưu cách nộp hồ sơ."),
        _update,
        lambda d: d.state in OPEN,
        checks,
        initial=lambda d: _of(d, tuple(SourceForm.base_fields)),
    ),
    "facility": Act(
        FacilityFactsForm,
        gettext_lazy("Lưu cơ sở"),
        gettext_lazy("Đã lưu thông tin cơ sở."),
        _facility,
        takes_papers,
        edits_facility,
        initial=lambda d: {name: getattr(d.product.facility, name) for name in FACILITY_FACTS},
        tag=lambda d: _stamp(d.product.facility),
    ),
    "product": Act(
        ProductFactsForm,
        gettext_lazy("Lưu sản phẩm"),
        gettext_lazy("Đã lưu thông tin sản phẩm."),
        _product,
        takes_papers,
        edits_product,
        initial=lambda d: {
            "name": d.product.name,
            "group": d.product.group,
            "materials": d.product.materials,
            "members": [member.name for member in d.product.members.all()],
        },
        tag=lambda d: _stamp(d.product),
    ),
    "reuse": Act(
        ReuseForm,
        gettext_lazy("Dùng lại giấy tờ đã chọn"),
        gettext_lazy("Đã dùng lại giấy tờ từ hồ sơ trước."),
        _reuse,
        takes_papers,
        checks,
        tag=None,
    ),
}
# The acts that move a dossier on, in the order in which they stand under each other.
ROAD_ACTS = ("submit", "admit", "resubmit", "accept_late", "reject", "withdraw")
