"""Who may do what in a round."""

import pytest

from portal.accounts.enums import Role
from rounds import rules
from rounds.enums import Body, RoundState, SeatRole
from tests import factories

pytestmark = pytest.mark.django_db
LEVELS = {
    "province": lambda province: factories.RoundFactory(territory=province),
    "region": lambda _province: factories.RoundFactory(level="region", territory=None, region="north"),
    "national": lambda _province: factories.RoundFactory(level="national", territory=None),
}


def person(role, province):
    if role == Role.AGENCY_REGIONAL:
        return factories.staff(role, None, region="north")
    return factories.staff(role, province)


@pytest.mark.parametrize(
    "level,managers,deciders",
    [
        ("province", {Role.OFFICER, Role.LEADER, Role.ADMINISTRATOR}, {Role.LEADER, Role.ADMINISTRATOR}),
        (
            "region",
            {Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL, Role.ADMINISTRATOR},
            {Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL, Role.ADMINISTRATOR},
        ),
        ("national", {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR}, {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR}),
    ],
)
def test_who_manages_and_who_decides_by_level(level, managers, deciders, province):
    round_ = LEVELS[level](province)
    people = {role: person(role, province) for role in Role if role != Role.COMMUNE_OFFICER}
    assert {role for role, user in people.items() if rules.may_manage(user, round_)} == managers
    assert {role for role, user in people.items() if rules.may_decide(user, round_)} == deciders


def test_staff_of_another_province_or_region_may_nothing(other_province, province):
    round_ = LEVELS["province"](province)
    regional = LEVELS["region"](province)
    for role in (Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER):
        stranger = factories.staff(role, other_province)
        assert not rules.may_receive(stranger, round_)
        assert not rules.may_reach_desk(stranger, round_)
    assert not rules.may_manage(factories.staff(Role.AGENCY_REGIONAL, None, region="south"), regional)


def test_officers_follow_their_unit_into_its_successor(province):
    former = factories.SuccessionFactory(successor=province).predecessor
    assert rules.may_manage(factories.staff(Role.OFFICER, former), factories.RoundFactory(territory=province))


def test_the_extension_centre_receives_where_it_is_the_receiving_unit(province):
    centre = factories.OrganisationFactory(territory=province, kind="extension_centre")
    round_ = factories.RoundFactory(territory=province, receiving_unit=centre)
    clerk = factories.staff(Role.EXTENSION_OFFICER, province)
    assert not rules.may_receive(clerk, round_)
    clerk.organisation = centre
    assert rules.may_receive(clerk, round_)
    assert not rules.may_manage(clerk, round_)


@pytest.mark.parametrize(
    "role,body,may",
    [
        (
            SeatRole.CHAIR,
            Body.COUNCIL,
            {
                "may_approve_criteria",
                "may_decide_sets",
                "may_extend",
                "may_handle_complaints",
                "may_nudge",
                "may_reach_desk",
                "may_reopen_scoring",
                "may_reopen_sheets",
                "may_see_board",
                "may_see_progress",
                "may_settle_conflicts",
            },
        ),
        (
            SeatRole.SECRETARY,
            Body.COUNCIL,
            {
                "may_decide_sets",
                "may_enter_paper",
                "may_handle_complaints",
                "may_nudge",
                "may_propose_criteria",
                "may_propose_sets",
                "may_reach_desk",
                "may_record_verdicts",
                "may_run_scoring",
                "may_see_board",
                "may_see_progress",
                "may_settle_conflicts",
            },
        ),
        (SeatRole.MEMBER, Body.COUNCIL, {"may_reach_desk", "may_see_board", "may_see_progress"}),
        (SeatRole.SUPPORT_MEMBER, Body.SUPPORT, {"may_check", "may_propose_sets", "may_reach_desk"}),
        (
            SeatRole.HEAD_JUDGE,
            Body.JURY,
            {
                "may_nudge",
                "may_propose_criteria",
                "may_reach_desk",
                "may_run_scoring",
                "may_score",
                "may_see_board",
                "may_see_points",
                "may_see_progress",
            },
        ),
        (SeatRole.JUDGE, Body.JURY, {"may_score"}),
    ],
)
def test_what_a_seat_allows_during_scoring(role, body, may, province):
    round_ = factories.RoundFactory(territory=province, state=RoundState.SCORING)
    user = factories.SeatFactory(round=round_, body=body, role=role).user
    names = [name for name in dir(rules) if name.startswith("may_") and isinstance(getattr(rules, name), rules.Rule)]
    assert {name for name in names if getattr(rules, name)(user, round_)} == may


def test_a_seat_that_ended_allows_nothing(province):
    round_ = factories.RoundFactory(territory=province)
    seat = factories.SeatFactory(
        round=round_, body=Body.COUNCIL, role=SeatRole.SECRETARY, until="2024-06-01", until_reason="Chuyển công tác."
    )
    assert not rules.may_record_verdicts(seat.user, round_)


def test_points_are_the_head_judges_alone_until_the_scoring_is_closed(province, officer):
    round_ = factories.RoundFactory(territory=province, state=RoundState.SCORING)
    assert not rules.may_see_points(officer, round_)
    round_.state = RoundState.DELIBERATION
    assert rules.may_see_points(officer, round_)


def test_a_refusal_is_a_whole_sentence(province):
    with pytest.raises(rules.Refusal) as refused:
        rules.may_manage.require(factories.UserFactory(), factories.RoundFactory(territory=province))
    assert str(refused.value).endswith(".")
