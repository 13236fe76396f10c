"""Letters that came back: what a report says, whom it is believed, and what follows."""

import datetime as dt
import mailbox
from email import message_from_bytes
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.notices import bounces, faults, refusals, services, tokens
from portal.notices.enums import Channel, FaultKind
from portal.notices.models import AddressFault, Notice, NoticeState
from portal.text.errors import Refusal
from tests.factories import FacilityFactory

TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 0, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def letter(db):
    return sent("coso@example.vn")


def sent(address, at=NOW):
    services.plan(
        kind="test", subject=FacilityFactory(), recipients=[address], due_on=TODAY, title="Tiêu đề", body="Nội dung"
    )
    services.send_due(now=at)
    return Notice.objects.latest("pk")


def report(notice=None, *, status="5.1.1", said="smtp; 550 5.1.1 User unknown", action="failed", headers=None, to=None):
    """A report as Postfix writes it; `notice` None: about a letter that is not ours."""
    name = f"<n.{tokens.make(notice.uuid)}@127.0.0.1>" if notice else "<la@example.vn>"
    whole = MIMEMultipart("report")
    whole["To"] = to or "tra-lai@example.vn"
    whole.attach(MIMEText("Xin lỗi, thư không đến được.", "plain", "utf-8"))
    lines = f"Reporting-MTA: dns; mx.example.vn\n\nFinal-Recipient: rfc822; khac@example.vn\nAction: {action}\n"
    status_part = message_from_bytes(
        f"Content-Type: message/delivery-status\n\n{lines}Status: {status}\nDiagnostic-Code: {said}\n".encode()
    )
    whole.attach(status_part)
    kind = headers or "message/rfc822"
    whole.attach(message_from_bytes(f"Content-Type: {kind}\n\nMessage-ID: {name}\nSubject: x\n\nNội dung\n".encode()))
    return whole.as_bytes()


def take(*raw, apply=True, now=NOW):
    return bounces.take_in(raw, now=now, apply=apply)


# --- what a refusal says --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (550, "5.1.1 User unknown", FaultKind.HARD),
        (550, "No such user here", FaultKind.HARD),
        (553, "mailbox name not allowed", FaultKind.HARD),
        (550, "5.2.1 mailbox disabled", FaultKind.HARD),
        (552, "5.2.2 mailbox full", FaultKind.SOFT),
        (550, "5.7.1 relaying denied", None),
        (554, "5.7.1 spam", None),
        (554, "transaction failed", None),
        (530, "5.5.1 must issue STARTTLS first", None),
        (550, "5.1.8 bad sender's domain", None),
        (451, "4.7.1 greylisted", None),
    ],
)
def test_only_what_is_the_addresss_own_fault_is_held_against_it(code, said, expected):
    assert refusals.of_refusal(code, said) == expected


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        ("5.1.1", "", FaultKind.HARD),
        ("5.0.0", "smtp; 550 unknown", FaultKind.HARD),
        ("4.4.1", "smtp; connection timed out", FaultKind.SOFT),
        ("", "smtp; 451 try later", FaultKind.SOFT),
        ("5.2.2", "", FaultKind.SOFT),
        ("5.7.1", "smtp; 554 blocked", None),
        ("", "", None),
    ],
)
def test_what_a_report_says(status, said, expected):
    assert refusals.of_report(status, said) == expected


# --- whom it is believed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_is_known_by_the_name_of_the_returned_letter(letter, kind):
    assert take(report(letter, headers=kind)).hard == 1
    fault = AddressFault.objects.get()
    assert (fault.address, fault.kind, fault.diagnosis) == (
        "coso@example.vn",
        FaultKind.HARD,
        "smtp; 550 5.1.1 User unknown",
    )
    letter.refresh_from_db()
    assert letter.bounced_at == NOW


def test_a_report_is_known_by_the_address_it_was_returned_to(letter, settings):
    settings.BOUNCE_ADDRESS = "tra-lai@example.vn"
    from portal.notices.letters import return_address

    address = return_address(letter)
    assert len(address.split("@")[0]) <= 64
    assert take(report(to=address.upper())).hard == 1


def test_a_nul_in_a_report_does_not_reach_the_database(letter):
    found = bounces.parse(report(letter, said="smtp; 550 5.1.1 User\x00 unknown"))
    assert found is not None
    assert found.diagnosis == "smtp; 550 5.1.1 User unknown"


def test_the_letter_itself_carries_what_brings_the_report_home(letter):
    written = mail.outbox[0].message()
    assert tokens.find(written["Message-ID"]) == letter.uuid
    assert written["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 1000,
        b"Content-Type: multipart/report; boundary=\n\n--\n--\n",
        b"Content-Type: multipart/report; boundary=x\n\n"
        + b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 3000,
        b"Content-Type: message/rfc822\n\n" * 5000,
        b"Content-Type: multipart/report; charset=\xff; boundary=\xff\n\n--\xff\n",
        b"Subject: =?utf-8?b?" + b"A" * 100_000 + b"?=\n\nx",
        b"From: a@example.vn\nSubject: Tra loi tu dong: di vang\n\nToi di vang",
    ],
    ids=["empty", "bytes", "no boundary", "deep", "deep letters", "bad charset", "long subject", "autoreply"],
)
@pytest.mark.django_db
def test_what_is_no_report_is_counted_and_passed_over(raw):
    assert take(raw).others == 1


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_cut_or_scribbled_report_makes_the_reading_fail(scribble, place):
    whole = report()
    assert bounces.parse(whole[:place] + scribble + whole[place:]) is None


