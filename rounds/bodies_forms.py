"""What the pages of the bodies read: new members, a replacement, an end, limits, establishing decisions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.text.inputs import DateField
from products.enums import ProductGroup

from .enums import SEATS_OF_BODY, Body, SeatRole
from .models import EstablishingDecision, Seat

USUAL_SEAT = {Body.COUNCIL: SeatRole.MEMBER, Body.JURY: SeatRole.JUDGE, Body.SUPPORT: SeatRole.SUPPORT_MEMBER}
USUAL_SIZE = {Body.COUNCIL: 7, Body.JURY: 7, Body.SUPPORT: 3}
Choices = list[tuple[str, str]]


def people_choices(people: Iterable[User], *, without: frozenset[int] = frozenset()) -> Choices:
    """Names with their offices, read once for every row of a page."""
    return [
        (str(user.pk), f"{user}, {user.organisation}" if user.organisation else str(user))
        for user in people
        if user.pk not in without
    ]


class PersonField(forms.TypedChoiceField):
    """One of the people offered; becomes the key."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": _("Hãy chọn người."),
            "invalid_choice": _("Không có người này trong danh sách. Hãy chọn lại."),
        }
        super().__init__(coerce=int, empty_value=None, error_messages=messages, **kwargs)


class LimitsForm(forms.Form):
    """What a judge agreed to take."""

    max_sheets = forms.IntegerField(
        label=_("Số hồ sơ chấm tối đa"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Bỏ trống: không giới hạn."),
        error_messages={
            "min_value": _("Số hồ sơ chấm tối đa phải từ 1 trở lên."),
            "max_value": _("Số hồ sơ chấm tối đa không quá 1.000."),
            "invalid": _("Hãy ghi một số nguyên."),
        },
    )
    groups = forms.MultipleChoiceField(
        label=_("Chỉ phụ trách nhóm (không chọn: mọi nhóm)"),
        choices=ProductGroup.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class NewSeatForm(forms.Form):
    """One row of new members; a row without a person is left out."""

    user = PersonField(label=_("Người"), required=False)
    role = forms.ChoiceField(label=_("Vai trò"))
    since = DateField(label=_("Từ ngày"))

    def __init__(self, *args: Any, people: Choices, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", _("Chưa chọn")), *people]  # type: ignore[attr-defined]
        self.fields["role"].choices = [(role.value, role.label) for role in SEATS_OF_BODY[body]]  # type: ignore[attr-defined]


class NewSeats(forms.BaseFormSet):
    """Members that join a body together: nobody twice."""

    def clean(self) -> None:
        seen: set[int] = set()
        for form in self.forms:
            user = getattr(form, "cleaned_data", {}).get("user")
            if user in seen:
                form.add_error("user", _("Người này đã chọn ở dòng trên."))
            elif user:
                seen.add(user)
        if not any(self.errors) and not seen:
            raise forms.ValidationError(_("Hãy chọn ít nhất một người."))

    def named(self) -> list[forms.Form]:
        """Rows with a person in them."""
        return [form for form in self.forms if form.cleaned_data.get("user")]


class ReplaceForm(forms.Form):
    user = PersonField(label=_("Người thay"))
    since = DateField(label=_("Từ ngày"))
    reason = forms.CharField(
        label=_("Lý do"), max_length=200, error_messages={"required": _("Việc này cần lý do. Hãy ghi lý do.")}
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", _("Chưa chọn")), *people]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    until = DateField(label=_("Thôi từ ngày"))
    until_reason = forms.CharField(
        label=_("Lý do"), max_length=200, error_messages={"required": _("Việc này cần lý do. Hãy ghi lý do.")}
    )


class PaperForm(forms.ModelForm):
    """A paper that set up a body or changed it."""

    signed_on = DateField(label=_("Ngày ký"), required=False)
    scan = forms.FileField(label=_("Bản chụp (PDF hoặc ảnh)"), required=False)

    class Meta:
        model = EstablishingDecision
        fields = ["body", "title", "signed_on"]
        labels = {"title": _("Số, ngày, nơi ra quyết định")}
        error_messages = {"title": {"required": _("Hãy ghi số, ngày và nơi ra quyết định.")}}

    field_order = ["body", "title", "signed_on", "scan"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["body"]


def seat_label(seat: Seat) -> str:
    """ "Trần Thị Hòa, giám khảo" """
    return f"{seat.user}, {str(seat.get_role_display()).lower()}"
