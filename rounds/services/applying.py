"""The applicant's own acts on a dossier: started, filled step by step, handed in, supplemented, taken back.

The applicant is a representative whom the province has approved, or an officer of the facility's commune who files
for it with its authorisation.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.accounts.queries import staff_reach
from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.folding import normalise
from products.codes import ALPHABET
from products.models import Product
from products.services import create_product, update_product
from products.services.products import add_members, member_names, note_details

from .. import applicant_needs, queries, rules
from ..applicant_needs import ANNOUNCED, WRITTEN_HERE, Need
from ..completeness import OWED_BY
from ..enums import Addressee, DocumentKind, DocumentState, DossierState, Origin
from ..models import Dossier, DossierDocument, Round
from ..notices import RECEIVED
from ..statement import STATEMENT_PARTS, parts_of
from ..states import BEFORE_SCORING
from . import dossiers, papers
from .guards import moment
from .shared import lock_dossier, note, refuse_round_state, save, touch
from .telling import tell_applicant

D = DossierState
CODE_LENGTH = 8
PRODUCT_FACTS = ("name", "group", "is_set", "materials")


@dataclass(frozen=True)
class ProductFacts:
    """What a producer says of a product that the register does not hold yet."""

    name: str
    group: str
    is_set: bool = False
    members: tuple[str, ...] = ()
    materials: str = ""
    set_basis: str = ""


def origin_for(user: Any, facility: Facility) -> Origin:
    """In what capacity the person files for the facility. Raises Refusal `not_allowed`. One query."""
    if rules.represents(user, facility.pk):
        return Origin.ONLINE
    if facility.commune_id in staff_reach(user).commune_ids:
        return Origin.COMMUNE
    raise Refusal("not_allowed", rules.may_fill.sentence)


@transaction.atomic
def start(
    *,
    round_: Round,
    facility: Facility,
    actor: Any,
    now: dt.datetime,
    product: Product | None = None,
    new: ProductFacts | None = None,
    authorisation: StoredFile | None = None,
    authorised_on_paper: bool = False,
) -> Dossier:
    """Open a draft for a product of the facility, or for a new one, while the round receives.

    An officer of the commune brings the facility's authorisation, in a file or on paper. Raises Refusal `not_allowed`,
    `facility_merged`, `round_not_receiving`, `authorisation_missing`, `product_elsewhere`, `dossier_exists`,
    `product_exists`.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    refuse_merged(facility)
    origin = origin_for(actor, facility)
    refuse_not_open(locked, now)
    if origin == Origin.COMMUNE and authorisation is None and not authorised_on_paper:
        raise Refusal(
            "authorisation_missing",
            _("Xã nộp thay cần giấy ủy quyền của cơ sở. Hãy chọn tệp giấy ủy quyền, hoặc đánh dấu có bản giấy."),
            field="authorisation",
        )
    chosen = _product(facility, actor, product, new)
    dossiers.refuse_unfit_entry(round_=locked, product=chosen, origin=origin)
    basis = new.set_basis if new is not None else ""
    dossier = dossiers.open_draft(locked, product=chosen, actor=actor, origin=origin, filed_by=actor, set_basis=basis)
    if origin == Origin.COMMUNE:
        papers.add_document(
            dossier=dossier,
            kind=DocumentKind.AUTHORISATION,
            actor=actor,
            file=authorisation,
            on_paper=authorisation is None,
        )
    dossier.refresh_from_db()
    return dossier


def may_change_product(dossier: Dossier) -> bool:
    """Whether the product is only known from this dossier: not yet recognised, in no other one. Two queries."""
    product = dossier.product
    if product.recognitions.exists():
        return False
    return not Dossier.objects.filter(product=product).exclude(pk=dossier.pk).exists()


