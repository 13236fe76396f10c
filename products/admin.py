"""The desk's pages for the register: products, recognitions, decisions, certificates, dated rules."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.admin import LeadsOn, ProvinceTodayFilter
from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, RoleRights, ScopedAdmin, ScopedInline, VisibleChoices
from portal.accounts.exports import ExportField, ListExport
from portal.accounts.queries import own_province, staff_reach
from portal.audit.admin_base import AuditedAdmin
from portal.territory.queries import then_and_now
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.filters import search_words
from portal.text.formats import day, roman
from portal.text.slug_forms import SLUG_FIELDS

from . import (
    certificate_admin,  # noqa: F401
    check_admin,  # noqa: F401
    codes,
    completeness,
    ending_desk,
    exports,
    paper_admin,  # noqa: F401
    rules,
    services,
)
from .enums import DatePrecision, PhotoAngle, Stage, Status
from .figure_forms import FigureForm
from .forms import (
    DecisionForm,
    LinkForm,
    MemberFormSet,
    NewRecognitionForm,
    PhotoForm,
    ProductForm,
    RecognitionForm,
    ValidityRuleForm,
)
from .models import (
    Certificate,
    Decision,
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    PublishedFigure,
    Recognition,
    SalesLink,
    SetMember,
    TradeFacts,
    ValidityRule,
)
from .standing_levels import lines_of_product
from .trade_forms import DeskTradeForm

PRINT_WIDTH, PRINT_HEIGHT = 1800, 1200


class ActorForms:
    """Hands the person to the form, which asks the services on their behalf."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        form.user = request.user
        return form


# --- products ---------------------------------------------------------------------------------------------


class GapFilter(admin.SimpleListFilter):
    """What an old list left open."""

    title = gettext_lazy("cần bổ sung")
    parameter_name = "gap"
    CONDITIONS = {
        "facility": Q(facility=None),
        "group": Q(group_certain=False),
        "set": Q(set_certain=False),
        "members": Q(is_set=True, members=None),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("any", _("Bất kỳ điều gì")),
            ("facility", _("Cơ sở")),
            ("members", _("Thành phần của bộ")),
            ("group", _("Nhóm chưa đối chiếu")),
            ("set", _("Chưa rõ đơn hay bộ")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() == "any":
            return completeness.incomplete_products(queryset)  # type: ignore[arg-type]
        condition = self.CONDITIONS.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class DetailInline(ScopedInline):
    edit_roles = rules.PRODUCT_EDITORS


class EmptyRows:
    """Some empty rows are there from the start, for who works without JavaScript."""

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj else 3


class MemberInline(EmptyRows, DetailInline):
    model = SetMember
    fk_name = "product_set"
    formset = MemberFormSet
    fields = ["name", "name_en", "product", "position"]
    autocomplete_fields = ["product"]


class PhotoInline(EmptyRows, DetailInline):
    model = ProductPhoto
    form = PhotoForm
    fields = ["upload", "kept", "size", "angle", "caption", "caption_en", "credit", "is_public", "position"]
    readonly_fields = ["size"]

    @admin.display(description=gettext_lazy("cỡ ảnh"))
    def size(self, photo: ProductPhoto) -> str:
        if not photo.pk:
            return "–"
        return _("%(width)s × %(height)s điểm") % {"width": photo.file.width, "height": photo.file.height}


class TradeInline(DetailInline):
    """What the maker told the officer for buyers; the day and the officer are written down with it."""

    model = TradeFacts
    form = DeskTradeForm
    max_num = 1
    extra = 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset


class StandardInline(DetailInline):
    model = ProductStandard


class LinkInline(DetailInline):
    model = SalesLink
    form = LinkForm


class ChannelInline(DetailInline):
    model = DistributionChannel


class PropertyInline(DetailInline):
    model = IntellectualProperty


@admin.register(Product)
class ProductAdmin(LeadsOn, ActorForms, ScopedAdmin):
    form = ProductForm
    edit_roles = rules.PRODUCT_EDITORS
    inlines = [MemberInline, PhotoInline, TradeInline, StandardInline, LinkInline, ChannelInline, PropertyInline]
    list_display = ["name", "group", "facility", "province", "gaps"]
    list_filter = ["group", "is_set", ProvinceTodayFilter, GapFilter]
    list_select_related = ["facility", "territory"]
    search_fields = ["search_text"]
    search_help_text = gettext_lazy("Tên sản phẩm, cơ sở hoặc tỉnh, có dấu hoặc không dấu")
    autocomplete_fields = ["facility"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "name_en"),
                    ("group", "group_certain"),
                    ("is_set", "set_certain"),
                    "facility",
                    "territory",
                    "is_illustrative",
                ]
            },
        ),
        (
            gettext_lazy("Giới thiệu"),
            {
                "fields": [
                    "summary",
                    "summary_en",
                    "story",
                    "story_en",
                    "materials",
                    "first_made_year",
                    "traceability_code",
                ]
            },
        ),
    ]
    readonly_fields = ["levels"]
    standing = (gettext_lazy("Còn hiệu lực ở cấp nào"), {"fields": ["levels"]})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return [*found, SLUG_FIELDS, self.standing] if obj else found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("members")

    def get_export_fields(self, request: HttpRequest) -> list[ExportField]:
        return exports.product_fields()

    def export_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        return exports.products_to_export(queryset)

    @admin.display(description=gettext_lazy("Tỉnh"), ordering="territory__sort_key")
    def province(self, product: Product) -> str:
        then, now = then_and_now(product.territory)
        return then if then == now else _("%(then)s, nay là %(now)s") % {"then": then, "now": now}

    @admin.display(description=gettext_lazy("Các cấp"))
    def levels(self, product: Product) -> str:
        """What is still valid at which level, and what that allows."""
        return render_to_string("products/_standing_levels.html", {"levels": lines_of_product(product, on=today())})

    @admin.display(description=gettext_lazy("Còn thiếu"))
    def gaps(self, product: Product) -> str:
        return " ".join(completeness.gaps_of(product)) or "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        for word in search_words(search_term):
            queryset = queryset.filter(search_text__contains=word)
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Product, form: ModelForm, change: bool) -> None:
        if change:
            services.update_product(product=obj, actor=request.user, changed=form.changed_data)
        else:
            services.enter_product(product=obj, actor=request.user)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        touched = [str(rows.model._meta.verbose_name_plural) for rows in formsets if rows.has_changed()]
        if touched:
            services.note_details(product=form.instance, actor=request.user, what=touched)
        self._speak_of_gaps(request, form.instance)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is ProductPhoto:
            for photo in [*formset.new_objects, *(row for row, _fields in formset.changed_objects)]:
                _speak_of_small_photo(request, photo)

    def _speak_of_gaps(self, request: HttpRequest, product: Product) -> None:
        fresh = Product.objects.prefetch_related("members").get(pk=product.pk)
        for sentence in completeness.gaps_of(fresh):
            messages.warning(request, sentence)
        proposed = completeness.proposed_members(fresh.name) if fresh.is_set and not fresh.members.all() else []
        if proposed:
            messages.info(request, _("Tên bộ gợi ý các thành phần: %(names)s.") % {"names": "; ".join(proposed)})


