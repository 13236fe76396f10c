"""Ways to reach a facility, checked and brought into the form in which they are kept. Pure."""

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import normalise

from .enums import ContactKind

_PHONE = re.compile(r"\+?\d{8,15}")
_is_web_address = URLValidator(schemes=["http", "https"])


def tidy(kind: str, value: str) -> str:
    """The contact as it is stored. Raises Refusal `contact_invalid` with a sentence for the field `value`."""
    text = normalise(value)
    match kind:
        case ContactKind.EMAIL:
            return _checked(validate_email, text.lower(), _("Địa chỉ thư %(value)s không đúng dạng ten@congty.vn."))
        case ContactKind.WEBSITE:
            address = text if re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE) else f"https://{text}"
            return _checked(
                _is_web_address, address, _("Địa chỉ trang web %(value)s không đúng dạng https://congty.vn.")
            )
        case ContactKind.PHONE | ContactKind.ZALO:
            return _checked(_phone, text, _("Số %(value)s không đúng dạng số điện thoại, ví dụ 0912 345 678."))
    return text


def _phone(text: str) -> None:
    if not _PHONE.fullmatch(re.sub(r"[\s().-]", "", text)):
        raise ValidationError("")


def _checked(validate: Callable[[str], None], text: str, sentence: str) -> str:
    try:
        validate(text)
    except ValidationError as error:
        raise Refusal("contact_invalid", sentence % {"value": text}, field="value") from error
    return text
