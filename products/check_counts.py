"""How often certificates are asked for: a number per day, way, answer and certificate, and nothing of who asked."""

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponseBase

from .enums import CheckWay, Status
from .models import Certificate, CheckCount

UNKNOWN = "unknown"
_TABLE = CheckCount._meta.db_table
# One statement, so that two who ask at once are both counted. The target names the partial unique index.
_COUNT = f"""
INSERT INTO {_TABLE} ("on", certificate_id, way, answer, count) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT ({{columns}}) WHERE certificate_id {{is_null}} DO UPDATE SET count = {_TABLE}.count + 1
"""  # noqa: S608  our own table's name
_COUNT_KNOWN = _COUNT.format(columns='"on", certificate_id, way, answer', is_null="IS NOT NULL")
_COUNT_UNKNOWN = _COUNT.format(columns='"on", way, answer', is_null="IS NULL")
_MACHINES = re.compile(r"bot\b|crawl|spider|slurp|preview|facebookexternalhit|lighthouse|monitor", re.IGNORECASE)
_log = logging.getLogger(__name__)


# --- counting -------------------------------------------------------------------------------------------


def is_counted(request: HttpRequest) -> bool:
    """Whether a person asked: not a crawler, not a browser reading ahead, not a look at the headers alone."""
    ahead = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}".lower()
    ahead += request.headers.get("X-Moz", "").lower()
    if request.method != "GET" or "prefetch" in ahead or "prerender" in ahead:
        return False
    return not _MACHINES.search(request.headers.get("User-Agent", ""))


def count(*, on: dt.date, certificate_id: int | None, way: str, answer: str) -> None:
    """Add one. One statement, safe when many ask at once."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_UNKNOWN if certificate_id is None else _COUNT_KNOWN, [on, certificate_id, way, answer])


def count_when_sent(
    response: HttpResponseBase, *, on: dt.date, certificate_id: int | None, way: str, answer: str
) -> None:
    """Add one after the answer has gone out, so that nobody waits for it. A count that fails costs no answer."""

    def add() -> None:
        try:
            count(on=on, certificate_id=certificate_id, way=way, answer=answer)
        except DatabaseError:
            _log.exception("A certificate check could not be counted.")

    after(response, add)


def after(response: HttpResponseBase, do: Callable[[], object]) -> None:
    """Do something once the answer has gone out: Django closes what a response holds just then."""
    response._resource_closers.append(do)  # type: ignore[attr-defined]


# --- reading --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A certificate and how often it was asked for."""

    certificate: Certificate
    times: int


@dataclass(frozen=True)
class Month:
    """The checks of one month: of the certificates of some provinces, and of codes that no register has."""

    total: int
    by_way: dict[str, int]
    by_answer: dict[str, int]
    unknown: int
    most_asked: list[Asked]
    worth_a_look: list[Asked]


ENDED = (Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED, Status.EXPIRED)


def month(first: dt.date, last: dt.date, *, territory_ids: Iterable[int] | None, longest: int = 20) -> Month:
    """The counts from one day to another; without provinces, of the whole country. Six queries at most.

    Unknown codes belong to no province, so their number is of the whole portal.
    """
    rows = CheckCount.objects.filter(on__gte=first, on__lte=last)
    known = rows.filter(certificate__isnull=False)
    if territory_ids is not None:
        known = known.filter(certificate__recognition__territory__in=set(territory_ids))
    pairs = list(known.order_by().values_list("way", "answer").annotate(times=Sum("count")))
    unknown = rows.filter(certificate__isnull=True).aggregate(times=Sum("count"))["times"] or 0
    return Month(
        total=sum(times for _way, _answer, times in pairs),
        by_way={way: sum(n for w, _answer, n in pairs if w == way) for way in CheckWay.values},
        by_answer={answer: sum(n for _way, a, n in pairs if a == answer) for answer in Status.values},
        unknown=unknown,
        most_asked=_most_asked(known, Q(), longest),
        worth_a_look=_most_asked(known, Q(answer__in=ENDED), longest),
    )


def _most_asked(rows: object, which: Q, longest: int) -> list[Asked]:
    """The certificates asked for most, with their product and maker. Two queries."""
    found = rows.filter(which).order_by().values("certificate").annotate(times=Sum("count"))  # type: ignore[attr-defined]
    top = list(found.order_by("-times", "certificate").values_list("certificate", "times")[:longest])
    papers = Certificate.objects.select_related("recognition__product__facility", "recognition__territory").in_bulk(
        [pk for pk, _times in top]
    )
    return [Asked(papers[pk], times) for pk, times in top]
