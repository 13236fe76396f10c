"""People, their roles and offices: the administrators' pages."""

import datetime as dt
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import SetPasswordMixin, UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.audit.admin_base import AuditedAdmin
from portal.text.clock import today

from . import services
from .admin_base import ScopedAdmin, ScopedInline
from .admin_forms import GrantForm
from .enums import Role
from .models import Grant, Organisation, User

NOBODY: frozenset[str] = frozenset()

# Raw tables of other packages: people are handled on the pages below.
for _model in (Group, TOTPDevice, AccessAttempt, AccessLog, AccessFailureLog):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class UserForm(UserChangeForm):
    # The hash says nothing to people; the page links to setting a new password instead.
    password = None  # type: ignore[assignment]

    class Meta(UserChangeForm.Meta):
        model = User


class UserAddForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "full_name", "email")


class NewPasswordForm(SetPasswordMixin, forms.Form):
    """A password that an administrator hands to a person."""

    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.user)
        # What Django's page asks of its own form: password login stays on.
        return {**self.cleaned_data, "set_usable_password": True}

    def save(self, commit: bool = True) -> User:
        return self.set_password_and_save(self.user, commit=commit)

    @property
    def changed_data(self) -> list[str]:
        return ["password1"] if super().changed_data else []


class GrantInline(ScopedInline):
    """Roles end by their date and stay on record; none is deleted."""

    model = Grant
    form = GrantForm
    template = "admin/edit_inline/stacked.html"
    view_roles = edit_roles = NOBODY
    fields = [("role", "territory"), ("region", "commune"), ("valid_from", "valid_to"), "note"]
    raw_id_fields = ["commune"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RoleFilter(admin.SimpleListFilter):
    """People by the role they hold today."""

    title = gettext_lazy("vai trò hôm nay")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((role.value, str(role.label)) for role in Role), ("none", _("Không có"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        active = Grant.objects.active(today())
        if self.value() == "none":
            return queryset.exclude(pk__in=active.values("user_id"))
        return queryset.filter(pk__in=active.filter(role=self.value()).values("user_id")) if self.value() else queryset


@admin.register(User)
class UserAdmin(AuditedAdmin, ScopedAdmin, DjangoUserAdmin):  # type: ignore[misc]
    view_roles = edit_roles = NOBODY
    form = UserForm
    add_form = UserAddForm
    add_form_template = "admin/accounts/add_user.html"
    change_password_form = NewPasswordForm
    change_user_password_template = "admin/accounts/new_password.html"  # noqa: S105  a path
    inlines = [GrantInline]
    list_display = ["full_name", "username", "organisation", "roles_today", "is_active", "last_login"]
    list_filter = ["is_active", RoleFilter]
    list_select_related = ["organisation"]
    search_fields = ["full_name", "username", "email"]
    search_help_text = gettext_lazy("Họ tên, tên đăng nhập hoặc thư điện tử")
    ordering = ["full_name"]
    filter_horizontal = []
    autocomplete_fields = ["organisation"]
    readonly_fields = ["new_password", "last_login", "date_joined"]
    actions = ["unlock", "remove_second_factor"]
    fieldsets = [
        (None, {"fields": ["username", "new_password"]}),
        (gettext_lazy("Người dùng"), {"fields": ["full_name", "title", "organisation", "email"]}),
        (
            gettext_lazy("Tình trạng"),
            {
                "fields": ["is_active", "last_login", "date_joined"],
                "description": gettext_lazy(
                    "Người thôi việc: bỏ dấu “đang hoạt động” và ghi ngày kết thúc vai trò, không xóa tài khoản."
                ),
            },
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "full_name", "email", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        active = Grant.objects.active(today()).select_related("territory")
        return super().get_queryset(request).prefetch_related(Prefetch("grants", active, to_attr="active_grants"))

    @admin.display(description=gettext_lazy("Vai trò hôm nay"))
    def roles_today(self, user: Any) -> str:
        return "; ".join(str(grant) for grant in user.active_grants) or _("không có")

    @admin.display(description=gettext_lazy("Mật khẩu"))
    def new_password(self, user: User) -> str:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, _("Đặt mật khẩu mới"))

    @admin.action(description=gettext_lazy("Mở khóa đăng nhập"), permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = sum(services.unlock(user=user, actor=request.user) for user in queryset)  # type: ignore[arg-type]
        said = ngettext("Đã mở khóa %(done)d tài khoản.", "Đã mở khóa %(done)d tài khoản.", done)
        self.message_user(request, said % {"done": done}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Gỡ mã xác thực để gắn lại"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = sum(services.remove_second_factor(user=user, actor=request.user) for user in queryset)  # type: ignore[arg-type]
        said = ngettext("Đã gỡ mã xác thực của %(done)d tài khoản.", "Đã gỡ mã xác thực của %(done)d tài khoản.", done)
        self.message_user(request, said % {"done": done}, messages.SUCCESS)


class HoldsFilter(admin.SimpleListFilter):
    title = gettext_lazy("thời gian")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("Đang giữ")), ("past", _("Đã hết")), ("later", _("Chưa đến"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant]:
        condition = _holding(today()).get(self.value() or "")
        return queryset.filter(condition) if condition is not None else queryset


def _holding(on: dt.date) -> dict[str, Q]:
    ended, later = Q(valid_to__lt=on), Q(valid_from__gt=on)
    return {
        "now": Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on)),
        "past": ended,
        "later": later,
    }


@admin.register(Grant)
class GrantAdmin(AuditedAdmin, ScopedAdmin):
    form = GrantForm
    view_roles = edit_roles = NOBODY
    list_display = ["user", "role", "territory", "region", "valid_from", "valid_to"]
    list_filter = ["role", HoldsFilter]
    list_select_related = ["user", "territory"]
    search_fields = ["user__full_name", "user__username", "territory__name"]
    search_help_text = gettext_lazy("Họ tên, tên đăng nhập hoặc tỉnh")
    autocomplete_fields = ["user"]
    raw_id_fields = ["commune"]
    fieldsets = [
        (None, {"fields": ["user", "role"]}),
        (
            gettext_lazy("Phạm vi"),
            {
                "fields": ["territory", "commune", "region"],
                "description": gettext_lazy(
                    "Vai trò của Sở cần chọn tỉnh; cán bộ cấp xã chọn tỉnh và xã; cán bộ Cục phụ trách khu vực chọn "
                    "khu vực; Cục và quản trị để trống. Tỉnh đã sáp nhập thì vai trò theo tỉnh mới."
                ),
            },
        ),
        (gettext_lazy("Thời hạn"), {"fields": ["valid_from", "valid_to", "note"]}),
    ]


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin, ScopedAdmin):
    view_roles = edit_roles = NOBODY
    list_display = ["name", "kind", "territory"]
    list_filter = ["kind"]
    list_select_related = ["territory"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Tên đơn vị")
