"""The row of a round's pages at the desk leads nobody to a refusal."""

import datetime as dt
import re
from unittest import mock

import pytest
from django.template.backends.django import Template
from django.urls import reverse
from django.utils import timezone

from portal.accounts.enums import Role
from rounds.enums import Body, ComplaintAbout, ComplaintChannel, ComplaintState, RoundState, SeatRole
from rounds.models import Complaint
from rounds.round_nav import PAGES
from rounds.states import ROUND_ORDER

from .. import factories as make

pytestmark = pytest.mark.django_db
NAV = re.compile(r'<nav class="tabs round-nav".*?</nav>', re.DOTALL)
HREF = re.compile(r'href="([^"]+)"')
OFFICES = tuple(Role)
DESK_SEATS = tuple(role for role in SeatRole if role not in {SeatRole.JUDGE, SeatRole.DEPUTY_JUDGE})


def body_of(role):
    if role in {SeatRole.SUPPORT_LEAD, SeatRole.SUPPORT_MEMBER}:
        return Body.SUPPORT
    return Body.JURY if role == SeatRole.HEAD_JUDGE else Body.COUNCIL


def shown_tabs(client, round_):
    """Addresses of the tabs on the round's own page, none for whom that page is shut."""
    page = client.get(reverse("admin:rounds_round_change", args=[round_.pk]))
    if page.status_code != 200:
        return []
    return HREF.findall(NAV.search(page.content.decode()).group())


def round_at(province, state):
    now = timezone.now()
    round_ = make.RoundFactory(
        territory=province,
        state=state,
        year=2026,
        scoring_until=now,
        announced_at=now,
        decision=make.DecisionFactory(),
        cancelled_reason="Không đủ hồ sơ.",
    )
    make.CriteriaSetFactory(round=round_)
    make.DossierFactory(round=round_, entry_code="001")
    return round_


@pytest.mark.crawl
@pytest.mark.parametrize("state", [*ROUND_ORDER, RoundState.CANCELLED])
def test_every_tab_shown_to_anybody_opens(client, province, state):
    round_ = round_at(province, state)
    people = [
        make.staff(role, province, region="north" if role == Role.AGENCY_REGIONAL else "")
        for role in OFFICES
        if role != Role.COMMUNE_OFFICER
    ]
    people += [make.SeatFactory(round=round_, body=body_of(role), role=role).user for role in DESK_SEATS]
    refused = []
    for person in people:
        client.force_login(person)
        tabs = shown_tabs(client, round_)
        with mock.patch.object(Template, "render", return_value=""):  # that it opens, not how it looks
            refused += [(str(person), url) for url in tabs if client.get(url).status_code != 200]
    assert refused == []


@pytest.mark.parametrize(
    "role, state, hidden, open_",
    [
        (
            SeatRole.SUPPORT_MEMBER,
            RoundState.SCORING,
            {"conflicts", "assign", "progress", "board"},
            {"sets", "samples"},
        ),
        (SeatRole.SUPPORT_MEMBER, RoundState.ANNOUNCED, {"sessions", "complaints"}, {"intake"}),
        (SeatRole.MEMBER, RoundState.ANNOUNCED, {"conflicts", "complaints"}, {"board", "sessions"}),
        (SeatRole.CHAIR, RoundState.ANNOUNCED, set(), {"conflicts", "complaints", "sessions"}),
    ],
)
def test_a_page_that_refuses_has_no_tab(client, province, role, state, hidden, open_):  # noqa: PLR0917
    round_ = round_at(province, state)
    client.force_login(make.SeatFactory(round=round_, body=body_of(role), role=role).user)
    tabs = set(shown_tabs(client, round_))

    def addresses(names):
        return {reverse(f"admin:rounds_round_{name}", args=[round_.pk]) for name in names}

    assert not tabs & addresses(hidden)
    assert addresses(open_) <= tabs


def test_a_member_given_a_complaint_finds_its_page(client, province):
    round_ = round_at(province, RoundState.ANNOUNCED)
    member = make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.MEMBER).user
    Complaint.objects.create(
        round=round_,
        number=1,
        about=ComplaintAbout.RESULT,
        channel=ComplaintChannel.PAPER,
        complainant="Cơ sở mẫu",
        content="Xem lại.",
        received_at=timezone.now(),
        answer_due_on=dt.date(2026, 11, 16),
        state=ComplaintState.ASSIGNED,
        answerer=member,
        assigned_at=timezone.now(),
        assigned_by=member,
    )
    client.force_login(member)
    assert reverse("admin:rounds_round_complaints", args=[round_.pk]) in shown_tabs(client, round_)


def test_the_pages_are_named_once():
    names = [name for name, _label, _when in PAGES]
    assert len(names) == len(set(names))
