"""The form of a new dossier: facility, product, how and when it came. It reads; services decide."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from facilities.enums import FacilityKind
from facilities.models import Facility
from portal.territory.models import Commune, Territory
from portal.text.folding import normalise
from portal.text.inputs import DateField, offer
from products.enums import ProductGroup
from products.models import Product

from .completeness import required_kinds
from .enums import DocumentKind, Origin, SetBasis
from .intake_matches import (
    communes_to_enter,
    facilities_within,
    facility_twins,
    product_twins,
    provinces_to_enter,
)
from .models import Round
from .services.entering import NewFacility, NewProduct

NEW = "new"
BY_STAFF = (Origin.PAPER, Origin.PUBLIC_SERVICE, Origin.COMMUNE)
EMPTY_ROWS = 3


class PlainCheckboxes(forms.CheckboxSelectMultiple):
    """Boxes under each other; the group is named by the fieldset around it."""

    option_template_name = "admin/rounds/_check_option.html"


class EntryForm(forms.Form):
    """`members` come beside the form, as many rows as there are."""

    use_required_attribute = False

    find = forms.CharField(
        label=_("Tìm cơ sở"),
        max_length=200,
        required=False,
        help_text=_("Gõ tên, có dấu hoặc không dấu, hoặc mã số thuế."),
    )
    facility = forms.CharField(label=_("Cơ sở"), required=False)
    facility_name = forms.CharField(
        label=_("Tên cơ sở"),
        max_length=250,
        error_messages={"required": _("Hãy ghi tên cơ sở như trong giấy đăng ký kinh doanh.")},
    )
    facility_kind = forms.ChoiceField(
        label=_("Loại hình"), choices=[("", _("Theo tên cơ sở")), *FacilityKind.choices], required=False
    )
    facility_tax_code = forms.CharField(
        label=_("Mã số thuế"), max_length=20, required=False, help_text=_("10 số, 10-3 số, hoặc 12 số định danh.")
    )
    facility_territory = forms.ModelChoiceField(
        Territory.objects.none(), label=_("Tỉnh, thành phố"), required=False, empty_label=_("Chọn tỉnh")
    )
    facility_commune = forms.ModelChoiceField(
        Commune.objects.none(), label=_("Xã, phường"), required=False, empty_label=_("Chưa rõ xã")
    )
    facility_address_today = forms.CharField(label=_("Địa chỉ"), max_length=300, required=False)
    facility_email = forms.EmailField(
        label=_("Thư điện tử nhận thông báo"),
        required=False,
        help_text=_("Ghi khi phiếu đăng ký có thư điện tử và cơ sở đồng ý nhận thông báo."),
        error_messages={"invalid": _("Địa chỉ thư chưa đúng dạng ten@congty.vn. Hãy sửa lại.")},
    )
    facility_confirmed = forms.BooleanField(label=_("Đây là cơ sở khác, vẫn ghi cơ sở mới"), required=False)
    product = forms.CharField(label=_("Sản phẩm"), required=False)
    product_name = forms.CharField(
        label=_("Tên sản phẩm hoặc bộ sản phẩm"),
        max_length=300,
        error_messages={"required": _("Hãy chọn sản phẩm đã có, hoặc ghi tên sản phẩm mới.")},
    )
    product_group = forms.ChoiceField(
        label=_("Nhóm sản phẩm"),
        choices=[("", _("Chọn nhóm")), *ProductGroup.choices],
        error_messages={"required": _("Hãy chọn nhóm sản phẩm.")},
    )
    product_is_set = forms.BooleanField(label=_("Là bộ sản phẩm"), required=False)
    product_members = forms.CharField(label=_("Sản phẩm trong bộ"), required=False)
    set_basis = forms.ChoiceField(
        label=_("Căn cứ của bộ"), choices=[("", _("Chưa chọn")), *SetBasis.choices], required=False
    )
    product_materials = forms.CharField(label=_("Nguyên, vật liệu"), max_length=300, required=False)
    product_confirmed = forms.BooleanField(label=_("Đây là sản phẩm khác, vẫn ghi sản phẩm mới"), required=False)
    origin = forms.ChoiceField(
        label=_("Nguồn nộp"),
        choices=[(origin.value, origin.label) for origin in BY_STAFF],
        initial=Origin.PAPER,
        error_messages={"required": _("Hãy chọn nguồn nộp."), "invalid_choice": _("Hãy chọn lại nguồn nộp.")},
    )
    received_on = DateField(label=_("Ngày nhận hồ sơ"), required=False)
    public_service_code = forms.CharField(label=_("Mã hồ sơ dịch vụ công"), max_length=60, required=False)
    public_service_received_on = DateField(label=_("Ngày tiếp nhận trên cổng dịch vụ công"), required=False)
    public_service_due_on = DateField(label=_("Ngày hẹn trả trên cổng dịch vụ công"), required=False)
    papers = forms.MultipleChoiceField(label=_("Giấy tờ đã nhận bản giấy"), required=False, widget=PlainCheckboxes)

    def __init__(self, *args: Any, round_: Round, user: Any, members: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round, self.user = round_, user
        self.members = [normalise(name) for name in members or []]
        kinds = required_kinds(level=round_.level, lower_round_held=round_.lower_round_held)
        papers: Any = self.fields["papers"]
        papers.choices = [(kind, DocumentKind(kind).label) for kind in kinds]
        self._offer_places()

    def _offer_places(self) -> None:
        if self.round.territory_id:
            del self.fields["facility_territory"]
        else:
            offer(self, "facility_territory", provinces_to_enter(self.round))
        offer(self, "facility_commune", communes_to_enter(self.round))

    @property
    def member_rows(self) -> list[str]:
        """The names typed and some empty rows, for who works without JavaScript."""
        return [*self.members, *[""] * max(1, EMPTY_ROWS - len(self.members))]

    @cached_property
    def chosen_facility(self) -> Facility | None:
        """The known facility that was picked, or the one of the product that was picked."""
        picked = self["facility"].value() or ""
        if str(picked).isdecimal():
            return facilities_within(self.user, self.round).filter(pk=picked).first()
        product = self.chosen_product
        return product.facility if product else None

    @cached_property
    def chosen_product(self) -> Product | None:
        """The known product that was picked, unless another facility was picked afterwards."""
        picked, facility = str(self["product"].value() or ""), str(self["facility"].value() or "")
        if not picked.isdecimal() or facility == NEW:
            return None
        rows = Product.objects.visible_to(self.user).filter(merged_into__isnull=True).select_related("facility")
        found = rows.filter(pk=picked).first()
        moved = found is not None and facility.isdecimal() and str(found.facility_id) != facility
        return None if moved else found

    @property
    def is_new_facility(self) -> bool:
        return self["facility"].value() == NEW

    @cached_property
    def facility_twins(self) -> list[Facility]:
        """Known facilities like the new one, while it is not said that they are others."""
        if not self.is_new_facility:
            return []
        name, code = self["facility_name"].value() or "", self["facility_tax_code"].value() or ""
        return facility_twins(self.user, self.round, name=name, tax_code=code)

    @cached_property
    def product_twins(self) -> list[Product]:
        if self.chosen_product is not None:
            return []
        return product_twins(self.user, self.round, self["product_name"].value() or "")

    def full_clean(self) -> None:
        """What a new facility or product needs is asked of a new one only; on the page it is always marked so."""
        asked = {"facility_name": self.is_new_facility}
        asked |= dict.fromkeys(("product_name", "product_group"), self.chosen_product is None)
        for name, is_asked in asked.items():
            self.fields[name].required = is_asked
        super().full_clean()
        for name in asked:
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_new_facility:
            self._check_new_facility(cleaned)
        elif self.chosen_facility is None and self.chosen_product is None:
            self.add_error("facility", _("Hãy chọn một cơ sở, hoặc chọn “Cơ sở mới”."))
        if self.chosen_product is None:
            self._check_new_product(cleaned)
        self._check_public_service(cleaned)
        return cleaned

    def _check_new_facility(self, cleaned: dict[str, Any]) -> None:
        if "facility_territory" in self.fields and not cleaned.get("facility_territory"):
            self.add_error("facility_territory", _("Hãy chọn tỉnh, thành phố của cơ sở."))
        if self.facility_twins and not cleaned.get("facility_confirmed"):
            names = "; ".join(twin.name for twin in self.facility_twins)
            sentence = _("Danh bạ đã có: %(names)s. Hãy chọn cơ sở đã có, hoặc xác nhận đây là cơ sở khác.")
            self.add_error("facility_name", sentence % {"names": names})

    def _check_new_product(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("product_is_set") and not any(self.members):
            self.add_error("product_members", _("Bộ sản phẩm cần tên các sản phẩm trong bộ. Hãy ghi ít nhất một tên."))
        if self.product_twins and not cleaned.get("product_confirmed"):
            names = "; ".join(f"{twin.name} ({twin.facility or _('chưa ghi cơ sở')})" for twin in self.product_twins)
            sentence = _("Sổ đã có: %(names)s. Hãy chọn sản phẩm đã có, hoặc xác nhận đây là sản phẩm khác.")
            self.add_error("product_name", sentence % {"names": names})

    def _check_public_service(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("origin") == Origin.PUBLIC_SERVICE and not cleaned.get("public_service_code"):
            self.add_error("public_service_code", _("Hãy ghi mã hồ sơ trên cổng dịch vụ công."))
        received, due = cleaned.get("public_service_received_on"), cleaned.get("public_service_due_on")
        if received and due and due < received:
            self.add_error("public_service_due_on", _("Ngày hẹn trả không được trước ngày tiếp nhận."))

    def facility_to_enter(self) -> Facility | NewFacility | None:
        """The facility as the service takes it, once the form is clean."""
        if not self.is_new_facility:
            return self.chosen_facility
        data = self.cleaned_data
        return NewFacility(
            name=data["facility_name"],
            territory=self.round.territory or data["facility_territory"],
            kind=data["facility_kind"],
            tax_code=data["facility_tax_code"],
            address_today=data["facility_address_today"],
            commune=data["facility_commune"],
            email=data["facility_email"],
        )

    def product_to_enter(self) -> Product | NewProduct:
        if self.chosen_product is not None:
            return self.chosen_product
        data = self.cleaned_data
        return NewProduct(
            name=data["product_name"],
            group=data["product_group"],
            is_set=data["product_is_set"],
            members=tuple(name for name in self.members if name),
            materials=data["product_materials"],
        )

    def facts(self) -> dict[str, Any]:
        """How and when it came, as the service takes it."""
        data = self.cleaned_data
        facts: dict[str, Any] = {name: data[name] for name in ("origin", "received_on", "papers")}
        product = self.chosen_product
        if product.is_set if product else data["product_is_set"]:
            facts["set_basis"] = data["set_basis"]
        if data["origin"] == Origin.PUBLIC_SERVICE:
            names = ("public_service_code", "public_service_received_on", "public_service_due_on")
            facts |= {name: data[name] for name in names}
        return facts
