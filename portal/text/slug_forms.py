"""The address of a public page as officers may change it: the old one goes on leading there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

SLUG_FIELDS = (_("Địa chỉ trang công khai"), {"fields": ["slug"]})


class SlugForm(forms.ModelForm):
    """A form whose row has an address. Left empty, the address stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("slug"):
            field.help_text = _("Chữ thường không dấu, số và gạch nối. Đổi thì địa chỉ cũ tự dẫn sang địa chỉ mới.")
            field.error_messages["invalid"] = _("Địa chỉ chỉ gồm chữ không dấu, số và gạch nối, ví dụ che-tan-cuong.")

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].lower() or self.initial.get("slug", "")
        if type(self.instance)._default_manager.filter(slug=slug).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Địa chỉ này đã có trang khác dùng. Hãy thêm tên cơ sở hoặc tên tỉnh."))
        return str(slug)
