"""The rows of the score board as HTML. A board has hundreds of them, all alike: a template would look up each cell."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.text.templatetags.look import icon


class Line(NamedTuple):
    """A row of the board: every cell is text already, none of it is HTML."""

    pk: int
    rank: int | str
    code: str
    name: str
    facility: str
    sheets: str
    rest: str
    mean: str
    mark: str  # passed, failed, short, late; "" while the points are hidden
    spread: str
    flagged: bool
    verdict: str


class Cells:
    """What is the same in every row, made once for a page."""

    def __init__(self, *, sees_points: bool, is_sealed: bool) -> None:
        self.sees_points, self.is_sealed = sees_points, is_sealed
        self.sheets, self.mean, self.spread = (
            self._label(words) for words in (_("Phiếu"), _("Trung bình"), _("Độ lệch"))
        )
        self.silent = f'<span class="meta">{escape(_("chưa có ý kiến"))}</span>'
        self.flag = "<br>" + _badge("todo", "triangle-alert", _("lệch"))
        self.marks = {
            "passed": _badge("valid", "circle-check", _("đạt")),
            "failed": _badge("expired", "circle-minus", _("chưa đạt")),
            "short": _badge("todo", "clock", _("chưa đủ phiếu")),
            "late": f'<span class="meta">{escape(_("bộ gộp sau khi chấm"))}</span>',
            "": "",
        }

    @staticmethod
    def _label(words: str) -> str:
        return f'<span class="board__label">{escape(words)} </span>'

    def row(self, line: Line) -> str:
        """One row. Names and what people wrote are escaped, the rest are numbers and our own words."""
        rest = f'<br><span class="meta">{escape(line.rest)}</span>' if line.rest else ""
        rank = f'<td class="num board__rank">{line.rank}</td>' if self.sees_points else ""
        points = self._points(line) if self.sees_points else ""
        said = escape(line.verdict) if line.verdict else self.silent
        verdict = f'<td class="board__verdict">{said}</td>' if self.is_sealed else ""
        return (
            f'<tr id="ho-so-{line.pk}">{rank}'
            f'<td class="num board__code"><a href="{line.pk}/">{escape(line.code)}</a></td>'
            f'<th scope="row">{escape(line.name)}<br><span class="meta">{escape(line.facility)}</span></th>'
            f'<td class="board__sheets">{self.sheets}{line.sheets}{rest}</td>{points}{verdict}</tr>'
        )

    def _points(self, line: Line) -> str:
        mean = f"{self.mean}<strong>{line.mean}</strong><br>" if line.mean else ""
        spread = f"{self.spread}{line.spread}{self.flag if line.flagged else ''}" if line.spread else ""
        return (
            f'<td class="num board__mean">{mean}{self.marks[line.mark]}</td><td class="num board__spread">{spread}</td>'
        )


def _badge(kind: str, name: str, words: str) -> str:
    return f'<span class="badge badge--{kind}">{icon(name, 16)}{escape(words)}</span>'


def rows_of(lines: Iterable[Line], cells: Cells) -> SafeString:
    return mark_safe("\n".join(map(cells.row, lines)))  # noqa: S308  every cell is escaped above
