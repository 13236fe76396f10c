"""The pages of sessions and sets at the desk: many words in one form, nothing typed lost, costs that do not grow."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from portal.audit.models import AuditEntry
from rounds.enums import Body, DossierState, RoundState, SeatRole, VerdictChoice
from rounds.models import CouncilSession, Dossier, Result, Seat, SetProposal, Verdict
from rounds.services import remarks, sessions
from tests import factories

from . import helpers
from .helpers import AFTER, NOON

pytestmark = pytest.mark.django_db
D, RECOGNISE, DECLINE = DossierState, VerdictChoice.RECOGNISE, VerdictChoice.DECLINE
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(AFTER, tick=False)


@pytest.fixture
def sitting(province, officer):
    return helpers.deliberating_round(province, officer, shares=("0.9", "0.85", "0.8", "0.6"), quota=2)


@pytest.fixture
def desk(client, leader):
    client.force_login(leader)
    return client


def at(round_, name, *more):
    return reverse(f"admin:rounds_round_{name}", args=[round_.pk, *more])


def text(response):
    return " ".join(response.content.decode().split())


def pk_of(round_, code):
    return round_.dossiers.get(entry_code=code).pk


def rows(round_, **said):
    """`r001={"c": "recognise", "f": "7"}` as the inputs of the form."""
    return {f"{name}{pk_of(round_, code[1:])}": value for code, row in said.items() for name, value in row.items()}


def post_rows(desk, round_, do="save", group="processing", **data):
    group = round_.dossiers.select_related("product").first().product.group
    return desk.post(at(round_, "session_verdicts", 1), {"nhom": group, "do": do, **data})


def test_a_session_is_opened_attended_spoken_in_and_closed_on_its_pages(desk, sitting, leader):
    chair, secretary = Seat.objects.filter(round=sitting, body=Body.COUNCIL).order_by("pk")[:2]
    body = {"held_at": "2026-11-27T08:30", "place": "Phòng 3", "chaired_by": chair.pk, "minuted_by": secretary.pk}
    assert desk.post(at(sitting, "sessions"), body | {"place": ""}).status_code == 400
    assert desk.post(at(sitting, "sessions"), body).url == at(sitting, "session", 1)
    here = [seat.pk for seat in Seat.objects.filter(round=sitting, body=Body.COUNCIL)]
    desk.post(at(sitting, "session_attendance", 1), {"present": here[:6], f"note-{here[6]}": "Đi công tác"})
    page = text(desk.get(at(sitting, "session", 1)))
    assert "Có mặt 6 trên 7 thành viên, đủ số họp" in page
    assert "Đã đề nghị 0 trên tối đa 2, còn 2." in page
    votes = {"f": "6", "a": "0", "b": "0"}
    done = post_rows(
        desk,
        sitting,
        **rows(
            sitting,
            r001={"c": RECOGNISE, "p": "Giải A", **votes},
            r002={"c": RECOGNISE, **votes},
            r003={"c": DECLINE, "r": "Vượt số lượng."},
            r004={"c": DECLINE, "r": "Chưa đạt."},
        ),
    )
    assert (done.status_code, Verdict.objects.count()) == (302, 4)
    assert desk.post(at(sitting, "session_close", 1)).status_code == 409
    desk.post(at(sitting, "session_words", 1), {"discussion": "Đã bàn.", "conclusion": "Nhất trí."})
    assert desk.post(at(sitting, "session_close", 1)).status_code == 302
    page = text(desk.get(at(sitting, "session", 1)))
    assert "Đề nghị, Giải A" in page
    assert "Lưu có mặt" not in page
    for fmt in ("docx", "pdf"):
        made = desk.get(at(sitting, "session_minutes", 1, fmt))
        assert (made.status_code, f"-phien-1.{fmt}" in made["Content-Disposition"]) == (200, True)
    assert Document(io.BytesIO(desk.get(at(sitting, "session_minutes", 1, "docx")).content)).tables
    assert AuditEntry.objects.filter(action="session.minutes_made", actor=leader).count() == 3


def test_one_wrong_row_is_named_and_nothing_typed_is_lost(desk, sitting, leader):
    helpers.council_session(sitting, leader)
    said = rows(
        sitting,
        r001={"c": DECLINE, "r": ""},
        r002={"c": RECOGNISE, "f": "7", "p": "Giải <B>", "r": ""},
        r003={"c": "", "f": "x", "r": "Đang gõ"},
    )
    response = post_rows(desk, sitting, **said)
    page = text(response)
    assert (response.status_code, Verdict.objects.exists()) == (400, False)
    assert "Số phiếu là số nguyên từ 0 đến 99." in page
    assert 'value="Giải &lt;B&gt;"' in page
    assert "Đang gõ" in page
    response = post_rows(desk, sitting, **{**said, **rows(sitting, r003={"c": "", "f": "", "r": ""})})
    page = text(response)
    assert f'<a href="#ho-so-{pk_of(sitting, "001")}">001: Hãy ghi lý do hội đồng không đề nghị.</a>' in page
    assert "002: Hồ sơ xếp trên không được đề nghị: 001 (hạng 1). Hãy ghi lý do đề nghị hồ sơ này." in page


def test_empty_rows_are_filled_to_be_looked_at_and_nothing_is_written(desk, sitting, leader):
    helpers.council_session(sitting, leader)
    factories.ConflictFactory(
        dossier=sitting.dossiers.get(entry_code="002"),
        user=Seat.objects.filter(round=sitting, role=SeatRole.MEMBER).first().user,
    )
    codes = {f"r00{n}": {"c": "", "f": "", "a": "", "b": "", "p": "", "r": ""} for n in range(1, 5)}
    common = {"upto": "2", "all_for": "7", "all_against": "0", "all_abstain": "0", "all_reason": "Vượt số lượng."}
    response = post_rows(desk, sitting, do="fill", **rows(sitting, **codes), **common)
    typed = {row.dossier.entry_code: row.typed for row in response.context["rows"]}
    assert [(typed[code].choice, typed[code].for_, typed[code].reason) for code in sorted(typed)] == [
        (RECOGNISE, "7", ""),
        (RECOGNISE, "", ""),  # one of those present stands aside: nobody's vote is made up
        (DECLINE, "", "Vượt số lượng."),
        (DECLINE, "", "Chưa đạt điểm trung bình."),
    ]
    assert not Verdict.objects.exists()


def test_common_votes_stand_for_rows_without_their_own(desk, sitting, leader):
    helpers.council_session(sitting, leader)
    said = rows(sitting, r001={"c": RECOGNISE}, r002={"c": RECOGNISE, "f": "5", "a": "2", "b": "0"})
    assert post_rows(desk, sitting, all_for="7", all_against="0", all_abstain="0", **said).status_code == 302
    assert list(Verdict.objects.order_by("dossier__entry_code").values_list("votes_for", flat=True)) == [7, 5]


def test_a_member_reads_the_session_and_writes_nothing(client, sitting, leader):
    helpers.council_session(sitting, leader)
    client.force_login(Seat.objects.filter(round=sitting, role=SeatRole.MEMBER).first().user)
    page = text(client.get(at(sitting, "session", 1)))
    assert "Ghi ý kiến hội đồng" not in page
    assert "Khóa biên bản" not in page
    assert post_rows(client, sitting).status_code == 403
    assert client.post(at(sitting, "session_close", 1)).status_code == 403


def test_whoever_stands_aside_sees_neither_the_dossier_nor_the_minutes(client, sitting, leader):
    helpers.council_session(sitting, leader)
    hidden = sitting.dossiers.select_related("product").get(entry_code="002")
    hidden.product.name = "Sản phẩm giấu kín"
    hidden.product.save()
    member = Seat.objects.filter(round=sitting, role=SeatRole.MEMBER).first().user
    factories.ConflictFactory(dossier=hidden, user=member)
    client.force_login(member)
    page = text(client.get(at(sitting, "session", 1)))
    assert "Sản phẩm giấu kín" not in page
    assert f"ho-so-{hidden.pk}" not in page
    for address in (at(sitting, "session_minutes", 1, "pdf"), at(sitting, "session_scan", 1)):
        assert client.get(address).status_code == 404


def test_the_signed_minutes_are_kept_once_locked(desk, sitting, leader, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    session = helpers.council_session(sitting, leader)

    def attach():
        return desk.post(at(sitting, "session_attach", 1), {"scan": SimpleUploadedFile("bien-ban.pdf", PDF)})

    assert attach().status_code == 400
    sessions.record_words(session=session, discussion="", conclusion="Nhất trí.", actor=leader, now=AFTER)
    sessions.close_session(session=session, actor=leader, now=AFTER)
    assert attach().status_code == 302
    served = desk.get(at(sitting, "session_scan", 1))
    assert b"".join(served.streaming_content) == PDF


def test_the_session_costs_the_same_for_one_three_and_fifty(desk, sitting, leader):
    helpers.council_session(sitting, leader)
    group = sitting.dossiers.select_related("product").first().product.group
    counts = []
    for total in (4, 6, 50):
        while sitting.dossiers.count() < total:
            product = factories.ProductFactory(group=group, facility__territory=sitting.territory)
            one = factories.DossierFactory(round=sitting, product=product, state=D.ELIGIBLE, support_remark="Tốt.")
            Result.objects.create(
                dossier=one, sheets=3, points=270, divisor=3, passed=True, rank=sitting.dossiers.count()
            )
        with CaptureQueriesContext(connection) as found:
            assert desk.get(at(sitting, "session", 1)).status_code == 200
        counts.append(len(found))
    assert len(set(counts)) == 1


# --- sets ------------------------------------------------------------------------------------------------------


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


WORDS = {"name": "Bộ bàn ghế mây", "basis": "fitting"}


def pair(round_, officer):
    facility = factories.FacilityFactory(territory=round_.territory)
    return facility, [helpers.submitted(round_, officer, facility=facility) for _number in range(2)]


def propose(client, round_, facility, parts, **data):
    body = {"co-so": facility.pk, "dossiers": [part.pk for part in parts], **data}
    return client.post(at(round_, "propose_set"), body)


def test_a_set_is_proposed_after_a_look_and_decided_by_another(client, receiving, officer, leader):
    facility, parts = pair(receiving, officer)
    helper = factories.SeatFactory(round=receiving, body="support", role="support_member").user
    client.force_login(helper)
    assert f"?co-so={facility.pk}" in text(client.get(at(receiving, "sets")))
    preview = propose(client, receiving, facility, parts, do="preview", **WORDS)
    assert preview.context["preview"]["basis"] == "c) Sản phẩm khác nhau, dùng kết hợp với nhau"
    assert not SetProposal.objects.exists()
    assert propose(client, receiving, facility, parts, do="propose", **WORDS).status_code == 302
    proposal = SetProposal.objects.get()
    decision = {"de-xuat": proposal.pk, "do": "accept"}
    assert client.post(at(receiving, "decide_set"), decision).status_code == 403
    client.force_login(leader)
    refused = client.post(at(receiving, "decide_set"), {**decision, "do": "refuse", "reason": " "})
    assert (refused.status_code, "Việc này cần lý do." in text(refused)) == (400, True)
    assert client.post(at(receiving, "decide_set"), decision).status_code == 302
    whole = Dossier.objects.get(is_gathered_set=True)
    client.force_login(helper)
    split = client.post(at(receiving, "propose_split"), {"bo": whole.pk, "reason": "Cơ sở đổi ý."})
    assert (split.status_code, SetProposal.objects.filter(kind="split").count()) == (302, 1)


def test_what_is_wrong_comes_back_with_what_was_typed(client, receiving, officer):
    facility, parts = pair(receiving, officer)
    client.force_login(officer)
    response = propose(client, receiving, facility, parts[:1], do="propose", **WORDS)
    assert response.status_code == 409
    assert "Bộ sản phẩm cần ít nhất hai hồ sơ. Hãy chọn thêm." in text(response)
    assert 'value="Bộ bàn ghế mây"' in text(response)
    response = propose(client, receiving, facility, parts, do="preview", name="Bộ mây")
    assert (response.status_code, "Hãy chọn căn cứ của bộ sản phẩm (Điều 6)." in text(response)) == (400, True)


def test_the_page_of_sets_costs_the_same_for_one_three_and_fifty(client, receiving, officer):
    client.force_login(officer)
    counts = []
    for total in (2, 6, 50):
        while receiving.dossiers.count() < total:
            facility = factories.FacilityFactory(territory=receiving.territory)
            two = [
                factories.DossierFactory(
                    round=receiving, product=factories.ProductFactory(facility=facility), state=D.SUBMITTED
                )
                for _number in range(2)
            ]
            proposal = SetProposal.objects.create(
                round=receiving, kind="gather", name="Bộ", basis="fitting", proposed_by=officer, proposed_at=NOON
            )
            proposal.dossiers.set(two)
        with CaptureQueriesContext(connection) as found:
            assert client.get(at(receiving, "sets")).status_code == 200
        counts.append(len(found))
    assert len(set(counts)) == 1


# --- remarks ---------------------------------------------------------------------------------------------------


def test_the_support_team_remarks_until_the_result_is_submitted(client, sitting, leader):
    helper = factories.SeatFactory(round=sitting, body="support", role="support_member").user
    dossier = sitting.dossiers.get(entry_code="001")
    client.force_login(helper)
    page = client.get(reverse("admin:rounds_dossier_change", args=[dossier.pk]))
    assert "Lưu nhận xét" in text(page)
    saved = client.post(
        reverse("admin:rounds_dossier_act", args=[dossier.pk]),
        {"act": "remark", "revision": dossier.revision, "remark-remark": "Đã xem tại xưởng."},
    )
    dossier.refresh_from_db()
    assert (saved.status_code, dossier.support_remark) == (302, "Đã xem tại xưởng.")
    helpers.council_session(sitting, leader)
    client.force_login(leader)
    assert "Đã xem tại xưởng." in text(client.get(at(sitting, "session", 1)))
    sitting.state = RoundState.SUBMITTED
    sitting.save()
    with pytest.raises(remarks.Refusal, match="không đổi nữa"):
        remarks.write_remark(dossier=dossier, remark="Khác.", actor=helper, now=AFTER)


def test_before_the_seal_the_page_shows_no_list(client, province, officer, leader):
    round_ = helpers.scoring_round(province, officer)
    CouncilSession.objects.create(round=round_, number=1, held_at=NOON, place="Phòng 3", minuted_by=leader)
    client.force_login(leader)
    page = text(client.get(at(round_, "session", 1)))
    assert "data-row" not in page
    assert "Trung bình" not in page
