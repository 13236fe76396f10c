""" "Over 80 % supported, over 70 % in distribution": the same two shares, counted from the register.

The denominator is the products that hold a recognition in force today and meet the question; each numerator is a
part of it, so a share never counts what it does not name.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extension.models import Beneficiary, Project
from portal.text.formats import day, number
from products.catalogue import Clock
from products.columns import IN_FORCE
from products.models import DistributionChannel, Product, PublishedFigure, Recognition, SalesLink
from products.validity_sql import due_to_be_withheld

from . import charts, statistics, statistics_words
from .answers import Answer, Cell, Line, Table, percent
from .statistics_query import Question
from .templatetags.spoken import vietnamese

SUPPORT = ("yes", "since", "no")
SUPPORT_LABELS = {
    "yes": gettext_lazy("đã nhận hỗ trợ khuyến công"),
    "since": gettext_lazy("đã nhận hỗ trợ khuyến công từ năm được công nhận"),
    "no": gettext_lazy("chưa ghi nhận hỗ trợ khuyến công"),
}
SOLD_LABELS = {
    "yes": gettext_lazy("có nơi bán hoặc kênh phân phối"),
    "no": gettext_lazy("chưa ghi nơi bán hoặc kênh phân phối"),
}
# How the claims are written in the published figures.
CLAIMS = {"support": "được hỗ trợ sau công nhận", "sale": "kênh phân phối"}


@dataclass(frozen=True)
class Shares:
    """Products in force, and how many of them were supported (at all, since recognition) and are sold somewhere."""

    products: int
    supported: int
    supported_since: int
    sold: int


def in_force(question: Question) -> Question:
    """The question, of what is in force today, whenever it was recognised."""
    return question.but(status=tuple(status.value for status in IN_FORCE), by="", year_from=None, year_to=None)


def products_of(question: Question, clock: Clock) -> QuerySet[Product]:
    """Products with a recognition that meets the question, and that may be named."""
    rows = statistics.recognitions_asked(question.asked, clock).exclude(due_to_be_withheld(clock.on))
    rows = rows.filter(product=OuterRef("pk"))
    return Product.objects.filter(Exists(rows))


def with_support(products: QuerySet[Product], kind: str) -> QuerySet[Product]:
    """Those of the products that one of `SUPPORT` describes."""
    if kind == "since":
        first = Recognition.objects.published().filter(product=OuterRef("pk")).order_by().values("product")
        products = products.annotate(first_year=first.annotate(first=Min("year")).values("first"))
        return products.filter(_supported(project__year__gte=OuterRef("first_year")))
    return products.exclude(_supported()) if kind == "no" else products.filter(_supported())


def with_sale(products: QuerySet[Product], kind: str) -> QuerySet[Product]:
    """Those that have, or have not, a shop, a channel or a page that sells them."""
    sold = Q(Exists(SalesLink.objects.filter(product=OuterRef("pk")))) | Q(
        Exists(DistributionChannel.objects.filter(product=OuterRef("pk")))
    )
    return products.exclude(sold) if kind == "no" else products.filter(sold)


def _supported(**when: object) -> Q:
    """A granted, published project for the product, or for its maker as a whole."""
    given = Beneficiary.objects.filter(project__in=Project.objects.public().granted(), **when)
    own = given.filter(product=OuterRef("pk"))
    makers = given.filter(facility=OuterRef("facility"), product=None)
    return Q(Exists(own)) | Q(Exists(makers))


def shares(question: Question, clock: Clock) -> Shares:
    """Four queries."""
    products = products_of(in_force(question), clock)

    def count(found: QuerySet[Product]) -> int:
        return int(found.order_by().aggregate(n=Count("pk"))["n"])

    return Shares(
        products=count(products),
        supported=count(with_support(products, "yes")),
        supported_since=count(with_support(products, "since")),
        sold=count(with_sale(products, "yes")),
    )


def claims() -> dict[str, PublishedFigure]:
    """The two shares as they were published of the whole country. One query."""
    told = PublishedFigure.objects.filter(unit="%", territory=None, value__isnull=False).order_by("pk")
    return {name: figure for figure in told for name, words in CLAIMS.items() if words in figure.what}


# --- the answer -------------------------------------------------------------------------------------------------


def answers(question: Question, clock: Clock) -> list[Answer]:
    """Five queries."""
    counted, told = shares(question, clock), claims()
    asked = in_force(question)
    rows = [
        (_("Được hỗ trợ khuyến công"), counted.supported, asked.listed(view="products", support="yes"), "support"),
        (
            _("Được hỗ trợ từ năm được công nhận"),
            counted.supported_since,
            asked.listed(view="products", support="since"),
            "support",
        ),
        (_("Có nơi bán, kênh phân phối"), counted.sold, asked.listed(view="products", sold="yes"), "sale"),
    ]
    return [
        Answer(
            key="ho-tro-va-phan-phoi",
            title=_("Sản phẩm được hỗ trợ và có kênh phân phối"),
            sentence=_sentence(question, counted),
            chart=_chart(counted, rows, told),
            table=_table(question, counted, rows, told),
            method=_method(question, clock),
            path=f"{reverse('statistics_shares')}{question.query}",
            on=clock.on,
            notes=(_contrast(told),) if told else (),
        )
    ]


Rows = list[tuple[str, int, str, str]]


def _sentence(question: Question, counted: Shares) -> str:
    facts = {
        "place": statistics_words.place(question),
        "scope": statistics_words.scope(question),
        "products": number(counted.products),
        "supported": number(counted.supported),
        "supported_share": percent(counted.supported, counted.products),
        "sold": number(counted.sold),
        "sold_share": percent(counted.sold, counted.products),
    }
    if not counted.products:
        return _("Hôm nay %(place)s không có sản phẩm nào%(scope)s còn hiệu lực.") % facts
    return (
        _(
            "Trong %(products)s sản phẩm%(scope)s còn hiệu lực hôm nay ở %(place)s, %(supported)s sản phẩm "
            "(%(supported_share)s%%) đã được hỗ trợ khuyến công và %(sold)s sản phẩm (%(sold_share)s%%) có nơi bán."
        )
        % facts
    )


def _chart(counted: Shares, rows: Rows, told: dict[str, PublishedFigure]) -> charts.Chart:
    def item(label: str, part: int, claim: str) -> charts.Item:
        figure = told.get(claim)
        share = percent(part, counted.products)
        return charts.Item(
            label,
            share,
            f"{share}%",
            note=_("công bố %(share)s%%") % {"share": statistics_words.value(figure)} if figure else "",
            published=int(figure.value or 0) if figure else 0,
            published_shown=f"{statistics_words.value(figure)}%" if figure else "",
        )

    items = tuple(item(label, part, claim) for label, part, _url, claim in rows) if counted.products else ()
    hatch = _("Tỷ lệ đã công bố của cả nước") if told else ""
    return charts.Chart("bars", _("Tỷ lệ sản phẩm còn hiệu lực"), items, published=hatch, top=100)


def _table(question: Question, counted: Shares, rows: Rows, told: dict[str, PublishedFigure]) -> Table:
    whole = in_force(question).in_catalogue(())

    def line(label: str, part: int, url: str, claim: str) -> Line:
        share = percent(part, counted.products) if counted.products else None
        figure = told.get(claim)
        return Line(
            (
                Cell(label),
                Cell(part, url if part else ""),
                Cell(counted.products, whole if counted.products else ""),
                Cell(share, words=f"{share}%" if share is not None else ""),
                Cell(f"{statistics_words.value(figure)}%" if figure else ""),
                Cell(figure.source if figure else "", quoted=True),
            )
        )

    headings = (
        _("Sản phẩm còn hiệu lực"),
        _("Số sản phẩm"),
        _("Trên tổng"),
        _("Tỷ lệ"),
        _("Đã công bố, cả nước"),
        _("Nguồn của tỷ lệ đã công bố"),
    )
    return Table(headings, tuple(line(*row) for row in rows))


def _contrast(told: dict[str, PublishedFigure]) -> SafeString:
    """Why the two kinds of shares differ."""
    figure = next(iter(told.values()))
    words = _(
        "Tỷ lệ đã công bố (%(source)s) nói về %(period)s, không kèm danh sách và cách tính, nên chỉ đặt cạnh, không so "
        "từng điểm. Tỷ lệ của cổng chỉ gồm hỗ trợ và nơi bán đã ghi vào sổ: tỉnh chưa nhập đủ thì tỷ lệ thấp hơn thực tế."
    )
    return statistics_words.filled(words, source=vietnamese(figure.source), period=figure.display_period)


def _method(question: Question, clock: Clock) -> tuple[str, ...]:
    return (
        _("Mẫu số: sản phẩm khác nhau có ít nhất một công nhận còn hiệu lực ngày %(day)s và khớp câu hỏi.")
        % {"day": day(clock.on)},
        _(
            "Được hỗ trợ: có đề án khuyến công đã duyệt và công bố ghi cho chính sản phẩm, hoặc cho cơ sở của nó nói "
            "chung. Từ năm được công nhận: năm của đề án không trước năm công nhận đầu tiên của sản phẩm."
        ),
        _("Có nơi bán: sản phẩm ghi ít nhất một đường dẫn bán hàng hoặc một kênh phân phối."),
        statistics_words.basis_words(question.basis),
    )
