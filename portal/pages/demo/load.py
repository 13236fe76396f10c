"""Loads the whole demo, in order. What exists is kept, so it is safe to run twice."""

import datetime as dt
from collections import Counter

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.notices.services import as_told
from portal.territory.models import Territory
from portal.territory.queries import unit_of
from portal.text.errors import Refusal
from products.models import ValidityRule
from rounds.models import CriteriaSet

from . import (
    accounts,
    endings,
    extension_file,
    extension_markets,
    extension_money,
    extension_needs,
    extension_norms,
    extension_plans,
    extension_reports,
    extension_watch,
    letters,
    life,
    producers,
    published,
    rounds,
    support,
    trade,
)
from .papers import Papers
from .stage import Stage


@transaction.atomic
def load(*, now: dt.datetime, apply: bool) -> dict[str, Counter[str]]:
    """Counts by part. Without `apply` everything is tried and taken back, and no file is written.

    Raises Refusal "no_reference_data" when `load_reference` has not run.
    """
    with translation.override("vi"), as_told(now=now):
        template = _reference()
        today = timezone.localtime(now).date()
        done = {
            "accounts": accounts.load(on=today),
            "published": published.load(now=now, on=today),
        }
        stage = Stage(
            now=now,
            province=unit_of(accounts.HOME, today),
            papers=Papers(write=apply),
            people=accounts.people(),
            template=template,
        )
        for part in (rounds, endings, support, producers, extension_needs, extension_markets, life, trade, letters):
            part.load(stage)
        extension_plans.load(stage)
        support.finish(stage)
        extension_norms.load(stage)
        extension_money.load(stage)
        extension_file.load(stage)
        extension_watch.load(stage)
        extension_reports.load(stage)
        done["samples"] = stage.counts
    if not apply:
        transaction.set_rollback(True)
    return done


def _reference() -> CriteriaSet:
    template = CriteriaSet.objects.filter(round=None).order_by("pk").first()
    if template is None or not ValidityRule.objects.exists() or not Territory.objects.exists():
        raise Refusal(
            "no_reference_data",
            _("Chưa có dữ liệu tham chiếu. Hãy chạy load_reference --apply trước, rồi chạy lại."),
        )
    return template
