"""What a list of dossiers may be narrowed by."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.territory.models import Commune
from portal.text.inputs import key_of
from products.enums import ProductGroup

from .intake_board import lacking
from .models import Dossier, Round

NEWEST_ROUNDS = 30
NOT_KNOWN = "none"


class GroupFilter(admin.SimpleListFilter):
    title = gettext_lazy("nhóm sản phẩm")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return ProductGroup.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        return queryset.filter(product__group=self.value()) if self.value() else queryset


class RoundFilter(admin.SimpleListFilter):
    """Only rounds within reach, the newest first."""

    title = gettext_lazy("kỳ bình chọn")
    parameter_name = "round"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rounds = Round.objects.visible_to(request.user).select_related("territory").order_by("-year", "-pk")
        return [(str(round_.pk), round_.title) for round_ in rounds[:NEWEST_ROUNDS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        chosen = key_of(self.value() or "")
        return queryset if chosen is None else queryset.filter(round_id=chosen)


class PapersFilter(admin.SimpleListFilter):
    """Of the dossiers not yet concluded: papers missing or to be fixed, or all in order."""

    title = gettext_lazy("giấy tờ")
    parameter_name = "papers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("lacking", _("Còn thiếu, chưa kết luận")), ("complete", _("Đã đủ, chưa kết luận"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        if self.value() not in {"lacking", "complete"}:
            return queryset
        return lacking(queryset, on=timezone.localdate(), complete=self.value() == "complete")


class GatheredFilter(admin.SimpleListFilter):
    """Sets that were gathered stand beside the entries they were made of."""

    title = gettext_lazy("bộ sản phẩm")
    parameter_name = "sets"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("set", _("Bộ sản phẩm")), ("single", _("Sản phẩm đơn")), ("gathered", _("Bộ gộp khi tiếp nhận"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        if self.value() == "gathered":
            return queryset.filter(is_gathered_set=True)
        return queryset.filter(product__is_set=self.value() == "set") if self.value() else queryset


class CommuneFilter(admin.SimpleListFilter):
    """Communes with dossiers in the round that is chosen; without a round there would be hundreds."""

    title = gettext_lazy("xã, phường")
    parameter_name = "commune"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = key_of(request.GET.get("round", ""))
        if chosen is None:
            return []
        mine = Dossier.objects.visible_to(request.user).filter(round_id=chosen).order_by()
        counted = mine.values_list("product__facility__commune").annotate(total=Count("pk"))
        totals: dict[int | None, int] = dict(counted)
        rows = Commune.objects.filter(pk__in=[pk for pk in totals if pk]).order_by("folded", "pk")
        found = [(str(row.pk), f"{row} ({totals[row.pk]})") for row in rows]
        unknown = [(NOT_KNOWN, _("Chưa rõ xã (%(total)s)") % {"total": totals[None]})] if None in totals else []
        return [*found, *unknown]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        chosen = self.value() or ""
        if chosen == NOT_KNOWN:
            return queryset.filter(product__facility__commune__isnull=True)
        commune = key_of(chosen)
        return queryset if commune is None else queryset.filter(product__facility__commune=commune)
