"""Forms of people who register for a facility; they translate what was typed and decide nothing."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from portal.accounts.logins import as_phone, tidy
from portal.accounts.models import User
from portal.territory.models import Territory
from portal.text.folding import name_key, normalise

from . import taxcode
from .enums import FacilityKind
from .models import Facility, Representative
from .registration import Claim

KINDS = [
    ("", _("Chọn loại hình")),
    *((kind.value, kind.label) for kind in FacilityKind if kind != FacilityKind.UNKNOWN),
]


class ClaimForm(forms.Form):
    """The facility a person says they speak for."""

    name = forms.CharField(
        label=_("Tên cơ sở"),
        max_length=250,
        help_text=_("Ghi như trong giấy đăng ký kinh doanh."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    kind = forms.ChoiceField(label=_("Loại hình"), choices=KINDS)
    tax_code = forms.CharField(
        label=_("Mã số thuế"),
        max_length=20,
        required=False,
        help_text=_("10 số, 10-3 số với chi nhánh, hoặc 12 số định danh của chủ hộ."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
    )
    territory = forms.ModelChoiceField(
        label=_("Tỉnh, thành phố"), queryset=Territory.objects.none(), empty_label=_("Chọn tỉnh, thành phố")
    )
    commune = forms.CharField(
        label=_("Xã, phường"),
        max_length=100,
        help_text=_("Tên xã, phường hiện nay, sau sắp xếp."),
        widget=forms.TextInput(attrs={"list": "cac-xa", "autocomplete": "off"}),
    )
    address = forms.CharField(
        label=_("Thôn, số nhà, đường"),
        max_length=180,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    phone = forms.CharField(
        label=_("Số điện thoại để Sở gọi lại"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "num"}),
    )
    position = forms.CharField(
        label=_("Chức vụ của bạn ở cơ sở"),
        max_length=120,
        help_text=_("Ví dụ: giám đốc, chủ hộ, kế toán."),
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.filter(valid_to__isnull=True)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Representative) -> "ClaimForm":
        """The form as the person filled it."""
        return cls(
            initial={
                "name": row.claimed_name,
                "kind": row.claimed_kind,
                "tax_code": row.claimed_tax_code,
                "territory": row.territory_id,
                "commune": str(row.commune or ""),
                "address": row.claimed_address,
                "phone": row.phone,
                "position": row.position,
            }
        )

    def clean_name(self) -> str:
        name = normalise(self.cleaned_data["name"])
        if not name_key(name):
            raise ValidationError(_("Tên cơ sở cần có chữ. Hãy ghi như trong giấy đăng ký kinh doanh."))
        return name

    def clean_tax_code(self) -> str:
        code = taxcode.normalise(self.cleaned_data["tax_code"])
        if warning := taxcode.check(code):
            raise ValidationError(warning)
        return code

    def clean_phone(self) -> str:
        phone = as_phone(self.cleaned_data["phone"])
        if phone is None:
            raise ValidationError(_("Số điện thoại chưa đúng. Hãy ghi đủ số, ví dụ 0912 345 678."))
        return phone

    def claim(self) -> Claim:
        """What was claimed; only after the form is valid."""
        facts = self.cleaned_data
        return Claim(
            **{name: facts[name] for name in ("name", "kind", "territory", "tax_code", "commune", "address", "phone")},
            position=facts["position"],
        )


class RegistrationForm(ClaimForm):
    """Person, facility, consent. `website` is a trap: people do not see it, programs fill it."""

    full_name = forms.CharField(
        label=_("Họ và tên"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    login = forms.CharField(
        label=_("Số điện thoại hoặc thư điện tử"),
        max_length=150,
        help_text=_("Dùng làm tên đăng nhập. Có thư điện tử thì cổng báo tin qua thư."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Mật khẩu"),
        help_text=_("Từ 10 ký tự, không chỉ gồm số, không giống tên của bạn."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )
    consent = forms.BooleanField(
        label=_("Tôi đồng ý để Sở Công Thương dùng các thông tin trên vào những việc vừa nêu"),
        error_messages={"required": _("Hãy đánh dấu đồng ý, vì Sở cần các thông tin này để xác nhận bạn.")},
    )
    website = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
        label=_("Để trống ô này"),
    )

    PERSON = ("full_name", "login", "password")
    FACILITY = ("name", "kind", "tax_code", "territory", "commune", "address", "position", "phone")

    @property
    def person_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.PERSON]

    @property
    def facility_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FACILITY]

    def clean_login(self) -> str:
        login = tidy(self.cleaned_data["login"])
        if "@" in login:
            validate_email(login)
        elif as_phone(login) is None:
            raise ValidationError(_("Hãy ghi số điện thoại di động, ví dụ 0912 345 678, hoặc một địa chỉ thư điện tử."))
        return login

    def clean_full_name(self) -> str:
        return normalise(self.cleaned_data["full_name"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        facts = self.cleaned_data
        if password := facts.get("password"):
            person = User(
                username=facts.get("login", ""), email=facts.get("login", ""), full_name=facts.get("full_name", "")
            )
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    @property
    def is_trapped(self) -> bool:
        """Whether a program filled the input that people do not see."""
        return bool(self.data.get("website", "").strip())


class OwnFacilityForm(forms.ModelForm):
    """What the representative may correct without the officer."""

    class Meta:
        model = Facility
        fields = ("address_today", "introduction")
        help_texts = {
            "address_today": _("Ghi theo xã, phường và tỉnh hiện nay."),
            "introduction": _("Vài câu về cơ sở, hiện ở trang công khai của cơ sở."),
        }
        widgets = {"introduction": forms.Textarea(attrs={"rows": 6, "maxlength": 4000})}
