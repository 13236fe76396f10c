"""Reads about dossiers being taken in: their papers, the conditions to enter, earlier papers to use again."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.formats import day
from products.enums import LEVEL_RANK, Level, Stage, Status
from products.models import SetMember

from .completeness import Paper, Requirement, photo_remark, requirements
from .eligibility import Answer, Certificate, Check, Condition, DatedPaper, Facts, Member, checks, in_force
from .enums import DocumentKind, DocumentState, DossierState
from .models import Dossier, DossierDocument, EligibilityRule
from .reuse import ANY_PRODUCT, ONE_PRODUCT, Maker, changes_since

GONE = (DossierState.WITHDRAWN, DossierState.NOT_ELIGIBLE)


def submission_day(dossier: Dossier, *, on: dt.date) -> dt.date:
    """The day whose rules hold for the dossier: when it came in, or `on` while it is a draft."""
    if dossier.submitted_at is None:
        return dossier.received_on or on
    return dossier.received_on or timezone.localtime(dossier.submitted_at).date()


def papers_of(dossier: Dossier, *, on: dt.date) -> tuple[Paper, ...]:
    """The dossier's papers as plain values, with the certificate of the level below that the register holds.

    A paper with a date counts while it holds on the day, the certificate when it held on the day of submission.
    No query when documents and the product's recognitions are prefetched, else two.
    """
    papers = [
        Paper(
            document.kind,
            needs_fix=document.state == DocumentState.NEEDS_FIX or _ended(document, on),
            remark=_remark(document, on),
            warning=_small(document),
        )
        for document in _documents(dossier)
    ]
    if lower_certificate(dossier, on=on) is not None:
        papers.append(Paper(DocumentKind.LOWER_CERTIFICATE))
    return tuple(papers)


def _documents(dossier: Dossier) -> list[DossierDocument]:
    read = "documents" in getattr(dossier, "_prefetched_objects_cache", {})
    return list(dossier.documents.all() if read else dossier.documents.select_related("file"))


def lower_certificate(dossier: Dossier, *, on: dt.date) -> Any:
    """The product's recognition of the level below that stood when the dossier came in, or None."""
    submitted_on = submission_day(dossier, on=on)
    return next((row for row in _recognitions_below(dossier) if _stands(row, submitted_on)), None)


def _recognitions_below(dossier: Dossier) -> list[Any]:
    below = LEVEL_RANK[Level(dossier.round.level)] - 1
    found = dossier.product.recognitions.all()
    return [row for row in found if row.stage == Stage.RECOGNISED and LEVEL_RANK[Level(row.level)] == below]


def _stands(recognition: Any, on: dt.date) -> bool:
    issued = recognition.issued_on is None or recognition.issued_on <= on
    return issued and recognition.status(on=on, expiring_days=0) in {Status.VALID, Status.EXPIRING}


def _ended(document: DossierDocument, on: dt.date) -> bool:
    return document.valid_until is not None and document.valid_until < on


def _remark(document: DossierDocument, on: dt.date) -> str:
    if document.valid_until is not None and document.valid_until < on:
        return _("Giấy tờ đã hết hạn từ %(day)s. Gửi lại bản còn hạn.") % {"day": day(document.valid_until)}
    return document.remark


def _small(document: DossierDocument) -> str:
    file = document.file
    return photo_remark(kind=document.kind, width=file.width, height=file.height) if file else ""


def checklist(dossier: Dossier, *, on: dt.date) -> tuple[Requirement, ...]:
    """Every required paper of the dossier and how it stands. At most two queries."""
    round_ = dossier.round
    return requirements(
        level=round_.level,
        lower_round_held=round_.lower_round_held,
        papers=papers_of(dossier, on=on),
        origin=dossier.origin,
    )


@dataclass(frozen=True)
class Book:
    """What the conditions of several dossiers need to be read at once."""

    rules: tuple[EligibilityRule, ...] = ()
    entered_too: dict[int, tuple[str, ...]] = field(default_factory=dict)


