"""The pages of criteria sets: versions, the editor, who approves, what changed; nothing typed lost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rounds.enums import Body, SeatRole
from rounds.models import CriteriaSet
from rounds.services import criteria
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def round_(province):
    return factories.RoundFactory(territory=province, year=2026)


@pytest.fixture
def draft(round_, officer):
    return criteria.copy_set(source=factories.CriteriaSetFactory(), round_=round_, actor=officer)


def page(name, *args):
    return reverse(f"admin:rounds_round_{name}", args=args)


def one(version):
    return page("criteria_set", version.round_id, version.pk)


def act(client, version, name, **data):
    return client.post(page("criteria_act", version.round_id, version.pk), {"act": name, **data})


def text(response):
    return response.content.decode()


def sheet(response, **changes):
    """What the editor's page would send back, cells changed by (code, column)."""
    rows = [row.typed for row in response.context["rows"]]
    form = response.context["form"]
    columns = {
        "row": "pk",
        "level": "level",
        "code": "code",
        "points": "maximum",
        "words": "name",
        "guidance": "guidance",
    }
    sent = {name: [str(getattr(row, field) or "") for row in rows] for name, field in columns.items()}
    for key, value in changes.pop("cells", {}).items():
        code, column = key
        sent[column][[row.code for row in rows].index(code)] = value
    head = {name: form[name].value() or "" for name in form.fields if name != "is_illustrative"}
    return {"tag": response.context["tag"], "do": "save", **head, **sent, **changes}


def test_a_copy_is_a_draft_on_its_own_page(desk, round_):
    template = factories.CriteriaSetFactory(name="Bộ mẫu")
    response = desk.post(page("criteria_copy", round_.pk), {"source": template.pk, "group": ""})
    copied = CriteriaSet.objects.get(round=round_)
    assert (response.url, copied.state, copied.criteria.count()) == (one(copied), "draft", template.criteria.count())


def test_sets_to_copy_from_are_told_apart_by_their_round(desk, province, round_):
    factories.CriteriaSetFactory(name="Bộ mẫu")
    earlier = factories.RoundFactory(territory=province, year=2024, name="Kỳ năm trước")
    factories.CriteriaSetFactory(round=earlier, name="Bộ mẫu")
    form = desk.get(page("criteria_sets", round_.pk)).context["copy_form"]
    assert {label for _pk, label in form.fields["source"].choices} == {"Bộ mẫu, bộ mẫu chung", "Bộ mẫu, Kỳ năm trước"}


def test_what_is_typed_is_saved(desk, draft):
    shown = desk.get(one(draft))
    response = desk.post(one(draft), sheet(shown, cells={("1.1", "points"): "15,5", ("1.1", "words"): "Nhu cầu"}))
    assert (response.status_code, response.url) == (302, one(draft))
    row = draft.criteria.get(code="1.1")
    assert (row.name, str(row.max_points)) == ("Nhu cầu", "15.50")
    assert "các mục con cộng lại là 39,5" in text(desk.get(one(draft)))


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        (("1.1", "points"), "mười", "Điểm tối đa phải lớn hơn 0"),
        (("1.1", "points"), "7,555", "Điểm tối đa phải lớn hơn 0"),
        (("1.1", "words"), " ", "Hãy ghi nội dung của mục này."),
        (("1.1", "code"), "", "Hãy ghi mã của mục này."),
        (("1.1", "code"), "1.2", "Mã 1.2 đã dùng cho mục ở trên."),
    ],
)
def test_what_is_wrong_is_told_at_its_row_and_the_rest_stays_typed(cell, value, words, desk, draft):
    shown = desk.get(one(draft))
    sent = sheet(shown, cells={cell: value, ("4.1", "guidance"): "Xem giấy tờ kèm theo."})
    response = desk.post(one(draft), sent)
    assert (response.status_code, words in text(response)) == (400, True)
    assert "Xem giấy tờ kèm theo." in text(response)
    assert draft.criteria.get(code="4.1").guidance == ""


