"""Paper at the desk: sheets the secretary enters, print-outs, signatures; more time; a sheet opened again."""

import datetime as dt

import pypdfium2
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from rounds.enums import Body, RoundState, ScoringPass, SeatRole, SheetState
from rounds.judge_queries import outline_for
from rounds.models import DeadlineExtension, Score, ScoreSheet
from rounds.services import guards, paper_sheets, reopening

from .. import factories as make

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def frozen(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def round_(province):
    found = make.RoundFactory(
        territory=province, state=RoundState.SCORING, scoring_until=NOW + dt.timedelta(days=2), year=2026
    )
    make.CriteriaSetFactory(round=found)
    return found


@pytest.fixture
def judge(round_):
    return make.SeatFactory(round=round_, user__full_name="Giám khảo Một").user


@pytest.fixture
def secretary(round_):
    return make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.SECRETARY).user


@pytest.fixture
def chair(round_):
    return make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.CHAIR).user


@pytest.fixture
def dossier(round_):
    return make.DossierFactory(round=round_, entry_code="A-07", product__group="handicraft")


@pytest.fixture
def desk(client, round_, secretary):
    """The secretary at the desk."""
    client.force_login(secretary)
    return client


@pytest.fixture
def others(chair, officer, leader, judge):
    return [chair, officer, leader, judge]


def address(name, *args):
    return reverse(f"admin:rounds_round_{name}", args=args)


def scan():
    return SimpleUploadedFile("phieu.pdf", PDF, content_type="application/pdf")


def boxes(dossier, **changes):
    outline = outline_for(dossier.round_id, dossier.product.group)
    given = {f"diem-{row.pk}": str(row.maximum) for row in outline.inputs}
    return given | changes


def paper(dossier, judge, **changes):
    return {"giam-khao": judge.pk, "ho-so": dossier.pk, "luot": "dossier", **boxes(dossier), **changes}


def submitted(dossier, judge, **more):
    sheet = make.ScoreSheetFactory(dossier=dossier, judge=judge, **more)
    outline = outline_for(dossier.round_id, dossier.product.group)
    Score.objects.bulk_create(
        Score(sheet=sheet, criterion_id=row.pk, points=row.maximum, saved_at=NOW) for row in outline.inputs
    )
    ScoreSheet.objects.filter(pk=sheet.pk).update(
        state=SheetState.SUBMITTED, submitted_at=NOW, saved_at=NOW, total=100, revision=1
    )
    sheet.refresh_from_db()
    return sheet


# --- entering -----------------------------------------------------------------------------------------------


def test_the_secretary_enters_a_paper_sheet_that_waits_for_its_judge(client, round_, dossier, judge, secretary):
    client.force_login(secretary)
    page = client.get(address("paper_enter", round_.pk), {"giam-khao": judge.pk})
    assert [one.pk for one in page.context["offered"]] == [dossier.pk]
    page = client.get(address("paper_enter", round_.pk), {"giam-khao": judge.pk, "ho-so": dossier.pk})
    assert page.content.decode().count('inputmode="decimal"') == 9
    answer = client.post(address("paper_enter", round_.pk), {**paper(dossier, judge), "scan": scan()}, follow=True)
    assert "Phiếu chỉ được tính sau khi giám khảo xác nhận." in answer.content.decode()
    sheet = ScoreSheet.objects.get()
    assert (sheet.state, sheet.total, sheet.entered_by) == (SheetState.ENTERED, 100, secretary)
    assert [one.pk for one in answer.context["entered"]] == [sheet.pk]
    paper_sheets.confirm(sheet=sheet, actor=judge, now=NOW)
    assert client.get(address("paper", round_.pk)).context["unsigned"] == 0, "its scan is its signature"


def test_a_wrong_figure_is_said_at_its_box_and_loses_nothing(client, round_, dossier, judge, secretary):
    client.force_login(secretary)
    outline = outline_for(round_.pk, "handicraft")
    wrong, empty, noted = outline.inputs[:3]
    typed = paper(dossier, judge, **{f"diem-{wrong.pk}": "99", f"diem-{empty.pk}": "", f"ghi-chu-{noted.pk}": "Đẹp"})
    answer = client.post(address("paper_enter", round_.pk), {**typed, "scan": scan(), "nhan_xet": "Tốt"})
    assert answer.status_code in {400, 409}
    found = {box.node.row.pk: box for box in answer.context["boxes"]}
    assert found[wrong.pk].fault == "Điểm cao nhất của mục này là 16. Hãy nhập từ 0 đến 16."
    assert found[wrong.pk].points == "99"
    assert found[empty.pk].fault == "Mục này chưa có điểm."
    assert found[noted.pk].note == "Đẹp"
    assert answer.context["form"]["nhan_xet"].value() == "Tốt"
    assert not ScoreSheet.objects.filter(state=SheetState.ENTERED).exists()
    kept = answer.context["form"]["kept_scan"].value()
    again = client.post(
        address("paper_enter", round_.pk), {**paper(dossier, judge), "kept_scan": kept, "nhan_xet": "Tốt"}
    )
    assert again.status_code == 302
    sheet = ScoreSheet.objects.get()
    assert sheet.paper_scan.size == len(PDF)
    assert sheet.remark == "Tốt"