def book_for(dossiers: Iterable[Dossier]) -> Book:
    """The rules, and which dossiers stand twice in their round. Three queries, however many dossiers."""
    rows = list(dossiers)
    return Book(rules=tuple(EligibilityRule.objects.order_by("position", "code", "pk")), entered_too=_entered_too(rows))


def _entered_too(dossiers: list[Dossier]) -> dict[int, tuple[str, ...]]:
    """Per dossier the others of its round that hold the same product: a set with it, or a member of this set."""
    products = {dossier.product_id for dossier in dossiers}
    pairs = SetMember.objects.filter(Q(product__in=products) | Q(product_set__in=products), product__isnull=False)
    kin: dict[int, set[int]] = {}
    for whole, part in pairs.values_list("product_set_id", "product_id"):
        kin.setdefault(whole, set()).add(part)
        kin.setdefault(part, set()).add(whole)
    related = set().union(*(kin.get(pk, set()) for pk in products))
    standing = Dossier.objects.filter(product__in=related, round__in={row.round_id for row in dossiers})
    found: dict[tuple[int, int], str] = {}
    for row in standing.exclude(state__in=[*GONE, DossierState.GATHERED]).select_related("product"):
        found[row.round_id, row.product_id] = row.entry_code or f"“{row.product}”"
    return {
        row.pk: tuple(sorted(found[key] for pk in kin.get(row.product_id, ()) if (key := (row.round_id, pk)) in found))
        for row in dossiers
    }


def rules_for(dossier: Dossier, *, on: dt.date, book: Book | None = None) -> tuple[EligibilityRule, ...]:
    """The rules that held at the round's level on the day the dossier came in. One query, none with a book."""
    rows = book.rules if book is not None else EligibilityRule.objects.order_by("position", "code", "pk")
    return in_force(rows, level=dossier.round.level, on=submission_day(dossier, on=on))


def eligibility(dossier: Dossier, *, on: dt.date, book: Book | None = None) -> tuple[Check, ...]:
    """Every condition of the dossier and how it stands, by the rules of the day it came in.

    Three queries on a dossier read for the desk, none with the `book_for` all of them; else four more.
    """
    book = book or book_for([dossier])
    conditions = [_condition(rule) for rule in rules_for(dossier, on=on, book=book)]
    return checks(conditions, facts_of(dossier, on=on, book=book), _answers(dossier))


def _condition(rule: EligibilityRule) -> Condition:
    return Condition(
        id=rule.pk,
        code=rule.code,
        kind=rule.kind,
        sentence=rule.sentence,
        failure=rule.failure,
        guidance=rule.guidance,
        legal_basis=rule.legal_basis,
        is_certain=rule.is_certain,
        warns_only=rule.warns_only,
        group=rule.group,
    )


def _answers(dossier: Dossier) -> dict[int, Answer]:
    read = "answers" in getattr(dossier, "_prefetched_objects_cache", {})
    rows = dossier.answers.all() if read else dossier.answers.select_related("answered_by")
    return {row.rule_id: Answer(row.answer, row.reason, str(row.answered_by), row.answered_at) for row in rows}


def facts_of(dossier: Dossier, *, on: dt.date, book: Book | None = None) -> Facts:
    """The dossier as the computed conditions read it. No query on one read for the desk with a book."""
    product, facility = dossier.product, dossier.product.facility
    submitted_on = submission_day(dossier, on=on)
    return Facts(
        level=dossier.round.level,
        on=on,
        submitted_on=submitted_on,
        lower_round_held=dossier.round.lower_round_held,
        facility=product.facility_id,
        facility_kind=facility.kind if facility else "",
        facility_merged=facility is not None and facility.merged_into_id is not None,
        product_merged=product.merged_into_id is not None,
        tax_code=facility.tax_code if facility else "",
        group=product.group,
        group_certain=product.group_certain,
        is_set=product.is_set,
        set_certain=product.set_certain,
        set_basis=dossier.set_basis,
        members=_members(dossier),
        certificates=tuple(
            Certificate(_stands(row, submitted_on), row.expires_on) for row in _recognitions_below(dossier)
        ),
        papers=_dated(dossier),
        entered_too=(book or book_for([dossier])).entered_too.get(dossier.pk, ()),
    )