@pytest.mark.django_db
def test_a_forged_report_about_an_address_stops_nothing(letter):
    forged = report(letter).replace(tokens.make(letter.uuid).encode(), b"a" * tokens.LENGTH)
    assert take(forged).others == 1
    assert not AddressFault.objects.exists()


def test_a_delay_is_no_fault(letter):
    assert take(report(letter, action="delayed", status="4.4.1")).others == 1


def test_a_key_that_was_replaced_is_still_known(letter, settings):
    raw = report(letter)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "k" * 50
    assert take(raw).hard == 1


# --- what follows ---------------------------------------------------------------------------------------------


def test_reading_the_same_report_twice_counts_once(letter):
    raw = report(letter, status="4.4.1", said="")
    assert [take(raw).soft, take(raw).known] == [1, 1]
    assert AddressFault.objects.get().count == 1


def test_without_apply_nothing_is_written(letter):
    assert take(report(letter), apply=False).hard == 1
    assert not AddressFault.objects.exists()


@pytest.mark.django_db
def test_three_passing_faults_in_a_row_make_a_lasting_one():
    for days in range(3):
        assert not faults.broken()
        take(report(sent("coso@example.vn"), status="4.4.1", said=""), now=NOW + days * DAY)
    assert faults.broken() == {"coso@example.vn"}


@pytest.mark.django_db
def test_a_letter_that_came_through_in_between_begins_the_count_anew():
    for days in (0, 1):
        take(report(sent("coso@example.vn"), status="4.4.1", said=""), now=NOW + days * DAY)
    sent("coso@example.vn", NOW + 2 * DAY)
    take(report(sent("coso@example.vn", NOW + 20 * DAY), status="4.4.1", said=""), now=NOW + 20 * DAY)
    assert AddressFault.objects.get().count == 1
    assert not faults.broken()


def test_what_waits_for_a_broken_address_is_shown_to_people_and_not_sent(letter, officer):
    type(officer).objects.update(email="coso@example.vn")
    officer.refresh_from_db()
    take(report(letter))
    plan = {"kind": "recognition_expiry", "due_on": TODAY, "title": "T", "body": "N"}
    services.plan(subject=FacilityFactory(), users=[officer], **plan)
    services.plan(subject=FacilityFactory(), recipients=["coso@example.vn"], **plan | {"kind": "test"})
    mail.outbox.clear()
    assert services.send_due(now=NOW + DAY) == services.Counts()
    assert mail.outbox == []
    person, bare = Notice.objects.order_by("pk")[1:]
    assert (person.state, person.channel) == (NoticeState.SHOWN, Channel.PORTAL)
    assert bare.state == NoticeState.DROPPED


def test_a_person_mends_an_address_once(letter, officer):
    take(report(letter))
    fault = AddressFault.objects.get()
    faults.clear(fault=fault, actor=officer, now=NOW)
    assert not faults.broken()
    assert AuditEntry.objects.filter(action="fault.cleared").count() == 1
    with pytest.raises(Refusal) as caught:
        faults.clear(fault=fault, actor=officer, now=NOW)
    assert caught.value.code == "fault_cleared"


def test_a_mended_address_that_fails_again_is_broken_again(letter, officer):
    take(report(letter))
    faults.clear(fault=AddressFault.objects.get(), actor=officer, now=NOW)
    take(report(sent("coso@example.vn", NOW + DAY)), now=NOW + DAY)
    assert faults.broken() == {"coso@example.vn"}


# --- the command ----------------------------------------------------------------------------------------------


def command(*args):
    out = StringIO()
    call_command("read_bounces", *args, stdout=out)
    return out.getvalue().splitlines()


def said(hard=0, soft=0, known=0, others=0):
    return (
        f"Địa chỉ không nhận được thư: {hard}. Tạm thời không nhận: {soft}. "
        f"Đã đọc từ trước: {known}. Không phải thư trả lại của cổng: {others}."
    )


def test_an_mbox_a_maildir_and_a_single_letter_are_read(letter, tmp_path):
    box = mailbox.mbox(tmp_path / "mbox")
    box.add(report(letter))
    box.add(b"Subject: x\n\ny")
    box.close()
    folder = mailbox.Maildir(tmp_path / "maildir", create=True)
    folder.add(report(letter))
    single = Path(tmp_path / "one.eml")
    single.write_bytes(report(letter))
    names = [str(tmp_path / name) for name in ("mbox", "maildir", "one.eml")]
    assert command(*names) == [said(hard=3, others=1), "Chưa ghi gì; thêm --apply để ghi."]
    assert command(*names, "--apply") == [said(hard=1, known=2, others=1)]


def test_a_mail_server_may_hand_the_letter_over(letter, monkeypatch):
    class Stdin:
        buffer = BytesIO(b"From MAILER-DAEMON Fri Nov 20 2026\n" + report(letter))

    monkeypatch.setattr("sys.stdin", Stdin)
    assert command("-", "--apply") == [said(hard=1)]


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match="Không đọc được"):
        command(str(tmp_path / "khong-co"))
