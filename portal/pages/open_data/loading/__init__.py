"""Filling an empty portal from the open data of another: all of them or nothing.

What the open data do not tell stays where it is: dossiers, scores, photos, tax codes, closed contacts.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from extension.models import Fair, Outlet, Project
from facilities.models import Facility
from portal.audit.services import record
from portal.text.errors import Refusal
from products import register
from products.models import Product, PublishedFigure, Recognition, RegisterMark
from rounds.models import NominationCount, Round

from ..checking import Problem, opened, problems_of
from ..making import Edition
from ..sets import (
    EVENTS,
    FACILITIES,
    FAIRS,
    FIGURES,
    LISTINGS,
    NOMINATIONS,
    OUTLETS,
    PARTICIPANTS,
    PRODUCTS,
    PROGRAMMES,
    PROJECTS,
    PROPERTIES,
    RECOGNITIONS,
    ROUND_COUNTS,
    ROUNDS,
    SALES_LINKS,
    SET_MEMBERS,
    SHOPS,
    STANDARDS,
    SUPPORT,
    SUSPENSIONS,
)
from . import facilities, figures, markets, organisations, products, projects, recognitions, rounds
from .world import Step, World

UUID = attrgetter("uuid")
# Each after what it names.
STEPS = (
    Step(FACILITIES, facilities.communes, attrgetter("code")),
    Step(FACILITIES, facilities.facilities, UUID),
    Step(FACILITIES, facilities.contacts),
    Step(SUPPORT, facilities.others, UUID),
    Step(PARTICIPANTS, facilities.others, UUID),
    Step(PRODUCTS, products.products, UUID),
    Step(PRODUCTS, products.trade),
    Step(SET_MEMBERS, products.set_members),
    Step(STANDARDS, products.standards),
    Step(PROPERTIES, products.properties),
    Step(SHOPS, products.shops),
    Step(SALES_LINKS, products.sales_links),
    Step(RECOGNITIONS, recognitions.decisions, recognitions.key_of),
    Step(EVENTS, recognitions.decisions, recognitions.key_of),
    Step(ROUNDS, recognitions.decisions, recognitions.key_of),
    Step(RECOGNITIONS, recognitions.recognitions, UUID),
    Step(RECOGNITIONS, recognitions.certificates, attrgetter("code")),
    Step(SUSPENSIONS, recognitions.suspensions),
    Step(EVENTS, recognitions.events),
    Step(ROUNDS, organisations.named("receiving_unit"), organisations.key_of),
    Step(ROUNDS, rounds.rounds, UUID),
    Step(ROUND_COUNTS, rounds.round_counts),
    Step(NOMINATIONS, rounds.nominations),
    Step(PROGRAMMES, projects.programmes, UUID),
    Step(PROJECTS, organisations.named("implementing_unit"), organisations.key_of),
    Step(PROJECTS, projects.projects, UUID),
    Step(SUPPORT, projects.unnamed_products, projects.key_of_unnamed),
    Step(SUPPORT, projects.support),
    Step(FAIRS, markets.fairs, UUID),
    Step(PARTICIPANTS, markets.participants, markets.part_of),
    Step(PARTICIPANTS, markets.shown_products),
    Step(OUTLETS, markets.outlets, UUID),
    Step(LISTINGS, markets.listings),
    Step(FIGURES, figures.figures),
)
MUST_BE_EMPTY = (Facility, Product, Recognition, Round, NominationCount, Project, Fair, Outlet)


@dataclass
class Report:
    """What was written, by what it is; what was changed on the way; what could not be read."""

    day: dt.date
    counts: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    applied: bool = False


def load(path: Path, *, apply: bool) -> Report:
    """Fill the portal from open data, packed or not; without `apply`, or with any problem, nothing is kept.

    Raises Refusal `no_open_data`, `other_version`, `not_empty`.
    """
    with opened(path) as edition:
        return _load(edition, apply=apply)


def _load(edition: Edition, *, apply: bool) -> Report:
    report = Report(edition.day, problems=problems_of(edition))
    if report.problems:
        return report
    with transaction.atomic():
        _refuse_a_portal_in_use()
        world = World(edition, problems=report.problems, warnings=report.warnings)
        PublishedFigure.objects.all().delete()
        for step in STEPS:
            report.counts += step.carry_out(world)
        products.found_by_members()
        if world.photos:
            words = _("%(number)s ảnh không nằm trong dữ liệu mở nên chưa có ở cổng này.")
            report.warnings.append(words % {"number": world.photos})
        if apply and not report.problems:
            _tell(world, report)
            report.applied = True
        else:
            transaction.set_rollback(True)
    return report


def _refuse_a_portal_in_use() -> None:
    held = [
        f"{model._meta.verbose_name} {number}" for model in MUST_BE_EMPTY if (number := model._default_manager.count())
    ]
    if held:
        words = _("Cổng đã có dữ liệu (%(held)s). Dữ liệu mở chỉ nạp được vào cổng trống. Chưa ghi gì.")
        raise Refusal("not_empty", words % {"held": ", ".join(held)})


def _tell(world: World, report: Report) -> None:
    register.touch(everything=True)
    mark, _created = RegisterMark.objects.get_or_create(pk=1)
    record(
        actor=None,
        action="open_data.load",
        sentence=_("Nạp dữ liệu mở ngày %(day)s của %(site)s vào cổng trống.")
        % {"day": f"{world.day:%d/%m/%Y}", "site": world.edition.site},
        subject=mark,
        data=dict(report.counts),
    )
