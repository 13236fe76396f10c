"""The desk's registration of rounds, dossiers and criteria; the pages themselves are in `desk` and `dossier_desk`."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ScopedAdmin, ScopedInline
from portal.accounts.enums import Role
from portal.accounts.queries import own_province, staff_reach
from portal.audit.admin_base import AuditedAdmin
from portal.text.errors import Refusal
from portal.text.filters import search_words
from portal.text.inputs import DateField, DayInput, MomentField, MomentInput
from products.enums import Level

from . import (
    counting,
    counting_form,
    desk,
    dossier_desk,
    dossier_files,
    eligibility_admin,  # noqa: F401
    intake_communes,
    intake_desk,
    round_urls,
    rules,
    words_of_rules,
)
from .admin_forms import CriterionForm, DeskForm, RoundForm
from .dossier_filters import CommuneFilter, GatheredFilter, GroupFilter, PapersFilter, RoundFilter
from .dossier_page import paper_rows, show
from .dossier_reach import dossier_or_404
from .enums import Body, DossierState
from .models import CouncilRule, CriteriaSet, Criterion, Dossier, Round, Seat
from .official import views as official_views
from .services import lifecycle
from .states import COUNCIL_WORKS, ROUND_FIELDS_EDITABLE

MANAGERS = frozenset({Role.OFFICER, Role.LEADER}) | AGENCY
# The browser's own pickers: one input, no script, the same as everywhere else on the desk.
PLAIN_DATES: dict[Any, Any] = {
    models.DateField: {"form_class": DateField, "widget": DayInput()},
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput()},
}


def works_in_a_body(request: Any) -> bool:
    """Whether the person sits in a council or support team now, or heads a jury. Asked once for each request."""
    if not hasattr(request, "works_in_a_body"):
        seats = Seat.objects.filter(user_id=request.user.pk, until__isnull=True)
        found = seats.filter(Q(body__in=[Body.COUNCIL, Body.SUPPORT]) | Q(role="head_judge")).exists()
        request.works_in_a_body = found
    return bool(request.works_in_a_body)


class DeskAdmin(ScopedAdmin):
    """Staff by role, and people seated in a body without any role; refusals become sentences, never a 500."""

    view_roles = PROVINCE_STAFF | AGENCY
    form = DeskForm

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.view_roles | self.edit_roles) or works_in_a_body(request)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            # What the form could not know: someone else was faster. It comes back with everything typed.
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    formfield_overrides = PLAIN_DATES

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user, form.refusal = request.user, getattr(request, "refusal", None)
        return form

    def _at(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """A page of the desk behind the site's own door."""

        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return view(request, self.admin_site, **kwargs)

        return self.admin_site.admin_view(wrapped)


