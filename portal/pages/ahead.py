"""What readers will ask for, made ready by a worker right after a product changed.

The product's page in both languages, and the smaller copies of its photos. Nothing depends on it: without a worker
the first reader waits for the page as long as drawing takes, and a page that was drawn too early is found out like
any other (`products.lasting`), so never is an older one shown than what was published.
"""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import override

from portal.files.thumbnails import draw_all
from portal.territory.queries import held_register
from portal.text import workers
from products.models import ProductPhoto

from . import product

# Of more products at once it is not known which will be looked at first; each costs a worker some fifty milliseconds.
MOST_PAGES = 20
CHUNK = 100


def make_ready(slugs: Sequence[str]) -> None:
    """Ask a worker for the pages of a few products that changed, and for the photos of any number."""
    from .tasks import draw_pages, draw_photos

    if len(slugs) <= MOST_PAGES:
        workers.wish(draw_pages, list(slugs))
    for start in range(0, len(slugs), CHUNK):
        workers.wish(draw_photos, list(slugs[start : start + CHUNK]))


def draw_pages(slugs: Sequence[str]) -> int:
    """Have the pages of some products kept as a visitor asks for them; says how many were."""
    drawn = 0
    with held_register():
        for slug in slugs:
            for code, _name in settings.LANGUAGES:
                with override(code):
                    drawn += _drawn(slug)
    return drawn


def _drawn(slug: str) -> bool:
    try:
        product.product(_visit(reverse("product", args=[slug])), slug)
    except Http404:
        return False
    return True


def _visit(path: str) -> HttpRequest:
    """The request of somebody who is not logged in and has chosen nothing."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.user = AnonymousUser()
    return request


def draw_photos(slugs: Sequence[str]) -> int:
    """Have every smaller copy of the public photos of some products drawn; says how many were."""
    photos = ProductPhoto.objects.filter(product__slug__in=slugs, is_public=True).select_related("file")
    return sum(draw_all(photo.file) for photo in photos)
