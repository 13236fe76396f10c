"""How often registration may be tried: per address of the network and per tax code, counted in the cache.

The count of a tax code grows whether the register knows the code or not, so that a refusal tells nothing.
"""

import hashlib

from django.core.cache import cache
from django.utils.translation import gettext as _

from portal.text.errors import Refusal

HOUR, DAY = 3600, 24 * 3600
PER_NETWORK, PER_TAX_CODE = 20, 5


def count_try(*, ip: str) -> None:
    """One more form sent from an address. Raises Refusal `too_many_tries`."""
    if _count("ip", ip, HOUR) > PER_NETWORK:
        raise Refusal(
            "too_many_tries",
            _(
                "Từ mạng này đã gửi quá nhiều đăng ký trong một giờ. Hãy thử lại sau một giờ, "
                "hoặc nhờ Sở Công Thương lập tài khoản."
            ),
        )


def count_tax_code(*, tax_code: str) -> None:
    """One more registration under a tax code. Raises Refusal `too_many_tries`."""
    if tax_code and _count("mst", tax_code, DAY) > PER_TAX_CODE:
        raise Refusal(
            "too_many_tries",
            _(
                "Mã số thuế này đã được đăng ký nhiều lần trong ngày. Hãy thử lại vào ngày mai, "
                "hoặc hỏi Sở Công Thương về đăng ký đã gửi."
            ),
            field="tax_code",
        )


def _count(what: str, value: str, seconds: int) -> int:
    key = f"dang-ky:{what}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The count ran out between the two calls.
        cache.set(key, 1, seconds)
        return 1
