"""Forms of the person's own account."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .logins import tidy
from .models import User

DIGITS = 6


class LoginForm(AuthenticationForm):
    """Name and password; one sentence for whatever is wrong, so that nobody learns which."""

    error_messages = {
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra phím Caps Lock và bộ gõ tiếng Việt."),
        "inactive": _("Tài khoản này đã ngừng dùng. Hãy hỏi quản trị hệ thống của đơn vị bạn."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Tên đăng nhập")
        self.fields["password"].label = _("Mật khẩu")

    def clean_username(self) -> str:
        """Who registered with a phone number or an address may type it with spaces or in capitals."""
        typed = str(self.cleaned_data["username"])
        return typed if User.objects.filter(username=typed).exists() else tidy(typed)


class TokenForm(forms.Form):
    """Six digits from the person's phone, spaces forgiven."""

    token = forms.CharField(
        label=pgettext_lazy("second factor", "Mã 6 số"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "num"}
        ),
    )

    def clean_token(self) -> str:
        token = "".join(str(self.cleaned_data["token"]).split())
        if not (token.isascii() and token.isdigit() and len(token) == DIGITS):
            raise forms.ValidationError(_("Mã gồm đúng 6 chữ số. Hãy nhập mã đang hiện trên điện thoại."))
        return token
