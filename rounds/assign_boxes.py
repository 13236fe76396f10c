"""The boxes of an assignment by hand: one judge's dossiers, or one dossier's judges."""

from typing import Any

from django.http import HttpRequest

from portal.accounts.models import User
from products.enums import ProductGroup

from .assign_view import seen_by
from .assigning import Facts, Pair, Pairs
from .models import Dossier, Round


class Boxes:
    """The boxes of one judge (a dossier each, of one group if asked) or of one dossier (a judge each)."""

    def __init__(self, request: HttpRequest, round_: Round, facts: Facts, pairs: Pairs) -> None:
        asked = request.POST if request.method == "POST" else request.GET
        self.facts, self.ticked = facts, pairs
        self.seen = seen_by(request.user, round_)
        entries = {entry.key for entry in facts.entries}
        self.dossiers = [
            d for d in self.seen.select_related("product__facility").order_by("entry_code") if str(d.uuid) in entries
        ]
        people = User.objects.filter(uuid__in=[judge.key for judge in facts.judges])
        self.judges = sorted(people, key=lambda user: (str(user), user.pk))
        self.judge = next((user for user in self.judges if str(user.pk) == asked.get("giam-khao", "")), None)
        self.dossier = next((d for d in self.dossiers if str(d.pk) == asked.get("ho-so", "")), None)
        self.group = asked.get("nhom", "") if asked.get("nhom", "") in ProductGroup.values else ""
        if self.judge is not None:
            self.dossier = None

    @property
    def is_chosen(self) -> bool:
        return self.judge is not None or self.dossier is not None

    @property
    def shown(self) -> list[Pair]:
        if self.judge is not None:
            return [(str(d.uuid), str(self.judge.uuid)) for d in self._of_group()]
        return [(str(self.dossier.uuid), str(user.uuid)) for user in self.judges] if self.dossier is not None else []

    def _of_group(self) -> list[Dossier]:
        return [d for d in self.dossiers if self.group in {"", d.product.group}]

    def value(self, pair: Pair) -> str:
        """What the box of a pair sends: the other side of who is chosen."""
        return pair[0] if self.judge is not None else pair[1]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The boxes in order; fixed where a sheet was opened or a conflict stands."""
        begun = self.facts.keeps()
        things = self._of_group() if self.judge is not None else self.judges
        return [
            {
                "value": self.value(pair),
                "thing": thing,
                "is_ticked": pair in self.ticked or pair in begun,
                "is_begun": pair in begun,
                "is_barred": pair in self.facts.barred,
            }
            for pair, thing in zip(self.shown, things, strict=True)
        ]

    @property
    def groups(self) -> list[tuple[str, str]]:
        used = {d.product.group for d in self.dossiers}
        return [(group.value, str(group.label)) for group in ProductGroup if group in used]
