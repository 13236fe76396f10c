"""Whether a public page was useful to its reader: one click on the page, and a word more if the reader likes.

The question stands on pages kept for everybody, so it carries no token of a session. A vote is taken only from the
portal's own pages, as the browser itself says; a cookie with short marks of the pages keeps one from voting twice.
"""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.accounts.resuming import came_from_here

from . import robots
from .models import PageRating, Product
from .services import ratings as services

SALT = "products.rating"
PAGE, USEFUL, SEAL = "trang", "co_ich", "dau"
COOKIE, YEAR, REMEMBERED = "da-danh-gia", 365 * 24 * 3600, 60
MOST_AN_HOUR = 300
# Of one page, from one address: who throws the cookie away shall not drown the votes of all others.
MOST_OF_A_PAGE = 20
LONGEST = 200
# Public pages that ask; everything else is not for judging, or not there.
ASKING = frozenset(
    {
        "catalogue", "day_list", "extension", "extension_project", "facility", "home", "map", "open_data", "product",
        "province", "round", "rounds", "statistics", "statistics_extension", "statistics_published",
        "statistics_renewals", "statistics_rounds", "statistics_shares", "statistics_ways", "verify", "verify_code",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Rated:
    """A page as it is counted: its address without the language, and the product it shows."""

    path: str
    slug: str = ""

    @property
    def mark(self) -> str:
        return sha256(self.path.encode()).hexdigest()[:8]


class RemarkForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("Điều nên sửa hoặc thêm ở trang này"),
        max_length=services.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Không ghi họ tên, số điện thoại, địa chỉ. Muốn có trả lời, hãy dùng trang Liên hệ."),
        error_messages={
            "required": gettext_lazy("Chưa có góp ý. Hãy viết một câu, hoặc quay lại trang trước."),
            "max_length": gettext_lazy("Góp ý dài quá 500 ký tự. Hãy viết ngắn lại."),
            "null_characters_not_allowed": gettext_lazy("Ô này có ký tự không đọc được. Hãy gõ lại."),
        },
    )
    website = forms.CharField(
        required=False,
        label=gettext_lazy("Để trống ô này"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest) -> HttpResponse:
    """Take a vote from one of the portal's pages; show the thanks, where a remark may be added."""
    if request.method == "POST":
        if not from_own_page(request):
            return render(request, "403_csrf.html", status=403)
        return _remark(request) if SEAL in request.POST else _vote(request)
    page = rated(request.GET.get(PAGE, ""))
    if page is None:
        raise Http404
    return _thanks(request, page, RemarkForm())


def from_own_page(request: HttpRequest) -> bool:
    """Whether one of the portal's own pages sent this: as the browser says, or by the address it came from."""
    said = request.headers.get("Sec-Fetch-Site", "")
    return said == "same-origin" if said else came_from_here(request)


def rated(address: str) -> Rated | None:
    """The page that an address of the portal names, where it is one that asks; None for every other."""
    path = address.partition("?")[0].partition("#")[0]
    if path == "/en" or path.startswith("/en/"):
        path = path[3:] or "/"
    if not path.startswith("/") or len(path) > LONGEST:
        return None
    try:
        with translation.override("vi"):
            found = resolve(path)
    except Resolver404:
        return None
    if found.url_name not in ASKING:
        return None
    return Rated(path, str(found.kwargs.get("slug", "")) if found.url_name == "product" else "")


def _vote(request: HttpRequest) -> HttpResponse:
    page = rated(request.POST.get(PAGE, ""))
    useful = request.POST.get(USEFUL, "")
    if page is None or useful not in {"0", "1"}:
        return render(request, "400.html", status=400)
    marks = [mark for mark in request.COOKIES.get(COOKIE, "").split(".") if mark][-REMEMBERED:]
    if page.mark in marks:
        return redirect(_address(page, again="1"))
    now = timezone.now()
    product = Product.objects.public().filter(slug=page.slug).first() if page.slug else None
    if page.slug and product is None:
        raise Http404
    if robots.too_many(request, "vote", MOST_AN_HOUR, now) or robots.too_many(
        request, f"vote:{page.mark}", MOST_OF_A_PAGE, now
    ):
        return redirect(_address(page, again="1"))
    row = services.rate_page(
        page=page.path, useful=useful == "1", language=_language(), product=product, on=timezone.localdate(now)
    )
    response = redirect(_address(page, **{SEAL: signing.dumps(row.pk, salt=SALT)}))
    response.set_cookie(
        COOKIE,
        ".".join([*marks, page.mark]),
        max_age=YEAR,
        path=reverse("rate_page"),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _remark(request: HttpRequest) -> HttpResponse:
    row = _by_seal(request.POST.get(SEAL, ""))
    page = rated(row.page) if row else None
    if row is None or page is None:
        return render(request, "400.html", status=400)
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _thanks(request, page, form, status=400)
    # A program is thanked like anybody; what it wrote is not kept.
    if not form.cleaned_data[robots.TRAP] and not robots.too_many(request, "remark", MOST_AN_HOUR, timezone.now()):
        services.remark(rating=row, comment=form.cleaned_data["comment"])
    return redirect(_address(page, xong="1"))


def _thanks(request: HttpRequest, page: Rated, form: RemarkForm, status: int = 200) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    row = _by_seal(asked.get(SEAL, ""))
    context = {
        "nav": "",
        "page_address": ("/en" if _language() == "en" else "") + page.path,
        "form": form if row and row.page == page.path and not row.comment else None,
        "seal": asked.get(SEAL, ""),
        "again": "again" in request.GET,
        "done": "xong" in request.GET,
        "bad": bool(row and not row.useful),
        "slug": page.slug,
    }
    response = render(request, "inquiries/rated.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _by_seal(text: str) -> PageRating | None:
    """The vote whose page may still be remarked on; within a day of the vote."""
    try:
        pk = signing.loads(text, salt=SALT, max_age=robots.DAY)
    except signing.BadSignature:
        return None
    return PageRating.objects.filter(pk=pk).first()


def _address(page: Rated, **more: str) -> str:
    return f"{reverse('rate_page')}?{urlencode({PAGE: page.path, **more})}"


def _language() -> str:
    return "en" if get_language() == "en" else "vi"
