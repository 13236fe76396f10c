"""Units go on changing: new names, new kinds, mergers, and what is refused."""

import datetime as dt

import pytest

from portal.audit.models import AuditEntry
from portal.territory import queries, reference_data, services
from portal.territory.models import Succession, Territory
from portal.text.errors import Refusal

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 10, 1)
EVE = dt.date(2026, 9, 30)


@pytest.fixture(autouse=True)
def provinces(db):
    reference_data.load()


def unit(slug: str) -> Territory:
    return Territory.objects.get(slug=slug)


def code_of(call, **facts) -> str:
    with pytest.raises(Refusal) as caught:
        call(**facts)
    assert str(caught.value).endswith(".")
    return caught.value.code


def test_a_province_that_becomes_a_city_stays_the_same_unit(administrator):
    row = unit("quang-ninh")
    services.rename(
        unit=row, name="Quảng Ninh", kind="city", on=ON, actor=administrator, legal_basis="Nghị quyết 1/2026/QH16"
    )
    row.refresh_from_db()
    assert (row.kind, row.slug, row.valid_to) == ("city", "quang-ninh", None)
    assert queries.name_on(row, EVE, full=True) == "Tỉnh Quảng Ninh"
    assert queries.name_on(row, ON, full=True) == "Thành phố Quảng Ninh"
    entry = AuditEntry.objects.get()
    assert entry.sentence == "Từ 01/10/2026, Tỉnh Quảng Ninh là Thành phố Quảng Ninh."
    assert (entry.actor, entry.action) == (administrator, "territory.rename")


def test_a_new_name_changes_the_address_and_the_old_one_is_still_known():
    services.rename(unit=unit("cao-bang"), name="Cao Bình", kind="province", on=ON, actor=None)
    assert queries.unit_of("Cao Bằng", EVE).slug == "cao-binh"
    assert queries.unit_of("Cao Bình", ON).slug == "cao-binh"


def test_odd_names_are_refused():
    row = unit("cao-bang")
    facts = {"unit": row, "kind": "province", "on": ON, "actor": None}
    assert code_of(services.rename, **facts, name="Cao Bằng") == "nothing_new"
    assert code_of(services.rename, **facts, name="  ") == "unit_invalid"
    assert code_of(services.rename, **{**facts, "on": dt.date(1900, 1, 1)}, name="Cao Bình") == "name_too_early"
    assert code_of(services.rename, **{**facts, "unit": unit("ha-giang-2025")}, name="Hà") == "unit_ended"
    assert row.names.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_merger_into_a_standing_unit_ends_only_the_predecessors():
    old, new = unit("cao-bang"), unit("lang-son")
    rows = services.merge(predecessors=[old], successor=new, on=ON, actor=None, legal_basis="Nghị quyết 2/2026/QH16")
    old.refresh_from_db()
    assert (old.slug, old.valid_to) == ("cao-bang-2026", EVE)
    assert old.names.get().valid_to == EVE
    assert [(row.predecessor, row.successor, row.on) for row in rows] == [(old, new, ON)]
    assert queries.current_of(old) == new
    assert queries.then_and_now(old) == ("Cao Bằng", "Lạng Sơn")
    assert AuditEntry.objects.get().sentence == "Từ 01/10/2026, Cao Bằng thuộc Lạng Sơn."


def test_a_merger_may_form_a_new_unit_with_the_name_and_code_of_an_old_one():
    old = [unit("cao-bang"), unit("lang-son")]
    new = services.merge_into_new(
        predecessors=old, code="04", name="Cao Bằng", kind="province", region="north", on=ON, actor=None
    )
    assert new.slug == "cao-bang"
    assert set(Territory.objects.filter(valid_to=EVE).values_list("slug", flat=True)) == {
        "cao-bang-2026",
        "lang-son-2026",
    }
    assert queries.resolve_for_year("Cao Bằng", 2026) == new
    assert queries.resolve_for_year("Lạng Sơn", 2026).slug == "lang-son-2026"
    assert queries.family_ids(new.pk) == {new.pk, *(row.pk for row in old)}


def test_successions_of_successions_lead_to_the_unit_of_today():
    services.merge(predecessors=[unit("gia-lai")], successor=unit("quang-ngai"), on=ON, actor=None)
    assert queries.current_of(unit("binh-dinh-2025")) == unit("quang-ngai")


def test_circles_are_refused():
    one = unit("gia-lai")
    assert code_of(services.merge, predecessors=[one], successor=one, on=ON, actor=None) == "circle"
    services.merge(predecessors=[one], successor=unit("quang-ngai"), on=ON, actor=None)
    facts = {"predecessor": unit("quang-ngai"), "successor": unit("binh-dinh-2025")}
    assert code_of(services.refuse_circle, **facts) == "circle"


def test_a_merger_out_of_time_is_refused_and_nothing_is_written():
    facts = {"predecessors": [unit("cao-bang")], "successor": unit("lang-son"), "actor": None, "on": ON}
    before = Succession.objects.count()
    assert code_of(services.merge, **{**facts, "predecessors": []}) == "no_predecessors"
    assert code_of(services.merge, **{**facts, "successor": unit("ha-giang-2025")}) == "successor_not_there"
    assert code_of(services.merge, **{**facts, "predecessors": [unit("ha-giang-2025")]}) == "unit_ended"
    late = [unit("cao-bang"), unit("gia-lai")]
    assert code_of(services.merge, **{**facts, "predecessors": late, "on": dt.date(2025, 7, 1)}) == "merger_too_early"
    assert Succession.objects.count() == before
    assert unit("cao-bang").valid_to is None


def test_a_code_in_use_is_refused_and_a_free_one_taken():
    facts = {"name": "Phú Quốc", "kind": "city", "region": "south", "valid_from": ON, "actor": None}
    assert code_of(services.add_unit, **facts, code="91") == "code_taken"
    assert code_of(services.add_unit, **facts, code="") == "unit_invalid"
    new = services.add_unit(**facts, code="97")
    assert (new.slug, new.names.get().full_name) == ("phu-quoc", "Thành phố Phú Quốc")


def test_names_may_not_overlap_nor_leave_their_unit():
    row = unit("gia-lai")
    start = row.valid_from
    assert code_of(services.refuse_bad_names, periods=[(start, None), (ON, None)], unit=row) == "names_overlap"
    assert code_of(services.refuse_bad_names, periods=[(dt.date(2024, 1, 1), None)], unit=row) == "name_outside_unit"
    services.refuse_bad_names([(start, EVE), (ON, None)], row)
