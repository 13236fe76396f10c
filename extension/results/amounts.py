"""Amounts of results as people write them: "12", "1.250", "3,5". Pure; what could mean two numbers is refused."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

_PLAIN = re.compile(r"\d{1,15}")
_GROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
_WITH_COMMA = re.compile(r"(\d{1,15}|\d{1,3}(?:\.\d{3})+),(\d{1,2})")


def parse_amount(text: str) -> Decimal | None:
    """A whole or decimal amount with at most two decimals, or None for an empty text. Raises Refusal("amount_unclear")."""
    cleaned = "".join(text.split())
    if not cleaned:
        return None
    if _PLAIN.fullmatch(cleaned):
        return Decimal(cleaned)
    if _GROUPED.fullmatch(cleaned):
        return Decimal(cleaned.replace(".", ""))
    found = _WITH_COMMA.fullmatch(cleaned)
    if found:
        return Decimal(f"{found[1].replace('.', '')}.{found[2]}")
    raise Refusal(
        "amount_unclear",
        _("“%(text)s” không đọc được là một số. Hãy ghi như 12; 1.250 hoặc 3,5.") % {"text": text.strip()[:40]},
    )
