"""How often one address may ask: counted in the cache for a minute, under a keyed hash of the address."""

import datetime as dt
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

# A home or an office holds many addresses of the sixth version, and they share this part.
_HOME_BITS = 64
_SIXTH = 6


@dataclass(frozen=True)
class Rate:
    """What a caller may still ask within this time, and in how many seconds the next begins."""

    most: int
    left: int
    seconds: int
    is_over: bool = False


def caller_of(request: HttpRequest, purpose: str) -> str:
    """A keyed hash of where a question comes from; the same address is another caller for another purpose."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        found = ip_address(address)
    except ValueError:
        found = None
    if found is not None and found.version == _SIXTH:
        address = str(ip_network((found, _HOME_BITS), strict=False).network_address)
    return salted_hmac(purpose, address, secret=settings.SECRET_KEY).hexdigest()[:24]


def counted(request: HttpRequest, purpose: str, *, most: int, seconds: int, now: dt.datetime) -> Rate:
    """Count one call. One look into the cache, two for the first of its time."""
    moment = int(now.timestamp())
    key = f"rate:{purpose}:{caller_of(request, purpose)}:{moment // seconds}"
    try:
        number = cache.incr(key)
    except ValueError:  # the first within this time
        number = 1 if cache.add(key, 1, seconds) else cache.incr(key)
    return Rate(most, max(0, most - number), seconds - moment % seconds, number > most)


def tell(response: HttpResponseBase, rate: Rate) -> None:
    """Say in the headers how much is left, under the names of the standard's draft and those long in use."""
    for name, value in (("Limit", rate.most), ("Remaining", rate.left), ("Reset", rate.seconds)):
        response[f"RateLimit-{name}"] = response[f"X-RateLimit-{name}"] = str(value)
    if rate.is_over:
        response["Retry-After"] = str(rate.seconds)