def _members(dossier: Dossier) -> tuple[Member, ...]:
    product = dossier.product
    if not product.is_set:
        return ()
    read = "members" in getattr(product, "_prefetched_objects_cache", {})
    rows = product.members.all() if read else product.members.select_related("product")
    return tuple(Member(row.name, row.product.facility_id if row.product else None) for row in rows)


def _dated(dossier: Dossier) -> tuple[DatedPaper, ...]:
    return tuple(
        DatedPaper(document.kind, document.title or str(document.get_kind_display()), document.valid_until)
        for document in _documents(dossier)
        if document.state == DocumentState.RECEIVED
    )


@dataclass(frozen=True)
class EarlierPaper:
    """A paper of an earlier dossier, with what changed since. `taken`: this dossier holds the same file already."""

    document: DossierDocument
    dossier: Dossier
    of_this_product: bool
    ended: bool
    replaced: bool
    taken: bool
    changes: tuple[str, ...]

    @property
    def usable(self) -> bool:
        return not (self.ended or self.replaced or self.taken)

    @property
    def is_same(self) -> bool:
        """Nothing is known to have changed since it was handed in."""
        return self.usable and not self.changes


def reusable_documents(dossier: Dossier) -> Any:
    """Papers of other dossiers that may stand in this one: of its product, or of its facility whatever the product."""
    of_product = Q(kind__in=ONE_PRODUCT, dossier__product=dossier.product_id)
    of_facility = Q(kind__in=ANY_PRODUCT, dossier__product__facility=dossier.product.facility_id)
    found = DossierDocument.objects.filter(of_product | of_facility, state=DocumentState.RECEIVED)
    if dossier.product.facility_id is None:
        found = found.filter(of_product)
    else:  # follows from the two, and spares the database the papers of everybody else
        found = found.filter(dossier__product__facility=dossier.product.facility_id)
    return found.exclude(dossier=dossier.pk).exclude(dossier__state=DossierState.DRAFT)


def earlier_papers(dossier: Dossier, *, on: dt.date) -> tuple[EarlierPaper, ...]:
    """Papers handed in before that may be used again, newest first, each with what changed since.

    Expired, replaced by a newer one, or older than a change of the facility's or product's name, address or
    registration. Five queries, however many papers; four when the dossier's own are read already.
    """
    rows = list(reusable_documents(dossier).select_related("file", "dossier__round__territory").order_by("-pk"))
    if not rows:
        return ()
    held = {document.file_id for document in _documents(dossier) if document.file_id}
    makers = _makers(dossier)
    seen: set[tuple[Any, ...]] = set()
    found = []
    for row in rows:
        once = row.kind in ONE_PRODUCT or row.kind == DocumentKind.BUSINESS_REGISTRATION
        place = (row.kind,) if once else (row.kind, row.title, row.dossier.product_id)
        found.append(_earlier(row, dossier, on=on, held=held, replaced=place in seen, makers=makers))
        seen.add(place)
    return tuple(found)


def _earlier(
    row: DossierDocument, dossier: Dossier, *, on: dt.date, held: set[int], replaced: bool, makers: list[Maker]
) -> EarlierPaper:
    return EarlierPaper(
        document=row,
        dossier=row.dossier,
        of_this_product=row.dossier.product_id == dossier.product_id,
        ended=_ended(row, on),
        replaced=replaced,
        taken=row.file_id is not None and row.file_id in held,
        changes=changes_since(makers, at=row.created_at, of_product=row.kind in ONE_PRODUCT),
    )


def _makers(dossier: Dossier) -> list[Maker]:
    """How facility and product stood over time, oldest first. Two queries."""
    facility = dossier.product.facility
    rows = [
        Maker(row.history_date, product_name=row.name, materials=row.materials)
        for row in dossier.product.history.only("name", "materials", "history_date").order_by("history_date")
    ]
    if facility is not None:
        rows += [
            Maker(
                row.history_date,
                facility_name=row.name,
                address=row.address_today or row.address_recognised,
                kind=str(row.get_kind_display()),
                tax_code=row.tax_code,
            )
            for row in facility.history.order_by("history_date")
        ]
    return rows
