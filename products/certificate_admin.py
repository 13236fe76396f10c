"""Certificates and their books among the desk's tables."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import ScopedAdmin
from portal.accounts.queries import own_province
from portal.text.clock import today
from portal.text.filters import search_words

from . import certificate_desk, certificate_print, codes, rules, services
from .certificate_forms import LANGUAGES, BookForm
from .forms import CertificateForm
from .models import Certificate, CertificateBook


class InUseFilter(admin.SimpleListFilter):
    title = gettext_lazy("giấy")
    parameter_name = "paper"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", _("Chưa có số")), ("in_use", _("Đang dùng")), ("replaced", _("Đã được thay"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        conditions = {
            "waiting": Q(official_number="", superseded_on=None),
            "in_use": Q(superseded_on=None),
            "replaced": Q(superseded_on__isnull=False),
        }
        condition = conditions.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


@admin.register(Certificate)
class CertificateAdmin(ScopedAdmin):
    """Codes are made once and never typed; a number is given from the book, or copied from a paper made elsewhere."""

    form = CertificateForm
    edit_roles = rules.EDITORS
    list_display = ["shown_code", "recognition", "official_number", "issued_on", "superseded_on"]
    list_filter = [InUseFilter]
    list_select_related = ["recognition__product", "recognition__territory"]
    search_fields = ["code"]
    search_help_text = gettext_lazy("Mã tra cứu, số giấy chứng nhận hoặc tên sản phẩm")
    fields = [
        "shown_code",
        "recognition",
        "official_number",
        "issued_on",
        "edition",
        "superseded_on",
        "superseded_reason",
    ]
    readonly_fields = ["shown_code", "recognition", "issued_on", "edition", "superseded_on", "superseded_reason"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        frozen = ["official_number"] if obj is not None and obj.content_hash else []
        return [*super().get_readonly_fields(request, obj), *frozen]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = object_id.isdecimal() and certificate_print.printable(self.get_queryset(request)).filter(pk=object_id)
        certificate = found.first() if found else None
        extra = self._acts(request, certificate) if certificate else {}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def _acts(self, request: HttpRequest, certificate: Certificate) -> dict[str, Any]:
        """What can be done with this certificate, and the editions before and after it."""
        recognition = certificate.recognition
        may = rules.may_end(request.user, recognition)
        why_not = services.why_not_issue(certificate, on=today())
        kept = {"show_save": False, "show_save_and_continue": False} if certificate.content_hash else {}
        return kept | {
            "life": {
                "editions": certificate_desk.editions(certificate),
                "mark": certificate_print.mark_of(certificate, on=today()),
                "languages": LANGUAGES,
                "decision": recognition.decision,
                "may_issue": may and not why_not,
                "may_reissue": may
                and not certificate.superseded_on
                and not services.why_not_reissue(recognition, on=today()),
                "why_not": "" if certificate.official_number else why_not,
            }
        }

    @admin.display(description=gettext_lazy("Mã tra cứu"), ordering="code")
    def shown_code(self, paper: Certificate) -> str:
        return codes.display(paper.code)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Certificate], search_term: str
    ) -> tuple[QuerySet[Certificate], bool]:
        named = Q(official_number__icontains=search_term.strip()) if search_term.strip() else Q()
        words = Q()
        for word in search_words(search_term):
            words &= Q(recognition__product__search_text__contains=word)
        code = codes.normalise(search_term)
        return queryset.filter(Q(code__startswith=code) | named | words) if code else queryset, False

    def save_model(self, request: HttpRequest, obj: Certificate, form: Any, change: bool) -> None:
        if form.changed_data:
            services.number_certificate(certificate=obj, official_number=obj.official_number, actor=request.user)


@admin.register(CertificateBook)
class CertificateBookAdmin(ScopedAdmin):
    """Books open by themselves with the first number; here one begun on paper is carried on."""

    form = BookForm
    edit_roles = rules.EDITORS
    list_display = ["issuer", "year", "pattern", "last_number"]
    list_filter = ["year"]
    search_fields = ["issuer_key"]
    search_help_text = gettext_lazy("Tên cơ quan cấp")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return [(None, {"fields": ["issuer", "year", "territory", "pattern", "last_number"]})]
        about = gettext_lazy(
            "Chỉ cần lập sổ trước khi trong năm đã cấp số trên giấy. Nếu chưa, sổ tự mở khi cấp số đầu tiên."
        )
        return [
            (
                None,
                {
                    "fields": ["issuer", ("year", "territory"), "pattern", "paper_number", "reason"],
                    "description": about,
                },
            )
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["issuer", "year", "territory", "last_number"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        start = {"territory": own_province(request.user), "year": today().year}
        return {**start, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: CertificateBook, form: Any, change: bool) -> None:
        if not change:
            obj.pk = form.start().pk
        elif form.changed_data:
            form.set_pattern()
