"""Stand-ins for the papers of invented dossiers: one plain page each, and patterns in place of photos."""

import io
from functools import cache
from pathlib import Path

import typst
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image

from portal.accounts.models import User
from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.swatches import PATTERNS
from products.models import Product
from rounds.completeness import PHOTOS
from rounds.enums import DocumentKind

# 10 × 15 cm at 300 dots per inch: what the circular asks for.
PHOTO_SIZE = (1800, 1200)
PAGE = """
#set document(title: sys.inputs.title)
#set page(paper: "a4", margin: 24mm)
#set text(font: "Libertinus Serif", size: 13pt, lang: "vi")
#align(center)[#text(size: 11pt, fill: rgb("#8C3F17"))[#sys.inputs.warning]]
#v(24mm)
#align(center)[#text(size: 20pt, weight: "bold")[#sys.inputs.title]]
#v(12mm)
#table(columns: (42mm, 1fr), stroke: 0.4pt + rgb("#8A7F6E"), inset: 9pt,
  sys.inputs.product_label, sys.inputs.product, sys.inputs.maker_label, sys.inputs.maker)
"""
# Where the picture is cut from for each view, as parts of its width and height.
CUTS = {
    DocumentKind.PHOTO_FRONT: (0.0, 0.0, 1.0, 1.0),
    DocumentKind.PHOTO_SIDE: (0.5, 0.0, 1.0, 0.5),
    DocumentKind.PHOTO_TOP: (0.0, 0.5, 0.5, 1.0),
}


class Papers:
    """Makes the files. A trial run writes none: its papers count as received on paper."""

    def __init__(self, *, write: bool) -> None:
        self.write = write
        self._photos: dict[tuple[str, str], StoredFile] = {}

    def of(self, product: Product, kind: DocumentKind) -> StoredFile | None:
        """The stand-in for one paper of the product's dossier."""
        if not self.write:
            return None
        if kind in PHOTOS:
            return self._photo(product.group, kind)
        return self._pdf(str(kind.label), product)

    def of_sheet(self, product: Product, judge: User) -> StoredFile | None:
        """The stand-in for the scan of a score sheet that a judge filled in on paper."""
        title = _("Phiếu chấm điểm trên giấy của %(judge)s") % {"judge": judge}
        return self._pdf(title, product) if self.write else None

    def of_support(self, title: str, product: Product) -> "ContentFile[bytes] | None":
        """The stand-in for one paper of a project of extension, to be put into its file."""
        return ContentFile(_page(title, product), name="mau.pdf") if self.write else None

    def _pdf(self, title: str, product: Product) -> StoredFile:
        return store(ContentFile(_page(title, product), name="mau.pdf"), allow={"pdf"})

    def _photo(self, group: str, kind: DocumentKind) -> StoredFile:
        known = self._photos.get((group, kind))
        if known is None:
            picture = ContentFile(_pattern(group, kind), name="mau.jpg")
            known = self._photos[group, kind] = store(picture, allow={"image"})
        return known


def title_of(kind: DocumentKind) -> str:
    """What a stand-in is called in the list of papers."""
    if kind in PHOTOS:
        return _("%(kind)s (họa tiết đặt thay ảnh)") % {"kind": kind.label}
    return _("%(kind)s (bản mẫu trình bày)") % {"kind": kind.label}


def _page(title: str, product: Product) -> bytes:
    facts = {
        "title": title,
        "warning": _("Bản mẫu trình bày, không có giá trị"),
        "product_label": _("Sản phẩm"),
        "product": product.name,
        "maker_label": _("Cơ sở"),
        "maker": product.facility.name if product.facility else "",
    }
    return typst.compile(PAGE.encode(), sys_inputs=facts)


@cache
def _pattern(group: str, kind: DocumentKind) -> bytes:
    """The group's first pattern, cut for the view and brought to the size the circular asks for."""
    source = Path(settings.BASE_DIR, "static", "swatches", f"{group}-{PATTERNS[group][0]}-1.webp")
    with Image.open(source) as picture:
        width, height = picture.size
        left, top, right, bottom = CUTS[kind]
        box = (int(left * width), int(top * height), int(right * width), int(bottom * height))
        drawn = picture.convert("RGB").resize(PHOTO_SIZE, Image.Resampling.BILINEAR, box=box)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=60)
    return out.getvalue()