@transaction.atomic
def choose_product(
    *,
    dossier: Dossier,
    actor: Any,
    product: Product | None = None,
    new: ProductFacts | None = None,
    revision: int | None = None,
) -> Dossier:
    """Enter another product in a draft that was never handed in."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    if locked.version or locked.state != D.DRAFT:
        raise Refusal("product_fixed", _("Hồ sơ đã nộp nên không đổi sang sản phẩm khác được."))
    facility = locked.product.facility
    if facility is None:
        raise Refusal("product_elsewhere", _("Sản phẩm này chưa ghi cơ sở. Hãy nhờ Sở bổ sung."), field="product")
    chosen = _product(facility, actor, product, new)
    if chosen.pk == locked.product_id:
        return locked
    dossiers.refuse_unfit_entry(round_=locked.round, product=chosen, origin=locked.origin)
    locked.product = chosen
    _write(locked)
    note(locked, actor=actor, action="dossier.fill", sentence=_("Chọn sản phẩm “%(product)s” cho hồ sơ."))
    return locked


@transaction.atomic
def change_product(*, dossier: Dossier, facts: ProductFacts, actor: Any, revision: int | None = None) -> Dossier:
    """Correct a product that nobody but this dossier knows. Raises Refusal `product_known`, `product_exists`."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    if not may_change_product(locked):
        raise Refusal(
            "product_known",
            _("Sản phẩm này đã có trong sổ công nhận hoặc ở hồ sơ khác. Muốn sửa tên, nhóm, hãy nhờ Sở sửa."),
        )
    product = locked.product
    changed = [name for name in PRODUCT_FACTS if getattr(product, name) != _tidy(getattr(facts, name))]
    for name in changed:
        setattr(product, name, _tidy(getattr(facts, name)))
    update_product(product=product, actor=actor, changed=changed)
    renamed = _write_members(product, facts, actor)
    if changed or renamed or locked.set_basis != facts.set_basis:
        locked.product, locked.set_basis = product, facts.set_basis
        save(locked)
        note(locked, actor=actor, action="dossier.fill", sentence=_("Sửa sản phẩm của hồ sơ %(code)s."))
    return locked


@transaction.atomic
def save_statement(*, dossier: Dossier, actor: Any, revision: int | None = None, **parts: str) -> Dossier:
    """Keep what was written of the product statement; without a change nothing is written."""
    if unknown := parts.keys() - set(STATEMENT_PARTS):
        raise TypeError(f"Not a part of the statement: {', '.join(sorted(unknown))}.")
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    tidy = {name: text.replace("\r\n", "\n").strip() for name, text in parts.items()}
    changed = {name: text for name, text in tidy.items() if getattr(locked, name) != text}
    if changed:
        for name, text in changed.items():
            setattr(locked, name, text)
        save(locked)
        note(
            locked,
            actor=actor,
            action="dossier.fill",
            sentence=_("Viết bản thuyết minh của hồ sơ %(code)s."),
            data={"parts": sorted(changed)},
        )
    return locked


@transaction.atomic
def attach(
    *,
    dossier: Dossier,
    kind: str,
    file: StoredFile,
    actor: Any,
    revision: int | None = None,
    valid_until: dt.date | None = None,
) -> DossierDocument:
    """Take in a photo or paper in place of the earlier copies of its kind; extra papers stand beside each other.

    Raises Refusal `paper_of_another`, `too_many_papers`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    _refuse_foreign(locked, kind)
    _refuse_too_many(locked, kind)
    if kind in SINGLE:
        locked.documents.filter(kind=kind).delete()
    return papers.add_document(dossier=locked, kind=kind, file=file, actor=actor, valid_until=valid_until)


@transaction.atomic
def announce_on_paper(*, dossier: Dossier, kind: str, actor: Any, revision: int | None = None) -> DossierDocument:
    """Say that a paper is brought on paper: it stands as to be confirmed until whoever receives it has it."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    if kind not in ON_PAPER:
        raise Refusal("paper_not_possible", _("Giấy tờ này cần gửi tệp hoặc ảnh chụp."))
    locked.documents.filter(kind=kind).delete()
    document = DossierDocument.objects.create(
        dossier=locked, kind=kind, on_paper=True, state=DocumentState.NEEDS_FIX, remark=ANNOUNCED
    )
    touch(locked)
    note(
        locked,
        actor=actor,
        action="document.announce",
        sentence=_("Báo nộp bản giấy “%(paper)s” của hồ sơ %(code)s."),
        paper=document.get_kind_display(),
    )
    return document


@transaction.atomic
def remove_paper(*, document: DossierDocument, actor: Any, revision: int | None = None) -> None:
    """Take a paper out again before handing in. What was handed in stays in its frozen version."""
    locked = lock_dossier(document.dossier, actor=actor, rule=rules.may_fill, revision=revision)
    row = locked.documents.filter(pk=document.pk).first()
    if row is None:
        raise Refusal("document_unknown", _("Hồ sơ không còn giấy tờ này. Hãy tải lại trang."))
    _refuse_foreign(locked, row.kind)
    name = str(row)
    row.delete()
    touch(locked)
    note(locked, actor=actor, action="document.remove", sentence=_("Bỏ “%(paper)s” khỏi hồ sơ %(code)s."), paper=name)


