"""The assignment page: what it shows, what it takes, whom it keeps out; and the doors of a judge."""

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEntry
from rounds.enums import Body, PlanMethod, PlanState, RoundState, SeatRole
from rounds.judge_urls import urlpatterns
from rounds.models import Assignment, AssignmentPlan, Dossier, Seat
from rounds.services import assigning
from tests import factories

GROUPS = ("handicraft", "processing")


def at(name, round_, *args):
    return reverse(f"admin:rounds_round_{name}", args=[round_.pk, *args])


def entry(round_, number=0):
    facility = factories.FacilityFactory(territory=round_.territory)
    product = factories.ProductFactory(facility=facility, group=GROUPS[number % 2])
    return factories.DossierFactory(round=round_, product=product)


@pytest.fixture
def round_(province):
    found = factories.RoundFactory(
        territory=province,
        year=2026,
        state=RoundState.SCREENING,
        quorum=2,
        scoring_until=timezone.now() + dt.timedelta(days=3),
    )
    factories.CriteriaSetFactory(round=found)
    for role in (SeatRole.HEAD_JUDGE, SeatRole.JUDGE, SeatRole.JUDGE):
        factories.SeatFactory(round=found, body=Body.JURY, role=role)
    for number in range(4):
        entry(found, number)
    return found


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def jury(round_):
    seats = Seat.objects.filter(round=round_, body=Body.JURY, until=None).order_by("pk")
    return [seat.user for seat in seats.select_related("user")]


def preview(round_, officer, **changes):
    facts = {"method": PlanMethod.BALANCED, "per_dossier": 2, **changes}
    return assigning.plan(round_=round_, actor=officer, now=timezone.now(), **facts)


def applied(round_, officer, **changes):
    plan = preview(round_, officer, **changes)
    assigning.apply(plan=plan, actor=officer, now=timezone.now(), reason="Nhiều hồ sơ.")
    round_.refresh_from_db()
    return plan


def test_before_any_plan_everyone_scores_everything(desk, round_):
    page = desk.get(at("assign", round_)).content.decode()
    assert "mọi giám khảo chấm mọi hồ sơ" in page
    assert "Mỗi người 4 hồ sơ." in page
    assert all(dossier.entry_code in page for dossier in round_.dossiers.all())


def test_from_the_form_over_the_preview_into_force(desk, round_):
    made = desk.post(
        at("assign_plan", round_), {"method": "balanced", "balanced-per_dossier": "2", "balanced-seed": "VI"}
    )
    plan = AssignmentPlan.objects.get()
    assert made.url == at("assign_show", round_, plan.number)
    page = desk.get(made.url).content.decode()
    assert "mã chia VI" in page
    assert "chưa ai được phân" in page
    done = desk.post(at("assign_apply", round_, plan.number), {"reason": ""})
    assert done.url == at("assign", round_)
    assert Assignment.objects.count() == 8
    assert "Đang theo phương án số 1" in desk.get(done.url).content.decode()


