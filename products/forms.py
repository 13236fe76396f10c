"""Forms of the desk; they translate what was typed and leave deciding to the services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.slug_forms import SlugForm

from . import rules, services
from .models import Certificate, Decision, Product, ProductPhoto, Recognition, SalesLink, SetMember, ValidityRule

KEPT = "products.kept-upload"


def rehearse(form: forms.BaseForm, act: Callable[[], Any]) -> None:
    """Try an act and take it back, so that its refusal stands at the field it belongs to."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def refuse_end_before_issue(form: forms.BaseForm) -> None:
    issued_on, expires_on = form.cleaned_data.get("issued_on"), form.cleaned_data.get("expires_on")
    if issued_on and expires_on and expires_on < issued_on:
        form.add_error("expires_on", _("Ngày hết hiệu lực không được trước ngày cấp."))


class ProductForm(SlugForm):
    """One product or set. A new product needs its facility; only old lists come without."""

    user: Any = None

    class Meta:
        model = Product
        fields = (
            "slug",
            "name",
            "name_en",
            "group",
            "group_certain",
            "is_set",
            "set_certain",
            "facility",
            "territory",
            "summary",
            "summary_en",
            "story",
            "story_en",
            "materials",
            "traceability_code",
            "first_made_year",
            "is_illustrative",
        )

    def clean_facility(self) -> Any:
        facility = self.cleaned_data["facility"]
        known_before = bool(self.instance.pk) and self.initial.get("facility") is None
        if facility is None and not known_before:
            raise forms.ValidationError(_("Chưa chọn cơ sở. Hãy chọn cơ sở làm ra sản phẩm, hoặc thêm cơ sở mới."))
        return facility

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        territory = self.cleaned_data.get("territory")
        if territory and self.user and not rules.may_enter_product(self.user, territory.pk):
            self.add_error("territory", _("Bạn không phải cán bộ của tỉnh này. Hãy chọn tỉnh của bạn."))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            services.prepare_product(self.instance)
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


