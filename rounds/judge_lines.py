"""The lines of a judge's list as HTML, put together as strings.

Hundreds of lines through the template engine would take most of the page's time; each line is a dozen short
pieces, all that was typed by people escaped here. The pieces around them stay in templates.
"""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.text.formats import day
from portal.text.templatetags.look import icon, swatch

from .enums import ScoringPass, SheetState
from .judge_list import DONE, RECUSED, STARTED, Bench, Line

_UUID = "00000000-0000-0000-0000-000000000000"


class Drawer:
    """Draws the lines of one pass on one day, in the reader's language."""

    def __init__(self, scoring_pass: str, today: dt.date) -> None:
        name = "judge_site_sheet" if scoring_pass == ScoringPass.SITE else "judge_sheet"
        self._address = reverse(name, args=[_UUID]).split(_UUID)
        self._today = today
        self._word = escape(_("Hồ sơ"))
        self._chevron = icon("chevron-right", 22)
        self._plain = {
            RECUSED: _badge("hand", _("Bạn có xung đột lợi ích")),
            SheetState.VOIDED: _badge("circle-minus", _("Phiếu không được tính")),
            SheetState.CANNOT_ASSESS: _badge("lock", _("Đã báo không đánh giá được"), "done"),
            SheetState.ENTERED: _badge("scan-line", _("Phiếu giấy chờ bạn xác nhận"), "todo"),
            "todo": _badge("circle-dashed", _("Chưa chấm")),
        }
        self._whole = _badge("pencil-line", _("Đã chấm đủ, chưa nộp"), "todo")
        self._pencil, self._lock = icon("pencil-line", 16), icon("lock", 16)
        self._bar = escape(_("Số mục đã chấm"))

    def lines(self, lines: Iterable[Line]) -> SafeString:
        return mark_safe("".join(map(self.line, lines)))  # noqa: S308  each line escapes what people typed

    def line(self, line: Line) -> str:
        entry, shut = line.entry, line.state == RECUSED
        name = escape(entry.name)
        before, after = self._address
        booth = f' <span class="dossier__booth">{escape(entry.booth)}</span>' if entry.booth else ""
        title = name if shut else f'<a href="{before}{entry.uuid}{after}">{name}</a>'
        return (
            f'<li class="dossier{" dossier--recused" if shut else ""}">{_picture(str(entry.product), entry.group, entry.name)}<div>'
            f'<p class="dossier__code">{self._word} {escape(entry.code)}{booth}</p><h3 class="dossier__name">{title}</h3>'
            f'<p class="dossier__maker">{escape(entry.maker or entry.place)}</p>{self._state(line)}</div>'
            f"{'' if shut else self._chevron}</li>"
        )

    def _state(self, line: Line) -> str:
        if line.state == SheetState.SUBMITTED and line.submitted_at:
            return f'<p class="badge badge--done">{self._lock}{escape(self._handed_in(line.submitted_at))}</p>'
        if line.state == STARTED:
            return self._started(line)
        return self._plain[line.state]

    def _handed_in(self, moment: dt.datetime) -> str:
        local = timezone.localtime(moment)
        when = {"time": f"{local:%H:%M}", "day": day(local.date())}
        if local.date() == self._today:
            return _("Đã nộp %(time)s, đã khóa") % when
        return _("Đã nộp %(time)s ngày %(day)s, đã khóa") % when

    def _started(self, line: Line) -> str:
        bar = (
            f'<progress class="thin-bar" max="{line.due}" value="{line.scored}" aria-label="{self._bar}">'
            f"{line.scored}/{line.due}</progress>"
        )
        if not line.missing:
            return self._whole + bar
        left = escape(_("Đang chấm, còn %(count)d mục") % {"count": line.missing})
        return f'<p class="badge badge--todo">{self._pencil}{left}</p>{bar}'


def segments(bench: Bench) -> SafeString:
    """One segment per sheet due: handed in first, then started, then the rest."""
    done = sum(bench.counts[state] for state in DONE)
    part = bench.counts[STARTED] + bench.counts[SheetState.ENTERED]
    rest = bench.due - done - part
    return mark_safe('<li class="is-done"></li>' * done + '<li class="is-part"></li>' * part + "<li></li>" * rest)  # noqa: S308


@lru_cache(maxsize=4096)
def _picture(product: str, group: str, name: str) -> str:
    return (
        f'<img src="{escape(swatch(product, group, name, square=True))}" width="72" height="72" alt="" loading="lazy">'
    )


def _badge(name: str, words: str, mark: str = "") -> str:
    return f'<p class="badge{f" badge--{mark}" if mark else ""}">{icon(name, 16)}{escape(words)}</p>'