@pytest.mark.parametrize("kept", ["", "1:abc", "đoán"])
def test_a_sheet_without_its_scan_is_refused_at_the_scan(desk, round_, dossier, judge, kept):
    answer = desk.post(address("paper_enter", round_.pk), {**paper(dossier, judge), "kept_scan": kept})
    assert answer.status_code == 400
    assert answer.context["form"].errors["scan"] == ["Hãy chọn bản chụp phiếu giấy."]
    assert not ScoreSheet.objects.exists()


def test_a_secretary_who_judges_too_neither_enters_nor_prints(client, round_, dossier, judge, secretary):
    make.SeatFactory(round=round_, user=secretary)
    submitted(dossier, judge)
    client.force_login(secretary)
    assert client.get(address("paper", round_.pk)).status_code == 200
    for asked in (address("paper_enter", round_.pk), address("paper_print", round_.pk, judge.pk)):
        assert client.get(asked).status_code == 403


def test_a_dossier_the_secretary_stands_aside_from_is_not_offered(client, round_, dossier, judge, secretary):
    sheet = submitted(make.DossierFactory(round=round_), judge)
    make.ConflictFactory(dossier=dossier, user=secretary)
    make.ConflictFactory(dossier=sheet.dossier, user=secretary)
    client.force_login(secretary)
    assert client.get(address("paper_enter", round_.pk), {"giam-khao": judge.pk}).context["offered"] == []
    assert client.get(address("paper", round_.pk)).context["unsigned"] == 0
    assert client.get(address("paper_print", round_.pk, judge.pk)).status_code == 302
    client.post(address("paper_receive", round_.pk), {"sheets": [sheet.pk], "signed_on": "2026-11-21"})
    sheet.refresh_from_db()
    assert sheet.signed_on is None


# --- printing and signing -----------------------------------------------------------------------------------


def test_a_judges_sheets_print_as_one_file_and_the_print_is_in_the_audit(client, round_, dossier, judge, secretary):
    other = make.DossierFactory(round=round_, entry_code="A-08")
    first = submitted(dossier, judge)
    submitted(other, judge)
    make.ScoreSheetFactory(dossier=make.DossierFactory(round=round_), judge=judge, saved_at=NOW)
    client.force_login(secretary)
    answer = client.get(address("paper_print", round_.pk, judge.pk))
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
    assert text.count("PHIẾU CHẤM ĐIỂM") == 2
    assert "A-07" in text
    assert "A-08" in text
    one = client.get(address("paper_print", round_.pk, judge.pk), {"phieu": first.pk})
    assert "A-08" not in "".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(one.content))
    entry = AuditEntry.objects.filter(action="sheets.print").order_by("pk").first()
    assert entry.sentence == "In 2 phiếu chấm đã nộp của Giám khảo Một để ký."
    assert entry.actor == secretary


def test_nobody_but_the_secretary_prints(client, round_, dossier, judge, others):
    submitted(dossier, judge)
    for person in others:
        client.force_login(person)
        assert client.get(address("paper_print", round_.pk, judge.pk)).status_code == 403


def test_signed_sheets_are_received_one_or_all_and_the_rest_is_listed(client, round_, dossier, judge, secretary):
    sheets = [submitted(make.DossierFactory(round=round_), judge) for _each in range(3)]
    client.force_login(secretary)
    receive = address("paper_receive", round_.pk)
    facts = {"judge": judge.pk, "signed_on": "2026-11-21"}
    answer = client.post(receive, {**facts, "sheets": [sheets[0].pk], "scan": scan()}, follow=True)
    assert (answer.context["unsigned"], answer.context["signed"]) == (2, 1)
    sheets[0].refresh_from_db()
    assert (sheets[0].signed_on, sheets[0].signed_recorded_by) == (dt.date(2026, 11, 21), secretary)
    assert sheets[0].signed_scan
    check = guards.check(round_, RoundState.DELIBERATION, guards.Facts(timezone.now()))
    assert "2 phiếu đã nộp chưa có bản ký: Giám khảo Một 2." in check.warnings
    answer = client.post(receive, {**facts, "all": "1"}, follow=True)
    assert (answer.context["unsigned"], answer.context["signed"]) == (0, 3)
    check = guards.check(round_, RoundState.DELIBERATION, guards.Facts(timezone.now()))
    assert not [said for said in check.warnings if "bản ký" in said]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"signed_on": ""}, "Hãy ghi ngày ký."),
        ({"signed_on": "2026-11-30"}, "Ngày ký không được sau hôm nay."),
        ({"sheets": []}, "Hãy chọn ít nhất một phiếu đã ký."),
    ],
)
def test_a_signature_that_cannot_be_is_refused_in_words(desk, dossier, judge, facts, sentence):
    sheet = submitted(dossier, judge)
    round_ = dossier.round
    typed = {"judge": judge.pk, "signed_on": "2026-11-21", "sheets": [sheet.pk], **facts}
    answer = desk.post(address("paper_receive", round_.pk), typed)
    assert answer.status_code in {400, 409}
    assert sentence in answer.content.decode()
    sheet.refresh_from_db()
    assert sheet.signed_on is None


