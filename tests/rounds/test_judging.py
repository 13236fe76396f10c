"""The judges' pages, as a browser asks for them, with and without a script."""

import datetime as dt
import json
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.files.models import StoredFile
from rounds.enums import DocumentKind, DossierState, RoundState, SheetState
from rounds.judge_list import benches
from rounds.judge_order import own_order
from rounds.models import Conflict, DossierDocument, Score, ScoreSheet
from rounds.services import conflicts, scoring

from ..factories import DossierFactory, RoundFactory, SeatFactory, UserFactory
from .test_scoring import NOW, UNTIL, Bench

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bench(client):
    made = Bench()
    client.force_login(made.judge, backend="django.contrib.auth.backends.ModelBackend")
    return made


def address(bench, name="judge_sheet", **more):
    return reverse(name, kwargs={"uuid": bench.dossier.uuid, **more})


def form_of(bench, points="4", revision=0, **more):
    data = {f"diem-{leaf.pk}": points for leaf in bench.leaves()} | {"lan-luu": str(revision), "nhan-xet": ""}
    return data | {f"diem-{bench.leaf(code).pk}" if code[0].isdigit() else code: v for code, v in more.items()}


def autosave(client, bench, values, revision=0, **more):
    sent = {"revision": revision, "values": {str(bench.leaf(code).pk): v for code, v in values.items()}, **more}
    return client.post(address(bench, "judge_save"), json.dumps(sent), content_type="application/json")


def text(response):
    return " ".join(response.content.decode().split())


# The list


def test_the_list_asks_for_a_login(client, db):
    assert client.get("/cham-diem/").headers["Location"].startswith("/dang-nhap/")


def test_a_person_without_a_jury_seat_reads_what_to_expect(client, officer):
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get("/cham-diem/")
    assert response.status_code == 200
    assert "Chưa có hồ sơ nào chờ bạn chấm." in text(response)


def test_the_list_groups_dossiers_and_counts_the_sheets_due(client, bench):
    others = DossierFactory.create_batch(3, round=bench.round)
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    started = scoring.open_sheet(dossier=others[0], judge=bench.judge, now=NOW)
    scoring.save_scores(
        sheet=started, values={bench.leaf("1.1").pk: (Decimal(8), "")}, revision=0, actor=bench.judge, now=NOW
    )
    conflicts.declare(dossier=others[1], user=bench.judge, reason="Góp vốn", now=NOW)
    page = client.get("/cham-diem/")
    shown = page.context["rounds"][0]["bench"]
    assert ([len(g) for g in (shown.handed_in, shown.started, shown.todo, shown.recused)], shown.due) == (
        [1, 1, 1, 1],
        3,
    )
    words = text(page)
    assert "<b>1</b>/3 phiếu đã nộp" in words
    assert "Đang chấm, còn 8 mục" in words
    assert "Hạn nộp 17:00 hôm nay, còn 2 giờ 28 phút" in words
    assert "Đã nộp 14:32, đã khóa" in words
    assert "Bạn có xung đột lợi ích" in words
    assert "36" not in [cell.strip() for cell in words.split("badge--done")[1].split("<")]


def test_the_order_is_the_judges_own_and_the_same_every_time(client, bench):
    DossierFactory.create_batch(7, round=bench.round)
    orders = []
    for judge in (bench.judge, SeatFactory(round=bench.round).user):
        client.force_login(judge, backend="django.contrib.auth.backends.ModelBackend")
        twice = [
            [line.entry.uuid for line in client.get("/cham-diem/").context["rounds"][0]["bench"].lines] for _ in "12"
        ]
        assert twice[0] == twice[1] == sorted(twice[0], key=lambda uuid: own_order(judge.uuid, uuid))
        orders.append(twice[0])
    assert orders[0] != orders[1]
    assert set(orders[0]) == set(orders[1])


def test_rounds_still_being_scored_stand_above_those_that_are_over(client, bench):
    over = RoundFactory(state=RoundState.DELIBERATION, scoring_until=NOW - dt.timedelta(days=20))
    SeatFactory(round=over, user=bench.judge)
    shown = [found["bench"].round.pk for found in client.get("/cham-diem/").context["rounds"]]
    assert shown == [bench.round.pk, over.pk]


@pytest.mark.parametrize("state", [RoundState.DRAFT, RoundState.RECEIVING, RoundState.SCREENING, RoundState.CANCELLED])
def test_rounds_that_are_not_scored_are_not_listed(client, bench, state):
    bench.round.state, bench.round.cancelled_reason = state, "Không đủ hồ sơ"
    bench.round.save()
    assert client.get("/cham-diem/").context["rounds"] == []