def test_a_plan_that_cannot_be_is_refused_with_its_reasons_and_what_was_typed(desk, round_):
    Seat.objects.filter(round=round_).update(max_sheets=2)
    answer = desk.post(
        at("assign_plan", round_), {"method": "balanced", "balanced-per_dossier": "2", "balanced-seed": "VI"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "cần 8 lượt chấm" in page
    assert 'value="VI"' in page
    assert not AssignmentPlan.objects.exists()


@pytest.mark.parametrize("typed", ["", "hai", "0", "1", "4", "-1"])
def test_a_wrong_number_of_judges_is_said_at_its_field(desk, round_, typed):
    answer = desk.post(at("assign_plan", round_), {"method": "balanced", "balanced-per_dossier": typed})
    assert answer.status_code == 400
    assert 'id="id_balanced-per_dossier_error"' in answer.content.decode()


def test_by_group_the_boxes_decide(desk, round_):
    boxes = {f"by_group-groups-{judge.uuid}": list(GROUPS) for judge in jury(round_)[:2]}
    desk.post(at("assign_plan", round_), {"method": "by_group", **boxes})
    plan = AssignmentPlan.objects.get()
    assert {line["judge"]: line["total"] for line in plan.explanation["judges"]} == {
        str(judge.uuid): total for judge, total in zip(jury(round_), (4, 4, 0), strict=True)
    }


def test_by_hand_one_judge_and_one_dossier_at_a_time(desk, round_, officer):
    made = desk.post(at("assign_plan", round_), {"method": "by_hand"})
    plan = AssignmentPlan.objects.get()
    assert made.url == at("assign_hand", round_, plan.number)
    judge, other = jury(round_)[:2]
    chosen = [str(dossier.uuid) for dossier in round_.dossiers.order_by("pk")]
    desk.post(made.url, {"giam-khao": judge.pk, "pair": chosen})
    dossier = round_.dossiers.first()
    page = desk.get(made.url, {"ho-so": dossier.pk}).content.decode()
    assert page.count("checked") == 1
    desk.post(made.url, {"ho-so": dossier.pk, "pair": [str(judge.uuid), str(other.uuid)]})
    plan.refresh_from_db()
    assert len(plan.pairs) == 5


def test_by_hand_a_conflict_is_not_offered_and_not_taken(desk, round_):
    judge, dossier = jury(round_)[0], round_.dossiers.first()
    factories.ConflictFactory(dossier=dossier, user=judge)
    desk.post(at("assign_plan", round_), {"method": "by_hand"})
    plan = AssignmentPlan.objects.get()
    page = desk.get(at("assign_hand", round_, plan.number), {"giam-khao": judge.pk}).content.decode()
    assert "Có xung đột lợi ích nên không giao được." in page
    answer = desk.post(at("assign_hand", round_, plan.number), {"giam-khao": judge.pk, "pair": [str(dossier.uuid)]})
    assert answer.status_code == 409
    assert "có xung đột lợi ích với hồ sơ" in answer.content.decode()


def test_a_plan_overtaken_by_the_facts_says_so_and_is_made_again(desk, round_, officer):
    plan = preview(round_, officer)
    late = entry(round_)
    answer = desk.post(at("assign_apply", round_, plan.number), {})
    assert answer.status_code == 409
    assert f"Hồ sơ mới đủ điều kiện: {late.entry_code}." in answer.content.decode()
    assert "Lập lại theo dữ liệu bây giờ" in answer.content.decode()
    made = desk.post(at("assign_again", round_, plan.number))
    assert made.url == at("assign_show", round_, 2)


def test_a_plan_is_dropped_and_stays_in_the_history(desk, round_, officer):
    plan = preview(round_, officer)
    desk.post(at("assign_discard", round_, plan.number))
    plan.refresh_from_db()
    assert plan.state == PlanState.DISCARDED
    assert "Phương án số 1" in desk.get(at("assign", round_)).content.decode()


def test_what_changes_is_told_before_it_is_applied(desk, round_, officer):
    applied(round_, officer)
    row = Assignment.objects.select_related("dossier").first()
    factories.ConflictFactory(dossier=row.dossier, user=row.judge)
    page = desk.get(at("assign", round_)).content.decode()
    assert "Phân công đang có cần chỉnh" in page
    made = desk.post(at("assign_mend", round_))
    page = desk.get(made.url).content.decode()
    assert "<b>1</b>hồ sơ đổi giám khảo" in page
    assert f"Thôi phân: {row.judge}" in page.replace("</span> ", "")


def test_one_dossier_is_taken_from_one_judge_with_a_reason(desk, round_, officer):
    applied(round_, officer)
    row = Assignment.objects.select_related("dossier", "judge").first()
    address = at("assign_release", round_, row.dossier_id, row.judge_id)
    assert str(row.judge) in desk.get(address).content.decode()
    assert desk.post(address, {"reason": ""}).status_code == 400
    assert desk.post(address, {"reason": "Đi công tác."}).url == at("assign", round_)
    row.refresh_from_db()
    assert row.released_reason == "Đi công tác."
    assert desk.get(address).status_code == 404


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_file_holds_who_scores_what_and_taking_it_is_an_act(desk, round_, officer, kind):
    applied(round_, officer)
    answer = desk.get(at("assign_export", round_), {"dang": kind})
    content = b"".join(answer.streaming_content)
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    else:
        rows = [line.split(",") for line in content.decode("utf-8-sig").splitlines()]
    marks = [row.count("chấm") for row in rows if row and row[0] in {d.entry_code for d in round_.dossiers.all()}]
    assert marks == [2, 2, 2, 2]
    assert AuditEntry.objects.filter(action="assignment.export").count() == 1


def test_a_head_judge_finds_nothing_of_a_dossier_in_conflict(client, round_, officer):
    head = jury(round_)[0]
    dossier = Dossier.objects.select_related("product__facility").filter(round=round_).first()
    factories.ConflictFactory(dossier=dossier, user=head)
    plan = preview(round_, officer)
    client.force_login(head)
    by_hand = assigning.plan(round_=round_, method=PlanMethod.BY_HAND, actor=officer, now=timezone.now())
    pages = [
        client.get(at("assign", round_)).content.decode(),
        client.get(at("assign_show", round_, plan.number)).content.decode(),
        client.get(at("assign_hand", round_, by_hand.number)).content.decode(),
        client.get(at("assign_hand", round_, by_hand.number), {"giam-khao": jury(round_)[1].pk}).content.decode(),
        b"".join(client.get(at("assign_export", round_), {"dang": "csv"}).streaming_content).decode(),
    ]
    for page in pages:
        assert dossier.product.name not in page
        assert dossier.product.facility.name not in page
    assert "1 hồ sơ không hiện vì bạn có xung đột lợi ích." in pages[1]


def test_members_of_the_jury_who_do_not_lead_it_stay_out(client, round_):
    client.force_login(jury(round_)[1])
    assert client.get(at("assign", round_)).status_code in {403, 404}


@pytest.mark.parametrize("kind", ["assign", "show", "hand"])
def test_pages_ask_the_same_number_of_questions_for_any_number_of_dossiers(
    desk, round_, officer, django_assert_max_num_queries, kind
):
    counts = []
    for more in (0, 2, 47):
        for number in range(more):
            entry(round_, number)
        plan = preview(round_, officer, method=PlanMethod.BY_HAND if kind == "hand" else PlanMethod.BALANCED)
        address = {
            "assign": at("assign", round_),
            "show": at("assign_show", round_, plan.number),
            "hand": at("assign_hand", round_, plan.number) + f"?giam-khao={jury(round_)[0].pk}",
        }[kind]
        desk.get(address)
        with django_assert_max_num_queries(60) as asked:
            assert desk.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2]


def test_a_dossier_not_assigned_opens_by_no_address_of_the_judge(client, round_, officer):
    applied(round_, officer)
    round_.state = RoundState.SCORING
    round_.save()
    judge = jury(round_)[1]
    mine = Dossier.objects.for_judge(judge).first()
    other = Dossier.objects.filter(round=round_).exclude(pk__in=Dossier.objects.for_judge(judge)).first()
    client.force_login(judge)
    assert client.get(reverse("judge_sheet", args=[mine.uuid])).status_code == 200
    of_a_dossier = [pattern.name for pattern in urlpatterns if pattern.pattern.converters.keys() == {"uuid"}]
    assert len(of_a_dossier) >= 4
    for name in of_a_dossier:
        address = reverse(name, args=[other.uuid])
        for answer in (client.get(address), client.post(address, {}), client.post(address, "{}", "application/json")):
            # Whoever scans the label of another's exhibit is told so, by its number alone.
            told = answer.status_code == 403 and "không thuộc phần bạn chấm" in answer.content.decode()
            assert answer.status_code in {400, 404, 405} or told, (address, answer.status_code)
            assert other.product.name not in answer.content.decode()
    home = client.get(reverse("judge_home")).content.decode()
    assert other.product.name not in home
    assert mine.product.name in home
