"""Writing the register: validity by the dated rules, reasons, audit rows, refusals in words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from facilities.services import update_facility
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products import codes, services
from products.enums import DatePrecision, Level, ProductGroup, Stage, Status
from products.models import Certificate, Decision, Product, Recognition, ValidityRule
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


@pytest.mark.parametrize(
    ("act", "status"),
    [("revoke", Status.REVOKED), ("withdraw", Status.WITHDRAWN), ("suspend", Status.SUSPENDED)],
)
def test_an_end_counts_from_its_day_and_keeps_its_reason(
    recognise: Callable[..., Recognition], officer: User, act: str, status: Status
) -> None:
    row = getattr(services, act)(recognition=recognise(), on=DAY, reason="Không còn sản xuất", actor=officer)
    assert row.status(on=DAY - dt.timedelta(days=1), expiring_days=90) == Status.VALID
    assert row.status(on=DAY, expiring_days=90) == status
    assert row.status_reason == "Không còn sản xuất"
    assert AuditEntry.objects.get(action=f"recognition.{act}").reason == "Không còn sản xuất"


@pytest.mark.parametrize("act", ["revoke", "withdraw", "suspend", "reissue_certificate"])
def test_an_act_needs_a_reason_and_a_day_after_the_issue(
    recognise: Callable[..., Recognition], officer: User, act: str
) -> None:
    row, service = recognise(), getattr(services, act)
    assert refusal(service, recognition=row, on=DAY, reason="  ", actor=officer).field == "reason"
    early = refusal(service, recognition=row, on=dt.date(2020, 1, 1), reason="Lý do", actor=officer)
    assert (early.code, early.field) == ("before_issue", "on")


@pytest.mark.parametrize("act", ["revoke", "withdraw", "suspend", "reissue_certificate"])
def test_what_is_revoked_stays_revoked(recognise: Callable[..., Recognition], officer: User, act: str) -> None:
    row = services.revoke(recognition=recognise(), on=DAY, reason="Vi phạm", actor=officer)
    found = refusal(getattr(services, act), recognition=row, on=DAY, reason="Lý do", actor=officer)
    assert (found.code, str(found)) == ("already_revoked", "Công nhận này đã bị thu hồi từ 15/06/2024.")


def test_a_suspension_ends_on_its_day_or_when_resumed(recognise: Callable[..., Recognition], officer: User) -> None:
    row = services.suspend(
        recognition=recognise(), on=DAY, until=dt.date(2024, 7, 15), reason="Kiểm tra", actor=officer
    )
    assert row.status(on=dt.date(2024, 7, 16), expiring_days=90) == Status.VALID
    row = services.resume(recognition=row, on=dt.date(2024, 7, 1), reason="Đã khắc phục", actor=officer)
    assert row.status(on=dt.date(2024, 6, 30), expiring_days=90) == Status.SUSPENDED
    assert row.status(on=dt.date(2024, 7, 1), expiring_days=90) == Status.VALID
    assert refusal(
        services.resume, recognition=row, on=dt.date(2024, 8, 1), reason="x", actor=officer
    ).code == "not_suspended"  # fmt: skip


def test_a_suspension_taken_back_on_its_first_day_leaves_no_trace_in_the_status(
    recognise: Callable[..., Recognition], officer: User
) -> None:
    row = services.suspend(recognition=recognise(), on=DAY, reason="Nhầm", actor=officer)
    row = services.resume(recognition=row, on=DAY, reason="Ghi nhầm", actor=officer)
    assert (row.suspended_from, row.status_reason) == (None, "")


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