@admin.register(Round)
class RoundAdmin(DeskAdmin):
    form = RoundForm
    edit_roles = MANAGERS
    list_display = ["title", "state_shown", "receiving_until", "scoring_until", "dossiers_total"]
    list_filter = ["state", "level", "year"]
    list_select_related = ["territory"]
    search_fields = ["name", "territory__name", "locality", "year"]
    search_help_text = gettext_lazy("Tên kỳ, tỉnh, huyện, xã hoặc năm")
    fieldsets = [
        (gettext_lazy("Phạm vi"), {"fields": ["level", "territory", "region", "locality", "year", "ordinal", "name"]}),
        (gettext_lazy("Tổ chức"), {"fields": ["receiving_unit", "lower_round_held"]}),
        (gettext_lazy("Thời gian"), {"fields": ["receiving_from", "receiving_until", "scoring_until"]}),
        (
            gettext_lazy("Quy chế của hội đồng"),
            {
                "fields": ["threshold", "score_step", "quorum", "quota", "publish_provisional"],
                "description": gettext_lazy(
                    "Thông tư không quy định bước điểm, số phiếu tối thiểu và số lượng công nhận. "
                    "Hãy ghi theo quy chế của hội đồng."
                ),
            },
        ),
        (gettext_lazy("Lượt chấm tại chỗ"), {"fields": list(counting_form.PASSES)}),
        (
            gettext_lazy("Cách tính điểm"),
            {
                "fields": list(counting_form.COUNTING),
                "description": gettext_lazy("Khóa khi bắt đầu chấm và được công bố cùng kỳ bình chọn."),
            },
        ),
        (gettext_lazy("Hội đồng họp và công khai"), {"fields": list(counting_form.COUNCIL)}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Round]:
        entered = Count("dossiers", filter=~Q(dossiers__state__in=[DossierState.DRAFT, DossierState.WITHDRAWN]))
        return super().get_queryset(request).annotate(dossiers_entered=entered)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        fixed = [name for name, states in ROUND_FIELDS_EDITABLE.items() if obj.state not in states]
        return [*fixed, "tie_break_shown"] if "tie_break" in fixed else fixed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A chain that is fixed is read in words."""
        found = super().get_fieldsets(request, obj)
        if obj is None or (
            self.has_change_permission(request, obj) and obj.state in ROUND_FIELDS_EDITABLE["tie_break"]
        ):
            return found
        in_words = {"tie_break": "tie_break_shown"}
        return [
            (title, {**parts, "fields": [in_words.get(name, name) for name in parts["fields"]]})
            for title, parts in found
        ]

    @admin.display(description=gettext_lazy("Cách xếp khi bằng điểm"))
    def tie_break_shown(self, round_: Round) -> str:
        return " ".join(words_of_rules.tie_break(counting.rules_for(round_)))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self._holds(request, self.edit_roles)
        return obj.state in COUNCIL_WORKS and rules.may_manage(request.user, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Who works for one province opens its provincial round of this year, as a rule."""
        initial: dict[str, Any] = {"year": timezone.localdate().year}
        own = own_province(request.user)
        if own:
            initial.update(level=Level.PROVINCE, territory=own)
        return {**initial, **super().get_changeform_initial_data(request)}

    @admin.display(description=gettext_lazy("Kỳ bình chọn"), ordering="year")
    def title(self, round_: Round) -> str:
        return round_.title

    @admin.display(description=gettext_lazy("Trạng thái"), ordering="state")
    def state_shown(self, round_: Round) -> str:
        return round_.get_state_display()

    @admin.display(description=gettext_lazy("Hồ sơ đã nộp"), ordering="dossiers_entered")
    def dossiers_total(self, round_: Any) -> int:
        return round_.dossiers_entered

    def get_urls(self) -> list[Any]:
        own = [
            path("<int:pk>/settings/", self.admin_site.admin_view(self.settings_view), name="rounds_round_settings"),
            path("<int:pk>/step/", self._at(desk.advance), name="rounds_round_step"),
            path("<int:pk>/decision/", self._at(desk.decision), name="rounds_round_decision"),
            path("<int:pk>/bieu-mau/", self._at(official_views.round_forms), name="rounds_round_forms"),
            path(
                "<int:pk>/bieu-mau/<slug:form>/<slug:fmt>/",
                self._at(official_views.round_form),
                name="rounds_round_form",
            ),
            path("<int:pk>/tiep-nhan/", self._at(intake_communes.show), name="rounds_round_intake"),
            path("<int:pk>/tiep-nhan/yeu-cau/", self._at(intake_communes.ask), name="rounds_round_ask_commune"),
            path("<int:pk>/tiep-nhan/nhac/", self._at(intake_communes.remind), name="rounds_round_remind"),
            *round_urls.patterns(self._at),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of the round; its settings are one click away, at `settings/`."""
        if not object_id.isdecimal():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return desk.show_round(request, self.admin_site, desk.round_or_404(request, int(object_id)))

    def settings_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = desk.round_or_404(request, pk)
        title = _("Cài đặt, %(round)s") % {"round": round_.title}
        shown = {"title": title, "subtitle": None, "show_save_and_add_another": False}
        return self.changeform_view(request, str(pk), "", shown)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("Đã lập kỳ bình chọn. Tiếp theo: thành viên, bộ tiêu chí, rồi mở nhận hồ sơ."))
        return redirect("admin:rounds_round_change", obj.pk)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        messages.success(request, _("Đã lưu cài đặt."))
        if "_continue" in request.POST:
            return redirect("admin:rounds_round_settings", obj.pk)
        return redirect("admin:rounds_round_change", obj.pk)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        if change:
            lifecycle.update_round(round_=obj, actor=request.user, **changes)
            return
        made = lifecycle.create_round(actor=request.user, **form.cleaned_data)
        obj.__dict__.update(made.__dict__)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Dossier)
class DossierAdmin(DeskAdmin):
    view_roles = PROVINCE_STAFF | AGENCY | {Role.COMMUNE_OFFICER}
    edit_roles = frozenset({Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER}) | AGENCY
    add_words = gettext_lazy("Nhập hồ sơ")
    list_display = [
        "code_shown",
        "product_shown",
        "round_shown",
        "commune_shown",
        "state",
        "papers_shown",
        "origin_shown",
        "version_shown",
    ]
    list_display_links = ["code_shown", "product_shown"]
    list_filter = [RoundFilter, "state", GroupFilter, PapersFilter, "origin", CommuneFilter, GatheredFilter]
    search_fields = ["entry_code", "product__search_text"]
    search_help_text = gettext_lazy("Số hồ sơ, tên sản phẩm hoặc cơ sở, có dấu hoặc không dấu")
    # What an old version shows; the dossier itself has its own page.
    fields = [
        "round",
        "product",
        "state",
        "origin",
        "received_on",
        "public_service_code",
        "statement_market",
        "statement_technology",
        "statement_culture",
        "statement_other",
        "statement",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dossier]:
        return (
            super()
            .get_queryset(request)
            .select_related("round__territory", "product__facility__commune")
            .prefetch_related("documents__file", "product__recognitions")
            .order_by("-round__year", "-round_id", "entry_code", "pk")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Dossier], search_term: str
    ) -> tuple[QuerySet[Dossier], bool]:
        if search_term.strip().isdecimal():
            return queryset.filter(entry_code__endswith=search_term.strip()), False
        for word in search_words(search_term):
            queryset = queryset.filter(product__search_text__contains=word)
        return queryset, False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.edit_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # changed by acts on its own page only

    @admin.display(description=gettext_lazy("Số hồ sơ"), ordering="entry_code")
    def code_shown(self, dossier: Dossier) -> str:
        return dossier.entry_code or _("chưa nộp")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Within one round its name on every row says nothing."""
        shown = list(self.list_display)
        return [name for name in shown if name != "round_shown" or not request.GET.get("round")]

    @admin.display(description=gettext_lazy("Sản phẩm, cơ sở"), ordering="product__sort_key")
    def product_shown(self, dossier: Dossier) -> str:
        facility = dossier.product.facility.name if dossier.product.facility else _("chưa ghi cơ sở")
        return format_html('{}<br><span class="meta">{}</span>', dossier.product.name, facility)

    @admin.display(description=gettext_lazy("Kỳ bình chọn"), ordering="round__year")
    def round_shown(self, dossier: Dossier) -> str:
        return dossier.round.title

    @admin.display(description=gettext_lazy("Xã, phường"), ordering="product__facility__commune__folded")
    def commune_shown(self, dossier: Dossier) -> str:
        facility = dossier.product.facility
        return str(facility.commune) if facility and facility.commune else "–"

    @admin.display(description=gettext_lazy("Giấy tờ đủ"))
    def papers_shown(self, dossier: Dossier) -> str:
        """How many are in order, and by name what is not."""
        rows = [row.requirement for row in paper_rows(dossier)]
        words = _("%(done)s trên %(all)s") % {"done": sum(row.ok for row in rows), "all": len(rows)}
        open_ones = ", ".join(row.label for row in rows if not row.ok)
        return format_html('<span title="{}">{}</span>', open_ones, words) if open_ones else words

    @admin.display(description=gettext_lazy("Nguồn nộp"), ordering="origin")
    def origin_shown(self, dossier: Dossier) -> str:
        return dossier.get_origin_display()

    @admin.display(description=gettext_lazy("Bản nộp"), ordering="version")
    def version_shown(self, dossier: Dossier) -> str:
        return str(dossier.version) if dossier.version else "–"

    def get_urls(self) -> list[Any]:
        own = [
            path("goi-y/", self._at(intake_desk.suggest), name="rounds_dossier_suggest"),
            path("<int:pk>/act/", self._at(dossier_desk.act), name="rounds_dossier_act"),
            path(
                "<int:pk>/bieu-mau/<slug:form>/<slug:fmt>/",
                self._at(official_views.dossier_form),
                name="rounds_dossier_form",
            ),
            path("<int:pk>/giay-to/", self._at(dossier_files.receive), name="rounds_dossier_files"),
            path(
                "<int:pk>/document/<int:document_pk>/",
                self.admin_site.admin_view(dossier_desk.document_file),
                name="rounds_dossier_document",
            ),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The one-screen page; acts come in at `act/`."""
        if not object_id.isdecimal():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return show(request, self.admin_site, dossier_or_404(request, int(object_id)))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The page that enters a dossier with its facility and product."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return intake_desk.new_dossier(request, self.admin_site)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CriterionInline(ScopedInline):
    """Rows of a template. Versions of a round have pages of their own."""

    model = Criterion
    form = CriterionForm
    edit_roles = MANAGERS
    fields = ["code", "name", "max_points", "parent", "guidance", "position"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        self._set = obj
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            rows = Criterion.objects.filter(criteria_set=getattr(self, "_set", None))
            kwargs["queryset"] = rows.order_by("position", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and may_edit_template(request.user, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def may_edit_template(user: Any, criteria_set: CriteriaSet) -> bool:
    """A template, by national staff. A round's versions are drafted and approved on the round's own pages."""
    return criteria_set.round_id is None and criteria_set.frozen_at is None and staff_reach(user).everything


@admin.register(CriteriaSet)
class CriteriaSetAdmin(AuditedAdmin, DeskAdmin):
    edit_roles = MANAGERS
    inlines = [CriterionInline]
    fields = ["name", "group", "legal_basis", "is_illustrative"]
    list_display = ["name", "round_shown", "group", "version", "state", "frozen_at"]
    list_filter = ["state", "group"]
    list_select_related = ["round__territory"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CriteriaSet]:
        visible = Round.objects.visible_to(request.user).values("pk")
        return super().get_queryset(request).filter(Q(round__isnull=True) | Q(round__in=visible))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A template here; a version of a round on the round's own page."""
        found = self.get_object(request, unquote(object_id))
        if found is not None and found.round_id is not None:
            return redirect("admin:rounds_round_criteria_set", found.round_id, found.pk)
        return super().change_view(request, object_id, form_url, extra_context)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, self.edit_roles) if obj is None else may_edit_template(request.user, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # copied from the template or an earlier round, on the round's own page

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["group"]

    @admin.display(description=gettext_lazy("Kỳ bình chọn"), ordering="round__year")
    def round_shown(self, criteria_set: CriteriaSet) -> str:
        return criteria_set.round.title if criteria_set.round else _("Bộ mẫu")


@admin.register(CouncilRule)
class CouncilRuleAdmin(AuditedAdmin, ScopedAdmin):
    """The law on bodies as dated rows: administrators and national staff add to it."""

    edit_roles = frozenset({Role.AGENCY_NATIONAL})
    list_display = ["level", "sizes_shown", "signer", "legal_basis", "valid_from", "valid_to", "is_certain"]
    list_filter = ["level"]

    @admin.display(description=gettext_lazy("Số thành viên"))
    def sizes_shown(self, rule: CouncilRule) -> str:
        return _(" hoặc ").join(str(size) for size in rule.sizes) or _("chưa có quy định")
