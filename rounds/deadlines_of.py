"""Until when a judge may hand in: the round's own deadline, or a later one that was granted.

Half-open: at the very second the time is over. Extensions are data; the latest of those for the whole jury and
for the judge alone counts. A round without a deadline has none, whatever was granted.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Subquery

from .enums import RoundState, ScoringPass
from .models import DeadlineExtension, Round


def granted_until(judge: Any, round_ref: Any, scoring_pass: Any) -> Subquery:
    """The latest deadline granted to the judge, alone or with the whole jury. All may be `OuterRef`s."""
    granted = DeadlineExtension.objects.filter(
        Q(judge=judge) | Q(judge__isnull=True), round=round_ref, scoring_pass=scoring_pass
    )
    return Subquery(granted.order_by("-until").values("until")[:1])


def own_deadline(round_: Round, scoring_pass: str) -> dt.datetime | None:
    """The deadline in the round's settings, before any extension."""
    return round_.site_scoring_until if scoring_pass == ScoringPass.SITE else round_.scoring_until


def later(own: dt.datetime | None, granted: dt.datetime | None) -> dt.datetime | None:
    """The deadline that holds. None: there is none."""
    return own if own is None or granted is None else max(own, granted)


def until(round_: Round, judge: Any, scoring_pass: str = ScoringPass.DOSSIER) -> dt.datetime | None:
    """The judge's deadline in this pass, None when there is none. One query."""
    own = own_deadline(round_, scoring_pass)
    if own is None:
        return None
    return Deadlines.of(round_, scoring_pass).until(judge.pk)


@dataclass(frozen=True)
class Deadlines:
    """Every judge's deadline in one pass of a round."""

    general: dt.datetime | None
    alone: Mapping[int, dt.datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, round_: Round, scoring_pass: str = ScoringPass.DOSSIER) -> "Deadlines":
        """One query, whatever the number of judges."""
        granted = DeadlineExtension.objects.filter(round=round_, scoring_pass=scoring_pass).order_by("until")
        return cls.read(own_deadline(round_, scoring_pass), granted.values_list("judge_id", "until"))

    @classmethod
    def read(cls, general: dt.datetime | None, granted: Iterable[tuple[int | None, dt.datetime]]) -> "Deadlines":
        """From the round's own deadline and what was granted, the earliest first; no judge is the whole jury."""
        alone = {}
        for judge_id, moment in granted:
            if judge_id is None:
                general = later(general, moment)
            else:
                alone[judge_id] = moment
        return cls(general, alone)

    def until(self, judge_id: int) -> dt.datetime | None:
        return later(self.general, self.alone.get(judge_id))

    @property
    def last(self) -> dt.datetime | None:
        """When the last judge's time is over."""
        return None if self.general is None else max((self.general, *self.alone.values()))


def is_open(round_: Round, scoring_pass: str, deadline: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether sheets of this pass are written now, the deadline being the judge's own."""
    if round_.state != RoundState.SCORING or (deadline is not None and now >= deadline):
        return False
    return scoring_pass != ScoringPass.SITE or (round_.has_site_pass and _begun(round_, now))


def _begun(round_: Round, now: dt.datetime) -> bool:
    return round_.site_scoring_from is None or round_.site_scoring_from <= now
