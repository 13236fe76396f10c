"""The list behind a number of the statistics: exactly what was counted, one row each."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from extension.enums import ActivityHead, Funding
from extension.models import Project, ProjectQuerySet
from extension.queries import public_projects, supported_facilities, totals
from portal.accounts.exports import as_csv, as_xlsx
from portal.territory.enums import Region
from portal.territory.queries import held_register, region_ids
from portal.text.formats import day, number, roman
from products.catalogue import Clock
from products.kept_pages import kept_page
from products.models import Product, Recognition
from products.serializers import clock_of_today
from products.validity_sql import due_to_be_withheld
from products.withholding import is_withheld
from rounds.models import Round

from . import renewal_answers, round_answers, shares, statistics, statistics_words, ways_up
from .answers import Cell, Line
from .statistics_query import Question, read

PER_PAGE = 50
LONGEST_FILE = 20_000
WAYS = {
    "province": gettext_lazy("được công nhận cấp tỉnh lần đầu"),
    "higher": gettext_lazy("đã lên cấp khu vực hoặc quốc gia"),
    "national": gettext_lazy("đã lên cấp quốc gia"),
    "too_early": gettext_lazy("được công nhận cấp tỉnh lần đầu, chưa đủ số năm"),
}
VIEWS = ("recognitions", "products", "facilities", "projects", "supported")
ALL_ROUNDS = "all"
_SLUG = re.compile(r"[-0-9a-z]{1,140}")


@dataclass(frozen=True)
class Narrow:
    """What the list of one number asks besides the question."""

    view: str = "recognitions"
    is_set: str = ""
    outcome: str = ""
    held: str = ""
    support: str = ""
    sold: str = ""
    way: str = ""
    funding: str = ""
    head: str = ""
    region: str = ""
    round: str = ""


@dataclass(frozen=True)
class Listing:
    """What is listed: how many, how the page of it is read, how a row is told, and what the rows add up to."""

    title: str
    headings: tuple[str, ...]
    total: int
    rows: Any
    line: Callable[[Any], Line]
    sums: str = ""


def narrow_of(params: QueryDict) -> Narrow:
    """Read kindly: an unknown value is no condition."""

    def one(name: str, known: Any) -> str:
        value = params.get(name, "").strip()
        return value if value in known else ""

    return Narrow(
        view=one("view", VIEWS) or "recognitions",
        is_set=one("set", ("yes", "no")),
        outcome=one("outcome", renewal_answers.OUTCOMES),
        held=one("held", [str(step) for step in renewal_answers.STEPS]),
        support=one("support", shares.SUPPORT),
        sold=one("sold", shares.SOLD_LABELS),
        way=one("way", WAYS),
        funding=one("funding", Funding.values),
        head=one("head", [str(head) for head in ActivityHead.values]),
        region=one("region", Region.values),
        round=one("round", _rounds_known(params.get("round", "").strip())),
    )


def _rounds_known(slug: str) -> list[str]:
    """One query where a single round is asked for."""
    if slug == ALL_ROUNDS or not _SLUG.fullmatch(slug):
        return [ALL_ROUNDS]
    return list(round_answers.told_rounds(Question()).filter(slug=slug).values_list("slug", flat=True))


@require_safe
def statistics_list(request: HttpRequest) -> Any:
    """Three queries at most for a page of any list, and those that find what is listed."""
    clock = clock_of_today()
    if request.GET.get("tai") in {"csv", "xlsx"}:
        return _file(request, clock)
    if "round" in request.GET:
        # What is announced changes without the register's mark.
        return _page(request, clock)
    return kept_page(request, clock, lambda _mark: _page(request, clock))


def _page(request: HttpRequest, clock: Clock) -> HttpResponse:
    asked, narrow = read(request.GET), narrow_of(request.GET)
    found = listing(asked.question, narrow, clock)
    page = _paged(found, request.GET.get("page", ""))
    kept = request.GET.copy()
    for name in ("page", "tai"):
        kept.pop(name, None)
    here = f"?{kept.urlencode()}&" if kept else "?"
    with held_register():
        lines = [found.line(row) for row in page.object_list]
    facts = {
        "nav": "statistics",
        "found": found,
        "told": asked.told,
        "sentence": said(asked.question, narrow, found),
        "lines": lines,
        "page": page,
        "on": clock.on,
        "previous": f"{here}page={page.number - 1}" if page.has_previous() else "",
        "next": f"{here}page={page.number + 1}" if page.has_next() else "",
        "files": [(kind.upper(), f"{here}tai={kind}") for kind in ("csv", "xlsx")] if found.total else [],
        "longest_file": LONGEST_FILE if found.total > LONGEST_FILE else 0,
    }
    return render(request, "pages/statistics_list.html", facts)


def _paged(found: Listing, number_text: str) -> "Page[Any]":
    paginator = Paginator(found.rows, PER_PAGE)
    paginator.count = found.total  # type: ignore[misc]  # known already
    return paginator.get_page(number_text)


def _file(request: HttpRequest, clock: Clock) -> Any:
    asked, narrow = read(request.GET), narrow_of(request.GET)
    found = listing(asked.question, narrow, clock)
    with held_register():
        rows = [[cell.value for cell in found.line(row).cells] for row in found.rows[:LONGEST_FILE]]
    name = f"{found.title} {clock.on:%Y-%m-%d}.{request.GET['tai']}"
    if request.GET["tai"] == "csv":
        return as_csv(found.headings, iter(rows), file_name=name)
    about = [said(asked.question, narrow, found)]
    return as_xlsx(found.title, found.headings, iter(rows), file_name=name, about=about)


def listing(question: Question, narrow: Narrow, clock: Clock) -> Listing:
    """What an address lists."""
    makers: dict[str, Callable[[Question, Narrow, Clock], Listing]] = {
        "recognitions": _recognitions,
        "products": _products,
        "facilities": _facilities,
        "projects": _projects,
        "supported": _supported,
    }
    return makers[narrow.view](question, narrow, clock)


def said(question: Question, narrow: Narrow, found: Listing) -> str:
    """What is listed, in one sentence, and what it adds up to."""
    conditions = [
        _of_rounds(narrow),
        {"yes": _("là bộ sản phẩm"), "no": _("là sản phẩm đơn")}.get(narrow.is_set, ""),
        _way_words(question, narrow),
        str(renewal_answers.OUTCOME_LABELS.get(narrow.outcome, "")),
        _("đã giữ danh hiệu %(step)s") % {"step": renewal_answers.step_label(int(narrow.held))} if narrow.held else "",
        str(shares.SUPPORT_LABELS.get(narrow.support, "")),
        str(shares.SOLD_LABELS.get(narrow.sold, "")),
        str(Funding(narrow.funding).label).lower() if narrow.funding else "",
        str(ActivityHead(int(narrow.head)).label).lower() if narrow.head else "",
        _("khu vực %(name)s") % {"name": Region(narrow.region).label} if narrow.region else "",
    ]
    things = {
        "recognitions": _("lượt công nhận"),
        "products": _("sản phẩm"),
        "facilities": _("cơ sở"),
        "projects": _("đề án khuyến công"),
        "supported": _("cơ sở được hỗ trợ khuyến công"),
    }
    words = _("%(period)s, %(place)s: %(count)s %(things)s%(scope)s%(more)s.")
    more = ", ".join(filter(None, conditions))
    sentence = words % {
        "period": statistics_words.period(question),
        "place": statistics_words.place(question),
        "count": number(found.total),
        "things": things[narrow.view],
        "scope": statistics_words.scope(question),
        "more": f", {more}" if more else "",
    }
    return f"{sentence} {found.sums}".strip()


def _of_rounds(narrow: Narrow) -> str:
    """One query where a single round is asked for."""
    if narrow.round == ALL_ROUNDS:
        return _("của các kỳ bình chọn đã công bố kết quả")
    one = Round.objects.filter(slug=narrow.round).first() if narrow.round else None
    return _("của %(round)s") % {"round": one.title} if one else ""


def _way_words(question: Question, narrow: Narrow) -> str:
    if narrow.way in {"higher", "national"}:
        return _("%(way)s trong %(within)s năm") % {"way": WAYS[narrow.way], "within": question.within}
    return str(WAYS.get(narrow.way, ""))


# --- recognitions -----------------------------------------------------------------------------------------------


class _ByKeys:
    """Recognitions whose keys are known, read a page at a time in the order of the keys."""

    def __init__(self, pks: list[int]) -> None:
        self.pks = pks

    def __len__(self) -> int:
        return len(self.pks)

    def __getitem__(self, part: slice) -> list[Recognition]:
        pks = self.pks[part]
        rows = {row.pk: row for row in _told(Recognition.objects.filter(pk__in=pks))}
        return [rows[pk] for pk in pks if pk in rows]


def _told(rows: Any) -> Any:
    return rows.select_related("product__facility", "territory", "decision")


def _recognitions(question: Question, narrow: Narrow, clock: Clock) -> Listing:
    headings = (
        _("Sản phẩm"), _("Cấp"), _("Năm"), _("Lần"), _("Tỉnh khi công nhận"), _("Cơ sở"), _("Quyết định"),
        _("Hiệu lực đến hết"),
    )  # fmt: skip
    title, line = _("Danh sách lượt công nhận"), partial(_recognition_line, on=clock.on)
    if narrow.outcome:
        keys = _ByKeys(renewal_answers.listed_pks(question, narrow.outcome, clock))
        return Listing(title, headings, len(keys), keys, line)
    rows = _of_question(question, narrow, clock)
    if narrow.is_set:
        rows = rows.filter(product__is_set=narrow.is_set == "yes")
    ordered = _told(rows).order_by("-year", "product__sort_key", "pk")
    return Listing(title, headings, rows.count(), ordered, line)


def _of_question(question: Question, narrow: Narrow, clock: Clock) -> Any:
    """What the question asks of recognitions; where rounds are asked for, what those gave, whatever it is today."""
    if not narrow.round:
        return statistics.recognitions_asked(question.asked, clock)
    rounds = round_answers.told_rounds(question)
    return round_answers.given_by(rounds if narrow.round == ALL_ROUNDS else rounds.filter(slug=narrow.round))


def _recognition_line(row: Recognition, *, on: dt.date) -> Line:
    """One recognition; of one that leaves public view tonight nothing that names the maker."""
    withheld = is_withheld(row, maker=row.product.facility, on=on)
    until = ""
    if row.expires_on:
        until = str(row.expires_on.year) if row.expiry_precision == "year" else day(row.expires_on)
    return Line(
        (
            Cell(_("Thôi hiện công khai")) if withheld else _product(row.product),
            Cell(row.get_level_display()),
            Cell(row.year, words=str(row.year)),
            Cell(roman(row.round_ordinal) if row.round_ordinal else ""),
            Cell(row.territory.name),
            Cell("") if withheld else _maker(row.product),
            Cell(row.decision.full_number if row.decision else ""),
            Cell(until),
        )
    )


def _product(product: Product) -> Cell:
    return Cell(product.display_name, reverse("product", args=[product.slug]))


def _maker(product: Product) -> Cell:
    facility = product.facility
    return Cell(facility.name, reverse("facility", args=[facility.slug])) if facility else Cell("")


# --- products, makers, projects -----------------------------------------------------------------------------------


def _products(question: Question, narrow: Narrow, clock: Clock) -> Listing:
    found = Product.objects.public() if narrow.way else shares.products_of(question, clock)
    if narrow.way:
        found = found.filter(pk__in=ways_up.reached(question, clock)[narrow.way])
    if narrow.support:
        found = shares.with_support(found, narrow.support)
    if narrow.sold:
        found = shares.with_sale(found, narrow.sold)
    if narrow.held:
        found = found.filter(pk__in=renewal_answers.held_for(question, int(narrow.held), clock))
    rows = found.select_related("facility", "territory").order_by("sort_key", "pk")
    headings = (_("Sản phẩm"), _("Nhóm"), _("Cơ sở"), _("Tỉnh khi ghi nhận"))
    return Listing(_("Danh sách sản phẩm"), headings, found.count(), rows, _product_line)


def _product_line(row: Product) -> Line:
    return Line((_product(row), Cell(str(row.get_group_display())), _maker(row), Cell(row.territory.name)))


def _facilities(question: Question, narrow: Narrow, clock: Clock) -> Listing:
    counted = statistics.recognitions_asked(question.asked, clock).exclude(product__facility=None)
    counted = counted.exclude(due_to_be_withheld(clock.on))
    rows = (
        counted.values("product__facility")
        .annotate(times=Count("pk"), products=Count("product", distinct=True))
        .order_by("-times", "product__facility__name", "product__facility")
        .values_list("product__facility__name", "product__facility__slug", "product__facility__territory__name",
                     "times", "products")
    )  # fmt: skip
    total = counted.aggregate(n=Count("product__facility", distinct=True))["n"]
    headings = (_("Cơ sở"), _("Tỉnh"), _("Lượt công nhận"), _("Sản phẩm khác nhau"))
    return Listing(_("Danh sách cơ sở"), headings, total, rows, _facility_line)


def _facility_line(row: Any) -> Line:
    name, slug, territory, times, products = row
    return Line((Cell(name, reverse("facility", args=[slug])), Cell(territory), Cell(times), Cell(products)))


def projects_of(question: Question, narrow: Narrow) -> ProjectQuerySet:
    """Granted, published projects, none made up, by their first year: what the totals are made of."""
    found = public_projects().granted().filter(is_illustrative=False)
    if narrow.funding:
        found = found.filter(funding=narrow.funding)
    if narrow.head:
        found = found.filter(head=int(narrow.head))
    if narrow.region:
        found = found.filter(territory__in=region_ids(narrow.region))
    if question.unit_ids is not None:
        found = found.filter(territory__in=question.unit_ids)
    if question.year_from is not None:
        found = found.filter(year__gte=question.year_from)
    if question.year_to is not None:
        found = found.filter(year__lte=question.year_to)
    return found


def _projects(question: Question, narrow: Narrow, clock: Clock) -> Listing:
    """The sums are of all the projects, whatever page is shown."""
    found = projects_of(question, narrow)
    headings = (
        _("Đề án"), _("Năm"), _("Nguồn"), _("Nội dung"), _("Tỉnh khi thực hiện"), _("Kinh phí khuyến công (đồng)"),
        _("Vốn đối ứng (đồng)"), _("Đã giải ngân (đồng)"),
    )  # fmt: skip
    sums = totals(found)
    told = _(
        "Cộng lại: kinh phí khuyến công %(funds)s đồng, vốn đối ứng %(counterpart)s đồng, đã giải ngân %(disbursed)s đồng."
    )
    facts = {
        "funds": number(sums.extension_funds),
        "counterpart": number(sums.counterpart_funds),
        "disbursed": number(sums.disbursed),
    }
    return Listing(_("Danh sách đề án khuyến công"), headings, sums.projects, found, _project_line, told % facts)


def _project_line(row: Project) -> Line:
    return Line(
        (
            Cell(row.name, reverse("extension_project", args=[row.slug])),
            Cell(row.year, words=str(row.year)),
            Cell(str(row.get_funding_display())),
            Cell(str(row.get_head_display())),
            Cell(row.territory.name),
            Cell(row.extension_funds),
            Cell(row.counterpart_funds),
            Cell(row.disbursed),
        )
    )


def _supported(question: Question, narrow: Narrow, clock: Clock) -> Listing:
    """Whom the projects supported; who may not be named has a line without a name."""
    found = supported_facilities(projects_of(question, narrow), on=clock.on)
    turns = sum(found.values_list("turns_had", flat=True))
    headings = (_("Cơ sở"), _("Tỉnh"), _("Đề án"), _("Lượt"))
    told = _("Cộng lại: %(turns)s lượt.") % {"turns": number(turns)}
    return Listing(_("Danh sách cơ sở được hỗ trợ khuyến công"), headings, found.count(), found, _supported_line, told)


def _supported_line(row: Any) -> Line:
    page = reverse("facility", args=[row["facility__slug"]]) if row["has_page"] else ""
    return Line(
        (
            Cell(_("Thôi hiện công khai")) if row["is_withheld"] else Cell(row["facility__name"], page),
            Cell(row["facility__territory__name"]),
            Cell(row["projects"]),
            Cell(row["turns_had"]),
        )
    )
