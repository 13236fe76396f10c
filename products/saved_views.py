"""The saved list: a page to read, print, send and take along, and the one act that changes the list.

Nobody logs in for it: the list is a cookie of product keys, and nothing of it is kept on the server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.exports import as_csv, as_xlsx
from portal.territory.queries import held_register
from portal.text.formats import day as day_words

from . import saved, saved_file
from .cards import Card, cards_of
from .catalogue import Clock
from .saved import Keys
from .views import clock

YEAR = 365 * 24 * 60 * 60
FILES = ("xlsx", "csv")
# Some mail programs cut an address that is longer.
LONGEST_MAIL = 1800
ACTS = {"add": saved.with_added, "remove": saved.without}


@dataclass(frozen=True)
class Change:
    """What an act did to the list, in words."""

    keys: Keys
    sentence: str
    done: bool


@require_safe
@never_cache
def saved_list(request: HttpRequest) -> HttpResponseBase:
    """One's own list, or the one an address names. Four queries, whatever its length."""
    now, own = clock(), _own(request)
    sent = saved.PARAMETER in request.GET
    keys = saved.read(request.GET.get(saved.PARAMETER, "")) if sent else own
    cards = _cards(keys, now)
    if (wanted := request.GET.get("tai")) in FILES and cards:
        return _file([card.pk for card in cards], now, wanted)
    return render(request, "products/saved.html", _facts(request, keys, cards, own, sent=sent))


@csrf_exempt
@require_POST
@never_cache
def change(request: HttpRequest) -> HttpResponse:
    """Add products to the list, or take them out. Bound to no session, so it asks where the form came from."""
    if not _comes_from_here(request):
        return HttpResponse(_("Danh sách lưu chỉ đổi được từ trang của cổng."), status=403)
    made = _changed(request)
    if "application/json" in request.headers.get("Accept", ""):
        answer: HttpResponse = JsonResponse(
            {"keys": saved.write(made.keys), "sentence": made.sentence}, status=200 if made.done else 409
        )
    elif made.done:
        answer = HttpResponseRedirect(f"{reverse('saved')}?{urlencode(_back(request))}", status=303)
    else:
        facts = _facts(request, made.keys, _cards(made.keys, clock()), made.keys, sent=False)
        answer = render(request, "products/saved.html", {**facts, "refusal": made.sentence}, status=409)
    return _kept(answer, made.keys)


def _own(request: HttpRequest) -> Keys:
    return saved.read(request.COOKIES.get(saved.COOKIE, ""))


def _comes_from_here(request: HttpRequest) -> bool:
    """A browser names where a form stands; another site's page is refused, a program that names nothing is not."""
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def _changed(request: HttpRequest) -> Change:
    own = _own(request)
    named = saved.read(".".join(request.POST.getlist("sp")))
    act = request.POST.get("act", "add")
    if act == "clear":
        return Change((), _("Đã xóa hết danh sách lưu."), done=True)
    known = {card.pk: card.name for card in _cards(named, clock())} if act == "add" else {}
    keys = ACTS.get(act, saved.with_added)(own, [key for key in named if act != "add" or key in known])
    if act == "add" and not known:
        return Change(own, _("Sản phẩm này không có trên cổng nên không lưu được."), done=False)
    if saved.is_too_long(keys):
        words = _("Danh sách lưu chứa nhiều nhất %(number)s sản phẩm. Bỏ bớt sản phẩm rồi lưu tiếp.")
        return Change(own, words % {"number": saved.LONGEST}, done=False)
    return Change(keys, _said(act, len(keys)), done=True)


def _said(act: str, number: int) -> str:
    left = ngettext("Danh sách có %(number)s sản phẩm.", "Danh sách có %(number)s sản phẩm.", number)
    done = _("Đã bỏ khỏi danh sách lưu.") if act == "remove" else _("Đã lưu.")
    return f"{done} {left % {'number': number}}"


def _back(request: HttpRequest) -> dict[str, str]:
    """What the list's page says after an act without scripts, and where it leads back to."""
    act = request.POST.get("act", "add")
    told = {"da": act if act in {"remove", "clear"} else "add"}
    came_from = request.headers.get("Referer", "")
    here = f"{request.scheme}://{request.get_host()}"
    path = came_from.removeprefix(here)
    if came_from.startswith(f"{here}/") and not path.startswith(reverse("saved")) and _is_local(request, path):
        told["ve"] = path
    return told


def _is_local(request: HttpRequest, path: str) -> bool:
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, {request.get_host()})


def _kept(answer: HttpResponse, keys: Keys) -> HttpResponse:
    """The answer with the list as the visitor's cookie; the buttons' script reads it, so it is open to scripts."""
    secure = bool(settings.SESSION_COOKIE_SECURE)
    if keys:
        answer.set_cookie(saved.COOKIE, saved.write(keys), max_age=YEAR, samesite="Lax", secure=secure)
    else:
        answer.delete_cookie(saved.COOKIE, samesite="Lax")
    return answer


def _cards(keys: Keys, now: Clock) -> list[Card]:
    return cards_of(keys, on=now.on, expiring_days=now.expiring_days) if keys else []


def _facts(request: HttpRequest, keys: Keys, cards: Sequence[Card], own: Keys, *, sent: bool) -> dict[str, Any]:
    shown = [card.pk for card in cards]
    query = urlencode({saved.PARAMETER: saved.write(shown)})
    share = f"{settings.SITE_URL}{reverse('saved')}?{query}"
    path = request.GET.get("ve", "")
    return {
        "nav": "saved",
        "cards": cards,
        "is_sent": sent,
        "all_mine": set(shown) <= set(own),
        "missing": len(keys) - len(cards),
        "longest": saved.LONGEST,
        "share": share,
        "mail": _mail(share, cards),
        "files": [(kind, f"?{query}&tai={kind}") for kind in FILES],
        "told": _told(request.GET.get("da", ""), len(own)),
        "back": path if _is_local(request, path) else "",
    }


def _told(act: str, number: int) -> str:
    if act == "clear":
        return _("Đã xóa hết danh sách lưu.")
    return _said(act, number) if act in ACTS else ""


def _mail(share: str, cards: Sequence[Card]) -> str:
    """An address that opens a new letter: the names with the link, or the link alone where the names are too many."""
    subject = _("Danh sách sản phẩm công nghiệp nông thôn tiêu biểu")
    names = "\n".join(f"{number}. {card.name}" for number, card in enumerate(cards, start=1))
    for body in (f"{share}\n\n{names}", share):
        address = f"mailto:?subject={quote(subject)}&body={quote(body)}"
        if len(address) <= LONGEST_MAIL:
            return address
    return f"mailto:?subject={quote(subject)}"


def _file(keys: Sequence[int], now: Clock, kind: str) -> HttpResponseBase:
    columns = saved_file.columns()
    title = _("Sản phẩm đã lưu %(day)s") % {"day": day_words(now.on).replace("/", "-")}
    headings = [str(column.heading) for column in columns]

    def lines() -> Iterator[list[Any]]:
        with held_register():
            for product in saved_file.products_of(keys, now):
                yield [column.value(product) for column in columns]

    if kind == "csv":
        return as_csv(headings, lines(), file_name=f"{title}.csv")
    about = [
        _("Lập ngày %(day)s từ sổ công nhận. Hiệu lực là của ngày lập.") % {"day": day_words(now.on)},
        _("Thông tin cho người mua do cơ sở khai, cổng không kiểm tra."),
    ]
    return as_xlsx(title, headings, lines(), file_name=f"{title}.xlsx", about=about, widths=[c.width for c in columns])
