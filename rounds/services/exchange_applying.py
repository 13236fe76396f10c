"""Writing a list from another deployment down: every difference settled first, then all of it in one transaction."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from facilities.enums import FacilityKind
from facilities.models import Facility
from facilities.services import create_facility, update_facility
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.files.services import store
from portal.territory.models import Territory
from portal.territory.queries import current_of
from portal.text.errors import Refusal
from products.models import Product, ProductPhoto, Recognition
from products.services import complete_product, create_product, note_details, set_members, update_product

from .. import exchange_rules
from ..enums import ConflictChoice, ListState, PackageKind, PackageState
from ..exchange import reading
from ..exchange.matching import CHOICES, FACILITY, LIST, PRODUCT, Matcher
from ..exchange.package import Package, opened
from ..exchange.reading import DossierFact, FacilityFact, Nominated, NominationFact, ProductFact
from ..models import ExchangeConflict, ExchangePackage, ForeignIdentity, Nomination, NominationList, Round
from .exchange_register import Hand, enter_recognition, hand_of
from .exchange_results import about_answer, answered_list, read_answer, write_answer
from .exchange_taking import refuse_out_of_turn, standing_lists, sync_conflicts
from .nominations_taken import NOT_CARRIED, Carried, CarriedPaper, receive
from .receiving import today_of
from .shared import require_reason

C = ConflictChoice
OPEN = (PackageState.PREPARED, PackageState.CONFLICT)


@transaction.atomic
def settle(*, conflict: ExchangeConflict, choice: str, reason: str, actor: Any, now: dt.datetime) -> ExchangeConflict:
    """Say what holds where the package and the register differ. It can be said anew until the package is written.

    Raises Refusal `not_allowed`, `package_done`, `choice_not_offered`, `reason_missing`.
    """
    package = _locked(conflict.package_id)
    exchange_rules.require_handler(actor, package.peer, package.nomination_list)
    _refuse_done(package)
    row = ExchangeConflict.objects.select_for_update().get(pk=conflict.pk)
    if choice not in offered(row):
        raise Refusal("choice_not_offered", _("Không chọn được cách này cho điểm khác này."), field="choice")
    row.choice, row.reason = choice, require_reason(reason)
    row.settled_at, row.settled_by = now, actor
    row.save()
    if not package.conflicts.filter(choice="").exists():
        package.state = PackageState.PREPARED
        package.save(update_fields=["state"])
    record(
        actor=actor,
        action="exchange.settle",
        sentence=_("Xử lý điểm khác với %(peer)s: %(choice)s.")
        % {"peer": package.peer.name, "choice": row.get_choice_display()},
        subject=package,
        territory=package.peer.territory,
        reason=row.reason,
        data={"field": row.field, "ours": row.ours, "theirs": row.theirs, "choice": choice},
    )
    return row


def offered(row: ExchangeConflict) -> tuple[str, ...]:
    """What may be said to this difference."""
    return CHOICES.get((row.subject, row.field), (C.OURS,))


def apply(*, package: ExchangePackage, actor: Any, now: dt.datetime) -> NominationList:
    """Write the package into the register and take its list into the round; all of it, or nothing.

    Everything is compared once more first: what has come to differ since waits for a person. A second time changes
    nothing. Raises Refusal `not_allowed`, `package_done`, `not_settled`, `no_round`, those of `exchange_taking` and of
    `nominating.receive`.
    """
    exchange_rules.require_handler(actor, package.peer, package.nomination_list)
    if package.state == PackageState.APPLIED and package.nomination_list is not None:
        return package.nomination_list
    _refuse_unsettled(package)
    with transaction.atomic():
        locked = _locked(package.pk)
        if locked.state == PackageState.APPLIED and locked.nomination_list is not None:
            return locked.nomination_list
        _refuse_done(locked)
        if locked.kind != PackageKind.NOMINATION:
            return write_answer(package=locked, actor=actor, now=now)
        return _write_list(locked, actor=actor, now=now)


@transaction.atomic
@override(settings.LANGUAGE_CODE)
def compare(*, package: ExchangePackage) -> int:
    """Look again where the package and the register differ; how many differences wait for a person."""
    locked = _locked(package.pk)
    _refuse_done(locked)
    with locked.file.open("rb") as source, opened(source) as found:
        if locked.kind == PackageKind.NOMINATION:
            told = reading.nominated(found.body, files=found.files)
            differences = Matcher(locked.peer).differences(told, on=timezone.localdate(told.list.sent_at))
        else:
            row = answered_list(locked.peer, found)
            differences = about_answer(locked.peer, row, read_answer(found))
    return sync_conflicts(locked, differences)


def _refuse_unsettled(package: ExchangePackage) -> None:
    if waiting := compare(package=package):
        raise Refusal(
            "not_settled",
            _("Còn %(total)s điểm khác nhau chưa xử lý. Hãy chọn cách xử lý từng điểm rồi ghi.") % {"total": waiting},
        )


def _locked(pk: int) -> ExchangePackage:
    rows = ExchangePackage.objects.select_for_update(of=("self",)).select_related("peer__territory")
    return rows.get(pk=pk)


def _refuse_done(package: ExchangePackage) -> None:
    if not package.incoming or package.state not in OPEN:
        raise Refusal(
            "package_done",
            _("Gói này %(state)s nên không xử lý được nữa.") % {"state": str(package.get_state_display()).lower()},
        )


# --- one transaction ------------------------------------------------------------------------------


def _write_list(kept: ExchangePackage, *, actor: Any, now: dt.datetime) -> NominationList:
    hand = hand_of(kept, actor=actor, now=now)
    with kept.file.open("rb") as source, opened(source) as package:
        told = reading.nominated(package.body, files=package.files)
        refuse_out_of_turn(kept.peer, told.list, now=now)
        round_ = _round_of(told)
        stored = _Stored(package)
        matcher = Matcher(kept.peer)
        products = _products(told, matcher, hand, stored)
        held = _recognitions(told, products, matcher, hand, stored)
        row = _list(told=told, kept=kept, round_=round_, hand=hand, matcher=matcher, stored=stored)
        contents = _lines(told=told, row=row, products=products, held=held, stored=stored, hand=hand)
    receive(nomination_list=row, actor=actor, now=now, contents=contents)
    kept.state, kept.applied_at, kept.nomination_list, kept.handled_by = PackageState.APPLIED, now, row, actor
    kept.save()
    record(
        actor=actor,
        action="exchange.apply",
        sentence=_("Ghi danh sách đề cử của %(unit)s từ gói của %(peer)s.")
        % {"unit": row.territory.name, "peer": kept.peer.name},
        subject=kept,
        territory=row.territory,
        data={"peer": kept.peer.public_key, "digest": kept.digest, "manifest": row.manifest_hash},
    )
    return NominationList.objects.get(pk=row.pk)


class _Stored:
    """Files of a package as they are stored here, each once. A picture is drawn anew, so its hash may change."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._known: dict[str, StoredFile] = {}

    def get(self, sha256: str) -> StoredFile | None:
        if not sha256:
            return None
        if sha256 not in self._known:
            here = StoredFile.objects.filter(sha256=sha256).first()
            self._known[sha256] = here or store(ContentFile(self._package.read_file(sha256), name=sha256))
        return self._known[sha256]


