"""Forms of the exchange: they read what people type and decide nothing."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.territory.enums import Region
from portal.territory.models import Territory
from portal.text.inputs import offer

from .enums import ConflictChoice, PeerRole
from .models import ExchangeConflict, NominationList, Peer
from .services import exchange


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Tệp gói trao đổi (.zip)"),
        help_text=_("Tệp bên gửi đưa, giữ nguyên, không giải nén và nén lại."),
        error_messages={"required": _("Hãy chọn tệp gói trao đổi."), "empty": _("Tệp này rỗng. Hãy chọn tệp khác.")},
    )


class PackForm(forms.Form):
    """A sent list and the partner it goes to."""

    row: Any = forms.ModelChoiceField(
        NominationList.objects.none(),
        label=_("Danh sách"),
        empty_label=None,
        error_messages={"required": _("Hãy chọn danh sách."), "invalid_choice": _("Hãy chọn lại danh sách.")},
    )
    peer: Any = forms.ModelChoiceField(
        Peer.objects.none(),
        label=_("Gửi cổng"),
        empty_label=None,
        error_messages={"required": _("Hãy chọn cổng nhận."), "invalid_choice": _("Hãy chọn lại cổng nhận.")},
    )

    def __init__(self, *args: Any, rows: "QuerySet[NominationList]", peers: "QuerySet[Peer]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "row", rows)
        offer(self, "peer", peers)


class ConflictForm(forms.Form):
    """One difference: which side holds, and why."""

    choice = forms.ChoiceField(
        label=_("Xử lý"), widget=forms.RadioSelect, error_messages={"required": _("Hãy chọn cách xử lý.")}
    )
    reason = forms.CharField(
        label=_("Lý do"), max_length=300, error_messages={"required": _("Hãy ghi lý do của cách xử lý này.")}
    )

    def __init__(self, data: Any, *, conflict: ExchangeConflict) -> None:
        initial = {"choice": conflict.choice, "reason": conflict.reason}
        super().__init__(data, initial=initial, prefix=f"diem-{conflict.pk}")
        offered = [ConflictChoice(one) for one in exchange.offered(conflict)]
        self.fields["choice"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]
        self.conflict = conflict
        # A row that is left as it is needs nothing: it is settled in a later sitting.
        self.empty_permitted, self.use_required_attribute = True, False


class PeerForm(forms.Form):
    card = forms.CharField(
        label=_("Thẻ của cổng bên kia"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=_("Dán nguyên văn thẻ mà quản trị của cổng bên kia gửi."),
        error_messages={"required": _("Hãy dán thẻ của cổng bên kia.")},
    )
    fingerprint = forms.CharField(
        label=_("Dãy số đọc qua điện thoại"),
        max_length=80,
        help_text=_("40 chữ số. Gọi cho bên kia theo số đã biết từ trước, không theo số ghi kèm thẻ, và nghe họ đọc."),
        error_messages={"required": _("Hãy gọi cho bên kia và gõ dãy số họ đọc.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class AddressForm(forms.Form):
    address = forms.CharField(
        label=_("Địa chỉ cổng"),
        max_length=200,
        required=False,
        help_text=_("Bắt đầu bằng https://. Bỏ trống khi hai bên trao tệp bằng tay."),
    )


class OwnCardForm(forms.Form):
    """What this deployment says of itself; the key and the address are its own."""

    ten = forms.CharField(label=_("Tên cổng này"), max_length=200, required=False)
    vai = forms.ChoiceField(label=_("Vai trò"), choices=PeerRole.choices, required=False)
    tinh: Any = forms.ModelChoiceField(
        Territory.objects.filter(valid_to=None), label=_("Tỉnh"), required=False, to_field_name="slug", empty_label="–"
    )
    khu_vuc = forms.ChoiceField(
        label=_("Chỉ nhận đề cử của khu vực"), choices=[("", _("Cả nước")), *Region.choices], required=False
    )
