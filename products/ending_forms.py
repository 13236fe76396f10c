"""Forms of the acts that pause or end a recognition, each asking for what that act needs."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files.services import store
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.formats import day

from . import rules, services
from .models import Decision, Recognition, WithdrawalRequest

REASON_MISSING = gettext_lazy("Việc này cần lý do. Hãy ghi lý do.")
DAY_MISSING = gettext_lazy("Chưa ghi ngày. Hãy ghi ngày việc này có hiệu lực.")
LONG = 300


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": DAY_MISSING,
            "invalid": gettext_lazy("Ngày này không có. Hãy ghi ngày, tháng, năm."),
        },
    )


def text_field(label: Any, *, required: Any = "", help_text: Any = "", rows: int = 2) -> forms.CharField:
    """A text that the trace shows; `required` is the sentence said when it is left out."""
    return forms.CharField(
        label=label,
        max_length=LONG,
        required=bool(required),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required or ""},
    )


class ActForm(forms.Form):
    """One act on one recognition, carried out on a person's behalf."""

    def __init__(self, *args: Any, recognition: Recognition, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recognition = recognition
        self.user = user

    def carry_out(self) -> bool:
        """Whether the act was done; a refusal is written at the field it belongs to."""
        try:
            with transaction.atomic():
                rules.require_end(self.user, self.recognition)
                self.act(self.cleaned_data)
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
            return False
        return True

    def act(self, facts: dict[str, Any]) -> Any:
        raise NotImplementedError

    @property
    def common(self) -> dict[str, Any]:
        return {"recognition": self.recognition, "actor": self.user, "now": timezone.now()}


class SuspendForm(ActForm):
    on = day_field(gettext_lazy("Tạm dừng từ ngày"))
    until = day_field(
        gettext_lazy("Đến hết ngày"), required=False, help_text=gettext_lazy("Bỏ trống: đến khi có thông báo mới.")
    )
    basis = text_field(
        gettext_lazy("Căn cứ"),
        required=gettext_lazy("Chỉ tạm dừng khi có căn cứ. Hãy ghi văn bản hoặc quy định làm căn cứ."),
        help_text=gettext_lazy("Số, ngày văn bản hoặc điều của quy định. Công khai cùng lý do."),
    )
    reason = text_field(gettext_lazy("Lý do"), required=REASON_MISSING)

    def act(self, facts: dict[str, Any]) -> Any:
        return services.suspend(**self.common, **facts)


class ExtendForm(ActForm):
    until = day_field(
        gettext_lazy("Kéo dài đến hết ngày"),
        required=False,
        help_text=gettext_lazy("Bỏ trống: đến khi có thông báo mới."),
    )
    basis = text_field(
        gettext_lazy("Căn cứ"),
        required=gettext_lazy("Chỉ tạm dừng khi có căn cứ. Hãy ghi văn bản hoặc quy định làm căn cứ."),
    )
    reason = text_field(gettext_lazy("Lý do"), required=REASON_MISSING)

    def act(self, facts: dict[str, Any]) -> Any:
        return services.extend_suspension(**self.common, **facts)


class ResumeForm(ActForm):
    on = day_field(gettext_lazy("Có hiệu lực trở lại từ ngày"))
    reason = text_field(gettext_lazy("Lý do"), required=REASON_MISSING)

    def act(self, facts: dict[str, Any]) -> Any:
        return services.resume(**self.common, **facts)


class WithdrawForm(ActForm):
    on = day_field(gettext_lazy("Thôi hiệu lực từ ngày"))
    reason = text_field(
        gettext_lazy("Lý do"), required=REASON_MISSING, help_text=gettext_lazy("Ghi cả văn bản xin rút của cơ sở.")
    )

    def act(self, facts: dict[str, Any]) -> Any:
        return services.withdraw(**self.common, **facts)


class AnswerForm(ActForm):
    """The officer's word on a maker's request."""

    CHOICES = (("yes", gettext_lazy("Xác nhận rút")), ("no", gettext_lazy("Không rút")))
    confirm = forms.ChoiceField(label=gettext_lazy("Trả lời"), choices=CHOICES, widget=forms.RadioSelect)
    on = day_field(gettext_lazy("Thôi hiệu lực từ ngày"), required=False, help_text=gettext_lazy("Cần khi xác nhận."))
    reason = text_field(
        gettext_lazy("Lý do"), help_text=gettext_lazy("Bỏ trống khi xác nhận: ghi lý do của cơ sở. Cần khi không rút.")
    )

    def __init__(self, *args: Any, request: WithdrawalRequest, **kwargs: Any) -> None:
        super().__init__(*args, recognition=request.recognition, **kwargs)
        self.request = request

    def act(self, facts: dict[str, Any]) -> Any:
        return services.answer_withdrawal(
            request=self.request,
            confirm=facts["confirm"] == "yes",
            on=facts["on"],
            reason=facts["reason"],
            actor=self.user,
            now=timezone.now(),
        )


class DecisionChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Decision) -> str:
        words = _("Số %(number)s, %(issuer)s") % {"number": obj.full_number, "issuer": obj.issuer}
        return f"{words}, {day(obj.signed_on)}" if obj.signed_on else words


