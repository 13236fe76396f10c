"""What Django's admin says by a picture named "True" or "False", said in words."""

from typing import Any

from django.contrib.admin.templatetags import admin_list
from django.utils.html import format_html
from django.utils.translation import gettext as _


def yes_or_no(value: Any) -> str:
    """A yes-or-no of a list or a read-only line."""
    words = {True: _("Có"), False: _("Không")}.get(value, _("Chưa rõ"))
    return format_html('<span class="{}">{}</span>', "is-yes" if value else "is-no", words)


def install() -> None:
    """Django looks the function up at each call and offers no setting for it."""
    admin_list._boolean_icon = yes_or_no  # type: ignore[attr-defined]
