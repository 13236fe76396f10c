"""What was typed and posted after the session had ended is kept through the login and offered again.

A middleware (`middleware.KeptPostMiddleware`) notices a post that was sent to the login page; the login page
carries the fields, signed; after the login a page shows them with a button that posts them again to the same
address with a fresh token. Passwords, tokens and files are never kept.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.core import signing
from django.http import HttpRequest

SALT = "portal.accounts.resuming"
SESSION_KEY = "kept_post"
FIELD = "kept"
# As long as a session lasts; what is older was typed on another day.
MAX_AGE = 12 * 3600
MAX_LENGTH = 512 * 1024
# Who worked in this browser last. Says nothing by itself: signed, and read only to compare.
WHO_COOKIE = "nguoi_dung"
WHO_SALT = "portal.accounts.who"
WHO_AGE = 30 * 24 * 3600
_SECRET = re.compile(r"pass|mat_khau|csrf|token|otp|secret", re.IGNORECASE)
# What a form says to the machine and not to a person: numbers of rows, codes of choices, dates of hidden inputs.
_CODE = re.compile(r"[a-z0-9_.:+-]{0,40}")
_SHOWN = 200


@dataclass(frozen=True)
class Kept:
    """One post: where it went, what it said, which files it named, who had worked in that browser last."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    who: str

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """What a person typed, cut to what a list can show; the machinery of forms is left out."""
        lines = [(_label(name), value.strip()) for name, value in self.fields if not name.startswith("_")]
        typed = [(label, value) for label, value in lines if value and not _CODE.fullmatch(value)]
        return tuple((label, value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…") for label, value in typed)

    def belongs_to(self, user: Any) -> bool:
        return not self.who or self.who == str(user.uuid)


def keep(request: HttpRequest) -> Kept | None:
    """The post as it may be kept; None when there is nothing in it, or more than can be carried."""
    fields = tuple(
        (name, value) for name, values in request.POST.lists() for value in values if not _SECRET.search(name)
    )
    files = tuple(str(file.name) for _name, found in request.FILES.lists() for file in found)
    if not (fields or files) or sum(len(name) + len(value) for name, value in fields) > MAX_LENGTH:
        return None
    return Kept(request.get_full_path(), fields, files, last_person(request))


def sealed(kept: Kept) -> str:
    return signing.dumps([kept.path, kept.fields, kept.files, kept.who], salt=SALT, compress=True)


def unsealed(text: str) -> Kept | None:
    """What the portal itself sealed within the last hours; None for everything else."""
    try:
        path, fields, files, who = signing.loads(text, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return Kept(path, tuple((name, value) for name, value in fields), tuple(files), who)


def put_away(request: HttpRequest, kept: Kept) -> None:
    """Hold it in the session of the person who has just logged in, so that it outlives the second factor too."""
    request.session[SESSION_KEY] = {"sealed": sealed(kept), "path": kept.path}


def waiting(request: HttpRequest) -> Kept | None:
    held = request.session.get(SESSION_KEY)
    return unsealed(held["sealed"]) if held else None


def forget(request: HttpRequest, path: str | None = None) -> None:
    """Drop what waits; with a path only what was meant for it."""
    held = request.session.get(SESSION_KEY)
    if held and path in {None, held["path"]}:
        del request.session[SESSION_KEY]


def last_person(request: HttpRequest) -> str:
    try:
        return request.get_signed_cookie(WHO_COOKIE, default="", salt=WHO_SALT, max_age=WHO_AGE) or ""
    except signing.BadSignature:
        return ""


def remember_person(request: HttpRequest, response: Any) -> None:
    """Note who works in this browser, once per login."""
    user: Any = request.user
    response.set_signed_cookie(
        WHO_COOKIE,
        str(user.uuid),
        salt=WHO_SALT,
        max_age=WHO_AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def came_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that one of the portal's own pages sent this post."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    sender = urlsplit(said)
    return (sender.scheme, sender.netloc) == (request.scheme, request.get_host())


def _label(name: str) -> str:
    """How the register calls a field of that name; nothing where it has none."""
    return str(_labels().get(name.rsplit("-", 1)[-1], ""))


@cache
def _labels() -> dict[str, Any]:
    own = [model for model in apps.get_models() if not model.__module__.startswith("django.")]
    return {
        field.name: field.verbose_name
        for model in own
        for field in model._meta.concrete_fields
        if field.name != field.verbose_name.replace(" ", "_")
    }