def _round_of(told: Nominated) -> Round:
    fact = told.list
    rows = Round.objects.filter(level=fact.level, region=fact.region, year=fact.year, ordinal=fact.ordinal)
    found = rows.first()
    if found is None:
        raise Refusal(
            "no_round",
            _("Cổng này chưa có kỳ bình chọn của danh sách (năm %(year)s). Hãy lập kỳ và mở nhận hồ sơ rồi ghi gói.")
            % {"year": fact.year},
        )
    return found


def _remember(hand: Hand, kind: str, uuid: UUID, local_id: int) -> None:
    ForeignIdentity.objects.update_or_create(
        peer=hand.peer, kind=kind, foreign_uuid=uuid, defaults={"local_id": local_id}
    )


def _products(told: Nominated, matcher: Matcher, hand: Hand, stored: _Stored) -> dict[UUID, Product]:
    makers = {uuid: _facility(fact, matcher, hand) for uuid, fact in told.facilities.items()}
    chosen = {one.product for one in told.nominations if one.chosen}
    found = {}
    for uuid, fact in told.products.items():
        facility, is_new = makers[fact.facility]
        found[uuid] = _product(fact, facility, matcher, hand, maker_is_new=is_new)
        if uuid in chosen:
            _photos(fact, found[uuid], stored, hand)
    return found


