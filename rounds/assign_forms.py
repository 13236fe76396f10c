"""What the assignment page takes: a method with its terms, and why a plan is put in force or dropped."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.enums import ProductGroup

from .assigning import Judge
from .enums import PlanMethod
from .services.assigning import SEED_LENGTH

GROUP_FIELD = "groups-"


class PlanForm(forms.Form):
    """One form per method; each shows the fields it needs."""

    per_dossier = forms.IntegerField(
        label=_("Số giám khảo mỗi hồ sơ"),
        min_value=1,
        max_value=99,
        error_messages={
            "required": _("Hãy nhập số giám khảo chấm mỗi hồ sơ."),
            "invalid": _("Hãy nhập một số nguyên."),
            "min_value": _("Hãy nhập từ 1 trở lên."),
            "max_value": _("Hãy nhập từ 99 trở xuống."),
        },
    )
    seed = forms.CharField(
        label=_("Mã chia"),
        max_length=SEED_LENGTH,
        required=False,
        help_text=_("Cùng mã và cùng dữ liệu thì ra cùng phương án. Bỏ trống: cổng tự đặt."),
    )
    own_groups = forms.BooleanField(label=_("Giám khảo có nhóm phụ trách chỉ chấm nhóm của mình"), required=False)

    def __init__(self, method: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": method})
        self.method = method
        if method != PlanMethod.BALANCED:
            self.fields.clear()

    def terms(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class GroupsForm(PlanForm):
    """The groups of each judge, one row of boxes a judge."""

    def __init__(self, judges: Collection[tuple[Judge, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(PlanMethod.BY_GROUP, *args, **kwargs)
        for judge, name in judges:
            self.fields[f"{GROUP_FIELD}{judge.key}"] = forms.MultipleChoiceField(
                label=name,
                choices=ProductGroup.choices,
                initial=sorted(judge.groups),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def terms(self) -> dict[str, Any]:
        return {"groups": {name.removeprefix(GROUP_FIELD): chosen for name, chosen in self.cleaned_data.items()}}


class ApplyForm(forms.Form):
    """The act of putting a plan in force; `needed` where somebody's work may change by it."""

    reason = forms.CharField(
        label=_("Lý do"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Phương án này thay phân công đang có. Hãy ghi lý do.")},
    )

    def __init__(self, *args: Any, needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needed