def needs_of(dossier: Dossier, *, on: dt.date) -> tuple[Need, ...]:
    """What the applicant still has to do. At most three queries; none on a dossier read for its steps."""
    members = len(dossier.product.members.all()) if dossier.product.is_set else None
    labels = {part: str(Dossier._meta.get_field(part).verbose_name) for part in STATEMENT_PARTS}  # type: ignore[union-attr]
    return applicant_needs.needs(
        rows=queries.checklist(dossier, on=on),
        parts=parts_of(dossier),
        labels=labels,
        members=members,
    )


@transaction.atomic
def submit(*, dossier: Dossier, declared: bool, actor: Any, now: dt.datetime, revision: int | None = None) -> Dossier:
    """Hand the draft in: its forms are written, it is frozen, and gets its number and the code of its receipt.

    Open up to, not including, the round's deadline. Raises Refusal `not_declared`, `round_not_receiving`,
    `dossier_incomplete` (one sentence per thing).
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    _refuse_undeclared(declared)
    refuse_not_open(locked.round, now)
    _refuse_open_needs(locked, now)
    _write_forms(locked, actor, now)
    locked.refresh_from_db(fields=["revision"])
    locked.filed_by = actor
    locked.receipt_code = locked.receipt_code or _new_code()
    dossiers.hand_in(locked, now=now, received_on=timezone.localdate(now))
    note(locked, actor=actor, action="dossier.submit", sentence=_("Nộp hồ sơ %(code)s, “%(product)s” trên cổng."))
    _tell_received(locked, now)
    return locked


@transaction.atomic
def resubmit(*, dossier: Dossier, declared: bool, actor: Any, now: dt.datetime, revision: int | None = None) -> Dossier:
    """Hand the supplemented dossier in again, before its deadline, as a new frozen version."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_fill, revision=revision)
    _refuse_undeclared(declared)
    _refuse_open_needs(locked, now)
    _write_forms(locked, actor, now)
    done = dossiers.resubmit(dossier=locked, actor=actor, now=now)
    _tell_received(done, now)
    return done


@transaction.atomic
def withdraw(*, dossier: Dossier, reason: str, actor: Any, now: dt.datetime, revision: int | None = None) -> Dossier:
    """The facility takes its dossier back, before scoring begins. Raises Refusal `round_state`,
    `set_is_gathered`, `reason_missing`.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_take_back, revision=revision)
    refuse_round_state(
        locked.round,
        BEFORE_SCORING,
        _("Kỳ bình chọn %(state)s nên không tự rút hồ sơ được. Hãy báo đơn vị nhận hồ sơ."),
    )
    return dossiers.take_back(locked, reason=reason, actor=actor, now=now)


# One copy of each, and those of which the original may be brought on paper.
SINGLE = (
    *WRITTEN_HERE,
    DocumentKind.BUSINESS_REGISTRATION,
    DocumentKind.PHOTO_FRONT,
    DocumentKind.PHOTO_SIDE,
    DocumentKind.PHOTO_TOP,
    DocumentKind.LOWER_CERTIFICATE,
)
ON_PAPER = (*WRITTEN_HERE, DocumentKind.BUSINESS_REGISTRATION, DocumentKind.LOWER_CERTIFICATE)


# Further papers beside the required ones: more than anybody needs, few enough to be read.
MOST_EXTRA = 30


def _refuse_foreign(locked: Dossier, kind: str) -> None:
    """What another office sends (its letter, its list) neither comes nor goes by the applicant's hand."""
    if OWED_BY.get(DocumentKind(kind), Addressee.FACILITY) == Addressee.FACILITY:
        return
    if kind == DocumentKind.AUTHORISATION and locked.origin == Origin.COMMUNE:
        return
    raise Refusal(
        "paper_of_another", _("Giấy tờ này do cơ quan khác gửi cho đơn vị nhận hồ sơ, bạn không gửi hay bỏ được.")
    )


def _refuse_too_many(locked: Dossier, kind: str) -> None:
    if kind not in SINGLE and locked.documents.filter(kind=kind).count() >= MOST_EXTRA:
        raise Refusal(
            "too_many_papers",
            _("Hồ sơ đã có %(most)s tệp loại này. Hãy gộp các trang vào một tệp PDF, hoặc bỏ bớt tệp rồi gửi lại.")
            % {"most": MOST_EXTRA},
        )


def refuse_merged(facility: Facility) -> None:
    if facility.merged_into_id is not None:
        raise Refusal("facility_merged", _("Cơ sở này đã được gộp vào cơ sở khác. Hãy nộp cho cơ sở còn lại."))


def _tidy(value: Any) -> Any:
    return normalise(value) if isinstance(value, str) else value


