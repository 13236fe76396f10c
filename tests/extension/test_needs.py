"""Services of needs and calls: who may, in which state, and what becomes of several needs as one project."""

import datetime as dt

import pytest

from extension.enums import ActivityHead, Funding, NeedState, PriorityKind, ProjectKind, ProjectState
from extension.models import Need, Project
from extension.needs import queries
from extension.services import calls, needs
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from products.enums import Level
from tests.factories import CommuneFactory, FacilityFactory, ProductFactory, RecognitionFactory, TerritoryFactory, staff

from .needs_world import NOW, ON, World, priority

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
S = NeedState


@pytest.fixture
def world():
    return World()


def register(world, actor=None, **facts):
    known = {"facility": world.facility, "year": 2027, "title": "Máy sấy lạnh"}
    return needs.register(actor=actor or world.maker, now=NOW, **{**known, **facts})


def refused(code, act, *args, **facts):
    with pytest.raises(Refusal) as caught:
        act(*args, **facts)
    assert caught.value.code == code
    return caught.value


def turn(world, rows, **facts):
    known = {"name": "Đề án chè", "funding": Funding.LOCAL, "head": ActivityHead.TECHNOLOGY, "year": 2027}
    return needs.turn(needs=rows, actor=world.clerk, now=NOW, **{**known, **facts})


# --- registering ---------------------------------------------------------------------------------------------


def test_a_representative_registers_and_the_act_is_recorded(world):
    need = register(world, item=world.item, cost=600, own_funds=350)
    assert (need.state, need.head, need.commune, need.registered_by) == (
        S.REGISTERED, ActivityHead.TECHNOLOGY, world.commune, world.maker,
    )  # fmt: skip
    assert AuditEntry.objects.get(action="extension.need_register").territory == world.province


def test_a_commune_registers_for_who_is_in_no_register(world):
    need = register(
        world, world.commune_officer, facility=None, commune=world.commune, facility_name="Tổ hợp tác xóm Hồng Thái"
    )
    assert (queries.who_of(need), need.territory) == ("Tổ hợp tác xóm Hồng Thái", world.province)


@pytest.mark.parametrize("who", ["stranger", "officer"])
def test_nobody_else_registers_for_a_facility(world, who):
    refused("not_yours", register, world, getattr(world, who))


def test_a_commune_officer_registers_for_no_facility_of_another_commune(world):
    elsewhere = FacilityFactory(territory=world.province, commune=CommuneFactory(territory=world.province))
    refused("not_yours", register, world, world.commune_officer, facility=elsewhere)


