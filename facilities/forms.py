"""Forms of the desk; they translate what was typed and leave deciding to the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.slug_forms import SlugForm

from . import contacts, rules, services
from .models import Contact, Facility


class FacilityForm(SlugForm):
    """One facility. The service's refusals appear at the field they belong to."""

    user: Any = None

    class Meta:
        model = Facility
        fields = (
            "slug",
            "name",
            "name_en",
            "kind",
            "tax_code",
            "founded_year",
            "is_illustrative",
            "territory",
            "commune",
            "address_recognised",
            "address_today",
            "latitude",
            "longitude",
            "introduction",
            "introduction_en",
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        territory = self.cleaned_data.get("territory")
        if territory and self.user and not rules.may_edit(self.user, territory.pk):
            self.add_error("territory", _("Bạn không phải cán bộ của tỉnh này. Hãy chọn tỉnh của bạn."))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                services.prepare(self.instance)
            except Refusal as refusal:
                self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = ("kind", "value", "person", "may_publish", "may_notify", "consent_on", "consent_proof")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        kind, value = self.cleaned_data.get("kind"), self.cleaned_data.get("value")
        if kind and value:
            try:
                self.cleaned_data["value"] = contacts.tidy(kind, value)
            except Refusal as refusal:
                self.add_error("value", str(refusal))
        return cleaned
