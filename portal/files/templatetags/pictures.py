"""How a page asks for a picture no larger than it shows it, in the lightest format its browser knows."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.files.models import StoredFile
from portal.files.thumbnails import AVIF, Picture, picture_at
from portal.files.thumbnails import sources as sources_of
from portal.text.swatches import swatch as choose_swatch

register = template.Library()

# What most places show: the law's 10 × 15 cm, filled by cutting what is beyond it (`object-fit: cover`).
BOX = (600, 400)
SWATCH_WIDTHS = (360, 600)


@register.simple_tag
def srcset(url: str, stored: StoredFile) -> str:
    """Every width in which the picture at `url` is offered."""
    return sources_of(url, stored)


@register.simple_tag
def picture_of(url: str, stored: StoredFile) -> Picture:
    """The picture of a stored file at its address, for `{% picture %}`."""
    return picture_at(url, stored)


@register.simple_tag
def picture(
    shown: Picture,
    sizes: str = "100vw",
    alt: str = "",
    *,
    first: bool = False,
    whole: bool = False,
    width: int = BOX[0],
    height: int = BOX[1],
) -> SafeString:
    """`<picture>` with AVIF and WebP in every width, its place kept by width and height.

    `first` is the one picture a reader sees at once; every other waits until it comes near the screen.
    `whole` gives the picture's own shape instead of the box's.
    """
    if whole and shown.width and shown.height:
        width, height = shown.width, shown.height
    return _drawn(
        avif=shown.sources(AVIF),
        webp=shown.sources(),
        src=shown.at(480),
        sizes=sizes,
        alt=alt,
        first=first,
        box=(width, height),
    )


@register.simple_tag
def swatch_picture(
    key: object, group: str, name: str = "", sizes: str = "100vw", alt: str = "", *, first: bool = False
) -> SafeString:
    """The same for the pattern that stands in for a missing photo. `key` is the product's UUID."""
    chosen = choose_swatch(str(key), group, name)
    webp, avif = (
        ", ".join(f"{static(chosen.path(width=width, form=form))} {width}w" for width in SWATCH_WIDTHS)
        for form in ("webp", "avif")
    )
    return _drawn(avif=avif, webp=webp, src=static(chosen.path()), sizes=sizes, alt=alt, first=first, box=BOX)


def _drawn(*, avif: str, webp: str, src: str, sizes: str, alt: str, first: bool, box: tuple[int, int]) -> SafeString:
    when = SafeString(' fetchpriority="high"' if first else ' loading="lazy" decoding="async"')
    return format_html(
        '<picture><source type="image/avif" srcset="{}" sizes="{}">'
        '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}"{}></picture>',
        avif,
        sizes,
        src,
        webp,
        sizes,
        box[0],
        box[1],
        alt,
        when,
    )