def _facility(fact: FacilityFact, matcher: Matcher, hand: Hand) -> tuple[Facility, bool]:
    """The facility here that is theirs, and whether it was entered just now."""
    match = matcher.facility(fact)
    is_new = match.found is None or _is_separate(hand, FACILITY, fact.uuid, ("name", "tax_code", "merged"))
    facility = _new_facility(fact, matcher, hand) if is_new else _known_facility(match.found, fact, hand)
    _remember(hand, FACILITY, fact.uuid, facility.pk)
    return facility, is_new


def _is_separate(hand: Hand, subject: str, uuid: UUID, points: tuple[str, ...]) -> bool:
    return any(hand.choice(subject, uuid, point) == C.SEPARATE for point in points)


def _new_facility(fact: FacilityFact, matcher: Matcher, hand: Hand) -> Facility:
    """Entered as told; a tax code that another facility bears here stays with that one."""
    taken = bool(fact.tax_code) and Facility.objects.standing().filter(tax_code=fact.tax_code).exists()
    return create_facility(
        name=fact.name,
        name_en=fact.name_en,
        kind=fact.kind,
        tax_code="" if taken else fact.tax_code,
        territory=matcher.unit(fact.territory),
        address=fact.address_recognised,
        address_today=fact.address_today,
        founded_year=fact.founded_year,
        actor=hand.actor,
    )


def _known_facility(found: Facility, fact: FacilityFact, hand: Hand) -> Facility:
    """What is blank here is filled in; name and tax code change only where a person said theirs hold."""
    told = {
        "kind": fact.kind if found.kind == FacilityKind.UNKNOWN else "",
        "name_en": "" if found.name_en else fact.name_en,
        "tax_code": "" if found.tax_code else fact.tax_code,
        "address_recognised": "" if found.address_recognised else fact.address_recognised,
        "address_today": "" if found.address_today else fact.address_today,
        "founded_year": None if found.founded_year else fact.founded_year,
    }
    reasons = [hand.source]
    for point, value in (("name", fact.name), ("tax_code", fact.tax_code)):
        if hand.choice(FACILITY, fact.uuid, point) == C.THEIRS:
            told[point] = value
            reasons.append(hand.reason(FACILITY, fact.uuid, point))
    changes = {name: value for name, value in told.items() if value}
    return update_facility(facility=found, actor=hand.actor, reason=". ".join(reasons), **changes) if changes else found


def _product(fact: ProductFact, facility: Facility, matcher: Matcher, hand: Hand, *, maker_is_new: bool) -> Product:
    match = matcher.product(fact, facility)
    found: Product | None = None if maker_is_new and not _has_no_maker(match.found) else match.found
    if found is None or _is_separate(hand, PRODUCT, fact.uuid, ("merged", "facility")):
        found = create_product(
            name=fact.name,
            group=fact.group,
            facility=facility,
            territory=matcher.unit(fact.territory),
            is_set=fact.is_set,
            members=fact.members,
            incomplete=True,
            name_en=fact.name_en,
            materials=fact.materials,
            summary=fact.summary,
            actor=hand.actor,
        )
    else:
        _update_product(found, fact, facility, hand)
    _remember(hand, PRODUCT, fact.uuid, found.pk)
    return found


def _has_no_maker(found: Product | None) -> bool:
    return found is not None and found.facility_id is None


def _update_product(found: Product, fact: ProductFact, facility: Facility, hand: Hand) -> None:
    if found.facility_id is None:
        complete_product(product=found, facility=facility, actor=hand.actor)
        found.refresh_from_db()
    changed = [name for name in ("name_en", "materials", "summary") if not getattr(found, name) and getattr(fact, name)]
    for name in changed:
        setattr(found, name, getattr(fact, name))
    if hand.choice(PRODUCT, fact.uuid, "group") == C.THEIRS:
        found.group, found.group_certain = fact.group, True
        changed += ["group", "group_certain"]
    takes_members = hand.choice(PRODUCT, fact.uuid, "members") == C.THEIRS
    if takes_members and found.is_set != fact.is_set:
        found.is_set, found.set_certain = fact.is_set, True
        changed += ["is_set", "set_certain"]
    update_product(product=found, actor=hand.actor, changed=changed)
    if takes_members and fact.is_set:
        set_members(product=found, names=fact.members, actor=hand.actor)


