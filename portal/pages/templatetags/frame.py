"""What the head of every public page says of itself: its one address, its other language, how it is shared."""

from collections.abc import Iterator

from django import template
from django.conf import settings
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()
SHARE_PICTURE = "brand/share.png"


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> SafeString:
    """A block of this very page once more, as `{% again "title" %}`: Django draws a block in one place only."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return SafeString("" if block is None else block.render(context).strip())


@register.simple_tag(takes_context=True)
def address_here(context: template.Context) -> str:
    """The whole address of this page without its query."""
    return settings.SITE_URL + _path(context)


@register.simple_tag(takes_context=True)
def alternates(context: template.Context) -> SafeString:
    """Links to this page in each language; nothing for a page that has one address only."""
    links = tuple(_in_each_language(_path(context)))
    if len({path for _code, path in links}) == 1:
        return SafeString("")
    return format_html_join(
        "\n  ",
        '<link rel="alternate" hreflang="{}" href="{}{}">',
        ((code, settings.SITE_URL, path) for code, path in (*links, ("x-default", links[0][1]))),
    )


@register.simple_tag
def share_picture() -> str:
    """The picture that stands for a page without one of its own, as a whole address."""
    return settings.SITE_URL + static(SHARE_PICTURE)


def _path(context: template.Context) -> str:
    request = context.get("request")
    return escape_uri_path(request.path) if request else "/"


def _in_each_language(path: str) -> Iterator[tuple[str, str]]:
    for code, _name in settings.LANGUAGES:
        yield code, translate_url(path, code)
