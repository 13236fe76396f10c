"""Writing the register: validity by the dated rules, reasons, audit rows, refusals in words."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from facilities.models import Facility
from facilities.services import update_facility
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products import codes, services
from products.enums import DatePrecision, Level, ProductGroup, Stage, Status
from products.models import (
    Certificate,
    Decision,
    Product,
    Recognition,
    RecognitionEvent,
    Suspension,
    ValidityRule,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules() -> None:
    ValidityRule.objects.create(
        code="a", legal_basis="TT 26", valid_from=dt.date(2014, 10, 21), valid_to=dt.date(2018, 8, 15), years=3,
        to_end_of_year=True,
    )  # fmt: skip
    ValidityRule.objects.create(
        code="b", legal_basis="TT 14", valid_from=dt.date(2018, 8, 16), valid_to=dt.date(2025, 6, 30), years=4,
        to_end_of_year=True,
    )  # fmt: skip
    ValidityRule.objects.create(
        code="c", legal_basis="TT 38", valid_from=dt.date(2025, 7, 1), years=2, to_end_of_year=False, is_certain=False
    )


@pytest.fixture
def recognise(officer: User) -> Callable[..., Recognition]:
    def recognise(**changes: Any) -> Recognition:
        product = changes.pop("product", None) or factories.ProductFactory()
        facts: dict[str, Any] = {
            "product": product,
            "level": Level.PROVINCE,
            "year": 2023,
            "round_ordinal": 0,
            "territory": product.territory,
            "decision": None,
            "issued_on": dt.date(2023, 11, 5),
            "actor": officer,
        }
        return services.recognise(**facts | changes)

    return recognise


def refusal(act: Callable[..., Any], *args: Any, **facts: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*args, **facts)
    return caught.value


# --- recognise ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "issued", "end", "rule"),
    [
        (dt.date(2014, 10, 21), dt.date(2014, 11, 1), dt.date(2016, 12, 31), "a"),
        (dt.date(2018, 8, 15), dt.date(2018, 9, 1), dt.date(2020, 12, 31), "a"),
        (dt.date(2018, 8, 16), dt.date(2018, 9, 1), dt.date(2021, 12, 31), "b"),
        (dt.date(2025, 6, 30), dt.date(2025, 7, 10), dt.date(2028, 12, 31), "b"),
        (dt.date(2025, 7, 1), dt.date(2025, 7, 10), dt.date(2027, 7, 10), "c"),
    ],
)
def test_the_day_of_the_decision_picks_the_rule_and_the_day_of_issue_starts_it(
    recognise: Callable[..., Recognition], decided: dt.date, issued: dt.date, end: dt.date, rule: str
) -> None:
    decision = factories.DecisionFactory(signed_on=decided, year=decided.year)
    row = recognise(decision=decision, issued_on=issued, year=decided.year)
    assert (row.expires_on, row.expiry_precision) == (end, DatePrecision.DAY)
    assert row.validity_rule is not None
    assert row.validity_rule.code == rule
    assert row.validity_confirmed is False


def test_a_new_recognition_has_a_code_an_audit_row_and_is_not_public(recognise: Callable[..., Recognition]) -> None:
    row = recognise(official_number=" 15/GCN ")
    paper = row.certificates.get()
    assert codes.is_valid(paper.code)
    assert paper.code[0] == "T"
    assert (paper.official_number, row.published_at) == ("15/GCN", None)
    entry = AuditEntry.objects.get(action="recognition.create")
    assert entry.sentence == f"Công nhận “{row.product.name}” cấp tỉnh năm 2023."


def test_the_end_on_the_paper_goes_before_the_rule(recognise: Callable[..., Recognition]) -> None:
    row = recognise(expires_on=dt.date(2025, 5, 5))
    assert (row.expires_on, row.validity_confirmed) == (dt.date(2025, 5, 5), True)


def test_before_the_first_rule_the_end_must_be_given(recognise: Callable[..., Recognition]) -> None:
    early = {"year": 2012, "issued_on": dt.date(2012, 5, 5)}
    assert refusal(recognise, **early).code == "no_validity_rule"
    assert recognise(**early, expires_on=dt.date(2015, 5, 5)).validity_rule is None


def test_the_same_recognition_twice_is_refused(recognise: Callable[..., Recognition]) -> None:
    product = factories.ProductFactory(name="Chè Tân Cương")
    recognise(product=product, round_ordinal=6)
    found = refusal(recognise, product=product, round_ordinal=6)
    assert (found.code, str(found)) == (
        "already_recognised",
        "“Chè Tân Cương” đã được ghi ở cấp tỉnh năm 2023, lần thứ VI.",
    )
    assert Certificate.objects.count() == 1


def test_a_proposal_becomes_the_recognition(recognise: Callable[..., Recognition], officer: User) -> None:
    product = factories.ProductFactory()
    facts = {"product": product, "level": Level.PROVINCE, "year": 2023, "round_ordinal": 0}
    proposal = services.propose(**facts, territory=product.territory, actor=officer)
    assert (proposal.stage, proposal.certificates.count()) == (Stage.PROPOSED, 0)
    row = recognise(product=product)
    assert (row.pk, row.stage) == (proposal.pk, Stage.RECOGNISED)


@pytest.mark.parametrize(
    ("level", "issued"), [(Level.DISTRICT, dt.date(2025, 7, 1)), (Level.COMMUNE, dt.date(2025, 6, 30))]
)
def test_a_level_out_of_its_time_is_refused(
    recognise: Callable[..., Recognition], level: Level, issued: dt.date
) -> None:
    found = refusal(recognise, level=level, issued_on=issued, year=2025)
    assert (found.code, found.field) == ("level_out_of_time", "level")


# --- publish ------------------------------------------------------------------------------------------------


def test_publishing_counts_only_what_was_not_public(recognise: Callable[..., Recognition], officer: User) -> None:
    rows = [recognise(), recognise()]
    now = timezone.now()
    assert services.publish_recognitions(recognitions=rows[:1], at=now, actor=officer) == 1
    assert services.publish_recognitions(recognitions=rows, at=now, actor=officer) == 1
    assert Recognition.objects.published().count() == 2
    assert AuditEntry.objects.filter(action="recognition.publish").count() == 2


def test_a_proposal_is_not_published(officer: User) -> None:
    product = factories.ProductFactory()
    row = services.propose(
        product=product, level=Level.PROVINCE, year=2023, round_ordinal=0, territory=product.territory, actor=officer
    )
    found = refusal(services.publish_recognitions, recognitions=[row], at=timezone.now(), actor=officer)
    assert found.code == "proposal_not_published"


# --- what happens afterwards ----------------------------------------------------------------------------------

DAY = dt.date(2024, 6, 15)


def end(act: str, row: Recognition, actor: User, **changes: Any) -> Any:
    """Carry out an act with all that it asks for, in a valid way unless told otherwise."""
    facts: dict[str, Any] = {"recognition": row, "on": DAY, "reason": "Không còn sản xuất", "actor": actor}
    if act == "revoke":
        facts |= {"proposal": "Biên bản 03/HĐBC", "decision": changes.pop("decision", None) or of_the_province(row)}
    if act == "suspend":
        facts["basis"] = "Công văn 12/SCT-QLCN"
    return getattr(services, act)(**facts | changes)


def of_the_province(row: Recognition, **changes: Any) -> Decision:
    return factories.DecisionFactory(
        **{"territory": row.territory, "signed_on": dt.date(2024, 6, 1), "year": 2024} | changes
    )


ENDS = ["revoke", "withdraw", "suspend", "reissue_certificate"]


@pytest.mark.parametrize(
    ("act", "status"),
    [("revoke", Status.REVOKED), ("withdraw", Status.WITHDRAWN), ("suspend", Status.SUSPENDED)],
)
def test_an_end_counts_from_its_day_and_keeps_its_reason(
    recognise: Callable[..., Recognition], officer: User, act: str, status: Status
) -> None:
    row = end(act, recognise(), officer)
    assert row.status(on=DAY - dt.timedelta(days=1), expiring_days=90) == Status.VALID
    assert row.status(on=DAY, expiring_days=90) == status
    assert row.status_reason == "Không còn sản xuất"
    assert AuditEntry.objects.get(action=f"recognition.{act}").reason == "Không còn sản xuất"
    event = row.events.get()
    assert (event.kind, event.on, event.reason, event.recorded_by) == (status, DAY, "Không còn sản xuất", officer)


@pytest.mark.parametrize("act", ENDS)
def test_an_act_needs_a_reason_and_a_day_after_the_issue(
    recognise: Callable[..., Recognition], officer: User, act: str
) -> None:
    row = recognise()
    assert refusal(end, act, row, officer, reason="  ").field == "reason"
    early = refusal(end, act, row, officer, on=dt.date(2020, 1, 1))
    assert (early.code, early.field) == ("before_issue", "on")


@pytest.mark.parametrize("act", ["revoke", "withdraw", "suspend"])
def test_what_has_run_out_is_not_ended_again(recognise: Callable[..., Recognition], officer: User, act: str) -> None:
    found = refusal(end, act, recognise(), officer, on=dt.date(2027, 1, 1))
    assert (found.code, found.field) == ("after_end", "on")
    assert str(found) == "Công nhận này hết hiệu lực sau 31/12/2026. Hãy chọn ngày đến hôm đó."


@pytest.mark.parametrize("act", ENDS)
def test_what_is_revoked_stays_revoked(recognise: Callable[..., Recognition], officer: User, act: str) -> None:
    row = end("revoke", recognise(), officer)
    found = refusal(end, act, row, officer)
    assert (found.code, str(found)) == ("already_revoked", "Công nhận này đã bị thu hồi từ 15/06/2024.")


@pytest.mark.parametrize("fields", [{"revoked_on": None}, {"revocation_proposal": ""}, {"revocation_decision": None}])
def test_the_database_too_lets_no_revocation_be_undone(
    recognise: Callable[..., Recognition], officer: User, fields: dict[str, Any]
) -> None:
    row = end("revoke", recognise(), officer)
    with pytest.raises(IntegrityError, match="Công nhận đã thu hồi thì không khôi phục"), transaction.atomic():
        Recognition.objects.filter(pk=row.pk).update(**fields)
    with pytest.raises(IntegrityError, match="được giữ lại, không xóa"), transaction.atomic():
        Recognition.objects.filter(pk=row.pk)._raw_delete("default")


def test_revoking_needs_the_councils_proposal_and_a_decision(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = recognise()
    without = refusal(services.revoke, recognition=row, on=DAY, reason="x", proposal="a", decision=None, actor=officer)
    assert (without.code, without.field) == ("decision_missing", "decision")
    assert refusal(end, "revoke", row, officer, proposal=" ").field == "proposal"
    late = refusal(end, "revoke", row, officer, decision=of_the_province(row, signed_on=dt.date(2024, 6, 16)))
    assert (late.code, late.field) == ("before_decision", "on")
    row.refresh_from_db()
    assert (row.revoked_on, row.events.count()) == (None, 0)


@pytest.mark.parametrize(("level", "of_province", "right"), [
    (Level.PROVINCE, True, True), (Level.PROVINCE, False, False), (Level.NATIONAL, False, True),
    (Level.NATIONAL, True, False), (Level.REGION, False, True),
])  # fmt: skip
def test_the_decision_is_of_the_authority_of_that_level(
    recognise: Callable[..., Recognition], officer: User, level: str, *, of_province: bool, right: bool
) -> None:
    row = recognise(level=level)
    decision = of_the_province(row, territory=row.territory if of_province else None)
    if right:
        assert end("revoke", row, officer, decision=decision).revocation_decision == decision
    else:
        found = refusal(end, "revoke", row, officer, decision=decision)
        assert (found.code, found.field) == ("decision_of_another", "decision")


def test_a_decision_of_the_unit_the_province_became_is_right_too(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    merged = factories.SuccessionFactory()
    row = recognise(product=factories.ProductFactory(territory=merged.predecessor))
    decision = of_the_province(row, territory=merged.successor, signed_on=dt.date(2026, 2, 1), year=2026)
    assert end("revoke", row, officer, on=dt.date(2026, 2, 2), decision=decision).revoked_on == dt.date(2026, 2, 2)


# --- suspensions --------------------------------------------------------------------------------------------------

LATER = dt.datetime(2024, 6, 20, 9, tzinfo=dt.UTC)


def pause(row: Recognition, actor: User, first: int, last: int | None, **changes: Any) -> Recognition:
    until = dt.date(2024, 6, last) if last else None
    return end("suspend", row, actor, **{"on": dt.date(2024, 6, first), "until": until, "now": LATER} | changes)


def pauses_of(row: Recognition) -> list[tuple[dt.date, dt.date | None]]:
    return list(row.suspensions.order_by("begins_on").values_list("begins_on", "ends_on"))


def test_a_suspension_ends_on_its_day_or_when_resumed(recognise: Callable[..., Recognition], officer: User) -> None:
    row = end("suspend", recognise(), officer, until=dt.date(2024, 7, 15))
    assert row.status(on=dt.date(2024, 7, 16), expiring_days=90) == Status.VALID
    row = services.resume(recognition=row, on=dt.date(2024, 7, 1), reason="Đã khắc phục", actor=officer)
    assert row.status(on=dt.date(2024, 6, 30), expiring_days=90) == Status.SUSPENDED
    assert row.status(on=dt.date(2024, 7, 1), expiring_days=90) == Status.VALID
    assert refusal(
        services.resume, recognition=row, on=dt.date(2024, 8, 1), reason="x", actor=officer
    ).code == "not_suspended"  # fmt: skip


def test_suspending_needs_a_basis(recognise: Callable[..., Recognition], officer: User) -> None:
    found = refusal(end, "suspend", recognise(), officer, basis=" ")
    assert (found.code, found.field) == ("basis_missing", "basis")


def test_a_suspension_taken_back_on_its_first_day_never_held_but_stays_in_the_trace(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = end("suspend", recognise(), officer)
    row = services.resume(recognition=row, on=DAY, reason="Ghi nhầm", actor=officer)
    assert (row.suspended_from, row.status_reason, pauses_of(row)) == (None, "", [])
    assert list(row.events.values_list("kind", flat=True)) == ["suspended", "resumed"]


def test_several_suspensions_follow_each_other_and_the_row_repeats_the_latest(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = pause(recognise(), officer, 1, 5)
    row = pause(row, officer, 10, 12, reason="Lần hai")
    assert pauses_of(row) == [
        (dt.date(2024, 6, 1), dt.date(2024, 6, 5)),
        (dt.date(2024, 6, 10), dt.date(2024, 6, 12)),
    ]
    assert (row.suspended_from, row.suspended_to, row.status_reason) == (*pauses_of(row)[1], "Lần hai")
    row = services.resume(recognition=row, on=dt.date(2024, 6, 10), reason="Ghi nhầm", actor=officer)
    assert (row.suspended_from, row.status_reason) == (dt.date(2024, 6, 1), "Không còn sản xuất")


@pytest.mark.parametrize(("first", "last"), [(5, 7), (1, 1), (10, None), (12, 15), (2, 30)])
def test_two_suspensions_share_no_day(
    recognise: Callable[..., Recognition], officer: User, first: int, last: int | None
) -> None:
    row = pause(recognise(), officer, 1, 5)
    row = pause(row, officer, 10, 12)
    found = refusal(pause, row, officer, first, last)
    assert (found.code, found.field) == ("suspension_overlaps", "on")
    with pytest.raises(IntegrityError, match="không được trùng ngày"), transaction.atomic():
        Suspension.objects.create(
            recognition=row, begins_on=dt.date(2024, 6, first), ends_on=dt.date(2024, 6, last) if last else None,
            basis="b", reason="r",
        )  # fmt: skip


def test_a_later_suspension_waits_until_the_running_one_is_over(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    """Or the row, which repeats the latest alone, would say that nothing is suspended today."""
    row = pause(recognise(), officer, 18, 22)
    found = refusal(pause, row, officer, 25, 28)
    assert (found.code, found.field) == ("still_suspended", "on")
    assert pause(row, officer, 25, 28, now=LATER + dt.timedelta(days=3)).suspended_from == dt.date(2024, 6, 25)


def test_a_running_suspension_is_made_longer(recognise: Callable[..., Recognition], officer: User) -> None:
    row = pause(recognise(), officer, 18, 22)
    facts: dict[str, Any] = {
        "recognition": row,
        "reason": "Chưa xong",
        "basis": "CV 15",
        "actor": officer,
        "now": LATER,
    }
    short = refusal(services.extend_suspension, **facts, until=dt.date(2024, 6, 22))
    assert (short.code, short.field) == ("extension_out_of_order", "until")
    row = services.extend_suspension(**facts, until=dt.date(2024, 6, 30))
    assert (row.suspended_from, row.suspended_to) == (dt.date(2024, 6, 18), dt.date(2024, 6, 30))
    event = row.events.last()
    assert event is not None
    assert (event.on, event.before, event.after) == (
        dt.date(2024, 6, 23), dt.date(2024, 6, 22), dt.date(2024, 6, 30),
    )  # fmt: skip
    over = facts | {"now": LATER + dt.timedelta(days=30)}
    assert refusal(services.extend_suspension, **over, until=None).code == "not_suspended"


def test_the_trace_is_never_rewritten(recognise: Callable[..., Recognition], officer: User) -> None:
    row = end("suspend", recognise(), officer)
    for act in (
        lambda: RecognitionEvent.objects.update(reason="Khác"),
        lambda: RecognitionEvent.objects.filter(recognition=row)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="không được sửa hay xóa"), transaction.atomic():
            act()


# --- given back on the maker's word ---------------------------------------------------------------------------------


def test_a_maker_asks_and_the_officer_confirms_with_a_day(recognise: Callable[..., Recognition], officer: User) -> None:
    row, maker = recognise(), factories.UserFactory()
    asked = services.ask_withdrawal(recognition=row, reason="Ngừng sản xuất", actor=maker, now=LATER)
    row.refresh_from_db()
    assert (row.withdrawn_on, asked.state) == (None, "asked")
    twice = refusal(services.ask_withdrawal, recognition=row, reason="Lần nữa", actor=maker, now=LATER)
    assert twice.code == "withdrawal_asked"
    facts: dict[str, Any] = {"request": asked, "confirm": True, "actor": officer, "now": LATER}
    assert refusal(services.answer_withdrawal, **facts).field == "on"
    done = services.answer_withdrawal(**facts, on=DAY)
    row.refresh_from_db()
    assert (done.state, row.withdrawn_on, row.status_reason) == ("confirmed", DAY, "Ngừng sản xuất")
    assert refusal(services.answer_withdrawal, **facts, on=DAY).code == "withdrawal_answered"


def test_a_request_is_declined_with_a_reason_or_taken_back(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = recognise()
    asked = services.ask_withdrawal(recognition=row, reason="Nhầm", actor=officer, now=LATER)
    facts: dict[str, Any] = {"request": asked, "confirm": False, "actor": officer, "now": LATER}
    assert refusal(services.answer_withdrawal, **facts, reason="").field == "reason"
    assert services.answer_withdrawal(**facts, reason="Người gửi không phải chủ cơ sở").state == "declined"
    again = services.ask_withdrawal(recognition=row, reason="Thật", actor=officer, now=LATER)
    assert services.take_back_withdrawal(request=again, actor=officer, now=LATER).state == "taken_back"
    row.refresh_from_db()
    assert row.withdrawn_on is None


# --- a household's revoked recognition leaves public view ---------------------------------------------------------------


def midnight(*day: int) -> dt.datetime:
    return dt.datetime(*day, 0, 5, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("kind", ["household", "cooperative"])
def test_what_a_household_lost_leaves_public_view_after_its_original_end(
    recognise: Callable[..., Recognition], officer: User, kind: str
) -> None:
    product = factories.ProductFactory(facility__kind=kind)
    row = recognise(product=product)
    services.publish_recognitions(recognitions=[row], at=LATER, actor=officer)
    end("revoke", row, officer)
    assert services.withhold_due(now=midnight(2026, 12, 31)) == 0
    assert row in Recognition.objects.published()
    swept = 1 if kind == "household" else 0
    assert services.withhold_due(now=midnight(2027, 1, 1)) == swept
    assert services.withhold_due(now=midnight(2027, 1, 1)) == 0
    assert (row in Recognition.objects.published()) is (kind != "household")
    assert (product in Product.objects.public()) is (kind != "household")
    assert (product.facility in Facility.objects.public()) is (kind != "household")
    assert row.events.filter(kind="withheld").count() == swept


# --- validity ---------------------------------------------------------------------------------------------------------


def test_correcting_validity_needs_a_reason_and_confirms_it(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = recognise()
    assert refusal(
        services.set_validity, recognition=row, expires_on=dt.date(2026, 1, 1), reason="", actor=officer
    ).field == "reason"  # fmt: skip
    changed = services.set_validity(recognition=row, expires_on=dt.date(2026, 1, 1), reason="Theo giấy", actor=officer)
    assert (changed.expires_on, changed.validity_confirmed) == (dt.date(2026, 1, 1), True)
    assert AuditEntry.objects.get(action="recognition.set_validity").data == {
        "before": "2026-12-31",
        "after": "2026-01-01",
    }
    event = row.events.get()
    assert (event.kind, event.before, event.after, event.reason) == (
        "validity_changed", dt.date(2026, 12, 31), dt.date(2026, 1, 1), "Theo giấy",
    )  # fmt: skip


def test_a_reissued_certificate_supersedes_the_old_paper_only(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = recognise()
    old = row.certificates.get()
    new = services.reissue_certificate(recognition=row, on=DAY, reason="Rách", actor=officer, official_number="2/GCN")
    old.refresh_from_db()
    row.refresh_from_db()
    assert (old.superseded_on, old.superseded_reason, new.superseded_on) == (DAY, "Rách", None)
    assert new.code != old.code
    assert row.expires_on == dt.date(2026, 12, 31)


# --- products and decisions -----------------------------------------------------------------------------------


def test_a_set_without_members_is_refused_at_the_members(officer: User) -> None:
    facility = factories.FacilityFactory()
    found = refusal(
        services.create_product, name="Bộ trà", group=ProductGroup.PROCESSING, facility=facility,
        territory=facility.territory, is_set=True, members=[" ", ""], actor=officer,
    )  # fmt: skip
    assert (found.code, found.field) == ("set_without_members", "members")
    assert Product.objects.count() == 0


def test_a_set_keeps_its_members_in_order_and_once(officer: User) -> None:
    facility = factories.FacilityFactory()
    product = services.create_product(
        name="Bộ trà", group=ProductGroup.PROCESSING, facility=facility, territory=facility.territory, is_set=True,
        members=["Trà nõn", "Trà đinh", "trà  nõn"], actor=officer,
    )  # fmt: skip
    assert list(product.members.values_list("name", "position")) == [("Trà nõn", 0), ("Trà đinh", 1)]
    assert product.slug == "bo-tra"


def test_a_product_of_a_renamed_facility_is_found_by_the_new_name(officer: User) -> None:
    product = factories.ProductFactory(facility__name="HTX Cũ")
    update_facility(facility=product.facility, actor=officer, name="HTX Hảo Đạt")
    product.refresh_from_db()
    assert "hao dat" in product.search_text
    assert "htx cu" not in product.search_text


def test_a_decision_is_recorded_once_in_its_year(officer: User) -> None:
    facts: dict[str, Any] = {"number": "15", "symbol": "QĐ-UBND", "issuer": "UBND tỉnh", "actor": officer}
    services.record_decision(**facts, signed_on=dt.date(2023, 5, 5))
    found = refusal(services.record_decision, **facts, signed_on=dt.date(2023, 9, 9))
    assert (found.code, found.field) == ("decision_exists", "number")
    services.record_decision(**facts, signed_on=dt.date(2024, 5, 5))
    assert Decision.objects.count() == 2


def test_an_incomplete_decision_is_refused(officer: User) -> None:
    facts: dict[str, Any] = {"symbol": "QĐ-UBND", "issuer": "UBND tỉnh", "actor": officer}
    assert refusal(services.record_decision, number=" ", signed_on=DAY, **facts).code == "decision_incomplete"
    assert refusal(services.record_decision, number="1", signed_on=None, **facts).field == "signed_on"
