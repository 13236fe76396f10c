"""Pages of complaints: the desk's, the facility's, and what the public reads of a round's running."""

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document

from rounds.enums import Body, ComplaintState, RoundState, SeatRole
from rounds.models import Complaint, Round
from rounds.services import complaints, lifecycle
from tests import factories

from .helpers import AFTER, DECIDE, deliberating_round, speak, validity_rule

pytestmark = pytest.mark.django_db
LATER = AFTER + dt.timedelta(days=1)
WORDS = "Đề nghị xem lại điểm tiêu chí 2, sản phẩm đã có giấy chứng nhận HACCP."
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def announced(province, officer, leader):
    round_ = deliberating_round(province, officer)
    speak(round_, leader, ["recognise", "decline"], ["", "Chưa đủ hồ sơ môi trường."])
    facts = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    lifecycle.advance(round_=round_, to="submitted", actor=officer, now=AFTER, **facts)
    validity_rule()
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    round_.refresh_from_db()
    return lifecycle.announce(round_=round_, actor=leader, now=LATER)


@pytest.fixture
def dossier(announced):
    return announced.dossiers.get(verdict__choice="decline")


@pytest.fixture
def person(dossier):
    return factories.RepresentativeFactory(facility=dossier.product.facility).user


def page(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def send(client, dossier, **changes):
    facts = {"about": "result", "content": WORDS, "contact": "", **changes}
    return client.post(reverse("my_complaints", args=[dossier.uuid]), facts)


def test_a_facility_sends_a_complaint_and_reads_its_number_and_term(client, dossier, person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(person)
    attached = SimpleUploadedFile("haccp.pdf", PDF, content_type="application/pdf")
    assert send(client, dossier, attachment=attached).status_code == 302
    row = Complaint.objects.get()
    assert (row.facility, row.dossier, row.channel, row.holds) == (dossier.product.facility, dossier, "portal", True)
    text = page(client.get(reverse("my_complaints", args=[dossier.uuid])))
    assert "Kiến nghị số 1" in text
    assert f"{row.answer_due_on:%d/%m/%Y}" in text
    taken = client.get(reverse("my_complaint_paper", args=[dossier.uuid, 1, "kem-theo"]))
    assert b"".join(taken) == PDF


def test_what_is_wrong_is_said_and_what_was_typed_stays(client, dossier, person):
    client.force_login(person)
    text = page(send(client, dossier, content="Sai", contact="0912 000 000"), 400)
    assert "Hãy ghi rõ điều kiến nghị" in text
    assert "0912 000 000" in text
    assert not Complaint.objects.exists()


def test_a_facility_does_not_read_what_others_sent_about_its_dossier(client, announced, dossier, person, officer):
    complaints.file(
        round_=announced,
        dossier=dossier,
        content="Cơ sở này không tự sản xuất sản phẩm.",
        about="product",
        channel="paper",
        complainant="Người dân trong xã",
        actor=officer,
        now=LATER,
    )
    client.force_login(person)
    assert "không tự sản xuất" not in page(client.get(reverse("my_complaints", args=[dossier.uuid])))


def test_a_facility_takes_its_complaint_back(client, dossier, person):
    client.force_login(person)
    send(client, dossier)
    back = {"rut": "1", "rut-reason": "Đã rõ lý do."}
    assert client.post(reverse("my_complaints", args=[dossier.uuid]), back).status_code == 302
    assert Complaint.objects.get().state == ComplaintState.WITHDRAWN


def test_before_its_time_the_page_says_when(client, dossier, person):
    Round.objects.update(state=RoundState.CLOSED)
    client.force_login(person)
    assert "Lúc này chưa nhận kiến nghị" in page(client.get(reverse("my_complaints", args=[dossier.uuid])))
    text = page(send(client, dossier), 409)
    assert "Kiến nghị được nhận từ khi công khai danh sách dự kiến" in text
    assert WORDS in text


def desk(name, round_, *args):
    return reverse(f"admin:rounds_round_{name}", args=[round_.pk, *args])


def test_the_desk_writes_down_a_letter_gives_it_away_and_the_answer_is_read(
    client, announced, dossier, person, officer
):
    client.force_login(officer)
    facts = {
        "complainant": dossier.product.facility.name,
        "channel": "paper",
        "received_on": timezone.localdate().isoformat(),
        "dossier": dossier.pk,
        "about": "result",
        "content": WORDS,
    }
    answer = client.post(desk("complaints", announced), facts)
    row = Complaint.objects.get()
    assert answer.url == desk("complaint", announced, row.pk)
    who = factories.SeatFactory(round=announced, body=Body.COUNCIL, role=SeatRole.MEMBER).user
    client.post(answer.url, {"act": "assign", "answerer": who.pk})
    client.force_login(who)
    wrong = {"act": "answer", "outcome": "upheld", "words": "Đúng như kiến nghị, điểm đã xem lại.", "correction": ""}
    text = page(client.post(answer.url, wrong), 400)
    assert "hãy ghi điều đã sửa" in text
    assert "Đúng như kiến nghị" in text
    corrected = {**wrong, "correction": "Đã sửa tên sản phẩm trong danh sách."}
    assert client.get(desk("complaint_letter", announced, row.pk, "pdf")).status_code == 404
    assert "hãy ghi điều đã sửa" in page(client.post(answer.url, {**wrong, "letter": "docx"}), 400)
    draft = client.post(answer.url, {**corrected, "letter": "docx"})
    made = Document(BytesIO(draft.content))
    head = " ".join(cell.text for table in made.tables for row_ in table.rows for cell in row_.cells)
    assert "ngày …… tháng" in head
    words = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert "1. Kết quả xem xét: chấp nhận kiến nghị." in words
    assert "Đúng như kiến nghị, điểm đã xem lại." in words
    assert "Đã sửa tên sản phẩm trong danh sách." in words
    assert Complaint.objects.get().state == ComplaintState.ASSIGNED
    client.post(answer.url, corrected)
    row.refresh_from_db()
    assert row.state == ComplaintState.ANSWERED
    signed = client.get(desk("complaint_letter", announced, row.pk, "pdf"))
    assert signed.content.startswith(b"%PDF-")
    assert f"tra-loi-kien-nghi-{row.number}-" in signed["Content-Disposition"]
    client.force_login(person)
    assert "Đã sửa tên sản phẩm" in page(client.get(reverse("my_complaints", args=[dossier.uuid])))


def test_whoever_scored_it_is_not_offered_and_not_taken(client, announced, dossier, officer):
    judge = dossier.sheets.first().judge
    factories.SeatFactory(round=announced, user=judge, body=Body.COUNCIL, role=SeatRole.MEMBER)
    row = complaints.file(
        round_=announced,
        dossier=dossier,
        content=WORDS,
        about="result",
        channel="paper",
        complainant="Cơ sở mẫu",
        actor=officer,
        now=LATER,
    )
    client.force_login(officer)
    sent = client.post(desk("complaint", announced, row.pk), {"act": "assign", "answerer": judge.pk})
    assert "Hãy chọn người khác" in page(sent, 400)


def test_an_own_conflict_hides_the_complaint(client, announced, dossier, officer):
    row = complaints.file(
        round_=announced,
        dossier=dossier,
        content=WORDS,
        about="result",
        channel="paper",
        complainant="Cơ sở mẫu",
        actor=officer,
        now=LATER,
    )
    factories.ConflictFactory(dossier=dossier, user=officer)
    client.force_login(officer)
    assert "Cơ sở mẫu" not in page(client.get(desk("complaints", announced)))
    assert client.get(desk("complaint", announced, row.pk)).status_code == 404


def test_pages_cost_the_same_for_one_three_and_fifty_complaints(client, announced, dossier, officer, person):
    counts: dict[str, set[int]] = {"desk": set(), "own": set(), "public": set()}
    for total in (1, 3, 50):
        while announced.complaints.count() < total:
            complaints.file(
                round_=announced,
                dossier=dossier,
                facility=dossier.product.facility,
                content=WORDS,
                about="result",
                channel="paper",
                complainant="Cơ sở mẫu",
                actor=officer,
                now=LATER,
            )
        for name, user, address in (
            ("desk", officer, desk("complaints", announced)),
            ("own", person, reverse("my_complaints", args=[dossier.uuid])),
            ("public", None, reverse("round", args=[announced.slug])),
        ):
            client.logout()
            if user:
                client.force_login(user)
            with CaptureQueriesContext(connection) as seen:
                page(client.get(address))
            counts[name].add(len(seen))
    assert {name: len(found) for name, found in counts.items()} == {"desk": 1, "own": 1, "public": 1}


def public(client, round_):
    return page(client.get(reverse("round", args=[round_.slug])))


def test_the_public_reads_complaints_in_numbers_and_corrections_without_names(client, announced, dossier, officer):
    who = factories.SeatFactory(round=announced, body=Body.COUNCIL, role=SeatRole.MEMBER).user
    facts = {"about": "result", "channel": "paper", "actor": officer, "now": LATER, "round_": announced}
    rows = [complaints.file(content=WORDS, complainant="Người gửi đơn mẫu", **facts) for _each in range(3)]
    complaints.assign(complaint=rows[0], answerer=who, actor=officer, now=LATER)
    complaints.answer(
        complaint=rows[0],
        outcome="partly",
        words="Hội đồng đã xem lại.",
        correction="Sửa địa chỉ cơ sở trong danh sách công nhận.",
        actor=who,
        now=LATER,
    )
    text = public(client, announced)
    assert "Đã nhận 3 kiến nghị, trả lời 1, chấp nhận 1." in text
    assert "Sửa địa chỉ cơ sở trong danh sách công nhận." in text
    for secret in ("Người gửi đơn mẫu", "HACCP", "Hội đồng đã xem lại", str(who)):
        assert secret not in text


def test_means_and_recusals_are_public_only_where_the_round_says_so(client, announced, dossier):
    factories.ConflictFactory(dossier=dossier)
    silent = public(client, announced)
    assert "điểm trung bình 8" not in silent
    assert "Số lượt từ chối chấm" not in silent
    Round.objects.filter(pk=announced.pk).update(publish_means=True, publish_recusals=True)
    text = public(client, announced)
    winner = announced.dossiers.get(verdict__choice="recognise")
    mean = winner.result.points / winner.result.divisor
    assert f"điểm trung bình {mean.normalize():f}".replace(".", ",") in text
    assert "Số lượt từ chối chấm vì xung đột lợi ích: 1." in text


def test_no_judge_and_no_single_score_is_ever_public(client, announced):
    Round.objects.filter(pk=announced.pk).update(publish_means=True, publish_recusals=True)
    address = f"/api/v1/rounds/{announced.slug}/"
    text = public(client, announced) + page(client.get(address))
    for sheet_judge in {sheet.judge for dossier in announced.dossiers.all() for sheet in dossier.sheets.all()}:
        assert str(sheet_judge) not in text
        assert str(sheet_judge.uuid) not in text


def test_the_public_reads_how_the_round_counts_and_the_seal(client, announced):
    text = public(client, announced)
    assert "Mỗi giám khảo chấm độc lập" in text
    seal = announced.seals.get()
    assert seal.sha256 in text


def test_before_the_scoring_opens_nothing_is_said_of_how_it_counts(client, province, officer):
    round_ = factories.RoundFactory(territory=province, state=RoundState.RECEIVING)
    assert "Cách tính điểm" not in public(client, round_)
