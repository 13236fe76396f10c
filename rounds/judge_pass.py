"""The two passes on the judges' pages: where each one's pages are, until when, and which counts."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from .deadlines_of import is_open, later, own_deadline
from .enums import RoundState, ScoringPass
from .models import Round


@dataclass(frozen=True)
class Links:
    """The pages of one dossier in one pass."""

    dossier: UUID
    scoring_pass: str

    def _to(self, page: str) -> str:
        prefix = "judge_site_" if self.scoring_pass == ScoringPass.SITE else "judge_"
        return reverse(f"{prefix}{page}", args=[self.dossier])

    @property
    def sheet(self) -> str:
        return self._to("sheet")

    @property
    def save(self) -> str:
        return self._to("save")

    @property
    def submit(self) -> str:
        return self._to("submit")

    @property
    def cannot(self) -> str:
        return self._to("cannot_assess")

    @property
    def confirm(self) -> str:
        return self._to("confirm")

    @property
    def scan(self) -> str:
        return self._to("scan")

    @property
    def reopening(self) -> str:
        return self._to("reopening")


@dataclass(frozen=True)
class Pass:
    """One pass of a round as one judge has it now; `granted` is the latest extension, if any."""

    round: Round
    code: str
    granted: dt.datetime | None

    @property
    def until(self) -> dt.datetime | None:
        return later(own_deadline(self.round, self.code), self.granted)

    def open(self, now: dt.datetime) -> bool:
        return is_open(self.round, self.code, self.until, now)

    def not_begun(self, now: dt.datetime) -> bool:
        """Whether the site pass is still to come."""
        begins = self.round.site_scoring_from
        return self.is_site and self.round.state == RoundState.SCORING and begins is not None and now < begins

    @property
    def is_site(self) -> bool:
        return self.code == ScoringPass.SITE

    @property
    def label(self) -> str:
        """Only where there are two to tell apart."""
        return str(ScoringPass(self.code).label) if self.round.has_site_pass else ""

    @property
    def weight(self) -> str:
        return weight_in_words(self.round)


def passes_of(round_: Any) -> tuple[str, ...]:
    return (ScoringPass.DOSSIER, ScoringPass.SITE) if round_.has_site_pass else (ScoringPass.DOSSIER,)


def weight_in_words(round_: Round) -> str:
    """Which pass counts and how, as the round's settings say; nothing where there is one pass only."""
    if not round_.has_site_pass:
        return ""
    site = round_.site_weight
    if site == 0:
        return _("Kết quả chỉ tính lượt chấm trên hồ sơ; lượt chấm tại chỗ để tham khảo.")
    if site == 100:  # noqa: PLR2004
        return _("Kết quả chỉ tính lượt chấm tại chỗ; lượt chấm trên hồ sơ để tham khảo.")
    return _("Kết quả tính %(dossier)d%% điểm chấm trên hồ sơ và %(site)d%% điểm chấm tại chỗ.") % {
        "dossier": 100 - site,
        "site": site,
    }