class MemberFormSet(forms.BaseInlineFormSet):
    """The members of a set: at least one, none twice, none for a single product."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        names = [row["name"] for row in rows if row.get("name")]
        if names and not self.instance.is_set:
            raise forms.ValidationError(
                _("Chỉ bộ sản phẩm mới có thành phần. Hãy chọn “là bộ sản phẩm”, hoặc bỏ các thành phần.")
            )
        if self.instance.is_set and not names and not self._was_incomplete():
            raise forms.ValidationError(str(services.set_without_members()))
        if len({name_key(name) for name in names}) < len(names):
            raise forms.ValidationError(_("Có thành phần ghi hai lần. Hãy bỏ dòng lặp."))

    def _was_incomplete(self) -> bool:
        """An old list brought this set without members: other corrections must stay possible."""
        stored = Product.objects.filter(pk=self.instance.pk, is_set=True).first() if self.instance.pk else None
        return stored is not None and not SetMember.objects.filter(product_set=stored).exists()


class UploadForm(forms.ModelForm):
    """A row with a file. A file that was received is kept when the form comes back with errors elsewhere."""

    upload = forms.FileField(label=gettext_lazy("Tệp"), required=False)
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    file_field = "file"
    file_required = False
    allow: frozenset[Any] = frozenset({"image", "pdf"})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        stored = self._received()
        if stored is not None:
            setattr(self.instance, self.file_field, stored)
            self._keep(stored)
        elif self.file_required and not getattr(self.instance, f"{self.file_field}_id") and "upload" not in self.errors:
            self.add_error("upload", _("Chưa chọn tệp. Hãy chọn tệp để gửi."))
        return cleaned

    def _received(self) -> StoredFile | None:
        upload = self.cleaned_data.get("upload")
        if upload:
            try:
                return store(upload, allow=self.allow, field="upload")
            except Refusal as refusal:
                self.add_error("upload", str(refusal))
                return None
        return self._kept()

    def _kept(self) -> StoredFile | None:
        try:
            key = signing.loads(self.cleaned_data.get("kept") or "", salt=KEPT, max_age=86_400)
        except signing.BadSignature:
            return None
        return StoredFile.objects.filter(pk=key).first()

    def _keep(self, stored: StoredFile) -> None:
        data: Any = self.data
        self.data = data.copy()
        self.data[self.add_prefix("kept")] = signing.dumps(stored.pk, salt=KEPT)  # type: ignore[index]


class PhotoForm(UploadForm):
    upload = forms.FileField(
        label=gettext_lazy("Ảnh"), required=False, widget=forms.ClearableFileInput(attrs={"accept": "image/*"})
    )
    file_required = True
    allow = frozenset({"image"})

    class Meta:
        model = ProductPhoto
        fields = ("angle", "caption", "caption_en", "credit", "is_public", "position")


class LinkForm(forms.ModelForm):
    url = forms.URLField(label=gettext_lazy("Đường dẫn"), max_length=500, assume_scheme="https")

    class Meta:
        model = SalesLink
        fields = ("channel", "url")


class DecisionForm(UploadForm):
    """A decision signed outside. What identifies it is written once."""

    upload = forms.FileField(label=gettext_lazy("Bản chụp (PDF hoặc ảnh)"), required=False)
    file_field = "scan"
    user: Any = None

    class Meta:
        model = Decision
        fields = ("number", "symbol", "signed_on", "issuer", "signer", "title", "territory", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "signed_on" in self.fields:
            self.fields["signed_on"].required = True

    def _post_clean(self) -> None:
        signed_on = self.cleaned_data.get("signed_on")
        if signed_on:
            self.instance.year = signed_on.year
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and not self.instance.pk:
            rehearse(self, self.record)

    def record(self) -> Decision:
        row = self.instance
        return services.record_decision(
            number=row.number,
            symbol=row.symbol,
            signed_on=row.signed_on,
            issuer=row.issuer,
            signer=row.signer,
            title=row.title,
            territory=row.territory,
            scan=row.scan,
            source=row.source,
            actor=self.user,
        )


class NewRecognitionForm(forms.ModelForm):
    """Recognise a product from a decision on paper. The dated rules give its validity."""

    official_number = forms.CharField(label=gettext_lazy("Số giấy chứng nhận"), max_length=60, required=False)
    user: Any = None

    class Meta:
        model = Recognition
        fields = (
            "product",
            "level",
            "year",
            "round_ordinal",
            "territory",
            "locality",
            "decision",
            "issued_on",
            "expires_on",
            "source",
        )
        help_texts = {
            "expires_on": gettext_lazy("Bỏ trống để tính theo quy định; ghi ngày nếu giấy chứng nhận nêu rõ.")
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        refuse_end_before_issue(self)
        territory = self.cleaned_data.get("territory")
        if territory and self.user and not rules.may_edit(self.user, territory.pk):
            self.add_error("territory", _("Bạn không phải cán bộ của tỉnh này. Hãy chọn tỉnh của bạn."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The service fills the end of validity.
        return super()._get_validation_exclusions() | {"expires_on"}  # type: ignore[misc]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            rehearse(self, self.recognise)

    def recognise(self) -> Recognition:
        facts = self.cleaned_data
        return services.recognise(
            product=facts["product"],
            level=facts["level"],
            year=facts["year"],
            round_ordinal=facts["round_ordinal"],
            territory=facts["territory"],
            locality=facts["locality"],
            decision=facts["decision"],
            issued_on=facts["issued_on"],
            expires_on=facts["expires_on"],
            official_number=facts["official_number"],
            source=facts["source"],
            actor=self.user,
        )


class RecognitionForm(forms.ModelForm):
    """Correct the dates from the paper, with the reason; the same end again confirms what was worked out."""

    confirm = forms.BooleanField(
        label=gettext_lazy("Đã đối chiếu ngày hết hiệu lực với giấy chứng nhận"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Cần có khi sửa ngày hoặc ghi đã đối chiếu. Công khai trong diễn biến."),
    )
    user: Any = None

    class Meta:
        model = Recognition
        fields = ("issued_on", "expires_on")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        refuse_end_before_issue(self)
        if self._is_asked() and not self.cleaned_data.get("reason"):
            self.add_error("reason", _("Sửa hiệu lực cần lý do. Hãy ghi căn cứ, ví dụ “theo giấy chứng nhận”."))
        return cleaned

    def _is_asked(self) -> bool:
        return bool({"issued_on", "expires_on"} & set(self.changed_data)) or bool(self.cleaned_data.get("confirm"))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            rehearse(self, self.carry_out)

    def carry_out(self) -> None:
        """Write the dates of the paper."""
        facts = self.cleaned_data
        if self._is_asked() and facts["expires_on"]:
            services.set_validity(
                recognition=Recognition.objects.get(pk=self.instance.pk),
                expires_on=facts["expires_on"],
                issued_on=facts["issued_on"],
                reason=facts["reason"],
                actor=self.user,
            )


class CertificateForm(forms.ModelForm):
    class Meta:
        model = Certificate
        fields = ("official_number",)


class ValidityRuleForm(forms.ModelForm):
    """A dated rule. Two rules may not hold on one day, or a certificate would have two ends."""

    class Meta:
        model = ValidityRule
        fields = ("code", "legal_basis", "valid_from", "valid_to", "years", "to_end_of_year", "is_certain", "note")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        start, end = self.cleaned_data.get("valid_from"), self.cleaned_data.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _("Ngày kết thúc không được trước ngày bắt đầu."))
            return cleaned
        for other in ValidityRule.objects.exclude(pk=self.instance.pk):
            begins_before = other.valid_to is None or (start is not None and start <= other.valid_to)
            ends_after = end is None or other.valid_from <= end
            if start and begins_before and ends_after:
                self.add_error(
                    "valid_from",
                    _("Trùng thời gian với “%(name)s”. Hãy ghi ngày kết thúc của quy định đó trước.")
                    % {"name": other.legal_basis},
                )
        return cleaned