def _speak_of_small_photo(request: HttpRequest, photo: ProductPhoto) -> None:
    """TT 26/2014/TT-BCT asks for photos of at least 10 × 15 cm."""
    long, short = sorted([photo.file.width or 0, photo.file.height or 0], reverse=True)
    if long >= PRINT_WIDTH and short >= PRINT_HEIGHT:
        return
    messages.warning(
        request,
        _("Ảnh “%(angle)s” %(width)s × %(height)s điểm, in ra nhỏ hơn 10 × 15 cm. Gửi lại ảnh từ 1800 × 1200 điểm.")
        % {
            "angle": str(PhotoAngle(photo.angle).label).lower(),
            "width": photo.file.width,
            "height": photo.file.height,
        },
    )


# --- recognitions -----------------------------------------------------------------------------------------


class StatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("hiệu lực hôm nay")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Status if status != Status.SUPERSEDED]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Recognition]) -> QuerySet[Recognition]:
        if self.value() not in Status.values:
            return queryset
        recognised = queryset.filter(stage=Stage.RECOGNISED)
        return recognised.with_status(  # type: ignore[attr-defined]
            self.value(), on=today(), expiring_days=settings.EXPIRING_DAYS
        )


class ConfirmedFilter(admin.SimpleListFilter):
    title = gettext_lazy("hiệu lực")
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("estimate", _("Tạm tính, cần đối chiếu")), ("year", _("Chỉ biết năm"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Recognition]) -> QuerySet[Recognition]:
        if self.value() == "estimate":
            return queryset.filter(validity_confirmed=False, validity_rule__is_certain=False)
        if self.value() == "year":
            return queryset.filter(expiry_precision=DatePrecision.YEAR, stage=Stage.RECOGNISED)
        return queryset