def test_a_maker_is_needed(world):
    assert refused("invalid", register, world, world.clerk, facility=None).field == "facility"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"year": 2020}, "year_unclear"),
        ({"year": 2040}, "year_unclear"),
        ({"cost": 100, "own_funds": 101}, "too_much_own"),
        ({"cost": -1}, "invalid"),
        ({"title": ""}, "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(world, facts, code):
    refused(code, register, world, **facts)
    assert not Need.objects.exists()


def test_a_product_of_another_maker_is_refused(world):
    refused("wrong_product", register, world, product=ProductFactory())


def test_the_same_need_twice_is_one_need(world):
    register(world, title="Máy sấy lạnh")
    refused("registered_already", register, world, title="máy  SẤY lạnh")
    assert register(world, title="Máy sấy lạnh", year=2028).year == 2028


def test_a_call_takes_needs_from_its_first_to_its_last_day(world):
    for opens, closes, fits in [(ON, ON, True), (ON + DAY, ON + DAY, False), (ON - DAY, ON - DAY, False)]:
        call = world.call(opens_on=opens, closes_on=closes)
        facts = {"call": call, "title": f"Máy {opens}"}
        if fits:
            assert register(world, **facts).call == call
        else:
            refused("call_closed", register, world, **facts)
            assert register(world, world.clerk, **facts).call == call


def test_a_call_of_another_province_is_refused(world):
    refused("call_elsewhere", register, world, call=world.call(territory=TerritoryFactory()))


def test_a_call_for_some_items_takes_no_other(world):
    call = world.call()
    call.items.add(world.item)
    refused("item_not_called", register, world, call=call)
    assert register(world, call=call, item=world.item).item == world.item


def test_owners_change_a_need_until_the_centre_has_taken_it_up(world):
    need = register(world)
    assert needs.change(need=need, actor=world.maker, now=NOW, cost=700).cost == 700
    needs.shelve(need=need, actor=world.clerk, now=NOW)
    refused("illegal_transition", needs.change, need=need, actor=world.maker, now=NOW, cost=800)
    assert needs.change(need=need, actor=world.clerk, now=NOW, cost=800).cost == 800


def test_an_unchanged_need_writes_nothing(world):
    need = register(world)
    before = AuditEntry.objects.count()
    needs.change(need=need, actor=world.maker, now=NOW, title=need.title)
    assert AuditEntry.objects.count() == before


# --- answering -----------------------------------------------------------------------------------------------


def test_who_registered_hears_what_was_answered(world):
    need = register(world)
    needs.decline(need=need, actor=world.clerk, now=NOW, answer="Chỉ hỗ trợ máy mới.")
    letter = Notice.objects.get(kind="extension_need")
    assert letter.user == world.maker
    assert "Chỉ hỗ trợ máy mới." in letter.body


def test_a_refusal_needs_its_reason(world):
    refused("answer_missing", needs.decline, need=register(world), actor=world.clerk, now=NOW, answer="  ")


@pytest.mark.parametrize("who", ["officer", "maker", "commune_officer"])
def test_only_the_extension_officer_answers(world, who):
    refused("not_allowed", needs.shelve, need=register(world), actor=getattr(world, who), now=NOW)


def test_the_officer_of_another_province_does_not_answer(world):
    other = staff(Role.EXTENSION_OFFICER, TerritoryFactory())
    refused("not_allowed", needs.shelve, need=register(world), actor=other, now=NOW)


def test_a_withdrawn_need_is_answered_no_more(world):
    need = needs.withdraw(need=register(world), actor=world.maker, now=NOW)
    refused("illegal_transition", needs.shelve, need=need, actor=world.clerk, now=NOW)


# --- one project of several needs -------------------------------------------------------------------------------


def test_shelved_needs_become_one_project_and_keep_why_they_ranked(world):
    priority(points=5)
    RecognitionFactory(
        product=ProductFactory(facility=world.facility, name="Chè đinh"), level=Level.PROVINCE, territory=world.province,
        year=2025, issued_on=dt.date(2025, 12, 1), expires_on=dt.date(2029, 12, 31),
    )  # fmt: skip
    other = FacilityFactory(territory=world.province)
    rows = [
        world.need(state=S.SHELVED),
        world.need(state=S.SHELVED),
        world.need(state=S.SHELVED, facility=other, commune=None),
    ]
    project = turn(world, rows)
    assert (project.kind, project.state, project.territory) == (
        ProjectKind.GROUP, ProjectState.REGISTERED, world.province,
    )  # fmt: skip
    assert {row.facility for row in project.beneficiaries.all()} == {world.facility, other}
    kept = Need.objects.order_by("pk")
    assert [need.state for need in kept] == [S.TURNED] * 3
    assert [need.ranking["points"] for need in kept] == [5, 5, 0]
    assert "Chè đinh" in kept[0].ranking["reasons"][0]["because"]


@pytest.mark.parametrize("state", [S.REGISTERED, S.DECLINED, S.WITHDRAWN])
def test_a_need_off_the_shelf_turns_nothing_and_leaves_nothing_half_done(world, state):
    rows = [world.need(state=S.SHELVED), world.need(state=state, answer="Chưa")]
    refused("not_shelved", turn, world, rows)
    assert not Project.objects.exists()
    assert Need.objects.filter(state=S.SHELVED).count() == 1


def test_no_needs_and_needs_of_two_provinces_make_no_project(world):
    refused("nothing_chosen", turn, world, [])
    elsewhere = world.need(state=S.SHELVED, territory=TerritoryFactory())
    refused("mixed_provinces", turn, world, [world.need(state=S.SHELVED), elsewhere])


def test_a_need_comes_back_to_the_shelf_only_from_a_project_that_came_to_nothing(world):
    need = world.need(state=S.SHELVED)
    project = turn(world, [need])
    refused("illegal_transition", needs.put_back, need=need, actor=world.clerk, now=NOW)
    Project.objects.filter(pk=project.pk).update(state=ProjectState.REFUSED)
    back = needs.put_back(need=need, actor=world.clerk, now=NOW)
    assert (back.state, back.project, back.ranking) == (S.SHELVED, None, {})


# --- the shelf -----------------------------------------------------------------------------------------------


def test_the_shelf_puts_points_first_and_then_who_came_first(world):
    priority(PriorityKind.AREA, values="Tân Cương", points=3)
    late = world.need(registered_at=NOW + DAY, title="trong xã, sau")
    plain = world.need(commune=CommuneFactory(territory=world.province, name="La Bằng"), title="xã khác")
    early = world.need(title="trong xã, trước")
    found = queries.shelf(world.clerk, queries.Wanted(), on=ON)
    assert [(row.place, row.need, row.rank.points) for row in found] == [(1, early, 3), (2, late, 3), (3, plain, 0)]


def test_a_priority_of_another_province_or_another_day_counts_nothing(world):
    priority(PriorityKind.AREA, values="Tân Cương", territory=TerritoryFactory())
    priority(PriorityKind.AREA, values="Tân Cương", valid_from=ON + DAY, name="mai")
    priority(PriorityKind.AREA, values="Tân Cương", valid_to=ON - DAY, name="hôm qua")
    assert queries.ranks_of([world.need()], on=ON).popitem()[1].points == 0


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 5),
        ({"expires_on": ON}, 5),
        ({"expires_on": ON - DAY}, 0),
        ({"revoked_on": ON, "status_reason": "khai gian"}, 0),
        ({"published_at": None}, 0),
    ],
)
def test_only_a_recognition_in_force_comes_first(world, facts, points):
    priority(points=5)
    known = {"issued_on": dt.date(2025, 1, 1), "expires_on": ON + DAY, "year": 2025}
    RecognitionFactory(product=ProductFactory(facility=world.facility), level=Level.PROVINCE, **{**known, **facts})
    assert queries.ranks_of([world.need()], on=ON).popitem()[1].points == points


