"""Finding a facility that is meant."""

from django.utils.translation import gettext as _

from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.folding import name_key

from . import taxcode
from .models import Facility


def match(*, name: str, territory: Territory, tax_code: str = "") -> Facility | None:
    """The facility in the register that a row means: by tax code, else by name and province then.

    A row with a new tax code completes the facility of that name that has none. A row without one means
    the facility of that name; Refusal `ambiguous_facility` when several bear it. At most two queries.
    """
    code = taxcode.normalise(tax_code)
    if code and (found := Facility.objects.standing().filter(tax_code=code).first()):
        return found
    same = Facility.objects.standing().filter(name_key=name_key(name), territory=territory).order_by("pk")
    if code:
        return same.filter(tax_code="").first()
    candidates = list(same[:3])
    without_code = [facility for facility in candidates if not facility.tax_code]
    if without_code or len(candidates) <= 1:
        return next(iter(without_code or candidates), None)
    raise Refusal(
        "ambiguous_facility",
        _("%(province)s có nhiều cơ sở tên %(name)s. Hãy ghi mã số thuế để biết là cơ sở nào.")
        % {"province": territory.name, "name": name},
        field="tax_code",
    )
