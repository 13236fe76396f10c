"""The picture that stands for a product where its link is shared: drawn when first asked for, kept by what it says."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image, ImageOps

from portal.files.keeping import keep
from portal.files.models import StoredFile
from portal.files.sniffing import Broken, TooManyPixels
from portal.files.thumbnails import thumbnail
from portal.text import typeset
from portal.text.seal import seal_svg
from portal.text.swatches import swatch
from portal.text.templatetags.look import status_words
from products import queries
from products.cards import facility_name, place_then
from products.models import Product
from products.views import clock

TEMPLATE = Path(__file__).resolve().parent / "typst" / "share.typ"
SIZE = (1200, 630)
# Where the product's own picture goes: under the band, the left of the paper.
PICTURE = (0, 14, 500, 616)
PICTURE_WIDTH = 960
# Raised when the drawing changes, so that nothing kept before is shown again.
EDITION = 1


@require_safe
def share_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a product in the public register; 404 for any other."""
    detail = queries.product_detail(slug, clock())
    if detail is None:
        raise Http404
    facts = facts_of(detail)
    etag = f'"{digest(facts)}"'
    answer = get_conditional_response(request, etag=etag)
    if not isinstance(answer, HttpResponse):
        answer = HttpResponse(drawn(facts, detail), content_type="image/png")
    answer["ETag"] = etag
    answer["Cache-Control"] = "public, no-cache"
    return answer


def facts_of(detail: queries.Detail) -> dict[str, Any]:
    """Everything the picture says; whoever says the same again gets the kept one."""
    item, best = detail.product, detail.foremost
    row = best.row
    ends = row.expires_on if best.in_force else None
    return {
        "edition": EDITION,
        "lang": get_language() or "vi",
        "name": item.display_name,
        "kind": item.group_short,
        "maker": facility_name(item.facility),
        "place": place_then(row),
        "recognition": _("Sản phẩm công nghiệp nông thôn tiêu biểu %(level)s năm %(year)s")
        % {"level": best.level_words, "year": row.year},
        # The days left change every day, and a shared picture outlives them: it says the end.
        "state": status_words("valid" if ends else best.status, row.expires_on, row.expiry_precision, None, best.since),
        "seal": seal_svg(level=row.level, year=row.year, status=best.status, size=100, label=""),
        "site": urlsplit(settings.SITE_URL).netloc,
        "picture": detail.photos[0].file.sha256 if detail.photos else _pattern(item).path(),
    }


def digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def drawn(facts: dict[str, Any], detail: queries.Detail) -> bytes:
    """As kept under what it says, else drawn and kept."""
    key = digest(facts)
    path = f"share/{key[:2]}/{key}.png"
    if default_storage.exists(path):
        with default_storage.open(path) as kept:
            content: bytes = kept.read()
            return content
    content = _draw(facts, detail)
    keep(path, content)
    return content


def _draw(facts: dict[str, Any], detail: queries.Detail) -> bytes:
    # The seal is a drawing: only what people typed may be broken.
    sheet = typeset.render(TEMPLATE, typeset.breakable(facts) | {"seal": facts["seal"]}, format="png", ppi=72)
    left, top, width, height = PICTURE
    with Image.open(io.BytesIO(sheet)) as paper, _own_picture(detail) as own:
        shared = paper.convert("RGB")
        shared.paste(ImageOps.fit(own.convert("RGB"), (width, height), Image.Resampling.LANCZOS), (left, top))
        out = io.BytesIO()
        # 256 colours of its own palette: a third of the weight, the photo still smooth by dithering.
        shared.quantize(256, method=Image.Quantize.MEDIANCUT).save(out, "PNG", optimize=True)
        return out.getvalue()


def _own_picture(detail: queries.Detail) -> Image.Image:
    """The first photo, or the pattern that stands in for it."""
    photo = _photo(detail.photos[0].file) if detail.photos else None
    if photo is not None:
        return photo
    return Image.open(str(finders.find(_pattern(detail.product).path())))


def _photo(stored: StoredFile) -> Image.Image | None:
    try:
        with thumbnail(stored, PICTURE_WIDTH) or stored.content.open("rb") as content:
            picture = Image.open(io.BytesIO(content.read()))
            picture.load()
            return picture
    except (Broken, TooManyPixels, OSError):
        return None


def _pattern(item: Product) -> Any:
    return swatch(str(item.uuid), item.group, item.name)