def test_the_list_costs_the_same_for_one_three_and_fifty_dossiers(client, bench, django_assert_num_queries):
    costs = []
    for more in (0, 2, 47):
        for dossier in DossierFactory.create_batch(more, round=bench.round):
            scoring.open_sheet(dossier=dossier, judge=bench.judge, now=NOW)
        with django_assert_num_queries(5):
            benches(bench.judge)
        with CaptureQueriesContext(connection) as page:
            client.get("/cham-diem/")
        costs.append(len(page))
    assert costs[0] == costs[1] == costs[2]


# Who may open what


def test_another_judges_sheet_and_an_unknown_one_are_not_there(client, bench):
    sheet = scoring.open_sheet(dossier=bench.dossier, judge=SeatFactory(round=bench.round).user, now=NOW)
    assert client.get(f"/cham-diem/{sheet.uuid}/").status_code == 404
    assert client.get(address(Bench())).status_code == 404


EVERY_DOOR = ["judge_sheet", "judge_submit", "judge_cannot_assess"]


@pytest.mark.parametrize("name", EVERY_DOOR)
def test_a_judge_removed_a_minute_ago_finds_nothing(client, bench, name):
    bench.full()
    bench.seat.until, bench.seat.until_reason = NOW.date(), "Thay người"
    bench.seat.save()
    assert client.get(address(bench, name)).status_code == 404
    assert client.post(address(bench, name), form_of(bench, revision=1)).status_code == 404
    saved = autosave(client, bench, {"1.1": {"points": "9"}}, revision=1)
    assert (saved.status_code, saved.json()["code"]) == (403, "not_seated")
    assert bench.points()["1.1"] == 4


@pytest.mark.parametrize("name", EVERY_DOOR)
@pytest.mark.parametrize("opened", [False, True])
def test_after_a_conflict_every_door_says_so_and_shows_nothing(client, bench, name, opened):
    if opened:
        bench.full()
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW)
    for response in (client.get(address(bench, name)), client.post(address(bench, name), form_of(bench))):
        assert response.status_code == 403
        assert "Bạn có xung đột lợi ích với cơ sở này nên không chấm hồ sơ 041." in text(response)
        assert bench.dossier.product.name not in text(response)
    saved = autosave(client, bench, {"1.1": {"points": "9"}})
    assert saved.status_code == (403 if opened else 404)
    assert bench.points().get("1.1") == (4 if opened else None)


@pytest.mark.parametrize("state", [DossierState.NOT_ELIGIBLE, DossierState.WITHDRAWN, DossierState.SUBMITTED])
def test_a_dossier_that_is_not_admitted_is_not_there(client, bench, state):
    bench.dossier.state, bench.dossier.state_reason = state, "Thiếu ảnh"
    bench.dossier.save()
    assert client.get(address(bench)).status_code == 404


def test_before_scoring_a_dossier_is_not_there(client, bench):
    bench.round.state = RoundState.SCREENING
    bench.round.save()
    response = client.get(address(bench))
    assert response.status_code == 403
    assert bench.dossier.product.name not in text(response)


