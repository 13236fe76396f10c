"""Who writes an official paper: the lines of its head, its symbol, how its signature is headed.

The names are those of the paper's own day: a province that has ended keeps its name on a paper of its time.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from portal.accounts.enums import OrganisationKind
from portal.territory.models import Territory
from portal.territory.queries import name_on
from portal.text.folding import normalise
from portal.text.formats import lowered, roman
from products.enums import Level
from rounds.models import Round

COMMITTEE = "Ủy ban nhân dân"
MINISTRY = "Bộ Công Thương"
CAPITAL = "Hà Nội"
AGENCY_SINCE = dt.date(2025, 7, 1)
AGENCY_NOW = "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công"
AGENCY_BEFORE = "Cục Công Thương địa phương"
COUNCIL_HEAD = "Hội đồng bình chọn sản phẩm công nghiệp nông thôn tiêu biểu"
PROGRAMME = "sản phẩm công nghiệp nông thôn tiêu biểu"
KINDS_OF_PLACE = ("xã ", "phường ", "đặc khu ", "thị trấn ", "huyện ", "quận ", "thị xã ", "thành phố ")
BLANK = "……"
LEVEL_WORDS = {
    Level.DISTRICT: "cấp huyện",
    Level.COMMUNE: "cấp xã",
    Level.PROVINCE: "cấp tỉnh",
    Level.REGION: "cấp khu vực",
    Level.NATIONAL: "cấp quốc gia",
}


@dataclass(frozen=True)
class Office:
    """A body that signs papers."""

    name: str
    superior: tuple[str, ...]
    issuer: tuple[str, ...]
    symbol: str
    signer: tuple[str, ...]
    place: str

    def number(self, kind: str, number: str = "") -> str:
        """ "Số: ……/TTr-SCT", or the number that the paper already has."""
        if number:
            return f"Số: {number}"
        return f"Số: {BLANK}/{kind}-{self.symbol or BLANK}" if kind else f"Số: {BLANK}/{self.symbol or BLANK}-{BLANK}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Authority:
    """Who signs the decision: a person who heads a body."""

    name: str
    person: str
    issuer: tuple[str, ...]
    superior: tuple[str, ...]
    symbol: str
    signer: tuple[str, ...]
    place: str


def full_name(unit: Territory, on: dt.date) -> str:
    """ "tỉnh Thái Nguyên", "thành phố Huế", as it stands inside a sentence, as the unit was called on the day."""
    return lowered(name_on(unit, on, full=True))


def locality_name(round_: Round) -> str:
    """ "xã Tân Cương": the place of a commune's or district's round with its kind."""
    place = normalise(round_.locality)
    if place.lower().startswith(KINDS_OF_PLACE):
        return lowered(place)
    return f"{'huyện' if round_.level == Level.DISTRICT else 'xã'} {place}"


def scope_words(round_: Round, on: dt.date) -> str:
    """ "tỉnh Thái Nguyên", "cấp khu vực phía Bắc", "cấp quốc gia", "xã Tân Cương, tỉnh Thái Nguyên"."""
    if round_.level == Level.NATIONAL:
        return LEVEL_WORDS[Level.NATIONAL]
    if round_.level == Level.REGION:
        return f"{LEVEL_WORDS[Level.REGION]} {round_.get_region_display()}"
    province = full_name(round_.territory, on) if round_.territory else ""
    if round_.level == Level.PROVINCE:
        return province
    return f"{locality_name(round_)}, {province}"


def occasion(round_: Round, on: dt.date) -> str:
    """ "tỉnh Thái Nguyên lần thứ VII năm 2026"."""
    ordinal = f" lần thứ {roman(round_.ordinal)}" if round_.ordinal else ""
    return f"{scope_words(round_, on)}{ordinal} năm {round_.year}"


def agency(on: dt.date) -> str:
    return AGENCY_NOW if on >= AGENCY_SINCE else AGENCY_BEFORE


def authority(round_: Round, on: dt.date) -> Authority:
    """Who recognises and signs at the round's level (TT 26/2014/TT-BCT, Điều 8 đến 11)."""
    if round_.level == Level.NATIONAL:
        return Authority(MINISTRY, f"Bộ trưởng {MINISTRY}", (MINISTRY.upper(),), (), "QĐ-BCT", ("BỘ TRƯỞNG",), CAPITAL)
    if round_.level == Level.REGION:
        name = agency(on)
        symbol = "" if on >= AGENCY_SINCE else "QĐ-CTĐP"
        return Authority(
            name, f"Cục trưởng {name}", (name.upper(),), (MINISTRY.upper(),), symbol, ("CỤC TRƯỞNG",), CAPITAL
        )
    place = _area(round_, on)
    return Authority(
        name=f"{COMMITTEE} {place}",
        person=f"Chủ tịch {COMMITTEE} {place}",
        issuer=(COMMITTEE.upper(), place.upper()),
        superior=(),
        symbol="QĐ-UBND",
        signer=("CHỦ TỊCH",),
        place=_seat(round_, on),
    )


