"""Totals that were published without a list."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from products.catalogue import Clock
from products.enums import FigureMeasure, FigurePrecision, Level, ProductGroup
from products.models import PublishedFigure

from ..table import AT_ONCE, MEASURE, NUMBER, TEXT, DataSet, Field, listed, of


def _figures(clock: Clock) -> Iterator[PublishedFigure]:
    return PublishedFigure.objects.select_related("territory").order_by("pk").iterator(AT_ONCE)


FIGURES = DataSet(
    "figures",
    _("Các số liệu đã công bố"),
    _(
        "Tổng số mà các cơ quan đã công bố, khi không còn danh sách. Mỗi dòng như nguồn viết; "
        "không cộng vào số đếm từ sổ, không cộng các kỳ chồng nhau."
    ),
    (
        Field("place", TEXT, _("Nơi, như nguồn viết."), of("place")),
        Field("province", TEXT, _("Đường dẫn của tỉnh, nếu là một tỉnh."), of("territory.slug")),
        Field("period", TEXT, _("Kỳ, như nguồn viết."), of("period")),
        Field("year_from", NUMBER, _("Từ năm."), of("year_from")),
        Field("year_to", NUMBER, _("Đến năm."), of("year_to")),
        Field("what", TEXT, _("Số liệu về điều gì."), of("what")),
        Field("measure", TEXT, _("Đại lượng."), of("measure"), listed(FigureMeasure.choices)),
        Field("level", TEXT, _("Cấp."), of("level"), listed(Level.choices)),
        Field("group", TEXT, _("Nhóm sản phẩm."), of("group"), listed(ProductGroup.choices)),
        Field("value", MEASURE, _("Giá trị để so."), of("value")),
        Field("value_text", TEXT, _("Giá trị như đã công bố."), of("value_text")),
        Field("precision", TEXT, _("Độ chính xác."), of("precision"), listed(FigurePrecision.choices)),
        Field("unit", TEXT, _("Đơn vị tính."), of("unit")),
        Field("source", TEXT, _("Nguồn."), of("source")),
        Field("note", TEXT, _("Ghi chú, chỗ nguồn mâu thuẫn."), of("note")),
    ),
    _figures,
)  # fmt: skip