@admin.register(Recognition)
class RecognitionAdmin(ActorForms, ScopedAdmin):
    edit_roles = rules.EDITORS
    list_display = ["product", "recognised_as", "province", "valid_until", "standing", "published"]
    list_filter = ["level", StatusFilter, ConfirmedFilter, "stage", "year", ProvinceTodayFilter]
    list_select_related = ["product__facility", "territory", "validity_rule"]
    search_fields = ["product__search_text"]
    search_help_text = gettext_lazy("Tên sản phẩm, cơ sở, tỉnh, hoặc mã tra cứu")
    autocomplete_fields = ["product", "decision"]
    actions = ["publish"]
    new_fieldsets = [
        (None, {"fields": ["product", ("level", "year", "round_ordinal"), ("territory", "locality")]}),
        (
            gettext_lazy("Quyết định và giấy chứng nhận"),
            {"fields": ["decision", "official_number", ("issued_on", "expires_on"), "source"]},
        ),
    ]
    facts = ["product", "level", "year", "round_ordinal", "territory", "locality", "decision", "papers", "validity"]
    known_fieldsets = [
        (
            None,
            {
                "fields": [
                    "product",
                    ("level", "year", "round_ordinal"),
                    ("territory", "locality"),
                    "decision",
                    "papers",
                ]
            },
        ),
        (
            gettext_lazy("Hiệu lực"),
            {
                "fields": ["validity", ("issued_on", "expires_on"), "confirm", "reason"],
                "description": gettext_lazy("Sửa theo ngày ghi trên giấy chứng nhận, kèm lý do."),
            },
        ),
        (gettext_lazy("Nguồn"), {"fields": ["source", "source_note", "published_at"]}),
    ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = RecognitionForm if obj else NewRecognitionForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads is offered no act."""
        if obj is None:
            return self.new_fieldsets
        if self.has_change_permission(request, obj):
            return self.known_fieldsets
        validity = (gettext_lazy("Hiệu lực"), {"fields": ["validity", ("issued_on", "expires_on")]})
        return [self.known_fieldsets[0], validity, self.known_fieldsets[-1]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.facts, "source", "source_note", "published_at"] if obj else []

    def get_urls(self) -> list[Any]:
        return [*ending_desk.urls(self.admin_site), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Below the fields: what may be done with the recognition, and its public trace."""
        row = kwargs.get("obj")
        if row is not None:
            context["life"] = ending_desk.life_of(request.user, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_export_fields(self, request: HttpRequest) -> list[ExportField]:
        return exports.recognition_fields(request.user)

    def export_queryset(self, queryset: QuerySet[Recognition]) -> QuerySet[Recognition]:
        return exports.recognitions_to_export(queryset)

    @admin.display(description=gettext_lazy("Cấp, năm"), ordering="year")
    def recognised_as(self, row: Recognition) -> str:
        """Cấp quốc gia 2025, lần VI."""
        words = f"{row.get_level_display()} {row.year}"
        return f"{words}, {_('lần')} {roman(row.round_ordinal)}" if row.round_ordinal else words

    @admin.display(description=gettext_lazy("Tỉnh khi công nhận"), ordering="territory__sort_key")
    def province(self, row: Recognition) -> str:
        return str(row.territory)

    @admin.display(description=gettext_lazy("Có hiệu lực đến hết"), ordering="expires_on")
    def valid_until(self, row: Recognition) -> str:
        if row.expires_on is None:
            return "–"
        return str(row.expires_on.year) if row.expiry_precision == DatePrecision.YEAR else day(row.expires_on)

    @admin.display(description=gettext_lazy("Hiệu lực hôm nay"))
    def standing(self, row: Recognition) -> str:
        if row.stage == Stage.PROPOSED:
            return str(Stage.PROPOSED.label)
        return str(row.status(on=today(), expiring_days=settings.EXPIRING_DAYS).label)

    @admin.display(description=gettext_lazy("Đã công bố"), boolean=True, ordering="published_at")
    def published(self, row: Recognition) -> bool:
        return row.published_at is not None

    @admin.display(description=gettext_lazy("Giấy chứng nhận"))
    def papers(self, row: Recognition) -> str:
        return "; ".join(_paper_words(paper) for paper in row.certificates.order_by("pk")) or "–"

    @admin.display(description=gettext_lazy("Hiệu lực đang ghi"))
    def validity(self, row: Recognition) -> str:
        words = [self.valid_until(row)]
        if row.validity_rule:
            words.append(str(row.validity_rule))
        if row.validity_confirmed:
            words.append(_("đã đối chiếu giấy chứng nhận"))
        elif row.validity_rule and not row.validity_rule.is_certain:
            words.append(_("tạm tính"))
        return ", ".join(words)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Recognition], search_term: str
    ) -> tuple[QuerySet[Recognition], bool]:
        code = codes.normalise(search_term)
        if codes.is_valid(code):
            return queryset.filter(certificates__code=code), False
        for word in search_words(search_term):
            queryset = queryset.filter(product__search_text__contains=word)
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Recognition, form: Any, change: bool) -> None:
        if change:
            form.carry_out()
        else:
            obj.pk = form.recognise().pk
            obj.refresh_from_db()

    @admin.action(description=gettext_lazy("Công bố các công nhận đã chọn"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Recognition]) -> None:
        rows = [row for row in queryset if rules.may_edit(request.user, row.territory_id)]
        try:
            number = services.publish_recognitions(recognitions=rows, at=timezone.now(), actor=request.user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return
        messages.success(request, _("Đã công bố %(number)s công nhận.") % {"number": number})


def _paper_words(paper: Certificate) -> str:
    words = codes.display(paper.code)
    if paper.official_number:
        words = _("%(code)s, số %(number)s") % {"code": words, "number": paper.official_number}
    if paper.superseded_on:
        words = _("%(paper)s, đã thay ngày %(day)s") % {"paper": words, "day": day(paper.superseded_on)}
    return words


# --- decisions, certificates --------------------------------------------------------------------------------


@admin.register(Decision)
class DecisionAdmin(ActorForms, ScopedAdmin):
    form = DecisionForm
    edit_roles = rules.EDITORS
    list_display = ["shown_number", "signed_on", "issuer", "territory", "title"]
    list_filter = ["year"]
    list_select_related = ["territory"]
    search_fields = ["number", "symbol", "title", "issuer"]
    fields = [("number", "symbol", "signed_on"), "issuer", "signer", "title", "territory", "upload", "kept", "source"]

    @admin.display(description=_("số quyết định"), ordering="number")
    def shown_number(self, row: Decision) -> str:
        return row.full_number

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A decision of the nation or a region is corrected by agency staff only."""
        if obj is not None and obj.territory_id is None and not staff_reach(request.user).everything:
            return False
        return super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads is offered no upload."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name not in {"upload", "kept"}]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["number", "symbol", "signed_on", "issuer", "territory"] if obj else []

    def save_model(self, request: HttpRequest, obj: Decision, form: Any, change: bool) -> None:
        if change:
            changed = [name for name in form.changed_data if name in {"signer", "title", "source"}]
            if form.cleaned_data.get("upload"):
                changed.append("scan")
            services.update_decision(decision=obj, actor=request.user, changed=changed)
        else:
            obj.pk = form.record().pk


# --- the law as data, published totals ----------------------------------------------------------------------


class KeeperAdmin(ListExport, RoleRights, VisibleChoices, admin.ModelAdmin):
    """What holds for every province: all staff read it, agency staff and administrators keep it."""

    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = rules.KEEPERS
    list_per_page = 50
    view_on_site = False


@admin.register(ValidityRule)
class ValidityRuleAdmin(KeeperAdmin):
    form = ValidityRuleForm
    list_display = ["legal_basis", "valid_from", "valid_to", "years", "to_end_of_year", "is_certain"]


@admin.register(PublishedFigure)
class PublishedFigureAdmin(AuditedAdmin, KeeperAdmin):
    """Totals of rounds of which no list survives: all staff read them, the staff of a place enter its own."""

    form = FigureForm
    edit_roles = rules.EDITORS
    list_display = ["place", "period", "what", "published", "source", "note"]
    list_filter = ["measure", "level"]
    search_fields = ["place", "what", "source"]
    search_help_text = gettext_lazy("Nơi, nội dung hoặc nguồn")
    fieldsets = [
        (gettext_lazy("Ở đâu, bao giờ"), {"fields": ["place", "territory", "period", ("year_from", "year_to")]}),
        (gettext_lazy("Đếm cái gì"), {"fields": ["what", "measure", ("level", "group")]}),
        (gettext_lazy("Bao nhiêu"), {"fields": ["value_text", "precision", "value", "unit"]}),
        (gettext_lazy("Theo ai"), {"fields": ["source", "note"]}),
    ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those of the whole country are kept by the agency."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or staff_reach(request.user).everything:
            return allowed
        return allowed and obj.territory_id is not None and rules.may_edit(request.user, obj.territory_id)

    def get_export_fields(self, request: HttpRequest) -> list[ExportField]:
        return exports.figure_fields()

    @admin.display(description=gettext_lazy("Đã công bố"), ordering="value")
    def published(self, figure: PublishedFigure) -> str:
        return f"{figure.value_text} {figure.unit}".strip()