@pytest.fixture
def paper(bench, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stored = StoredFile.objects.create(
        sha256="a" * 64, content_type="image/png", size=4, width=1800, height=1200, content=ContentFile(b"\x89PNG", "x")
    )
    return DossierDocument.objects.create(dossier=bench.dossier, kind=DocumentKind.PHOTO_FRONT, file=stored)


def test_papers_are_served_to_the_judge_and_to_nobody_else(client, bench, paper):
    url = address(bench, "judge_document", pk=paper.pk)
    assert url in text(client.get(address(bench)))
    response = client.get(url)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert b"".join(response.streaming_content) == b"\x89PNG"
    foreign = Bench()
    assert client.get(address(foreign, "judge_document", pk=paper.pk)).status_code == 404
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW)
    assert client.get(url).status_code == 404
    client.force_login(foreign.judge, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 404
    client.logout()
    assert client.get(url).status_code == 302


# The form without a script


def test_the_page_says_nothing_of_the_threshold_or_of_other_judges(client, bench):
    bench.round.threshold = Decimal("71.25")
    bench.round.save()
    other = SeatFactory(round=bench.round).user
    sheet = scoring.open_sheet(dossier=bench.dossier, judge=other, now=NOW)
    values = {leaf.pk: (Decimal("3.5"), "") for leaf in bench.leaves()}
    scoring.save_scores(sheet=sheet, values=values, revision=0, actor=other, now=NOW, remark="Rất tốt")
    for page in (client.get(address(bench)), client.get("/cham-diem/")):
        words = text(page)
        assert [hint for hint in ("71,25", "71.25", "Rất tốt", 'value="3,5"', str(other)) if hint in words] == []


def test_opening_a_page_writes_nothing(client, bench):
    assert client.get(address(bench)).status_code == 200
    assert not ScoreSheet.objects.exists()


def test_reading_the_page_costs_ten_queries(client, bench, django_assert_num_queries):
    bench.full()
    DossierFactory.create_batch(5, round=bench.round)
    with django_assert_num_queries(
        2 + 8
    ):  # session and user; dossier, product, own ones, extension, sheet, criteria, scores, papers
        client.get(address(bench))


def test_saving_the_form_goes_back_to_the_page(client, bench):
    response = client.post(address(bench), form_of(bench, "4,5") | {"act": "save"})
    assert (response.status_code, response.headers["Location"]) == (303, address(bench))
    assert set(bench.points().values()) == {Decimal("4.5")}


def test_wrong_figures_come_back_at_their_boxes_with_all_that_was_typed(client, bench):
    response = client.post(
        address(bench), form_of(bench, **{"2.4": "60", "3.1": "", "3.2": "năm", "nhan-xet": "Bao bì đẹp"})
    )
    assert response.status_code == 422
    words = text(response)
    assert "Điểm cao nhất của mục này là 6. Hãy nhập từ 0 đến 6." in words
    assert "Ô này chỉ nhận điểm bằng số. Hãy nhập từ 0 đến 5, ví dụ 0,5." in words
    for typed in ('value="60"', 'value="năm"', "Bao bì đẹp</textarea>"):
        assert typed in words
    assert words.count('aria-invalid="true"') == 2
    assert set(bench.points()) == {"1.1", "1.2", "2.1", "2.2", "2.3", "4.1"}


def test_submitting_with_something_missing_names_it_and_keeps_the_rest(client, bench):
    response = client.post(address(bench), form_of(bench, **{"3.1": "", "3.2": "0"}) | {"act": "submit"})
    assert response.status_code == 422
    assert "Chưa nộp được phiếu: còn 1 mục chưa chấm." in text(response)
    assert f'href="#diem-{bench.leaf("3.1").pk}"' in text(response)
    assert ScoreSheet.objects.get().state == SheetState.DRAFT
    assert bench.points()["3.2"] == 0


def test_a_whole_form_is_asked_about_once_and_then_sealed(client, bench):
    asked = client.post(address(bench), form_of(bench) | {"act": "submit"})
    assert (asked.status_code, asked.headers["Location"]) == (303, address(bench, "judge_submit"))
    assert ScoreSheet.objects.get().state == SheetState.DRAFT
    question = client.get(asked.headers["Location"])
    assert "Nộp phiếu hồ sơ 041?" in text(question)
    assert "<b data-total>36</b>/100" in text(question)
    done = client.post(address(bench, "judge_submit"), {"lan-luu": "1"})
    assert done.status_code == 303
    receipt = text(client.get(done.headers["Location"]))
    sheet = ScoreSheet.objects.get()
    assert (sheet.state, sheet.total) == (SheetState.SUBMITTED, Decimal(36))
    assert "Phiếu đã nộp lúc 14:32 ngày 21/11/2026 và đã khóa." in receipt
    assert "Mã biên nhận" in receipt
    assert 'name="diem-' not in receipt


def test_numbers_too_long_to_be_read_are_no_numbers(client, bench):
    long = "9" * 5000
    sent = client.post(
        address(bench), f"diem-{long}=4&lan-luu={long}", content_type="application/x-www-form-urlencoded"
    )
    assert sent.status_code == 303
    bench.full()
    assert client.post(address(bench, "judge_submit"), {"lan-luu": long}).status_code == 303


def test_a_judges_list_and_guide_answer_a_look_at_their_heads(client, bench):
    assert [client.head(reverse(name)).status_code for name in ("judge_home", "judge_guide")] == [200, 200]


def test_a_question_answered_twice_leads_to_the_receipt(client, bench):
    bench.full()
    assert client.post(address(bench, "judge_submit"), {"lan-luu": "1"}).status_code == 303
    again = client.post(address(bench, "judge_submit"), {"lan-luu": "1"})
    assert (again.status_code, again.headers["Location"]) == (302, address(bench))
    late = client.post(address(bench), form_of(bench, "5", revision=1) | {"act": "submit"})
    assert late.status_code == 302
    assert bench.points()["1.1"] == 4


def test_a_total_changed_elsewhere_is_asked_about_again(client, bench):
    bench.save(bench.full(), {"1.1": (Decimal(10), "")})
    response = client.post(address(bench, "judge_submit"), {"lan-luu": "1"})
    assert response.status_code == 409
    assert "tổng điểm hiện là 42" in text(response)
    assert ScoreSheet.objects.get().state == SheetState.DRAFT


def test_the_question_names_what_is_missing(client, bench):
    bench.save(bench.open(), {"1.1": (Decimal(8), "")})
    assert "Còn 8 mục chưa chấm" in text(client.get(address(bench, "judge_submit")))
    assert client.post(address(bench, "judge_submit"), {"lan-luu": "1"}).status_code == 422


def test_a_form_over_another_pages_save_shows_both_and_overwrites_nothing(client, bench):
    bench.full()
    response = client.post(address(bench), form_of(bench, revision=0, **{"2.4": "3,5"}))
    assert response.status_code == 409
    assert "Máy chủ đang giữ 4, lưu lúc 14:32." in text(response)
    assert 'value="3,5"' in text(response)
    assert bench.points()["2.4"] == 4
    settled = client.post(address(bench), form_of(bench, revision=1, **{"2.4": "3,5"}))
    assert settled.status_code == 303
    assert bench.points()["2.4"] == Decimal("3.5")


@pytest.mark.parametrize(("offset", "status"), [(-SECOND, 303), (0 * SECOND, 409), (SECOND, 409)])
def test_the_deadline_holds_for_the_form(client, bench, frozen, offset, status):
    frozen.move_to(UNTIL + offset)
    response = client.post(address(bench), form_of(bench) | {"act": "save"})
    assert response.status_code == status
    assert Score.objects.exists() == (status == 303)
    if status == 409:
        assert "Đã hết hạn nộp phiếu lúc 17:00 ngày 21/11/2026" in text(response)
        assert 'value="4"' in text(response)


def test_after_the_deadline_the_page_is_read_only(client, bench, frozen):
    bench.full()
    frozen.move_to(UNTIL)
    words = text(client.get(address(bench)))
    assert "phiếu của bạn chưa nộp" in words
    assert "<input" not in words.split("<main")[1]


# The script's door


def test_an_autosave_opens_the_sheet_and_tells_the_new_revision(client, bench):
    response = autosave(client, bench, {"1.1": {"points": "8,5", "note": "Tốt"}}, remark="Đẹp")
    told = {"revision": 1, "saved_at": "14:32", "faults": {}, "server_time": NOW.astimezone(dt.UTC).isoformat()}
    assert (response.status_code, response.json()) == (200, told)
    sheet = ScoreSheet.objects.get()
    assert (sheet.remark, sheet.scores.get().note, bench.points()) == ("Đẹp", "Tốt", {"1.1": Decimal("8.5")})


def test_an_autosave_reports_wrong_figures_by_criterion(client, bench):
    answer = autosave(client, bench, {"1.1": {"points": "8"}, "2.4": {"points": "7"}}).json()
    assert answer["faults"] == {str(bench.leaf("2.4").pk): "Điểm cao nhất của mục này là 6. Hãy nhập từ 0 đến 6."}
    assert bench.points() == {"1.1": Decimal(8)}


def test_an_emptied_box_is_missing_again(client, bench):
    bench.full()
    assert autosave(client, bench, {"1.1": {"points": ""}}, revision=1).status_code == 200
    assert bench.points()["1.1"] is None


def test_an_outdated_autosave_gets_all_that_the_server_holds(client, bench):
    autosave(client, bench, {"1.1": {"points": "8"}, "1.2": {"points": "20"}})
    answer = autosave(client, bench, {"1.1": {"points": "7"}})
    assert answer.status_code == 409
    told = answer.json()
    assert (told["code"], told["revision"], told["differs"]) == ("stale", 1, [bench.leaf("1.1").pk])
    assert told["values"][str(bench.leaf("1.2").pk)] == {"points": "20", "note": "", "saved_at": "14:32"}
    assert bench.points()["1.1"] == 8


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"revision": "x"}', '{"revision": 0, "values": []}', '{"revision": 0, "values": {"a": {}}}',
     '{"revision": 0, "values": {"1": {"points": []}}}', '{"revision": 0, "values": {"1": null}}', "\udcff",
     "[" * 100_000, '{"revision": 0, "remark": "\\ud800"}', '{"revision": 0, "values": {"1": {"note": "\\udc00"}}}',
     f'{{"revision": {"9" * 5000}}}'],
)  # fmt: skip
def test_a_malformed_autosave_is_refused(client, bench, body):
    sent = body.encode("utf-8", "surrogateescape")
    response = client.post(address(bench, "judge_save"), sent, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


def test_numbers_in_json_go_through_no_float(client, bench):
    sent = f'{{"revision": 0, "values": {{"{bench.leaf("1.1").pk}": {{"points": 8.5}}}}}}'
    assert client.post(address(bench, "judge_save"), sent, content_type="application/json").status_code == 200
    assert bench.points() == {"1.1": Decimal("8.5")}


def test_an_autosave_without_a_login_says_what_to_do(client, bench):
    client.logout()
    response = autosave(client, bench, {"1.1": {"points": "8"}})
    assert (response.status_code, response.json()["code"]) == (401, "login")


def test_an_autosave_on_a_sealed_sheet_or_after_the_deadline_is_refused(client, bench, frozen):
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    sealed = autosave(client, bench, {"1.1": {"points": "9"}}, revision=1)
    assert (sealed.status_code, sealed.json()["code"]) == (409, "sealed")
    other = DossierFactory(round=bench.round)
    frozen.move_to(UNTIL)
    late = client.post(
        reverse("judge_save", kwargs={"uuid": other.uuid}),
        '{"revision": 0, "values": {}}',
        content_type="application/json",
    )
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


def test_an_autosave_costs_five_queries_besides_the_login(client, bench, django_assert_num_queries):
    autosave(client, bench, {"1.1": {"points": "8"}})
    sent = {"revision": 1, "values": {str(bench.leaf("1.1").pk): {"points": "8,5"}}}
    with django_assert_num_queries(2 + 5 + 2):  # session and user, the save, its savepoint
        client.post(address(bench, "judge_save"), sent, content_type="application/json")
    assert bench.points() == {"1.1": Decimal("8.5")}


# Conflicts and not being able to assess


def test_a_conflict_is_declared_and_the_dossier_is_greyed_in_the_list(client, bench):
    page = client.get(f"{reverse('judge_conflict')}?ho-so={bench.dossier.uuid}")
    assert f'value="{bench.dossier.uuid}" selected' in text(page)
    done = client.post(reverse("judge_conflict"), {"ho-so": str(bench.dossier.uuid), "ly-do-chon": "owns"})
    assert (done.status_code, done.headers["Location"]) == (303, "/cham-diem/?da-khai=041")
    assert "dossier--recused" in text(client.get(done.headers["Location"]))
    twice = client.post(reverse("judge_conflict"), {"ho-so": str(bench.dossier.uuid), "ly-do-chon": "owns"})
    assert twice.status_code == 302
    assert Conflict.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"ho-so": "", "ly-do-chon": "owns", "ly-do": "Góp vốn"}, "Hãy chọn hồ sơ"),
        ({"ly-do": " "}, "Hãy chọn một lý do."),
    ],
)
def test_a_declaration_without_dossier_or_reason_keeps_what_was_typed(client, bench, data, sentence):
    response = client.post(reverse("judge_conflict"), {"ho-so": str(bench.dossier.uuid), **data})
    assert response.status_code == 422
    assert sentence in text(response)
    assert data["ly-do"].strip() in text(response)
    assert not Conflict.objects.exists()


def test_a_stranger_declares_nothing(client, bench):
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("judge_conflict"), {"ho-so": str(bench.dossier.uuid), "ly-do": "Góp vốn"})
    assert response.status_code == 422
    assert not Conflict.objects.exists()


def test_not_being_able_to_assess_is_handed_in_with_its_reason(client, bench):
    url = address(bench, "judge_cannot_assess")
    empty = client.post(url, {"ly-do": ""})
    assert (empty.status_code, "Hãy ghi lý do bạn không đánh giá được" in text(empty)) == (422, True)
    assert client.post(url, {"ly-do": "Ngoài chuyên môn"}).status_code == 303
    assert client.post(url, {"ly-do": "Ngoài chuyên môn"}).status_code == 302
    words = text(client.get(address(bench)))
    assert "Bạn đã báo không đánh giá được hồ sơ này lúc 14:32" in words
    assert "Ngoài chuyên môn" in words
    assert ScoreSheet.objects.get().total is None


def test_the_guide_is_there(client, bench):
    assert "Ô trống là chưa chấm, không phải 0." in text(client.get("/cham-diem/huong-dan/"))
