"""What a package says, as plain values. Every fault is a sentence; nothing half understood is handed on. Pure."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from facilities import taxcode
from facilities.enums import FacilityKind
from portal.territory.enums import Region
from portal.text.errors import Refusal
from portal.text.folding import normalise
from products import codes
from products.enums import DatePrecision, Level, PhotoAngle, ProductGroup

from ..enums import DocumentKind, NotNominated, SetBasis
from ..nominating import ELIGIBLE, NEEDS, NOT_RECOGNISED, RECOGNISED, REFUSED, WAITING, WITHDRAWN
from ..statement import STATEMENT_PARTS
from .package import digest_of

MOST_FAULTS = 50
LONG_TEXT = 100_000
YEARS = range(1990, 2101)
NIL = UUID(int=0)
OUTCOMES = (WAITING, NEEDS, ELIGIBLE, REFUSED, WITHDRAWN, RECOGNISED, NOT_RECOGNISED)
_SLUG = re.compile(r"[a-z0-9-]{1,60}")


@dataclass(frozen=True)
class Unit:
    """A province as the sender knows it."""

    slug: str
    name: str


@dataclass(frozen=True)
class FacilityFact:
    uuid: UUID
    name: str
    name_en: str
    kind: str
    tax_code: str
    territory: Unit
    address_recognised: str
    address_today: str
    founded_year: int | None


@dataclass(frozen=True)
class PhotoFact:
    sha256: str
    angle: str
    caption: str
    caption_en: str


@dataclass(frozen=True)
class ProductFact:
    uuid: UUID
    facility: UUID
    name: str
    name_en: str
    group: str
    is_set: bool
    members: tuple[str, ...]
    materials: str
    summary: str
    territory: Unit
    photos: tuple[PhotoFact, ...]


@dataclass(frozen=True)
class DecisionFact:
    number: str
    symbol: str
    year: int
    signed_on: dt.date | None
    issuer: str

    def __str__(self) -> str:
        return f"{self.number}/{self.symbol}"


@dataclass(frozen=True)
class RecognitionFact:
    """A recognition with the code of its certificate. The ends are what the sender knows of them."""

    uuid: UUID
    product: UUID
    level: str
    year: int
    round_ordinal: int
    territory: Unit
    locality: str
    decision: DecisionFact | None
    issued_on: dt.date | None
    expires_on: dt.date
    precision: str
    code: str
    official_number: str
    revoked_on: dt.date | None
    withdrawn_on: dt.date | None
    is_published: bool
    paper_sha256: str


@dataclass(frozen=True)
class PaperFact:
    kind: str
    title: str
    sha256: str
    on_paper: bool
    valid_until: dt.date | None


@dataclass(frozen=True)
class DossierFact:
    """The frozen version that was scored or admitted below, without what only the level below needs."""

    uuid: UUID
    version: int
    sha256: str
    statement: str
    parts: dict[str, str]
    set_basis: str
    papers: tuple[PaperFact, ...]


@dataclass(frozen=True)
class NominationFact:
    uuid: UUID
    product: UUID
    recognition: UUID | None
    chosen: bool
    position: int
    why_not: str
    reason: str
    dossier: DossierFact | None


@dataclass(frozen=True)
class ListFact:
    uuid: UUID
    level: str
    region: str
    year: int
    ordinal: int
    territory: Unit
    nothing_reason: str
    letter_number: str
    letter_on: dt.date | None
    letter_signer: str
    letter_sha256: str
    sent_at: dt.datetime
    manifest: dict[str, Any]
    manifest_hash: str


@dataclass(frozen=True)
class Nominated:
    """A whole list as it came."""

    list: ListFact
    facilities: dict[UUID, FacilityFact]
    products: dict[UUID, ProductFact]
    recognitions: dict[UUID, RecognitionFact]
    nominations: tuple[NominationFact, ...]


@dataclass(frozen=True)
class OutcomeFact:
    """What came of one nomination. The recognition names the sender's product by the province's own uuid."""

    nomination: UUID
    product: UUID
    outcome: str
    reason: str
    entry_code: str
    part_of: str
    recognition: RecognitionFact | None


@dataclass(frozen=True)
class Answer:
    """What the level above says of a list: received, returned with a reason, or the results."""

    list: UUID
    manifest_hash: str
    at: dt.datetime
    reason: str = ""
    announced_at: dt.datetime | None = None
    outcomes: tuple[OutcomeFact, ...] = ()


@dataclass
class Reader:
    """Reads one object; what is wrong goes to `faults` with the words for where it stands."""

    row: Any
    where: str
    faults: list[str]
    files: Collection[str] = ()
    _known: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._known = self.row if isinstance(self.row, dict) else {}
        if not isinstance(self.row, dict):
            self.fault(_("sai dạng"))

    def fault(self, words: str) -> None:
        self.faults.append(_("%(where)s: %(words)s.") % {"where": self.where, "words": words})

    def _wrong(self, name: str) -> None:
        self.fault(_("thiếu hoặc sai “%(name)s”") % {"name": name})

    def text(self, name: str, most: int, *, needed: bool = False) -> str:
        value = self._known.get(name, "")
        if not isinstance(value, str) or len(value) > most or "\x00" in value:
            self._wrong(name)
            return ""
        # A statement keeps its paragraphs; a name is one line.
        tidy = normalise(value) if most < LONG_TEXT else value
        if needed and not tidy:
            self._wrong(name)
        return tidy

    def flag(self, name: str) -> bool:
        value = self._known.get(name)
        if not isinstance(value, bool):
            self._wrong(name)
        return value is True

    def number(self, name: str, among: range, *, needed: bool = True) -> int:
        value = self._known.get(name)
        if value is None and not needed:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or value not in among:
            self._wrong(name)
            return 0
        return value

    def choice(self, name: str, among: Collection[str], *, needed: bool = True) -> str:
        value = self._known.get(name, "")
        if value == "" and not needed:
            return ""
        if not isinstance(value, str) or value not in among:
            self._wrong(name)
            return ""
        return value

    def day(self, name: str) -> dt.date | None:
        value = self._known.get(name)
        if value is None:
            return None
        try:
            found = dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            self._wrong(name)
            return None
        if found.year not in YEARS:
            self._wrong(name)
        return found

    def moment(self, name: str) -> dt.datetime | None:
        value = self._known.get(name)
        if value is None:
            return None
        try:
            found = dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self._wrong(name)
            return None
        if found.tzinfo is None or found.year not in YEARS:
            self._wrong(name)
            return None
        return found

    def moment_needed(self, name: str) -> dt.datetime:
        found = self.moment(name)
        if found is None:
            if self._known.get(name) is None:
                self._wrong(name)
            return dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
        return found

    def uuid(self, name: str) -> UUID:
        found = self.uuid_or_none(name)
        if found is None:
            if self._known.get(name) is None:
                self._wrong(name)
            return NIL
        return found

    def uuid_or_none(self, name: str) -> UUID | None:
        value = self._known.get(name)
        if value is None:
            return None
        try:
            found = UUID(value)
        except (TypeError, ValueError, AttributeError):
            self._wrong(name)
            return None
        if str(found) != value:
            self._wrong(name)
        return found

    def hash(self, name: str, *, needed: bool = True) -> str:
        """A SHA-256; one that names a file of the package is asked for with `file`."""
        value = self._known.get(name, "")
        if value == "" and not needed:
            return ""
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
            self._wrong(name)
            return ""
        return value

    def file(self, name: str) -> str:
        found = self.hash(name, needed=False)
        if found and found not in self.files:
            self.fault(_("tệp “%(name)s” không có trong gói") % {"name": name})
            return ""
        return found

    def unit(self, name: str = "territory") -> Unit:
        inner = self.part(name)
        slug, words = inner.text("slug", 60, needed=True), inner.text("name", 60, needed=True)
        if slug and not _SLUG.fullmatch(slug):
            inner.fault(_("đường dẫn tỉnh sai"))
        return Unit(slug, words)

    def object(self, name: str) -> dict[str, Any]:
        value = self._known.get(name)
        if not isinstance(value, dict):
            self._wrong(name)
            return {}
        return value

    def part(self, name: str) -> "Reader":
        return Reader(self._known.get(name), f"{self.where}, {name}", self.faults, self.files)

    def part_or_none(self, name: str) -> "Reader | None":
        return None if self._known.get(name) is None else self.part(name)

    def rows(self, name: str, what: str) -> "list[Reader]":
        value = self._known.get(name, [])
        if not isinstance(value, list):
            self._wrong(name)
            return []
        return [
            Reader(row, _("%(what)s thứ %(place)s") % {"what": what, "place": place}, self.faults, self.files)
            for place, row in enumerate(value, start=1)
        ]

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        value = self._known.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= most for one in value):
            self._wrong(name)
            return ()
        return tuple(tidy for one in value if (tidy := normalise(one)))


def nominated(body: dict[str, Any], *, files: Collection[str]) -> Nominated:
    """The list a package carries. Raises Refusal `bad_facts` with one sentence for each fault."""
    faults: list[str] = []
    whole = Reader(body, _("Gói"), faults, files)
    told = Nominated(
        list=_list(whole.part("list")),
        facilities=_by_uuid(whole.rows("facilities", _("Cơ sở")), _facility),
        products=_by_uuid(whole.rows("products", _("Sản phẩm")), _product),
        recognitions=_by_uuid(whole.rows("recognitions", _("Công nhận")), _recognition),
        nominations=tuple(_by_uuid(whole.rows("nominations", _("Đề cử")), _nomination).values()),
    )
    faults += _astray(told)
    _refuse(faults)
    return told


def receipt(body: dict[str, Any]) -> Answer:
    """A confirmation that the list has arrived and is received. Raises like `nominated`."""
    return _answer(body, lambda _row: {})


def returned(body: dict[str, Any]) -> Answer:
    """A list sent back with its reason. Raises like `nominated`."""
    return _answer(body, lambda row: {"reason": row.text("reason", 500, needed=True)})


def results(body: dict[str, Any]) -> Answer:
    """What came of each nomination. Raises like `nominated`."""

    def more(row: Reader) -> dict[str, Any]:
        outcomes = tuple(_outcome(one) for one in row.rows("results", _("Kết quả")))
        if len({one.nomination for one in outcomes}) != len(outcomes):
            row.fault(_("một đề cử có hai kết quả"))
        return {"announced_at": row.moment("announced_at"), "outcomes": outcomes}

    return _answer(body, more)


def _answer(body: dict[str, Any], more: Callable[[Reader], dict[str, Any]]) -> Answer:
    faults: list[str] = []
    row = Reader(body, _("Gói"), faults)
    told = Answer(
        list=row.uuid("list"), manifest_hash=row.hash("manifest_hash"), at=row.moment_needed("at"), **more(row)
    )
    _refuse(faults)
    return told


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise Refusal(
            "bad_facts",
            _("Nội dung gói trao đổi có %(total)s chỗ sai nên không nhận được. Hãy xin bên gửi sửa và đóng gói lại.")
            % {"total": len(faults)},
            field="file",
            details=tuple(faults[:MOST_FAULTS]),
        )


def _by_uuid(rows: list[Reader], read: Callable[[Reader], Any]) -> dict[UUID, Any]:
    found: dict[UUID, Any] = {}
    for row in rows:
        fact = read(row)
        if fact.uuid in found:
            row.fault(_("trùng mã với một dòng trước"))
        found[fact.uuid] = fact
    return found


def _list(row: Reader) -> ListFact:
    fact = ListFact(
        uuid=row.uuid("uuid"),
        level=row.choice("level", (Level.REGION, Level.NATIONAL)),
        region=row.choice("region", Region.values, needed=False),
        year=row.number("year", YEARS),
        ordinal=row.number("ordinal", range(1000)),
        territory=row.unit(),
        nothing_reason=row.text("nothing_reason", 500),
        letter_number=row.text("letter_number", 60),
        letter_on=row.day("letter_on"),
        letter_signer=row.text("letter_signer", 200),
        letter_sha256=row.file("letter_sha256"),
        sent_at=row.moment_needed("sent_at"),
        manifest=row.object("manifest"),
        manifest_hash=row.hash("manifest_hash"),
    )
    if fact.manifest and digest_of(fact.manifest) != fact.manifest_hash:
        row.fault(_("bản kê đã khóa không khớp mã băm của nó"))
    if bool(fact.region) != (fact.level == Level.REGION):
        row.fault(_("khu vực không hợp với cấp"))
    return fact


def _facility(row: Reader) -> FacilityFact:
    tax_code = taxcode.normalise(row.text("tax_code", 14))
    if taxcode.is_personal(tax_code):
        row.fault(_("có số định danh của chủ hộ, là dữ liệu cá nhân không được gửi"))
    return FacilityFact(
        uuid=row.uuid("uuid"),
        name=row.text("name", 250, needed=True),
        name_en=row.text("name_en", 250),
        kind=row.choice("kind", FacilityKind.values),
        tax_code=tax_code,
        territory=row.unit(),
        address_recognised=row.text("address_recognised", 300),
        address_today=row.text("address_today", 300),
        founded_year=row.number("founded_year", range(1800, 2101), needed=False) or None,
    )


def _product(row: Reader) -> ProductFact:
    return ProductFact(
        uuid=row.uuid("uuid"),
        facility=row.uuid("facility"),
        name=row.text("name", 300, needed=True),
        name_en=row.text("name_en", 300),
        group=row.choice("group", ProductGroup.values),
        is_set=row.flag("is_set"),
        members=row.texts("members", 300),
        materials=row.text("materials", 300),
        summary=row.text("summary", LONG_TEXT),
        territory=row.unit(),
        photos=tuple(
            PhotoFact(
                sha256=one.file("sha256"),
                angle=one.choice("angle", PhotoAngle.values),
                caption=one.text("caption", 200),
                caption_en=one.text("caption_en", 200),
            )
            for one in row.rows("photos", _("Ảnh"))
        ),
    )


def _decision(row: Reader | None) -> DecisionFact | None:
    if row is None:
        return None
    fact = DecisionFact(
        number=row.text("number", 20, needed=True),
        symbol=row.text("symbol", 40, needed=True),
        year=row.number("year", YEARS),
        signed_on=row.day("signed_on"),
        issuer=row.text("issuer", 200, needed=True),
    )
    if fact.signed_on and fact.signed_on.year != fact.year:
        row.fault(_("năm của quyết định không phải năm ký"))
    return fact


def _recognition(row: Reader) -> RecognitionFact:
    expires_on = row.day("expires_on")
    code = row.text("code", 12)
    if code and (not codes.is_valid(code) or codes.level_of(code) != row.row.get("level")):
        row.fault(_("mã giấy chứng nhận sai"))
    fact = RecognitionFact(
        uuid=row.uuid("uuid"),
        product=row.uuid("product"),
        level=row.choice("level", Level.values),
        year=row.number("year", YEARS),
        round_ordinal=row.number("round_ordinal", range(1000)),
        territory=row.unit(),
        locality=row.text("locality", 120),
        decision=_decision(row.part_or_none("decision")),
        issued_on=row.day("issued_on"),
        expires_on=expires_on or dt.date.max,
        precision=row.choice("precision", DatePrecision.values),
        code=code,
        official_number=row.text("official_number", 60),
        revoked_on=row.day("revoked_on"),
        withdrawn_on=row.day("withdrawn_on"),
        is_published=row.flag("is_published"),
        paper_sha256=row.file("paper_sha256"),
    )
    if expires_on is None:
        row.fault(_("thiếu ngày hết hiệu lực"))
    if fact.issued_on and fact.expires_on < fact.issued_on:
        row.fault(_("ngày hết hiệu lực trước ngày cấp"))
    return fact


def _paper(row: Reader) -> PaperFact:
    fact = PaperFact(
        kind=row.choice("kind", DocumentKind.values),
        title=row.text("title", 200),
        sha256=row.file("sha256"),
        on_paper=row.flag("on_paper"),
        valid_until=row.day("valid_until"),
    )
    if not fact.sha256 and not fact.on_paper:
        row.fault(_("không có tệp và cũng không có bản giấy"))
    return fact


def _dossier(row: Reader | None) -> DossierFact | None:
    if row is None:
        return None
    told = row.part("parts")
    return DossierFact(
        uuid=row.uuid("uuid"),
        version=row.number("version", range(1, 10_000)),
        sha256=row.hash("sha256"),
        statement=row.text("statement", LONG_TEXT),
        parts={name: told.text(name, LONG_TEXT) for name in STATEMENT_PARTS},
        set_basis=row.choice("set_basis", SetBasis.values, needed=False),
        papers=tuple(_paper(one) for one in row.rows("papers", _("Giấy tờ"))),
    )


def _nomination(row: Reader) -> NominationFact:
    fact = NominationFact(
        uuid=row.uuid("uuid"),
        product=row.uuid("product"),
        recognition=row.uuid_or_none("recognition"),
        chosen=row.flag("chosen"),
        position=row.number("position", range(10_000)),
        why_not=row.choice("why_not", NotNominated.values, needed=False),
        reason=row.text("reason", 500),
        dossier=_dossier(row.part_or_none("dossier")),
    )
    if fact.chosen and fact.why_not:
        row.fault(_("vừa được đề cử vừa ghi lý do không đề cử"))
    return fact


def _outcome(row: Reader) -> OutcomeFact:
    inner = row.part_or_none("recognition")
    fact = OutcomeFact(
        nomination=row.uuid("nomination"),
        product=row.uuid("product"),
        outcome=row.choice("outcome", OUTCOMES),
        reason=row.text("reason", 1000),
        entry_code=row.text("entry_code", 10),
        part_of=row.text("part_of", 300),
        recognition=_recognition(inner) if inner else None,
    )
    if (fact.outcome == RECOGNISED) != (fact.recognition is not None):
        row.fault(_("kết quả và công nhận không khớp nhau"))
    return fact


def _astray(told: Nominated) -> list[str]:
    """References that lead nowhere, and a product twice on one list."""
    faults = []
    for product in told.products.values():
        if product.facility not in told.facilities:
            faults.append(_("Sản phẩm “%(name)s”: cơ sở không có trong gói.") % {"name": product.name})
    for recognition in told.recognitions.values():
        if recognition.product not in told.products:
            faults.append(_("Công nhận %(code)s: sản phẩm không có trong gói.") % {"code": recognition.code})
    for one in told.nominations:
        known = told.recognitions.get(one.recognition) if one.recognition else None
        if one.product not in told.products or (one.recognition and (known is None or known.product != one.product)):
            faults.append(_("Đề cử thứ %(place)s: sản phẩm hoặc công nhận không khớp.") % {"place": one.position})
    if len({one.product for one in told.nominations}) != len(told.nominations):
        faults.append(_("Danh sách ghi một sản phẩm hai lần."))
    if {_said(one) for one in told.nominations} != _frozen(told.list.manifest):
        faults.append(_("Các dòng đề cử không khớp bản kê đã khóa khi gửi."))
    return faults


def _said(one: NominationFact) -> tuple[Any, ...]:
    return str(one.uuid), str(one.product), one.chosen, one.position, one.why_not


def _frozen(manifest: dict[str, Any]) -> set[tuple[Any, ...]]:
    """The decided lines of the manifest that was frozen when the list was sent, as far as they must agree."""
    rows = manifest.get("nominations")
    decided = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    names = ("uuid", "product", "chosen", "position", "why_not")
    told = [tuple(row.get(name) for name in names) for row in decided if row.get("chosen") or row.get("why_not")]
    return {row for row in told if not any(isinstance(value, dict | list) for value in row)}
