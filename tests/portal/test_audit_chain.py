import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.audit import triggers
from portal.audit.models import AuditEntry, ChainHead
from portal.audit.queries import first_break
from portal.audit.services import record

from ..factories import TerritoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(administrator):
    subject = TerritoryFactory()
    return [
        record(
            actor=administrator,
            action="test",
            sentence=f"Việc số {n}.",
            subject=subject,
            territory=subject,
            data={"số": n, "mục": ["á", None]},
        )
        for n in range(3)
    ]


@pytest.fixture
def unguarded():
    """As someone with the database password could do it."""
    triggers.drop(connection)


def test_an_untouched_chain_holds(chain, capsys):
    assert first_break() == (3, None)
    call_command("verify_audit")
    assert capsys.readouterr().out == "Nhật ký nguyên vẹn: 3 dòng.\n"


def test_an_empty_log_holds():
    assert first_break() == (0, None)


def test_the_first_changed_row_is_named(chain, unguarded):
    AuditEntry.objects.filter(pk__in=[chain[1].pk, chain[2].pk]).update(sentence="Việc khác.")
    with pytest.raises(CommandError, match=f"dòng {chain[1].pk} .*đã bị sửa. 1 dòng trước đó nguyên vẹn"):
        call_command("verify_audit")


def test_a_removed_row_is_noticed_at_the_next_one(chain, unguarded):
    AuditEntry.objects.filter(pk=chain[1].pk).delete()
    checked, finding = first_break()
    assert (checked, finding.entry, "bị xóa" in finding.why) == (1, chain[2], True)


def test_a_removed_last_row_is_noticed_at_the_head(chain, unguarded):
    AuditEntry.objects.filter(pk=chain[2].pk).delete()
    with pytest.raises(CommandError, match="đầu chuỗi: dòng mới nhất đã mất"):
        call_command("verify_audit")


def test_a_missing_guard_is_named(chain, unguarded):
    with pytest.raises(CommandError, match="guard_audit_append_only_delete"):
        call_command("verify_audit")


def test_writing_and_act_share_one_transaction(chain):
    assert ChainHead.objects.get().hash == chain[2].hash


@pytest.mark.django_db(transaction=True)
def test_the_log_of_a_transactional_test_is_emptied_and_guarded_again(administrator):
    record(actor=administrator, action="test", sentence="Một việc.", subject=administrator)
    assert first_break() == (1, None)


def test_the_system_acts_without_a_person():
    entry = record(actor=None, action="test", sentence="Một việc.", subject=TerritoryFactory())
    assert (entry.actor, entry.actor_label) == (None, "Hệ thống")
