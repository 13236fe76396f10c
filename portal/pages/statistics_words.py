"""Answers in words: whole sentences, put together so that they read in Vietnamese and translate into English."""

from collections.abc import Iterable, Sequence

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from extension.enums import ActivityHead, Funding
from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.text.formats import lowered, number
from portal.text.templatetags.look import LEVEL_IN_WORDS
from products.enums import SUPPORT_MEASURES, FigurePrecision, ProductGroup, Status
from products.facets import unit_label
from products.models import PublishedFigure

from . import support_figures
from .answers import joined
from .statistics import Row
from .statistics_query import Question
from .templatetags.spoken import vietnamese

NAMED_AT_MOST = 3
NOT_DONE = {
    "kế hoạch": gettext_lazy("theo kế hoạch"),
    "đề nghị": gettext_lazy("đề nghị"),
    "mục tiêu": gettext_lazy("theo mục tiêu"),
}
INEXACT = (FigurePrecision.ABOUT, FigurePrecision.OVER, FigurePrecision.ALMOST)


def period(question: Question) -> str:
    """When, as the beginning of a sentence."""
    first, last = question.year_from, question.year_to
    if first is None and last is None:
        return _("Đến nay")
    if first is None:
        return _("Đến hết năm %(year)s") % {"year": last}
    if last is None:
        return _("Từ năm %(year)s đến nay") % {"year": first}
    if first == last:
        return _("Năm %(year)s") % {"year": first}
    return _("Từ %(first)s đến %(last)s") % {"first": first, "last": last}


def place(question: Question) -> str:
    return joined(unit_label(unit) for unit in question.units) or _("cả nước")


def scope(question: Question) -> str:
    """What is counted besides place and time, each after a comma but the first: " cấp tỉnh, nhóm …"."""
    known = []
    if question.level:
        levels = joined(str(LEVEL_IN_WORDS[level]) for level in question.level)
        # Vietnamese needs no word here, English says "at".
        known.append(pgettext("phạm vi", "%(levels)s") % {"levels": levels})
    if question.group:
        groups = joined(lowered(str(ProductGroup(group).label)) for group in question.group)
        known.append(_("nhóm %(groups)s") % {"groups": groups})
    if question.kind:
        kinds = joined(lowered(str(FacilityKind(kind).label)) for kind in question.kind)
        known.append(_("của cơ sở là %(kinds)s") % {"kinds": kinds})
    if question.status:
        states = joined(lowered(str(Status(status).label)) for status in question.status)
        known.append(_("hôm nay %(states)s") % {"states": states})
    told = ", ".join(filter(None, known))
    return f" {told}" if told else ""


def recognised(question: Question, total: int, rows: Sequence[Row], *, by: str) -> str:
    """The one sentence of an answer about recognitions."""
    facts = {"period": period(question), "place": place(question), "scope": scope(question)}
    if not total:
        return _("%(period)s, %(place)s không có lượt công nhận nào%(scope)s.") % facts
    words = ngettext(
        "%(period)s, %(place)s có %(count)s lượt công nhận%(scope)s%(most)s.",
        "%(period)s, %(place)s có %(count)s lượt công nhận%(scope)s%(most)s.",
        total,
    )
    return words % {**facts, "count": number(total), "most": _most(rows, by)}


def _most(rows: Sequence[Row], by: str) -> str:
    """Where most of it is; nothing where there is nothing to compare or too many share the first place."""
    if len(rows) < 2:  # noqa: PLR2004  one row is all of it
        return ""
    top = max(row.numbers.recognitions for row in rows)
    first = [row for row in rows if row.numbers.recognitions == top]
    if len(first) > NAMED_AT_MOST or len(first) == len(rows):
        return ""
    facts = {"names": joined(in_words(by, row.key, row.label) for row in first), "count": number(top)}
    if len(first) == 1:
        return _(", nhiều nhất là %(names)s với %(count)s lượt") % facts
    return _(", nhiều nhất là %(names)s, cùng %(count)s lượt") % facts


def in_words(by: str, key: str, label: str) -> str:
    """The label of a row within a sentence."""
    if by == "level":
        return str(LEVEL_IN_WORDS[key])
    if by == "year":
        return _("năm %(year)s") % {"year": key}
    if by == "group":
        return _("nhóm %(groups)s") % {"groups": lowered(label)}
    return lowered(label) if by in {"facility_kind", "kind"} else label


def basis_words(basis: str) -> str:
    if basis == Basis.AT_THE_TIME:
        return _(
            "Tính theo tỉnh khi công nhận: mỗi lượt ở tên và địa giới của ngày đó, tỉnh đã sáp nhập đứng riêng một dòng."
        )
    return _("Tính theo tỉnh hiện nay: lượt của tỉnh cũ được tính cho tỉnh mà nó đã nhập vào.")


def value(figure: PublishedFigure) -> str:
    """ "trên 80": the number with how exact it is, else what the source wrote."""
    if figure.value is None or figure.precision not in INEXACT:
        return figure.display_value
    return f"{FigurePrecision(figure.precision).label} {number(figure.value)}"


def meaning(figure: PublishedFigure) -> str:
    """What a published total counts, in the page's language; in English with the funding and the head that the words
    of its source name, and whether it is only planned or asked for.
    """
    told = figure.display_what
    if told == figure.what:
        return told
    words = figure.what.lower()
    known = [str(label) for said, label in NOT_DONE.items() if said in words]
    funding, head = support_figures.named_in(figure) if figure.measure in SUPPORT_MEASURES else ("", None)
    known += [lowered(str(Funding(funding).label))] if funding else []
    known += [lowered(str(ActivityHead(head).label))] if head else []
    return ", ".join([told, *known])


def counted(figure: PublishedFigure) -> SafeString:
    """The same within a sentence: beside it the words of the source, where those are in another language."""
    told = meaning(figure)
    return conditional_escape(told) if told == figure.what else format_html("{} (“{}”)", told, vietnamese(figure.what))


def published(figure: PublishedFigure) -> SafeString:
    """One published total with what its source says against itself; Vietnamese words are marked as such."""
    told = filled(
        _("%(place)s, %(period)s: %(what)s %(value)s. Nguồn: %(source)s."),
        place=figure.display_place,
        period=figure.display_period,
        what=counted(figure),
        value=vietnamese(figure.display_amount) if figure.precision == FigurePrecision.TEXT else figure.display_amount,
        source=vietnamese(figure.source),
    )
    return format_html("{} {}", told, vietnamese(figure.note)) if figure.note else told


def filled(words: str, **parts: str) -> SafeString:
    """A sentence for a page, its parts escaped but for those that are marked up already."""
    return mark_safe(words % {name: conditional_escape(part) for name, part in parts.items()})  # noqa: S308  see above


def told(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, sentences))
