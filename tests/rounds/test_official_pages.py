"""The desk's pages of official forms: who gets which file, what is said instead, what stays sealed."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from rounds.enums import Body, RoundState, SeatRole
from rounds.models import Round
from rounds.official import offered
from tests import factories
from tests.rounds import official_world as world

pytestmark = pytest.mark.crawl

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def round_(province: Any) -> Round:
    return world.announced_round(5, territory=province)


@pytest.fixture
def officer(round_: Round) -> User:
    return factories.staff(Role.OFFICER, round_.territory)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def address(subject: Any, slug: str, fmt: str = "docx") -> str:
    kind = "round" if isinstance(subject, Round) else "dossier"
    return reverse(f"admin:rounds_{kind}_form", args=[subject.pk, slug, fmt])


def test_the_page_lists_every_form_of_the_round_with_both_files(client: Client, round_: Round, officer: User) -> None:
    page = signed_in(client, officer).get(reverse("admin:rounds_round_forms", args=[round_.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    for link in offered(round_, user=officer):
        assert link.urls["docx"] in text
        assert link.urls["pdf"] in text


def test_what_cannot_be_made_yet_says_why_and_has_no_link(client: Client, round_: Round, officer: User) -> None:
    Round.objects.filter(pk=round_.pk).update(state=RoundState.SCORING, announced_at=None, decision=None)
    round_.establishing.all().delete()
    round_.refresh_from_db()
    found = {link.code: link for link in offered(round_, user=officer)}
    assert found["submission"].blockers == ("Kỳ chưa khóa chấm điểm.",)
    assert found["submission"].urls == {}
    assert found["result_letter"].blockers == ("Kết quả chưa công bố nên chưa có ngày tính hạn khiếu nại.",)
    assert found["bodies_list"].gaps == ("Chưa ghi quyết định lập hội đồng ở trang “Hội đồng, giám khảo”.",)
    client = signed_in(client, officer)
    assert client.get(address(round_, "to-trinh")).status_code == 302
    assert client.get(address(round_, "bien-ban-tong-hop")).status_code == 302
    back = client.get(address(round_, "thong-bao-ket-qua"), follow=True)
    assert "Kết quả chưa công bố nên chưa có ngày tính hạn khiếu nại." in back.content.decode()


@pytest.mark.parametrize(("fmt", "kind"), [("docx", WORD), ("pdf", "application/pdf")])
def test_a_file_is_private_named_and_leaves_one_line_in_the_audit(
    client: Client, round_: Round, officer: User, fmt: str, kind: str
) -> None:
    before = AuditEntry.objects.count()
    response = signed_in(client, officer).get(address(round_, "to-trinh", fmt))
    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert f'attachment; filename="to-trinh-thai-nguyen-2026.{fmt}"' in response["Content-Disposition"]
    assert "private, no-store" in response["Cache-Control"]
    entry = AuditEntry.objects.order_by("-pk").first()
    assert AuditEntry.objects.count() == before + 1
    assert entry is not None
    assert (entry.action, entry.actor, entry.subject_id) == ("form.made", officer, str(round_.pk))
    assert entry.data == {"form": "submission", "format": fmt}


def test_the_head_of_the_jury_gets_every_form_that_the_page_offers(client: Client, round_: Round) -> None:
    head = round_.seats.get(body=Body.JURY, role=SeatRole.HEAD_JUDGE).user
    client = signed_in(client, head)
    offers = [link for link in offered(round_, user=head) if link.urls]
    assert {"score_sheet_blank", "score_sheet"} <= {link.code for link in offers}
    for link in offers:
        assert client.get(link.urls["docx"]).status_code == 200, link.code


def test_unknown_forms_and_formats_are_not_there(client: Client, round_: Round, officer: User) -> None:
    client = signed_in(client, officer)
    dossier = round_.dossiers.first()
    assert client.get(address(round_, "khong-co")).status_code == 404
    assert client.get(address(round_, "to-trinh", "xlsx")).status_code == 404
    assert client.get(address(round_, "phieu-dang-ky")).status_code == 404
    assert client.get(address(dossier, "to-trinh")).status_code == 404


def test_who_declared_a_conflict_makes_no_paper_that_names_the_dossier(
    client: Client, round_: Round, officer: User
) -> None:
    dossier = round_.dossiers.get(entry_code="001")
    factories.ConflictFactory(dossier=dossier, user=officer)
    client = signed_in(client, officer)
    for slug in ("to-trinh", "du-thao-quyet-dinh", "danh-sach-du-kien", "bien-ban-tong-hop", "danh-sach-trich-ngang"):
        assert client.get(address(round_, slug)).status_code == 404, slug
    for slug in ("phieu-dang-ky", "thong-bao-ket-qua", "phieu-cham"):
        assert client.get(address(dossier, slug)).status_code == 404, slug
    assert client.get(address(round_, "bao-cao-binh-chon")).status_code == 200
    shut = next(link for link in offered(round_, user=officer) if link.code == "submission")
    assert shut.urls == {}
    assert "xung đột lợi ích" in shut.blockers[0]


def test_a_batch_leaves_out_the_dossier_of_a_conflict(client: Client, round_: Round, officer: User) -> None:
    from tests.rounds.test_official import word_text

    dossier = round_.dossiers.get(entry_code="001")
    factories.ConflictFactory(dossier=dossier, user=officer)
    response = signed_in(client, officer).get(address(round_, "thong-bao-ket-qua"))
    text = word_text(response.content)
    assert "hồ sơ số 002" in text
    assert "hồ sơ số 001" not in text


def test_points_stay_sealed_until_scoring_is_closed(client: Client, round_: Round, officer: User) -> None:
    head = factories.UserFactory()
    round_.seats.filter(role=SeatRole.HEAD_JUDGE).update(role=SeatRole.JUDGE)
    factories.SeatFactory(round=round_, user=head, body=Body.JURY, role=SeatRole.HEAD_JUDGE)
    Round.objects.filter(pk=round_.pk).update(state=RoundState.SCORING, announced_at=None, decision=None)
    client = signed_in(client, officer)
    assert client.get(address(round_, "phieu-cham")).status_code == 403
    assert client.get(address(round_.dossiers.get(entry_code="001"), "phieu-cham")).status_code == 403
    assert "score_sheet" not in {link.code for link in offered(Round.objects.get(pk=round_.pk), user=officer)}
    assert "score_sheet" in {link.code for link in offered(Round.objects.get(pk=round_.pk), user=head)}


def test_a_judge_of_the_round_makes_no_forms(client: Client, round_: Round) -> None:
    judge = round_.seats.filter(role=SeatRole.JUDGE).first()
    assert judge is not None
    response = signed_in(client, judge.user).get(address(round_, "bao-cao-binh-chon"))
    assert response.status_code in {403, 404}


def test_a_request_for_papers_can_be_made_for_one_addressee(client: Client, round_: Round, officer: User) -> None:
    from tests.rounds.test_official import word_text

    dossier = round_.dossiers.get(entry_code="001")
    client = signed_in(client, officer)
    one = client.get(address(dossier, "yeu-cau-bo-sung") + "?gui=commune")
    assert word_text(one.content).count("Kính gửi") == 1
    assert client.get(address(dossier, "yeu-cau-bo-sung") + "?gui=ai-do").status_code == 404


def test_the_page_costs_the_same_queries_for_one_three_and_fifty_dossiers(client: Client, db: None) -> None:
    costs = []
    for entries in (1, 3, 50):
        round_ = world.announced_round(entries, territory=factories.TerritoryFactory(), judges=1)
        signed_in(client, factories.staff(Role.OFFICER, round_.territory))
        page = reverse("admin:rounds_round_forms", args=[round_.pk])
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] == costs[2]
