"""The catalogue's filters as people read them: options with counts, chips, sentences."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.territory.queries import Unit
from portal.territory.queries import register as territory_register
from portal.text.formats import number
from portal.text.templatetags.look import LEVEL_IN_WORDS

from .catalogue import Counts, Proposal, units_by_slug
from .enums import Level, ProductGroup, Status
from .filters import BEST, Filters, Ignored
from .traits import CHANNELS, EXPORT, STARS

SHOWN_PROVINCES = 6
# How many of the facets are of the recognition; the others, of the product and its maker, are folded away at first.
OF_RECOGNITIONS = 5
CHIP_ORDER = ("level", "status", "group", "province", "year", "kind", "stars", "channel", "export")
LEVELS = {
    Level.NATIONAL: gettext_lazy("Quốc gia"),
    Level.REGION: gettext_lazy("Khu vực"),
    Level.PROVINCE: gettext_lazy("Tỉnh"),
    Level.DISTRICT: gettext_lazy("Huyện (đến 30/06/2025)"),
    Level.COMMUNE: gettext_lazy("Xã (từ 01/07/2025)"),
}
OWN_LABELS = {"channel": CHANNELS, "export": EXPORT}
STATUSES = (Status.VALID, Status.EXPIRING, Status.EXPIRED, Status.REVOKED)
RARE_STATUSES = (Status.SUSPENDED, Status.WITHDRAWN, Status.SUPERSEDED)
SORTS = {
    "match": gettext_lazy("Khớp nhất"),
    "name": gettext_lazy("Tên sản phẩm"),
    "newest": gettext_lazy("Mới công nhận"),
    "expiring": gettext_lazy("Sắp hết hiệu lực"),
}
KEYS = {
    "group": gettext_lazy("nhóm"),
    "level": gettext_lazy("cấp"),
    "province": gettext_lazy("tỉnh"),
    "basis": gettext_lazy("cách tính tỉnh"),
    "year": gettext_lazy("năm"),
    "status": gettext_lazy("hiệu lực"),
    "kind": gettext_lazy("loại cơ sở"),
    "stars": gettext_lazy("hạng sao OCOP"),
    "channel": gettext_lazy("kênh bán"),
    "export": gettext_lazy("điều kiện xuất khẩu"),
    "sort": gettext_lazy("cách xếp"),
    "exact": gettext_lazy("cách tìm"),
    "page": gettext_lazy("trang"),
}


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    checked: bool

    @property
    def count_words(self) -> str:
        return number(self.count)


@dataclass(frozen=True)
class Facet:
    name: str
    title: str
    options: list[Option]
    more: list[Option]

    @property
    def is_chosen(self) -> bool:
        return any(option.checked for option in (*self.options, *self.more))

    @property
    def total(self) -> int:
        return len(self.options) + len(self.more)


@dataclass(frozen=True)
class Chip:
    label: str
    query: str


def facets_of(filters: Filters, counts: Counts, *, expiring_days: int) -> list[Facet]:
    """The facets in their order: of the recognition first, then of the product and its maker."""
    by = counts.by
    return [
        _facet("level", _("Cấp công nhận"), filters, by["level"], [(v, str(label)) for v, label in LEVELS.items()]),
        _facet("status", _("Hiệu lực"), filters, by["status"], _statuses(filters, by["status"], expiring_days)),
        _facet("group", _("Nhóm sản phẩm"), filters, by["group"], [(g.value, str(g.label)) for g in ProductGroup]),
        _provinces(filters, by["province"]),
        _facet("year", _("Năm công nhận"), filters, by["year"], _years(filters, by["year"])),
        _facet("kind", _("Loại cơ sở"), filters, by.get("kind", {}), [(k.value, str(k.label)) for k in FacilityKind]),
        _facet(
            "stars", _("Hạng sao OCOP"), filters, by.get("stars", {}), [(star, stars_label(star)) for star in STARS]
        ),
        _facet(
            "channel", _("Kênh bán"), filters, by.get("channel", {}), [(v, str(name)) for v, name in CHANNELS.items()]
        ),
        _facet("export", _("Xuất khẩu"), filters, by.get("export", {}), [(v, str(name)) for v, name in EXPORT.items()]),
    ]


def stars_label(stars: str) -> str:
    return _("OCOP %(stars)s sao") % {"stars": stars}


def _facet(name: str, title: str, filters: Filters, counted: dict[str, int], known: Iterable[tuple[str, str]]) -> Facet:
    return Facet(name, title, _options(name, filters, counted, known), [])


def _options(name: str, filters: Filters, counted: dict[str, int], known: Iterable[tuple[str, str]]) -> list[Option]:
    chosen = getattr(filters, name)
    return [Option(value, label, counted.get(value, 0), value in chosen) for value, label in known]


def _statuses(filters: Filters, counted: dict[str, int], expiring_days: int) -> list[tuple[str, str]]:
    shown = [*STATUSES, *(s for s in RARE_STATUSES if counted.get(s) or s in filters.status)]
    return [(status.value, status_label(status, expiring_days)) for status in shown]


def status_label(status: Status, expiring_days: int) -> str:
    if status == Status.EXPIRING:
        return _("Sắp hết hiệu lực (%(days)s ngày)") % {"days": expiring_days}
    return str(status.label)


def _years(filters: Filters, counted: dict[str, int]) -> list[tuple[str, str]]:
    return [(year, year) for year in sorted(set(counted) | set(filters.year), reverse=True)]


def _provinces(filters: Filters, counted: dict[str, int]) -> Facet:
    units = units_by_slug()
    slugs = sorted(set(counted) | set(filters.province), key=lambda slug: (-counted.get(slug, 0), slug))
    # What is chosen stays in view whatever its count.
    slugs.sort(key=lambda slug: slug not in filters.province)
    options = _options("province", filters, counted, [(slug, unit_label(units[slug])) for slug in slugs])
    title = _("Tỉnh hiện nay") if filters.basis == Basis.CURRENT else _("Tỉnh khi công nhận")
    shown = max(SHOWN_PROVINCES, len(filters.province))
    if len(options) <= shown + 1:
        return Facet("province", title, options, [])
    return Facet("province", title, options[:shown], options[shown:])


def unit_label(unit: Unit) -> str:
    """ "Gia Lai", and "Gia Lai (đến 2025)" for the unit of that name that ended."""
    return _("%(name)s (đến %(year)s)") % {"name": unit.name, "year": unit.until.year} if unit.until else unit.name


def sorts_of(filters: Filters) -> list[tuple[str, str, bool]]:
    """The orders to choose from; what matches best only where words are searched."""
    known = [(value, str(label)) for value, label in SORTS.items() if value != BEST or filters.words]
    return [(value, label, value == filters.order) for value, label in known]


def chips_of(filters: Filters, *, expiring_days: int) -> list[Chip]:
    """One chip for each thing that narrows the list, with the address that takes it away."""
    chips = [Chip(f"“{filters.q}”", filters.without("q").query)] if filters.words else []
    for name in CHIP_ORDER:
        chips += [
            Chip(value_label(name, value, expiring_days), filters.without(name, value).query)
            for value in getattr(filters, name)
        ]
    return chips


def value_label(name: str, value: str, expiring_days: int) -> str:
    if name == "level":
        return str(Level(value).label)
    if name == "status":
        return status_label(Status(value), expiring_days)
    if name == "group":
        return str(ProductGroup(value).label)
    if name == "province":
        return unit_label(units_by_slug()[value])
    if name == "kind":
        return str(FacilityKind(value).label)
    if name == "stars":
        return stars_label(value)
    if name in OWN_LABELS:
        return str(OWN_LABELS[name][value])
    return _("Năm %(year)s") % {"year": value}


def fact_of_none(filters: Filters, *, expiring_days: int) -> str:
    """The sentence above an empty list: what was looked for and not found."""
    if filters.words and len(filters.level) == 1 and filters.applied == 1:
        return _("Không có sản phẩm nào khớp “%(q)s” ở %(level)s.") % {
            "q": filters.q,
            "level": LEVEL_IN_WORDS[filters.level[0]],
        }
    if filters.words and not filters.applied:
        return _("Không có sản phẩm nào khớp “%(q)s”.") % {"q": filters.q}
    labels = ", ".join(chip.label for chip in chips_of(filters, expiring_days=expiring_days))
    return _("Không có sản phẩm nào khớp cả các điều kiện: %(labels)s.") % {"labels": labels}


def proposal_words(found: Proposal, *, expiring_days: int) -> str:
    """The words of a link to a wider query."""
    if found.filters.narrowed and len(found.dropped) > 1:
        labels = ", ".join(chip.label for chip in chips_of(found.filters, expiring_days=expiring_days))
        return _("%(total)s sản phẩm khớp điều kiện: %(labels)s") % {"total": number(found.total), "labels": labels}
    if not found.filters.narrowed:
        return _("tất cả %(total)s sản phẩm trên cổng") % {"total": number(found.total)}
    words = {
        "q": _("%(total)s sản phẩm khớp các điều kiện lọc, không kể từ tìm kiếm"),
        "level": _("%(total)s sản phẩm khớp ở mọi cấp"),
        "status": _("%(total)s sản phẩm khớp, không kể hiệu lực"),
        "group": _("%(total)s sản phẩm khớp ở mọi nhóm"),
        "province": _("%(total)s sản phẩm khớp ở mọi tỉnh"),
        "year": _("%(total)s sản phẩm khớp ở mọi năm"),
        "kind": _("%(total)s sản phẩm khớp ở mọi loại cơ sở"),
        "stars": _("%(total)s sản phẩm khớp, không kể hạng sao OCOP"),
        "channel": _("%(total)s sản phẩm khớp ở mọi kênh bán"),
        "export": _("%(total)s sản phẩm khớp, không kể xuất khẩu"),
    }[found.dropped[0]]
    return words % {"total": number(found.total)}


def ignored_sentences(ignored: Iterable[Ignored]) -> list[str]:
    """What of the address made no sense, one sentence each; a handful says enough."""
    return [_ignored_sentence(bad) for bad in list(ignored)[:5]]


def _ignored_sentence(bad: Ignored) -> str:
    if bad.key == "q":
        return _("Từ tìm kiếm “%(value)s” không có chữ hay số nên được bỏ qua.") % {"value": bad.value}
    return _("Không có %(key)s “%(value)s” nên điều kiện này được bỏ qua.") % {"key": KEYS[bad.key], "value": bad.value}


def moved_sentences(asked: Filters) -> list[str]:
    """For each ended province asked for on today's basis: which one its products are listed under now."""
    if asked.basis != Basis.CURRENT:
        return []
    known, units = territory_register(), units_by_slug()
    then = [units[slug] for slug in asked.province]
    moved = [(unit, known.units[known.current_id(unit.pk)]) for unit in then if known.current_id(unit.pk) != unit.pk]
    words = _(
        "%(then)s nay thuộc %(now)s nên danh sách lấy cả %(now)s. Muốn riêng %(then)s, hãy đổi sang tỉnh khi công nhận."
    )
    return [words % {"then": unit_label(unit), "now": now.name} for unit, now in moved]
