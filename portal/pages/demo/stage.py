"""What every part of the demo is played with."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.utils import timezone

from portal.accounts.models import User
from portal.territory.models import Territory
from products.models import Product
from rounds.models import CriteriaSet, Dossier, Round

from . import accounts, makers
from .papers import Papers

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


@dataclass
class Stage:
    """Everything the rounds are played with: the people, the place, the day, the papers."""

    now: dt.datetime
    province: Territory
    papers: Papers
    people: dict[str, User]
    template: CriteriaSet
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> dt.date:
        return timezone.localtime(self.now).date()

    @property
    def judges(self) -> list[User]:
        return [self.people[name] for name in accounts.JUDGES]

    def at(self, days: float, hour: int = 9) -> dt.datetime:
        """A moment that many days from today, at an hour in Vietnam."""
        return timezone.make_aware(dt.datetime.combine(self.today + dt.timedelta(days=days), dt.time(hour)))

    def products(self, part: str) -> list[Product]:
        return makers.products_of(part, province=self.province, on=self.today)


def in_order(round_: Round) -> list[Dossier]:
    """The round's dossiers by their code, with what playing on needs."""
    return list(round_.dossiers.select_related("product__facility", "round").order_by("entry_code"))