def test_moving_adding_and_dropping_rows_without_script_writes_nothing_until_saved(desk, draft):
    shown = desk.get(one(draft))
    place = [row.typed.code for row in shown.context["rows"]].index("3.1")
    moved = desk.post(one(draft), sheet(shown, do=f"down-{place}", cells={("2.1", "words"): "Đang gõ"}))
    codes = [row.typed.code for row in moved.context["rows"]]
    assert (moved.status_code, codes.index("3.2") < codes.index("3.1"), "Đang gõ" in text(moved)) == (200, True, True)
    added = desk.post(one(draft), sheet(moved, do=f"add-{codes.index('3')}"))
    assert "3.3" in [row.typed.code for row in added.context["rows"]]
    dropped = desk.post(one(draft), sheet(added, do=f"remove-{codes.index('2.4')}"))
    assert "2.4" not in [row.typed.code for row in dropped.context["rows"]]
    assert draft.criteria.count() == 13
    assert desk.post(one(draft), sheet(shown, do="up-999")).status_code == 404


def test_the_four_heads_neither_move_nor_go(desk, draft):
    shown = desk.get(one(draft))
    for move in ("remove-0", "down-0", "deeper-0"):
        after = desk.post(one(draft), sheet(shown, do=move))
        assert [row.typed.code for row in after.context["rows"]] == [row.typed.code for row in shown.context["rows"]]


def test_a_page_that_lost_a_column_is_refused(desk, draft):
    sent = sheet(desk.get(one(draft)))
    sent["code"] = sent["code"][:-1]
    response = desk.post(one(draft), sent)
    assert (response.status_code, "bị thiếu phần bảng tiêu chí" in text(response)) == (400, True)


def test_two_people_at_once_nothing_is_lost_and_the_difference_is_shown(desk, draft, leader):
    shown = desk.get(one(draft))
    rows = [
        criteria.RowFacts(
            row.code, "Của người kia" if row.code == "3.1" else row.name, "", row.max_points, None, row.pk
        )
        for row in draft.criteria.order_by("position")
    ]
    head = {"name": draft.name, "legal_basis": "", "change_reason": "", "is_illustrative": False}
    criteria.save_draft(criteria_set=draft, rows=rows, tag=criteria.version_tag(draft), actor=leader, **head)
    response = desk.post(one(draft), sheet(shown, cells={("3.2", "words"): "Của tôi"}))
    assert (response.status_code, f"{leader} đã sửa bản này" in text(response)) == (409, True)
    assert "Của tôi" in text(response)
    assert "Của người kia" in text(response)
    assert desk.post(one(draft), sheet(response)).status_code == 302
    assert draft.criteria.get(code="3.2").name == "Của tôi"


def test_handing_in_saves_first_and_is_refused_while_points_do_not_add_up(desk, draft):
    shown = desk.get(one(draft))
    wrong = desk.post(one(draft), sheet(shown, do="propose", cells={("3.1", "points"): "4"}))
    assert (wrong.status_code, "Chưa trình được" in text(wrong)) == (409, True)
    assert str(draft.criteria.get(code="3.1").max_points) == "5.00"
    desk.post(one(draft), sheet(shown, do="propose", cells={("3.1", "words"): "Kiểu dáng"}))
    draft.refresh_from_db()
    assert (draft.state, draft.criteria.get(code="3.1").name) == ("proposed", "Kiểu dáng")


def test_the_proposer_sees_no_button_and_the_leader_approves(client, desk, draft, leader):
    desk.post(one(draft), sheet(desk.get(one(draft)), do="propose"))
    assert "Duyệt bộ tiêu chí</button>" not in text(desk.get(one(draft)))
    client.force_login(leader)
    shown = client.get(one(draft))
    assert "Duyệt bộ tiêu chí</button>" in text(shown)
    assert act(client, draft, "approve", tag="khác").status_code == 409
    assert act(client, draft, "approve", tag=shown.context["tag"]).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("approved", leader)


