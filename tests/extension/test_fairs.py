import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from extension.enums import ActivityHead
from extension.markets.fair_norms import is_place_wanted, norm_of
from extension.models import Fair, NormItem, Participation, SupportNorm
from extension.services import fairs as services
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.formats import UNBROKEN
from tests.extension.money_world import world
from tests.factories import (
    FacilityFactory,
    FairFactory,
    ParticipationFactory,
    ProductFactory,
    RepresentativeFactory,
    SuccessionFactory,
    TerritoryFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)
MILLION = 1_000_000


@pytest.fixture
def keeper(province):
    return staff(Role.EXTENSION_OFFICER, province)


@pytest.fixture
def fair(province):
    return FairFactory(territory=province)


@pytest.fixture
def part(fair):
    return ParticipationFactory(fair=fair)


@pytest.fixture
def speaker(part):
    return RepresentativeFactory(facility=part.facility).user


@pytest.fixture
def norm(fair):
    item = NormItem.objects.create(code="hoi_cho_tham_gia", name="Thuê gian hàng", head=ActivityHead.PRODUCTS)
    return SupportNorm.objects.create(
        item=item,
        legal_basis="Nghị quyết mẫu",
        valid_from=dt.date(2026, 1, 1),
        percent=Decimal(80),
        ceiling=10 * MILLION,
    )


def code_of(act):
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def add(fair, actor, **facts):
    facility = facts.pop("facility", None) or FacilityFactory(territory=fair.territory)
    return services.add_participant(fair=fair, facility=facility, actor=actor, **facts)


def test_a_fair_is_written_with_its_year_in_the_address_and_one_line_of_the_log(province, keeper):
    day = dt.date(2026, 5, 6)
    fair = Fair(name="Hội chợ Xuân", territory=province, starts_on=day, ends_on=day)
    services.save_fair(fair=fair, actor=keeper)
    assert fair.slug == "hoi-cho-xuan-2026"
    assert list(AuditEntry.objects.values_list("action", "territory")) == [("fair.save", province.pk)]


def test_only_the_extension_officer_of_the_province_writes(fair, part):
    elsewhere = staff(Role.EXTENSION_OFFICER, TerritoryFactory())
    for user in (staff(Role.OFFICER, fair.territory), staff(Role.LEADER, fair.territory), elsewhere):
        assert code_of(lambda user=user: add(fair, user)) == "not_allowed"
        assert code_of(lambda user=user: services.remove_participant(participation=part, actor=user)) == "not_allowed"


def test_a_facility_stands_at_a_fair_once(fair, part, keeper):
    assert code_of(lambda: add(fair, keeper, facility=part.facility)) == "invalid"


def test_only_products_of_the_facility_are_shown(fair, keeper):
    assert code_of(lambda: add(fair, keeper, products=[ProductFactory()])) == "wrong_product"
    assert not Participation.objects.filter(fair=fair).exists()


def test_a_sample_fair_takes_no_real_facility(province, keeper):
    fair = FairFactory(territory=province, is_illustrative=True)
    assert code_of(lambda: add(fair, keeper)) == "illustrative_only"


def test_support_stays_within_the_norm_of_the_first_day_to_the_last_dong(fair, keeper, norm):
    row = add(fair, keeper, cost=10 * MILLION, support=8 * MILLION)
    assert row.support == 8 * MILLION
    with pytest.raises(Refusal) as refused:
        add(fair, keeper, cost=10 * MILLION, support=8 * MILLION + 1)
    assert refused.value.code == "above_norm"
    assert "80 % của 10 triệu đồng là 8 triệu đồng." in str(refused.value).replace(UNBROKEN, " ")


def test_without_a_norm_that_day_only_a_published_source_carries_support(fair, keeper):
    assert code_of(lambda: add(fair, keeper, cost=10 * MILLION, support=MILLION)) == "no_norm"
    assert add(fair, keeper, cost=10 * MILLION, support=MILLION, source="Bản tin").support == MILLION


def test_rows_of_one_line_of_the_estimate_stay_within_it_together(province, keeper):
    made = world(province, 8 * MILLION)
    line, fair = made.lines[0], FairFactory(territory=province, project=made.project)
    line.refresh_from_db()
    add(fair, keeper, cost=6 * MILLION, support=5 * MILLION, line=line)
    assert code_of(lambda: add(fair, keeper, cost=6 * MILLION, support=3 * MILLION + 1, line=line)) == "above_line"
    assert add(fair, keeper, cost=6 * MILLION, support=3 * MILLION, line=line).line == line
    elsewhere = FairFactory(territory=province)
    assert code_of(lambda: add(elsewhere, keeper, cost=MILLION, support=1, line=line)) == "wrong_line"