# --- more time ----------------------------------------------------------------------------------------------


def test_time_is_extended_for_all_or_one_and_listed(client, round_, judge, chair):
    client.force_login(chair)
    page = address("extend", round_.pk)
    typed = {"luot": "dossier", "until": "2026-11-25T17:00", "reason": "Mưa bão."}
    assert client.post(page, typed).status_code == 302
    assert client.post(page, {**typed, "judge": judge.pk, "until": "2026-11-26T17:00"}).status_code == 302
    assert list(DeadlineExtension.objects.order_by("pk").values_list("judge", flat=True)) == [None, judge.pk]
    shown = client.get(page).content.decode()
    assert "Cả Ban Giám khảo: 17:00 25/11/2026" in shown
    assert "Mưa bão." in shown
    assert Notice.objects.filter(user=judge, kind="scoring_extended").count() == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"until": "2026-11-20T17:00"}, "until"), ({"reason": ""}, "reason"), ({"judge": "999999"}, "judge")],
)
def test_an_extension_that_cannot_be_says_so_at_its_field(client, round_, chair, typed, field):
    client.force_login(chair)
    facts = {"luot": "dossier", "until": "2026-11-25T17:00", "reason": "Mưa bão.", **typed}
    answer = client.post(address("extend", round_.pk), facts)
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not DeadlineExtension.objects.exists()


# --- opened again -------------------------------------------------------------------------------------------


def test_the_chair_opens_a_sheet_again_without_seeing_its_points(client, round_, dossier, judge, chair):
    sheet = submitted(dossier, judge)
    reopening.ask(sheet=sheet, reason="Chấm nhầm mục 2.", actor=judge, now=NOW)
    client.force_login(chair)
    page = address("reopen_sheet", round_.pk, sheet.pk)
    shown = client.get(page).content.decode()
    assert "Chấm nhầm mục 2." in shown
    assert "100" not in shown.partition('id="content"')[2]
    answer = client.post(page, {"reason": "Giám khảo chấm nhầm.", "do": "reopen"}, follow=True)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.edition) == (SheetState.DRAFT, 2)
    assert "Giám khảo chấm nhầm." in answer.content.decode(), "the kept edition is listed with its reason"


def test_the_chair_may_leave_it_as_it_is_and_says_why(client, round_, dossier, judge, chair):
    sheet = submitted(dossier, judge)
    client.force_login(chair)
    page = address("reopen_sheet", round_.pk, sheet.pk)
    assert client.post(page, {"reason": "Không cần.", "do": "decline"}).status_code == 409
    reopening.ask(sheet=sheet, reason="Chấm nhầm.", actor=judge, now=NOW)
    assert client.post(page, {"reason": "", "do": "decline"}).status_code == 400
    assert client.post(page, {"reason": "Không cần.", "do": "decline"}).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.state, sheet.edition) == (SheetState.SUBMITTED, 1)
    assert Notice.objects.get(kind="reopening_declined").user == judge
    assert client.post(page, {"reason": "Không cần.", "do": "decline"}).status_code == 409


def test_only_chairs_reach_the_page_and_never_for_the_own_sheet(client, round_, dossier, others):
    chair, *rest, judge = others
    sheet = submitted(dossier, judge)
    for person in (*rest, judge):
        client.force_login(person)
        assert client.get(address("reopen_sheet", round_.pk, sheet.pk)).status_code == 403
    make.SeatFactory(round=round_, user=chair)
    own = submitted(dossier, chair)
    client.force_login(chair)
    answer = client.post(address("reopen_sheet", round_.pk, own.pk), {"reason": "Sửa.", "do": "reopen"})
    assert answer.status_code == 409
    own.refresh_from_db()
    assert own.state == SheetState.SUBMITTED


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_paper_page_costs_the_same_for_any_number_of_sheets(desk, round_, judge, django_assert_num_queries, number):
    for dossier in make.DossierFactory.create_batch(number, round=round_):
        make.ScoreSheetFactory(
            dossier=dossier, judge=judge, state=SheetState.SUBMITTED, submitted_at=NOW, total=70,
            scoring_pass=ScoringPass.DOSSIER,
        )  # fmt: skip
    desk.get(address("paper", round_.pk))
    with django_assert_num_queries(QUERIES):
        desk.get(address("paper", round_.pk))


QUERIES = 16