def test_who_wrote_and_may_approve_is_told_that_another_must(client, draft, leader, officer):
    client.force_login(leader)
    client.post(one(draft), sheet(client.get(one(draft)), cells={("3.1", "words"): "Kiểu dáng"}))
    criteria.propose(criteria_set=draft, tag=criteria.version_tag(draft), actor=officer, now=NOON)
    assert "nên người khác phải duyệt" in text(client.get(one(draft)))
    response = act(client, draft, "approve", tag=criteria.version_tag(draft))
    assert (response.status_code, "nên người khác phải duyệt" in text(response)) == (409, True)


def test_returning_needs_a_reason(client, draft, officer, leader):
    criteria.propose(criteria_set=draft, tag=criteria.version_tag(draft), actor=officer, now=NOON)
    client.force_login(leader)
    assert act(client, draft, "return").status_code == 400
    assert act(client, draft, "return", **{"return-reason": "Thiếu hướng dẫn."}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.returned_reason) == ("draft", "Thiếu hướng dẫn.")


def test_the_set_in_use_is_changed_as_a_next_version(desk, round_):
    used = factories.CriteriaSetFactory(round=round_)
    assert act(desk, used, "revise").status_code == 400
    response = act(desk, used, "revise", **{"revise-reason": "Tăng điểm thiết kế."})
    made = CriteriaSet.objects.get(round=round_, version=2)
    assert (response.url, made.state, made.change_reason) == (one(made), "draft", "Tăng điểm thiết kế.")
    desk.post(one(made), sheet(desk.get(one(made)), cells={("3.1", "words"): "Kiểu dáng"}))
    body = text(desk.get(page("criteria_compare", round_.pk) + f"?tu={used.pk}&den={made.pk}"))
    assert "1 điều khác nhau" in body
    assert "<del>Tiêu chí 3.1</del>" in body
    assert "<ins>Kiểu dáng</ins>" in body


def test_a_frozen_version_is_only_read(desk, province, officer):
    used = CriteriaSet.objects.get(round=helpers.scoring_round(province, officer))
    body = text(desk.get(one(used)))
    assert "Khóa ngày 27/11/2026" in body
    assert 'name="code"' not in body
    assert desk.post(one(used), {"do": "save"}).status_code == 409
    assert desk.get(reverse("admin:rounds_criteriaset_change", args=[used.pk])).url == one(used)


def test_a_judge_who_only_scores_sees_no_criteria_desk(client, round_):
    client.force_login(factories.SeatFactory(round=round_, body=Body.JURY, role=SeatRole.JUDGE).user)
    assert client.get(page("criteria_sets", round_.pk)).status_code == 403


def test_a_support_member_reads_and_does_not_write(client, round_, draft):
    client.force_login(factories.SeatFactory(round=round_, body=Body.SUPPORT, role=SeatRole.SUPPORT_MEMBER).user)
    assert 'name="code"' not in text(client.get(one(draft)))
    assert client.post(one(draft), {"do": "save"}).status_code == 409
    assert act(client, draft, "discard", **{"discard-reason": "Bỏ."}).status_code == 403


def test_a_version_of_another_round_is_not_here(desk, round_, province):
    other = factories.CriteriaSetFactory(round=factories.RoundFactory(territory=province, year=2030))
    assert desk.get(page("criteria_set", round_.pk, other.pk)).status_code == 404


def test_pages_cost_the_same_queries_for_few_and_many_versions(desk, round_):
    counts = {"list": set(), "compare": set(), "version": set()}
    for total in (2, 3, 50):
        while round_.criteria_sets.count() < total:
            factories.CriteriaSetFactory(round=round_, version=round_.criteria_sets.count() + 1)
        addresses = {
            "list": page("criteria_sets", round_.pk),
            "compare": page("criteria_compare", round_.pk),
            "version": one(round_.criteria_sets.order_by("version").last()),
        }
        for name, address in addresses.items():
            desk.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(address).status_code == 200
            counts[name].add(len(captured))
    assert {name: len(found) for name, found in counts.items()} == dict.fromkeys(counts, 1)