def test_the_database_holds_both_limits_whoever_writes(province):
    made = world(province, 8 * MILLION)
    fair = FairFactory(territory=province, project=made.project)
    first, second = ParticipationFactory(fair=fair), ParticipationFactory(fair=fair)
    rows = Participation.objects.filter
    rows(pk=first.pk).update(line=made.lines[0], cost=6 * MILLION, support=5 * MILLION)
    with pytest.raises(IntegrityError, match="vượt dòng dự toán"), transaction.atomic():
        rows(pk=second.pk).update(line=made.lines[0], cost=6 * MILLION, support=3 * MILLION + 1)
    facility = FacilityFactory(territory=province)
    trips = [ParticipationFactory(fair=FairFactory(is_abroad=True), facility=facility, cost=9).pk for _trip in range(3)]
    rows(pk__in=trips[:2]).update(support=1)
    with pytest.raises(IntegrityError, match="hai lần một năm"), transaction.atomic():
        rows(pk=trips[2]).update(support=1)
    assert [row.support for row in rows(pk__in=trips).order_by("pk")] == [1, 1, None]


def test_a_facility_is_supported_abroad_twice_a_year_and_not_three_times(province, keeper):
    facility = FacilityFactory(territory=province)
    abroad = [
        FairFactory(territory=province, is_abroad=True, starts_on=day, ends_on=day)
        for day in (dt.date(2026, 2, 1), dt.date(2026, 6, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    ]
    known = {"facility": facility, "cost": MILLION, "support": MILLION, "source": "Bản tin"}
    for one in abroad[:2]:
        add(one, keeper, **known)
    assert code_of(lambda: add(abroad[2], keeper, **known)) == "twice_a_year"
    add(abroad[3], keeper, **known)


def test_the_facility_tells_its_own_figures_and_zero_is_an_answer(part, speaker):
    row = services.report(participation=part, actor=speaker, now=NOW, revenue=0)
    assert (row.revenue, row.reported_by, row.reported_at) == (0, speaker, NOW)
    assert code_of(lambda: services.report(participation=part, actor=speaker, now=NOW, revenue=None)) == "invalid"
    assert (
        code_of(lambda: services.report(participation=part, actor=UserFactory(), now=NOW, revenue=1)) == "not_allowed"
    )


def test_nothing_is_told_before_the_first_day(part, speaker):
    early = dt.datetime(2026, 5, 5, 16, 59, tzinfo=dt.UTC)  # a minute to midnight in Vietnam
    assert code_of(lambda: services.report(participation=part, actor=speaker, now=early, revenue=1)) == "not_begun"


def test_only_the_facility_itself_opens_its_figures(part, speaker, keeper):
    assert code_of(lambda: services.consent(participation=part, actor=speaker, now=NOW)) == "not_reported"
    services.report(participation=part, actor=keeper, now=NOW, revenue=MILLION)
    assert code_of(lambda: services.consent(participation=part, actor=keeper, now=NOW)) == "not_allowed"
    assert services.consent(participation=part, actor=speaker, now=NOW).consented_at == NOW
    assert services.withdraw_consent(participation=part, actor=speaker).consented_at is None


def test_a_household_opens_nothing(fair):
    part = ParticipationFactory(fair=fair, facility__kind="household", revenue=MILLION)
    speaker = RepresentativeFactory(facility=part.facility).user
    assert code_of(lambda: services.consent(participation=part, actor=speaker, now=NOW)) == "household"


@pytest.mark.parametrize("by_officer", [True, False])
def test_a_figure_that_changes_closes_again_and_one_that_stays_does_not(part, speaker, keeper, by_officer):
    services.report(participation=part, actor=speaker, now=NOW, revenue=MILLION)
    services.consent(participation=part, actor=speaker, now=NOW)
    services.change_participant(participation=part, actor=keeper, booths=2, revenue=MILLION)
    part.refresh_from_db()
    assert part.consented_at == NOW
    if by_officer:
        services.change_participant(participation=part, actor=keeper, revenue=2 * MILLION)
    else:
        services.report(participation=part, actor=speaker, now=NOW, revenue=2 * MILLION)
    part.refresh_from_db()
    assert (part.consented_at, part.consented_by) == (None, None)


def test_a_row_whose_facility_has_told_its_figures_stays(part, speaker, keeper):
    services.report(participation=part, actor=speaker, now=NOW, revenue=0)
    assert code_of(lambda: services.remove_participant(participation=part, actor=keeper)) == "has_figures"
    other = ParticipationFactory(fair=part.fair)
    services.remove_participant(participation=other, actor=keeper)
    assert not Participation.objects.filter(pk=other.pk).exists()


# --- where it is held decides the norm ----------------------------------------------------------------------------


INSIDE, OUTSIDE, FORMER, UNKNOWN = "inside", "outside", "former", "unknown"
ITS_OWN, HERE, AWAY, ABROAD = "hoi_cho_to_chuc", "hoi_cho_tham_gia", "hoi_cho_ngoai_tinh", "hoi_cho_nuoc_ngoai"


@pytest.fixture
def norms():
    for code in (ITS_OWN, HERE, AWAY, ABROAD):
        item = NormItem.objects.create(code=code, name=code, head=ActivityHead.PRODUCTS)
        SupportNorm.objects.create(
            item=item, legal_basis="Nghị quyết mẫu", valid_from=dt.date(2026, 1, 1), percent=Decimal(80)
        )


@pytest.fixture
def hosts():
    """The province of today that keeps the fair, one that went into it, another, and none."""
    succession = SuccessionFactory()
    return {INSIDE: succession.successor, FORMER: succession.predecessor, OUTSIDE: TerritoryFactory(), UNKNOWN: None}


@pytest.mark.usefixtures("norms")
@pytest.mark.parametrize(
    ("host", "facts", "norm"),
    [
        (INSIDE, {}, HERE),
        (FORMER, {}, HERE),
        (OUTSIDE, {}, AWAY),
        (UNKNOWN, {}, AWAY),
        (INSIDE, {"is_own": True}, ITS_OWN),
        (OUTSIDE, {"is_own": True}, ITS_OWN),
        (UNKNOWN, {"is_own": True}, ITS_OWN),
        (UNKNOWN, {"is_abroad": True}, ABROAD),
        (UNKNOWN, {"is_abroad": True, "is_own": True}, ABROAD),
    ],
)
def test_the_place_of_a_fair_decides_the_norm(hosts, host, facts, norm, django_assert_num_queries):
    fair = FairFactory(territory=hosts[INSIDE], host_territory=hosts[host], **facts)
    family_ids(fair.territory_id)  # the register of provinces comes from the cache
    with django_assert_num_queries(2):
        assert norm_of(fair).norm.item.code == norm
    assert is_place_wanted(fair) is (host == UNKNOWN and not facts)


def test_a_fair_that_a_former_province_keeps_is_inside_anywhere_in_the_province_of_today(norms, hosts):
    for host in (INSIDE, FORMER):
        fair = FairFactory(territory=hosts[FORMER], host_territory=hosts[host])
        assert norm_of(fair).norm.item.code == HERE


def test_outside_without_a_norm_of_its_own_the_common_one_holds_and_inside_never_the_one_of_outside(norms, hosts):
    norm_there, norm_here = (SupportNorm.objects.filter(item__code=one) for one in (AWAY, HERE))
    fair = FairFactory(territory=hosts[INSIDE], host_territory=hosts[OUTSIDE])
    norm_there.delete()
    assert norm_of(fair).norm == norm_here.get()
    norm_here.delete()
    SupportNorm.objects.create(
        item=NormItem.objects.get(code=AWAY), legal_basis="Nghị quyết", valid_from=dt.date(2026, 1, 1), percent=50
    )
    assert norm_of(FairFactory(territory=hosts[INSIDE], host_territory=hosts[INSIDE])) is None


def test_a_fair_abroad_is_in_no_province_whoever_writes(province, keeper):
    fair = FairFactory.build(territory=province, host_territory=province, is_abroad=True)
    with pytest.raises(Refusal, match="để trống tỉnh nơi tổ chức"):
        services.save_fair(fair=fair, actor=keeper)
    kept = FairFactory(territory=province, host_territory=province)
    with pytest.raises(IntegrityError, match="fair_abroad_in_no_province"), transaction.atomic():
        Fair.objects.filter(pk=kept.pk).update(is_abroad=True)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("", "Mẫu Thủy"),
        ("Nhà văn hóa", "Nhà văn hóa, Mẫu Thủy"),
        ("mẫu thủy", "mẫu thủy"),
        ("Nhà văn hóa Mẫu Thủy", "Nhà văn hóa Mẫu Thủy"),
        ("Chợ Mẫu Thủyên", "Chợ Mẫu Thủyên, Mẫu Thủy"),
    ],
)
def test_a_place_and_its_province_are_each_named_once(place, said):
    host = TerritoryFactory(name="Mẫu Thủy")
    assert Fair(place=place, host_territory=host).where == said
    assert Fair(place=place).where == place