def _product(facility: Facility, actor: Any, product: Product | None, new: ProductFacts | None) -> Product:
    """The chosen product of this facility, or a new one."""
    if product is not None:
        if product.facility_id != facility.pk or product.merged_into_id is not None:
            raise Refusal(
                "product_elsewhere", _("Sản phẩm này không phải của cơ sở. Hãy chọn sản phẩm khác."), field="product"
            )
        return product
    if new is None:
        raise Refusal("product_missing", _("Hãy chọn một sản phẩm, hoặc ghi sản phẩm mới."), field="product")
    return create_product(
        name=new.name,
        group=new.group,
        facility=facility,
        territory=facility.territory,
        is_set=new.is_set,
        members=new.members,
        materials=normalise(new.materials),
        is_illustrative=facility.is_illustrative,
        actor=actor,
    )


def _write_members(product: Product, facts: ProductFacts, actor: Any) -> bool:
    wanted = member_names(facts.members) if facts.is_set else []
    if [member.name for member in product.members.all()] == wanted:
        return False
    product.members.all().delete()
    add_members(product=product, names=wanted)
    note_details(product=product, actor=actor, what=[_("thành phần của bộ")])
    return True


def _write(locked: Dossier) -> None:
    """Somebody may enter the same product in the same second; the constraint decides, in words."""
    try:
        with transaction.atomic():
            save(locked)
    except IntegrityError as error:
        raise Refusal(
            "dossier_exists", _("Sản phẩm này đã có hồ sơ trong kỳ. Hãy mở hồ sơ đã có."), field="product"
        ) from error


def _refuse_undeclared(declared: bool) -> None:
    if not declared:
        raise Refusal("not_declared", _("Hãy đánh dấu cam đoan trước khi nộp."), field="declared")


def refuse_not_open(round_: Round, now: dt.datetime) -> None:
    if round_.receiving_open(now):
        return
    if round_.receiving_until is not None and now >= round_.receiving_until:
        sentence = _("Kỳ bình chọn đã hết hạn nhận hồ sơ từ %(moment)s. Hãy hỏi đơn vị nhận hồ sơ.") % {
            "moment": moment(round_.receiving_until)
        }
    else:
        sentence = _("Kỳ bình chọn chưa mở nhận hồ sơ, hoặc đã khép. Hãy xem lại thời gian nhận hồ sơ của kỳ.")
    raise Refusal("round_not_receiving", sentence)


def _refuse_open_needs(locked: Dossier, now: dt.datetime) -> None:
    waiting = [need.sentence for need in needs_of(locked, on=timezone.localdate(now)) if need.blocks]
    if waiting:
        raise Refusal(
            "dossier_incomplete",
            _("Chưa nộp được: còn %(total)s điều cần làm.") % {"total": len(waiting)},
            details=tuple(waiting),
        )


def _tell_received(locked: Dossier, now: dt.datetime) -> None:
    tell_applicant(
        locked,
        kind=RECEIVED.code,
        now=now,
        title=_("Đã nhận hồ sơ %(code)s"),
        body=_("Cổng đã nhận hồ sơ số %(code)s, “%(product)s”, lúc %(at)s. Mã biên nhận: %(receipt)s."),
        at=moment(now),
        receipt=shown_code(locked.receipt_code),
    )


def _write_forms(locked: Dossier, actor: Any, now: dt.datetime) -> None:
    """The registration form and the product statement, from what was typed, unless a signed copy was sent."""
    from ..official import render

    signed = set(
        locked.documents.filter(kind__in=WRITTEN_HERE)
        .exclude(title__startswith=MADE_HERE)
        .values_list("kind", flat=True)
    )
    for kind in WRITTEN_HERE:
        if kind in signed:
            continue
        content, name = render(kind, locked, fmt="pdf", on=timezone.localdate(now))
        stored = store(ContentFile(content, name=name), allow={"pdf"})
        locked.documents.filter(kind=kind).delete()
        papers.add_document(dossier=locked, kind=kind, file=stored, actor=actor, title=_made_title(kind))


# Begins the title of a form that the portal wrote, so that a signed copy is told from it.
MADE_HERE = "Cổng lập: "


def _made_title(kind: str) -> str:
    return f"{MADE_HERE}{DocumentKind(kind).label}"


def _new_code() -> str:
    """Eight characters that can be read aloud; the unique constraint guards against the one chance in 10¹¹."""
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def shown_code(code: str) -> str:
    """The code of a receipt as printed: 7K2M-9XTA."""
    return f"{code[:4]}-{code[4:]}" if len(code) == CODE_LENGTH else code