def _area(round_: Round, on: dt.date) -> str:
    """The one unit whose chair signs: the commune or district itself, or the province."""
    if round_.level in (Level.COMMUNE, Level.DISTRICT):
        return locality_name(round_)
    return full_name(round_.territory, on) if round_.territory else ""


def _seat(round_: Round, on: dt.date) -> str:
    """The place that stands before the date."""
    if round_.level in (Level.COMMUNE, Level.DISTRICT):
        place = normalise(round_.locality)
        known = next((kind for kind in KINDS_OF_PLACE if place.lower().startswith(kind)), "")
        return place[len(known) :]
    return name_on(round_.territory, on) if round_.territory else CAPITAL


def standing(round_: Round, on: dt.date) -> Office:
    """The standing agency of the round: the department, the agency, or the council of a commune or district."""
    if round_.level in (Level.NATIONAL, Level.REGION):
        return agency_office(on)
    if round_.level == Level.PROVINCE and round_.territory:
        return department(round_.territory, on)
    return council_office(round_, on)


def agency_office(on: dt.date) -> Office:
    """The agency of the ministry, as it was called on the day."""
    name = agency(on)
    return Office(name, (MINISTRY.upper(),), (name.upper(),), "", ("CỤC TRƯỞNG",), CAPITAL)


def department(province: Territory, on: dt.date) -> Office:
    """The department of industry and trade of a province."""
    superior = (COMMITTEE.upper(), full_name(province, on).upper())
    return Office("Sở Công Thương", superior, ("SỞ CÔNG THƯƠNG",), "SCT", ("GIÁM ĐỐC",), name_on(province, on))


def council_office(round_: Round, on: dt.date) -> Office:
    """The council as the writer of a paper, under the authority that set it up."""
    above = authority(round_, on)
    return Office(
        name="Hội đồng bình chọn",
        superior=above.issuer,
        issuer=("HỘI ĐỒNG BÌNH CHỌN",),
        symbol="HĐBC",
        signer=("TM. HỘI ĐỒNG", "CHỦ TỊCH"),
        place=above.place,
    )


def submitter(round_: Round, on: dt.date) -> Office:
    """Who submits to the authority; where the standing agency is itself the authority, the council does."""
    return council_office(round_, on) if round_.level == Level.REGION else standing(round_, on)


def receiving(round_: Round, on: dt.date) -> Office:
    """Who takes dossiers in: the extension centre under its department, else the standing agency."""
    unit = round_.receiving_unit
    own = standing(round_, on)
    if unit is None or unit.kind != OrganisationKind.EXTENSION_CENTRE:
        return own
    return extension_centre(unit.name, own)


def extension_centre(name: str, above: Office) -> Office:
    """An extension centre under its department."""
    name = normalise(name)
    return Office(name, above.issuer, (name.upper(),), "TTKC", ("GIÁM ĐỐC",), above.place)


def council_name(round_: Round, on: dt.date) -> str:
    return f"{COUNCIL_HEAD} {occasion(round_, on)}"
