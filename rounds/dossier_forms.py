"""Forms on the page of a dossier: they read what people type and decide nothing; services decide."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from facilities.enums import FacilityKind
from portal.territory.models import Commune
from portal.text.inputs import DateField, MomentField, ReasonForm, key_of
from products.enums import ProductGroup

from .enums import Addressee, CheckAnswer, CheckKind, DocumentKind, Origin, SetBasis
from .intake_forms import EMPTY_ROWS, PlainCheckboxes
from .intake_matches import communes_to_enter
from .intake_queries import rules_for
from .models import Dossier, EligibilityRule
from .statement import STATEMENT_PARTS

LETTER_TO = {
    Addressee.FACILITY: _("Gửi cơ sở"),
    Addressee.COMMUNE: _("Gửi Ủy ban nhân dân cấp xã"),
    Addressee.LOWER_AUTHORITY: _("Gửi đơn vị tổ chức bình chọn cấp dưới"),
}


class ActForm(forms.Form):
    """A form about one dossier; it may shape its fields by it."""

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dossier = dossier
        self.shape()

    def shape(self) -> None:
        """For forms whose fields depend on the dossier."""


class WithReason(ActForm, ReasonForm):
    pass


class SubmitForm(ActForm):
    received_on = DateField(
        label=_("Ngày nhận hồ sơ giấy"),
        required=False,
        help_text=_("Hồ sơ giấy nhận trước hạn vẫn nhập được sau hạn, theo ngày nhận này."),
    )


class AdmitForm(ActForm):
    remark = forms.CharField(
        label=_("Nhận xét của tổ giúp việc"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class DocumentForm(ActForm):
    """One paper with its own name and date; several files at once have their own form."""

    kind = forms.ChoiceField(
        label=_("Loại giấy tờ"),
        choices=DocumentKind.choices,
        error_messages={"invalid_choice": _("Không có loại giấy tờ này. Hãy chọn lại.")},
    )
    file = forms.FileField(label=_("Tệp"), required=False, help_text=_("PDF, .docx, .xlsx hoặc ảnh JPEG, PNG, WebP."))
    on_paper = forms.BooleanField(label=_("Đã nhận bản giấy"), required=False)
    title = forms.CharField(label=_("Tên giấy tờ"), max_length=200, required=False)
    valid_until = DateField(label=_("Còn hạn đến"), required=False)


class PapersForm(ActForm):
    """Papers that came on paper, ticked in one go."""

    kinds = forms.MultipleChoiceField(
        label=_("Giấy tờ vừa nhận bản giấy"),
        widget=PlainCheckboxes,
        error_messages={"required": _("Hãy đánh dấu ít nhất một giấy tờ.")},
    )

    def shape(self) -> None:
        kinds: Any = self.fields["kinds"]
        kinds.choices = DocumentKind.choices


class FixForm(ActForm):
    remark = forms.CharField(
        label=_("Điều cần sửa"), max_length=300, error_messages={"required": _("Hãy ghi điều cần sửa.")}
    )


class RequestForm(ActForm):
    """What each addressee is asked for, in words written from the rows. No words, no request."""

    until = MomentField(label=_("Hạn bổ sung"), error_messages={"required": _("Hãy chọn hạn bổ sung.")})

    def shape(self) -> None:
        for addressee in Addressee:
            self.fields[f"words_{addressee.value}"] = forms.CharField(
                label=LETTER_TO[addressee], required=False, widget=forms.Textarea(attrs={"rows": 4})
            )

    def words(self) -> dict[Addressee, str]:
        found = {addressee: self.cleaned_data[f"words_{addressee.value}"].strip() for addressee in Addressee}
        return {addressee: words for addressee, words in found.items() if words}


class AnswersForm(ActForm):
    """What a person found about the conditions, each with its ground; those left blank stay as they are.

    One ground may serve all that have none of their own: most dossiers are checked on one visit, from one paper.
    """

    common = forms.CharField(
        label=_("Căn cứ chung"),
        max_length=500,
        required=False,
        help_text=_("Dùng cho những điều kiện đã chọn kết quả mà không ghi căn cứ riêng."),
    )

    def shape(self) -> None:
        on = timezone.localdate()
        self.rules = [rule for rule in rules_for(self.dossier, on=on) if rule.kind == CheckKind.ANSWERED]
        known = {one.rule_id: one for one in self.dossier.answers.all()}
        for rule in self.rules:
            self.fields[f"answer_{rule.pk}"] = forms.ChoiceField(
                label=rule.sentence,
                choices=CheckAnswer.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=known[rule.pk].answer if rule.pk in known else None,
            )
            self.fields[f"reason_{rule.pk}"] = forms.CharField(
                label=_("Căn cứ, lý do"),
                max_length=500,
                required=False,
                initial=known[rule.pk].reason if rule.pk in known else "",
                widget=forms.TextInput(attrs={"placeholder": _("Căn cứ, lý do")}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for rule in self.rules:
            answer, reason = cleaned.get(f"answer_{rule.pk}"), cleaned.get(f"reason_{rule.pk}", "").strip()
            if answer and not reason and not cleaned.get("common"):
                self.add_error(f"reason_{rule.pk}", _("Hãy ghi căn cứ của câu trả lời."))
            if reason and not answer:
                self.add_error(f"answer_{rule.pk}", _("Hãy chọn kết quả kiểm tra."))
        if not self.errors and not self.answers():
            raise forms.ValidationError(_("Chưa trả lời điều kiện nào. Hãy chọn kết quả và ghi căn cứ."))
        return cleaned

    def answers(self) -> dict[EligibilityRule, tuple[str, str]]:
        """The conditions that were answered, as the service takes them."""
        data = self.cleaned_data
        return {
            rule: (data[f"answer_{rule.pk}"], data[f"reason_{rule.pk}"] or data["common"])
            for rule in self.rules
            if data.get(f"answer_{rule.pk}")
        }


class StatementForm(ActForm):
    """The product statement in its four parts, as the score sheet reads them."""

    statement_market = forms.CharField(label=_("1. Thị trường và khả năng phát triển sản xuất"), required=False)
    statement_technology = forms.CharField(label=_("2. Kinh tế, kỹ thuật, xã hội và môi trường"), required=False)
    statement_culture = forms.CharField(label=_("3. Văn hóa, thẩm mỹ"), required=False)
    statement_other = forms.CharField(label=_("4. Nội dung khác"), required=False)
    statement = forms.CharField(label=_("Nội dung ghi chung, chưa tách phần"), required=False)
    support_remark = forms.CharField(label=_("Nhận xét của tổ giúp việc"), required=False)
    booth = forms.CharField(label=_("Gian trưng bày"), max_length=20, required=False)
    first_time = forms.BooleanField(label=_("Sản phẩm tham gia lần đầu"), required=False)

    def shape(self) -> None:
        for name in (*STATEMENT_PARTS, "statement", "support_remark"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2 if name == "support_remark" else 4})
        if not self.dossier.statement:
            del self.fields["statement"]


class SourceForm(ActForm):
    """How and when the dossier came, and the public service's own numbers."""

    received_on = DateField(label=_("Ngày nhận hồ sơ"), required=False)
    set_basis = forms.ChoiceField(
        label=_("Căn cứ của bộ"), choices=[("", _("Chưa chọn")), *SetBasis.choices], required=False
    )
    public_service_code = forms.CharField(label=_("Mã hồ sơ dịch vụ công"), max_length=60, required=False)
    public_service_received_on = DateField(label=_("Ngày tiếp nhận trên cổng dịch vụ công"), required=False)
    public_service_due_on = DateField(label=_("Ngày hẹn trả trên cổng dịch vụ công"), required=False)

    def shape(self) -> None:
        if not self.dossier.product.is_set:
            del self.fields["set_basis"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.dossier.origin == Origin.PUBLIC_SERVICE and not cleaned.get("public_service_code"):
            self.add_error("public_service_code", _("Hãy ghi mã hồ sơ trên cổng dịch vụ công."))
        received, due = cleaned.get("public_service_received_on"), cleaned.get("public_service_due_on")
        if received and due and due < received:
            self.add_error("public_service_due_on", _("Ngày hẹn trả không được trước ngày tiếp nhận."))
        return cleaned


class FacilityFactsForm(ActForm):
    name = forms.CharField(label=_("Tên cơ sở"), max_length=250, error_messages={"required": _("Hãy ghi tên cơ sở.")})
    kind = forms.ChoiceField(label=_("Loại hình"), choices=FacilityKind.choices)
    tax_code = forms.CharField(label=_("Mã số thuế"), max_length=20, required=False)
    commune = forms.ModelChoiceField(
        Commune.objects.none(), label=_("Xã, phường"), required=False, empty_label=_("Chưa rõ xã")
    )
    address_today = forms.CharField(label=_("Địa chỉ hiện nay"), max_length=300, required=False)

    def shape(self) -> None:
        commune: Any = self.fields["commune"]
        known = self.dossier.product.facility.commune_id if self.dossier.product.facility else None
        offered = communes_to_enter(self.dossier.round)
        commune.queryset = offered | Commune.objects.filter(pk=known) if known else offered


class ProductFactsForm(ActForm):
    """`members` come beside the form, as many rows as there are."""

    name = forms.CharField(
        label=_("Tên sản phẩm"), max_length=300, error_messages={"required": _("Hãy ghi tên sản phẩm.")}
    )
    group = forms.ChoiceField(label=_("Nhóm sản phẩm"), choices=ProductGroup.choices)
    materials = forms.CharField(label=_("Nguyên, vật liệu"), max_length=300, required=False)
    members = forms.Field(label=_("Sản phẩm trong bộ"), required=False, widget=forms.MultipleHiddenInput)

    def shape(self) -> None:
        if not self.dossier.product.is_set:
            del self.fields["members"]

    @property
    def member_rows(self) -> list[str]:
        if "members" not in self.fields:
            return []
        names = self.data.getlist("members") if self.is_bound else list(self.initial.get("members", ()))  # type: ignore[attr-defined]
        return [*names, *[""] * max(1, EMPTY_ROWS - len(names))]

    def clean_members(self) -> list[str]:
        return self.data.getlist("members")  # type: ignore[attr-defined, no-any-return]


class ReuseForm(ActForm):
    """Ticks beside the earlier papers; the service knows which of them may be used again."""

    documents = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def clean_documents(self) -> list[int]:
        ticked = [key for text in self.data.getlist("documents") if (key := key_of(text)) is not None]  # type: ignore[attr-defined]
        if not ticked:
            raise forms.ValidationError(_("Hãy đánh dấu ít nhất một giấy tờ."))
        return ticked


class NothingForm(ActForm):
    """An act without words."""
