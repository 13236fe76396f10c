import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from portal.audit import triggers
from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.audit.triggers import Guard

from ..factories import TerritoryFactory

pytestmark = pytest.mark.django_db

# Every guard of the house. Whoever adds or removes one says so here.
EXPECTED = {
    "audit_append_only",
    "nomination_line_as_sent",
    "nomination_line_never_removed",
    "nominations_sent_never_removed",
    "nominations_sent_stay",
    "sheet_opened_without_conflict",
    "sheet_kept_without_conflict",
    "conflict_without_live_sheet",
    "score_added_to_draft",
    "score_changed_in_draft",
    "score_removed_from_draft",
    "sheet_sealed",
    "sheet_voided_as_it_was",
    "sheet_never_removed",
    "gathered_into_a_set",
    "gathered_unscored",
    "version_frozen",
    "version_kept",
    "seal_unchanged",
    "seal_kept",
    "sheet_keeps_its_place",
    "sheet_in_a_pass_of_the_round",
    "sheet_entered_as_on_paper",
    "sheet_version_of_what_was_handed_in",
    "sheet_version_kept",
    "extension_kept",
    "sheet_opened_by_its_judge",
    "criterion_added_to_draft",
    "criterion_changed_in_draft",
    "criterion_removed_from_draft",
    "criteria_stand",
    "criteria_kept",
    "criteria_take_two",
    "complaint_given_to_another",
    "complaint_answered_by_another",
    "verdict_said_in_open_session",
    "verdict_stays_in_minutes",
    "verdict_minuted_not_removed",
    "session_minutes_locked",
    "session_minutes_kept",
    "attendance_insert_while_sitting",
    "attendance_update_while_sitting",
    "attendance_delete_while_sitting",
    "proposal_decided_once",
    "proposal_decided_kept",
    "late_set_has_no_result",
    "late_set_has_no_sheet",
    "scored_set_stays_whole",
    "event_append_only",
    "suspensions_apart",
    "revocation_stays",
    "revocation_kept",
    "certificate_frozen",
    "norms_apart",
    "norm_applied_stays",
    "line_as_the_norm_says",
    "line_shares_the_ceiling",
    "line_added_to_draft",
    "line_removed_from_draft",
    "line_of_a_proposed_estimate",
    "estimate_decided_once",
    "estimate_kept",
    "estimate_approved_whole",
    "estimate_without_alarm",
    "machine_supported_once",
    "abroad_twice_a_year",
    "management_within_its_share",
    "certificate_kept",
    "payment_begins_proposed",
    "payment_frozen",
    "payment_kept",
    "payment_part_added_to_proposal",
    "payment_part_changed_in_proposal",
    "payment_part_removed_from_proposal",
    "payment_part_of_its_project",
    "payment_adds_up",
    "payment_within_project",
    "payment_within_line",
    "payment_refund_within_paid",
    "payment_advance_within_rule",
    "payment_outside_locked_period",
    "line_not_below_paid",
    "participation_within_line",
    "participation_abroad_twice_a_year",
    "estimate_covers_paid",
    "project_funds_cover_paid",
    "project_disbursed_as_paid",
    "project_keeps_its_place",
    "settlement_within_funds",
    "settlement_frozen",
    "settlement_kept",
}


@pytest.fixture
def entry(administrator):
    return record(actor=administrator, action="test", sentence="Một việc.", subject=TerritoryFactory())


def test_the_guards_of_the_house_are_these():
    assert {guard.name for guard in triggers.registered()} == EXPECTED


def test_the_database_holds_exactly_the_registered_guards():
    assert set(triggers.installed(connection)) == triggers.expected(connection)


@pytest.mark.parametrize(
    "act",
    [
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(sentence="Việc khác."),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
    ],
    ids=["change", "removal"],
)
def test_the_database_refuses_any_change_of_the_log(entry, act):
    with pytest.raises(IntegrityError, match="Dòng nhật ký không được sửa hay xóa"), transaction.atomic():
        act(entry)
    entry.refresh_from_db()
    assert entry.sentence == "Một việc."


def test_without_its_guard_the_log_could_be_changed(entry):
    triggers.drop(connection)
    assert AuditEntry.objects.filter(pk=entry.pk).update(sentence="Việc khác.") == 1


def test_guards_are_dropped_before_and_made_again_after_migrating():
    triggers.before_migrating(sender=None, using="default")
    assert triggers.installed(connection) == {}
    triggers.after_migrating(sender=None, using="default")
    assert set(triggers.installed(connection)) == triggers.expected(connection)


def test_migrating_brings_lost_guards_back():
    triggers.drop(connection)
    call_command("migrate", verbosity=0)
    assert set(triggers.installed(connection)) == triggers.expected(connection)


def test_a_guard_with_a_condition_refuses_only_what_meets_it(monkeypatch):
    monkeypatch.setattr(triggers, "_guards", {})
    triggers.register(
        Guard(
            name="no_nine",
            table="territory_territory",
            events=("INSERT", "UPDATE"),
            when="NEW.code = '99' AND EXISTS (SELECT 1 FROM territory_territory t WHERE t.slug = 'chan')",
            lock="SELECT 1 FROM territory_territory WHERE id = NEW.id FOR UPDATE",
            message="Mã '99' không dùng 100%.",
        )
    )
    triggers.install(connection)
    unit = TerritoryFactory(code="99")
    TerritoryFactory(slug="chan", code="98")
    with pytest.raises(IntegrityError, match="Mã '99' không dùng 100%"), transaction.atomic():
        unit.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        TerritoryFactory(code="99")
    monkeypatch.undo()
    triggers.install(connection)


def test_two_guards_cannot_share_a_name(monkeypatch):
    monkeypatch.setattr(triggers, "_guards", {})
    triggers.register(Guard(name="a", table="t", events=("INSERT",), message="Một."))
    with pytest.raises(ValueError, match="a"):
        triggers.register(Guard(name="a", table="t", events=("DELETE",), message="Hai."))