class RevokeForm(ActForm):
    """By a decision that is recorded already, or recorded in the same act."""

    on = day_field(gettext_lazy("Thu hồi từ ngày"))
    reason = text_field(
        gettext_lazy("Lý do"), required=REASON_MISSING, help_text=gettext_lazy("Công khai trên trang tra cứu.")
    )
    proposal = text_field(
        gettext_lazy("Văn bản đề nghị của hội đồng"),
        required=gettext_lazy("Thu hồi theo đề nghị của hội đồng. Hãy ghi số, ngày của văn bản đề nghị."),
        help_text=gettext_lazy("Số, ngày, ví dụ “Biên bản số 03/BB-HĐBC ngày 02/06/2026”."),
        rows=1,
    )
    decision = DecisionChoice(
        label=gettext_lazy("Quyết định đã ghi trong sổ"),
        queryset=Decision.objects.none(),
        required=False,
        empty_label=gettext_lazy("Chưa ghi, nhập bên dưới"),
    )
    number = forms.CharField(label=gettext_lazy("Số quyết định"), max_length=20, required=False)
    symbol = forms.CharField(
        label=gettext_lazy("Ký hiệu"), max_length=40, required=False, help_text=gettext_lazy("Ví dụ: QĐ-UBND.")
    )
    signed_on = day_field(gettext_lazy("Ngày ký"), required=False)
    issuer = forms.CharField(label=gettext_lazy("Cơ quan ban hành"), max_length=200, required=False)
    signer = forms.CharField(label=gettext_lazy("Chức danh người ký"), max_length=200, required=False)
    upload = forms.FileField(label=gettext_lazy("Bản chụp quyết định (PDF hoặc ảnh)"), required=False)
    OF_DECISION = ("number", "symbol", "signed_on", "issuer", "signer", "upload")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Decision]", self.fields["decision"])
        choice.queryset = decisions_for(self.recognition, self.user)
        if self.recognition.decision and not self.is_bound:
            self.initial.setdefault("issuer", self.recognition.decision.issuer)

    @property
    def about_the_act(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.OF_DECISION]

    @property
    def about_the_decision(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OF_DECISION]

    def act(self, facts: dict[str, Any]) -> Any:
        return services.revoke(
            **self.common,
            on=facts["on"],
            reason=facts["reason"],
            proposal=facts["proposal"],
            decision=facts["decision"] or self._recorded(facts),
        )

    def _recorded(self, facts: dict[str, Any]) -> Decision | None:
        """The decision typed in, recorded; None when nothing of it was."""
        if not any(facts[name] for name in ("number", "symbol", "signed_on", "upload")):
            return None
        of_the_agency = self.recognition.level in rules.OF_THE_AGENCY
        return services.record_decision(
            number=facts["number"],
            symbol=facts["symbol"],
            signed_on=facts["signed_on"],
            issuer=facts["issuer"],
            signer=facts["signer"],
            title=_("Về việc thu hồi công nhận"),
            territory=None if of_the_agency else self.recognition.territory,
            scan=store(facts["upload"], allow={"image", "pdf"}, field="upload") if facts["upload"] else None,
            actor=self.user,
        )


def decisions_for(recognition: Recognition, user: Any) -> "QuerySet[Decision]":
    """Decisions of the authority of that level, newest first. One query when read."""
    of_it = (
        Q(territory__isnull=True)
        if recognition.level in rules.OF_THE_AGENCY
        else Q(territory__in=family_ids(recognition.territory_id))
    )
    return Decision.objects.visible_to(user).filter(of_it).order_by("-year", "-signed_on", "-pk")


FORMS: dict[str, Callable[..., ActForm]] = {
    "tam-dung": SuspendForm,
    "keo-dai": ExtendForm,
    "khoi-phuc": ResumeForm,
    "rut": WithdrawForm,
    "thu-hoi": RevokeForm,
}
