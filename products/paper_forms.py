"""Forms for what is attached to a certificate and for the authorities that are trusted. They decide nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal

from .enums import PaperKind
from .models import TrustRoot
from .services import trust


class PaperForm(forms.Form):
    """A file for one of the two places of a certificate."""

    upload = forms.FileField(label=_("Tệp"))

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": kind})
        accepted = ".pdf" if kind == PaperKind.SIGNED else ".pdf,image/*"
        field = self.fields["upload"]
        field.widget.attrs["accept"] = accepted
        field.help_text = (
            _("PDF đã ký số, nặng không quá 20 MB. Cổng kiểm tra chữ ký ngay khi nhận.")
            if kind == PaperKind.SIGNED
            else _("Ảnh hoặc PDF chụp giấy đã ký, đóng dấu. Chỉ cán bộ và cơ sở xem được.")
        )


class TakeDownForm(forms.Form):
    reason = forms.CharField(label=_("Lý do thôi dùng tệp"), max_length=300)


class TrustRootForm(forms.ModelForm):
    """A new authority from a file or pasted text; of a known one only its days, name and note."""

    upload = forms.FileField(label=_("Tệp chứng thư"), required=False, help_text=_("Tệp .cer, .crt, .pem hoặc .p7b."))
    pasted = forms.CharField(
        label=_("Hoặc dán nội dung PEM"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("Bắt đầu bằng -----BEGIN CERTIFICATE-----."),
    )
    user: Any = None
    authorities: list[Any]

    class Meta:
        model = TrustRoot
        fields = ("name", "valid_from", "valid_to", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk or self.errors:
            return cleaned
        data = self._given(cleaned)
        if not data:
            self.add_error("upload", _("Hãy chọn tệp chứng thư, hoặc dán nội dung PEM."))
            return cleaned
        try:
            self.authorities = trust.authorities_in(data)
        except Refusal as refusal:
            apply_refusal(self, refusal)
        return cleaned

    def _given(self, cleaned: dict[str, Any]) -> bytes:
        upload = cleaned.get("upload")
        if upload:
            return bytes(upload.read(trust.MAX_BYTES + 1))
        return str(cleaned.get("pasted") or "").encode()