def test_the_shelf_costs_the_same_for_one_and_thirty_needs(world, django_assert_num_queries):
    priority()
    counts = []
    queries.shelf(world.clerk, queries.Wanted(), on=ON)  # who the person is, and the register of units
    for rows in (1, 29):
        for _number in range(rows):
            world.need(facility=FacilityFactory(territory=world.province))
        with django_assert_num_queries(3):
            counts.append(len(queries.shelf(world.clerk, queries.Wanted(), on=ON)))
    assert counts == [1, 30]


# --- calls ---------------------------------------------------------------------------------------------------


def test_only_the_extension_officer_of_the_province_opens_a_call(world):
    call = world.call()
    call.title = "Đợt 2"
    refused("not_allowed", calls.save_call, call=call, actor=world.officer)
    calls.save_call(call=call, actor=world.clerk, items=[world.item])
    call.refresh_from_db()
    assert (call.title, list(call.items.all())) == ("Đợt 2", [world.item])
    assert AuditEntry.objects.filter(action="extension.call").exists()


def test_a_call_with_needs_stays_in_its_province(world):
    call = world.call()
    world.need(call=call)
    call.territory = TerritoryFactory()
    staff_of_both = staff(Role.ADMINISTRATOR)
    refused("has_needs", calls.save_call, call=call, actor=staff_of_both)
