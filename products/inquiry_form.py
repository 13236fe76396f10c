"""The forms in which visitors write; they translate what was typed and decide nothing."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

from portal.territory.models import Territory

from . import robots
from .enums import ErrorAbout
from .services.inquiries import Words

LONGEST = 2500
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,28}")
_CONSENT = gettext_lazy("Hãy đánh dấu đồng ý, hoặc bỏ trống họ tên và cách liên hệ.")
_CONSENT_NEEDED = gettext_lazy("Hãy đánh dấu đồng ý, vì nơi nhận cần các thông tin này để trả lời bạn.")
_NUL = gettext_lazy("Ô này có ký tự không đọc được. Hãy gõ lại.")


def line(label: Any, *, required: Any = "", most: int = 120, help_text: Any = "", **attrs: str) -> forms.CharField:
    """One line of text; `required` is the sentence said when it is left out."""
    box = forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, help_text=help_text, widget=box, **_said(required, most))


def text(label: Any, *, required: Any, help_text: Any = "", rows: int = 6) -> forms.CharField:
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=box, **_said(required, LONGEST))


def mail(required: Any = "", help_text: Any = "") -> forms.EmailField:
    box = forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"})
    invalid = {"invalid": gettext_lazy("Địa chỉ thư chưa đúng. Hãy ghi đủ, ví dụ ten@example.vn.")}
    facts = _said(required, 200, **invalid)
    return forms.EmailField(label=gettext_lazy("Thư điện tử"), help_text=help_text, widget=box, **facts)


def _said(required: Any, most: int, **more: Any) -> dict[str, Any]:
    """How long a text may be, whether it is needed, and the sentence for everything that can be wrong with it."""
    long = ngettext_lazy(
        "Ô này dài quá %(limit_value)d ký tự. Hãy viết ngắn lại.",
        "Ô này dài quá %(limit_value)d ký tự. Hãy viết ngắn lại.",
        "limit_value",
    )
    said = {"required": required or "", "max_length": long, "null_characters_not_allowed": _NUL}
    return {"max_length": most, "required": bool(required), "error_messages": said | more}


class LetterForm(forms.Form):
    """What every form asks: how to answer, the agreement to keep it, and the trap that people do not see."""

    name = line(gettext_lazy("Họ và tên"), autocomplete="name")
    email = mail()
    phone = line(gettext_lazy("Số điện thoại"), most=30, type="tel", autocomplete="tel")
    consent = forms.BooleanField(required=False)
    website = forms.CharField(
        required=False,
        label=gettext_lazy("Để trống ô này"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    FIELDS: tuple[str, ...] = ()
    # Fields of which one must be filled, because an answer is asked for.
    REACH: tuple[str, ...] = ()

    def __init__(self, *args: Any, consent: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = consent
        self.order_fields([*self.FIELDS, "consent"])

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIELDS]

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if phone and not _PHONE.fullmatch(phone):
            raise ValidationError(_("Số điện thoại chưa đúng. Hãy ghi đủ số, ví dụ 0912 345 678."))
        return phone

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        facts = self.cleaned_data
        if self.REACH and not any(facts.get(name) or name in self.errors for name in self.REACH):
            self.add_error(self.REACH[0], _("Hãy ghi thư điện tử hoặc số điện thoại để nơi nhận trả lời bạn."))
        tells_who = any(facts.get(name) for name in ("name", "organisation", "email", "phone"))
        if (self.REACH or tells_who) and not facts.get("consent"):
            self.add_error("consent", _CONSENT_NEEDED if self.REACH else _CONSENT)
        return cleaned

    def words(self) -> Words:
        """What was written; only after the form is valid."""
        facts = {name: self.cleaned_data.get(name, "") for name in ("name", "email", "phone", "message")}
        return Words(**facts, language="en" if get_language() == "en" else "vi", **self.more())

    def more(self) -> dict[str, Any]:
        return {}


class ErrorForm(LetterForm):
    """Which part of an entry is wrong, what is right, and how one knows."""

    about = forms.ChoiceField(
        label=gettext_lazy("Chỗ sai"),
        choices=ErrorAbout.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Chưa chọn chỗ sai. Hãy chọn một mục."),
            "invalid_choice": gettext_lazy("Không có mục này. Hãy chọn lại chỗ sai."),
        },
    )
    message = text(
        gettext_lazy("Thông tin đúng là gì"),
        required=gettext_lazy("Chưa có nội dung. Hãy viết điều bạn biết là đúng."),
        rows=4,
    )
    source = line(
        gettext_lazy("Bạn biết từ đâu"),
        most=300,
        help_text=gettext_lazy("Ví dụ: nhãn sản phẩm, số quyết định, địa chỉ trang web."),
    )
    email = mail(help_text=gettext_lazy("Ghi nếu muốn biết kết quả qua thư."))
    FIELDS = ("about", "message", "source", "email")

    def words(self) -> Words:
        words = super().words()
        source = self.cleaned_data["source"]
        if not source:
            return words
        return Words(**{**vars(words), "message": f"{words.message}\n\n{_('Nguồn: %(source)s') % {'source': source}}"})

    def more(self) -> dict[str, Any]:
        return {"about": self.cleaned_data["about"]}


class QuestionForm(LetterForm):
    """A question to a maker; the maker needs a way to answer."""

    message = text(
        gettext_lazy("Câu hỏi của bạn"), required=gettext_lazy("Chưa có câu hỏi. Hãy viết điều bạn muốn hỏi.")
    )
    name = line(
        gettext_lazy("Họ và tên"),
        required=gettext_lazy("Chưa có họ tên. Hãy ghi để nơi nhận biết trả lời ai."),
        autocomplete="name",
    )
    email = mail(help_text=gettext_lazy("Câu trả lời được gửi về đây. Ghi thư điện tử hoặc số điện thoại."))
    FIELDS = ("message", "name", "email", "phone")
    REACH = ("email", "phone")


class PurchaseForm(LetterForm):
    """What a buyer asks for: how much, where to, by when."""

    quantity = line(
        gettext_lazy("Số lượng cần mua"),
        required=gettext_lazy("Chưa có số lượng. Hãy ghi, ví dụ 500 hộp mỗi tháng."),
        help_text=gettext_lazy("Ví dụ: 500 hộp mỗi tháng."),
    )
    destination = line(
        gettext_lazy("Nơi giao, thị trường"),
        required=gettext_lazy("Chưa có nơi giao. Hãy ghi tỉnh, thành phố hoặc nước."),
        help_text=gettext_lazy("Tỉnh, thành phố hoặc nước."),
    )
    wanted_by = forms.DateField(
        label=gettext_lazy("Cần hàng trước ngày"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Ngày này không có. Hãy ghi ngày, tháng, năm.")},
    )
    message = text(
        gettext_lazy("Yêu cầu khác"),
        required="",
        help_text=gettext_lazy("Quy cách, giấy tờ, cách thanh toán."),
        rows=4,
    )
    organisation = line(gettext_lazy("Đơn vị mua hàng"), most=200, autocomplete="organization")
    name = line(
        gettext_lazy("Người liên hệ"),
        required=gettext_lazy("Chưa có người liên hệ. Hãy ghi họ tên."),
        autocomplete="name",
    )
    email = mail(
        gettext_lazy("Chưa có thư điện tử. Hãy ghi để cơ sở gửi báo giá."),
        gettext_lazy("Cơ sở trả lời về địa chỉ này."),
    )
    FIELDS = ("quantity", "destination", "wanted_by", "message", "organisation", "name", "email", "phone")
    REACH = ("email",)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_wanted_by(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["wanted_by"]
        if day and day < self.on:
            raise ValidationError(_("Ngày này đã qua. Hãy ghi một ngày từ hôm nay."))
        return day

    def more(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("quantity", "destination", "wanted_by", "organisation")}


class ContactForm(LetterForm):
    """A word to the portal: to a province's department, or to whoever runs the portal."""

    territory = forms.ModelChoiceField(
        label=gettext_lazy("Gửi đến"),
        queryset=Territory.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("Cơ quan quản lý cổng"),
        help_text=gettext_lazy("Việc của một tỉnh thì chọn tỉnh; việc của cả cổng thì để nguyên."),
        error_messages={"invalid_choice": gettext_lazy("Không có tỉnh này. Hãy chọn lại nơi nhận.")},
    )
    message = text(gettext_lazy("Nội dung"), required=gettext_lazy("Chưa có nội dung. Hãy viết điều bạn muốn nói."))
    email = mail(help_text=gettext_lazy("Ghi nếu muốn nhận trả lời qua thư. Không ghi thì đọc trả lời ở trang riêng."))
    FIELDS = ("territory", "message", "name", "email", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["territory"]
        places.queryset = Territory.objects.filter(valid_to__isnull=True)


class SumForm(forms.Form):
    """The plain sum that who looks like a program is asked."""

    def __init__(self, *args: Any, ticket: robots.Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[robots.SUM] = forms.CharField(
            label=ticket.question,
            max_length=40,
            help_text=_("Trả lời bằng số hoặc bằng chữ."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        )
