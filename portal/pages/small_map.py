"""Where a province lies, as a picture of its own: one for all pages that show it, kept by every browser."""

from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from portal.territory.queries import unit_by_slug

from . import map as drawing

# A picture knows no style sheet of the page: its colours stand on its parts (map-0, indigo-700, ink-3 of the tokens).
_LOOKS = (
    ('class="locator__land', 'fill="#dad1c1" stroke="#dad1c1" stroke-width="3" stroke-linejoin="round" class="'),
    ('class="locator__here', 'fill="#2a3e6e" stroke="#2a3e6e" stroke-width="6" stroke-linejoin="round" class="'),
    ("<text ", '<text font-family="sans-serif" font-size="44" fill="#646b76" '),
    ("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="812" height="873" '),
)
DAY = 86_400


@require_safe
def small_map(request: HttpRequest, slug: str) -> HttpResponse:
    """The country in outline with one unit, of then or of today, in colour; 404 for what was never a unit."""
    unit = unit_by_slug(slug)
    if unit is None:
        raise Http404
    drawn = str(drawing.locator(unit.pk))
    for plain, coloured in _LOOKS:
        drawn = drawn.replace(plain, coloured)
    etag = f'"{sha256(drawn.encode()).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag)
    if not isinstance(answer, HttpResponse):
        answer = HttpResponse(drawn, content_type="image/svg+xml")
    answer["ETag"] = etag
    answer["Cache-Control"] = f"public, max-age={DAY}"
    return answer