def _photos(fact: ProductFact, product: Product, stored: _Stored, hand: Hand) -> None:
    """Pictures that the product does not have yet; shown once somebody here says so."""
    known = set(product.photos.values_list("file_id", flat=True))
    made = []
    for photo in fact.photos:
        file = stored.get(photo.sha256)
        if file is not None and file.pk not in known:
            known.add(file.pk)
            said = {"angle": photo.angle, "caption": photo.caption, "caption_en": photo.caption_en}
            made.append(ProductPhoto(product=product, file=file, **said))
    if made:
        ProductPhoto.objects.bulk_create(made)
        note_details(product=product, actor=hand.actor, what=[str(ProductPhoto._meta.verbose_name_plural)])


def _recognitions(
    told: Nominated, products: dict[UUID, Product], matcher: Matcher, hand: Hand, stored: _Stored
) -> dict[UUID, Recognition | None]:
    found = {}
    for uuid, fact in told.recognitions.items():
        row = enter_recognition(
            told=fact, product=products[fact.product], matcher=matcher, hand=hand, publish=fact.is_published
        )
        if row is not None:
            _certificate_paper(row, stored.get(fact.paper_sha256))
        found[uuid] = row
    return found


def _certificate_paper(row: Recognition, file: StoredFile | None) -> None:
    certificate = row.certificates.filter(superseded_on=None).first()
    if file is not None and certificate is not None and certificate.scan_id is None:
        certificate.scan = file
        certificate.save(update_fields=["scan"])


def _list(
    *, told: Nominated, kept: ExchangePackage, round_: Round, hand: Hand, matcher: Matcher, stored: _Stored
) -> NominationList:
    fact = told.list
    _give_way(kept, told, hand)
    unit: Territory = matcher.unit(fact.territory)
    return NominationList.objects.create(
        uuid=fact.uuid,
        territory=current_of(unit) if hand.choice(LIST, fact.uuid, "territory") == C.OURS else unit,
        round=round_,
        level=fact.level,
        region=fact.region,
        year=fact.year,
        ordinal=fact.ordinal,
        state=ListState.SENT,
        nothing_reason=fact.nothing_reason,
        letter_number=fact.letter_number,
        letter_on=fact.letter_on,
        letter_signer=fact.letter_signer,
        letter_scan=stored.get(fact.letter_sha256),
        manifest=fact.manifest,
        manifest_hash=fact.manifest_hash,
        sent_at=fact.sent_at,
        peer=hand.peer,
    )


def _give_way(kept: ExchangePackage, told: Nominated, hand: Hand) -> None:
    """An older list of the unit that nobody has received is returned: the unit has sent a newer one."""
    for row in standing_lists(kept.peer, told.list).filter(state=ListState.SENT).select_for_update(of=("self",)):
        row.state, row.returned_at = ListState.RETURNED, hand.now
        row.returned_reason = _("Thay bằng danh sách gửi sau.")
        row.save()


def _lines(
    *,
    told: Nominated,
    row: NominationList,
    products: dict[UUID, Product],
    held: dict[UUID, Recognition | None],
    stored: _Stored,
    hand: Hand,
) -> dict[int, Carried]:
    """The lines of the list, and by line what its dossier begins with."""
    contents = {}
    for fact in told.nominations:
        line = Nomination.objects.create(
            uuid=fact.uuid,
            nomination_list=row,
            product=products[fact.product],
            recognition=held.get(fact.recognition) if fact.recognition else None,
            chosen=fact.chosen,
            position=fact.position,
            why_not=fact.why_not,
            reason=fact.reason,
        )
        if fact.chosen:
            contents[line.pk] = _carried(fact, stored, hand)
    return contents


def _carried(fact: NominationFact, stored: _Stored, hand: Hand) -> Carried:
    told: DossierFact | None = fact.dossier
    if told is None:
        return Carried()
    today = today_of(hand.now)
    papers = tuple(
        CarriedPaper(paper.kind, paper.title, stored.get(paper.sha256), paper.on_paper, paper.valid_until)
        for paper in told.papers
        if paper.kind not in NOT_CARRIED and (paper.valid_until is None or paper.valid_until >= today)
    )
    return Carried(told.statement, told.parts, told.set_basis, papers)
