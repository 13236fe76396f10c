"""Forms of the desk's stock pages: rounds with their bodies, criteria, new dossiers. Services decide."""

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Organisation, User
from portal.accounts.queries import staff_reach
from portal.territory.queries import current_of
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.inputs import apply_refusal, offer
from products.enums import Level

from . import counting_form, rules
from .models import Criterion, Round
from .models.round import scope_of
from .states import CHECKING


class DeskForm(forms.ModelForm):
    """A form of the desk. What a service refused after the form had passed comes back into it."""

    user: Any = None
    refusal: Refusal | None = None

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.refusal is not None:
            apply_refusal(self, self.refusal)


class RoundForm(DeskForm):
    """Settings of a round. What a state has fixed is shown, not offered."""

    class Meta:
        model = Round
        fields = [
            "level",
            "territory",
            "region",
            "locality",
            "year",
            "ordinal",
            "name",
            "receiving_unit",
            "lower_round_held",
            "receiving_from",
            "receiving_until",
            "scoring_until",
            "threshold",
            "score_step",
            "quorum",
            "quota",
            "publish_provisional",
            *counting_form.FIELDS,
        ]

    tie_break = counting_form.chain_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {*counting_form.KEPT_WHEN_EMPTY} & set(self.fields):
            self.fields[name].required = False
        if "receiving_unit" in self.fields:
            offer(self, "receiving_unit", units_that_receive(self.user))
        for name in {"quorum", "quota"} & set(self.fields):
            self.fields[name].validators.append(MinValueValidator(1, _("Số này phải từ 1 trở lên.")))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        counting_form.keep_when_empty(self, cleaned)
        self._refuse_uncountable(cleaned)
        wanted = Round(
            level=cleaned.get("level", self.instance.level),
            territory=cleaned.get("territory", self.instance.territory),
            region=cleaned.get("region", self.instance.region),
            locality=cleaned.get("locality", self.instance.locality) or "",
        )
        self._refuse_without_place(cleaned, wanted)
        if "level" in self.cleaned_data and not self.errors and not rules.may_manage(self.user, wanted):
            self.add_error("level", rules.roles_that_create(cleaned["level"]))
        self._refuse_ended_unit(cleaned)
        self._refuse_deadlines_out_of_order(cleaned)
        self._refuse_second(cleaned, wanted)
        return cleaned

    def _refuse_uncountable(self, cleaned: dict[str, Any]) -> None:
        facts = {name: cleaned.get(name, getattr(self.instance, name)) for name in counting_form.FIELDS}
        for name, sentence in counting_form.problems(Round(**facts)).items():
            self.add_error(name if name in self.fields else None, sentence)

    def _refuse_without_place(self, cleaned: dict[str, Any], wanted: Round) -> None:
        """Which field the level asks for, said at that field."""
        if "level" not in cleaned:
            return
        level = str(wanted.get_level_display()).lower()
        if wanted.level in {Level.DISTRICT, Level.COMMUNE, Level.PROVINCE} and not wanted.territory:
            self.add_error("territory", _("Kỳ bình chọn %(level)s cần chọn tỉnh.") % {"level": level})
        if wanted.level == Level.REGION and not wanted.region:
            self.add_error("region", _("Kỳ bình chọn %(level)s cần chọn khu vực.") % {"level": level})

    def _refuse_ended_unit(self, cleaned: dict[str, Any]) -> None:
        """A merged unit held rounds up to the year it ended, none later."""
        territory, year = cleaned.get("territory"), cleaned.get("year")
        if not territory or not year or territory.valid_to is None or year <= territory.valid_to.year:
            return
        words = {
            "unit": territory.name,
            "day": day(territory.valid_to + dt.timedelta(days=1)),
            "now": current_of(territory).name,
        }
        sentence = _("%(unit)s đã thôi là đơn vị hành chính từ %(day)s. Hãy chọn %(now)s.")
        self.add_error("territory", sentence % words)

    def _refuse_deadlines_out_of_order(self, cleaned: dict[str, Any]) -> None:
        opens, closes, scored = (
            cleaned.get(name, getattr(self.instance, name))
            for name in ("receiving_from", "receiving_until", "scoring_until")
        )
        if opens and closes and closes <= opens and "receiving_until" in self.fields:
            self.add_error("receiving_until", _("Hạn nhận hồ sơ phải sau ngày bắt đầu nhận."))
        if closes and scored and scored <= closes and "scoring_until" in self.fields:
            self.add_error("scoring_until", _("Hạn nộp phiếu chấm phải sau hạn nhận hồ sơ."))

    def _refuse_second(self, cleaned: dict[str, Any], wanted: Round) -> None:
        if not {"level", "year"} <= set(cleaned):
            return
        same = Round.objects.filter(
            level=wanted.level,
            scope_key=scope_of(wanted),
            year=cleaned["year"],
            ordinal=cleaned.get("ordinal") or 0,
        ).exclude(pk=self.instance.pk)
        if same.exists():
            self.add_error("year", _("Đã có kỳ bình chọn cùng cấp, phạm vi, năm và lần. Hãy mở kỳ đã có."))


def units_that_receive(user: Any) -> "QuerySet[Organisation]":
    """Offices of the provinces within reach, and national ones."""
    reach = staff_reach(user)
    units = Organisation.objects.order_by("name")
    if reach.everything:
        return units
    return units.filter(Q(territory__isnull=True) | Q(territory__in=reach.territory_ids))


def people_to_seat(user: Any) -> "QuerySet[User]":
    """People of the province's offices, of national offices, and experts without an office."""
    people = User.objects.filter(is_active=True).select_related("organisation").order_by("full_name", "pk")
    reach = staff_reach(user)
    if reach.everything:
        return people
    return people.filter(
        Q(organisation__isnull=True)
        | Q(organisation__territory__isnull=True)
        | Q(organisation__territory__in=reach.territory_ids)
    )


def rounds_to_enter(user: Any) -> "QuerySet[Round]":
    """Rounds that take dossiers now and whose dossiers the person receives."""
    open_now = Round.objects.visible_to(user).filter(state__in=CHECKING)
    return open_now.filter(pk__in=[round_.pk for round_ in open_now if rules.may_receive(user, round_)])


class CriterionForm(forms.ModelForm):
    """One row of a criteria set, low enough to read the set as a table."""

    class Meta:
        model = Criterion
        fields = ["code", "name", "max_points", "parent", "guidance", "position"]
        widgets = {
            "code": forms.TextInput(attrs={"size": 6}),
            "name": forms.Textarea(attrs={"rows": 2, "cols": 36}),
            "guidance": forms.Textarea(attrs={"rows": 2, "cols": 28}),
        }
