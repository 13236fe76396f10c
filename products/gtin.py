"""Numbers of trade: GTIN (GS1 General Specifications) and HS codes. Pure."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import ean

_HS = re.compile(r"[0-9]{6}(?:[0-9]{2}){0,2}")


def validate_gtin(value: str) -> None:
    """Raises ValidationError unless the value is 8, 12, 13 or 14 digits whose check digit is right."""
    if not ean.is_valid(value) or not value.isascii() or not value.isdigit():
        raise ValidationError(
            _("“%(value)s” không phải là mã GTIN đúng. Hãy chép lại đủ các chữ số dưới mã vạch."),
            params={"value": value},
        )


def validate_hs_code(value: str) -> None:
    """Raises ValidationError unless the value is 6, 8 or 10 digits."""
    if not _HS.fullmatch(value):
        raise ValidationError(
            _("“%(value)s” không phải là mã HS. Hãy ghi 6, 8 hoặc 10 chữ số liền nhau, ví dụ 090210."),
            params={"value": value},
        )
