import datetime as dt
from uuid import uuid4

import pytest

from extension.enums import FindingState, InspectionState, ProjectState
from extension.models import Finding, Inspection, InspectionAnswer, InspectionPhoto
from extension.services import findings, inspecting
from extension.services.findings import Found
from extension.services.inspecting import Sent, Spot, Taken
from extension.watch.asked import missing_for_acceptance
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from tests.factories import ProjectFactory

from .watch_world import NOW, TODAY, Watch, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return Watch()


def refusal(act, **facts):
    with pytest.raises(Refusal) as refused:
        act(**facts)
    return refused.value.code


def save(world, inspection, revision, *, by=None, **facts):
    return inspecting.save_sheet(inspection=inspection, sent=Sent(revision, **facts), actor=by or world.leader, now=NOW)


def shot(world, inspection, key=None, item=None, by=None):
    taken = Taken(key=key or uuid4(), upload=photo(), taken_at=NOW, item=item)
    return inspecting.add_photo(inspection=inspection, taken=taken, actor=by or world.leader, now=NOW)


def test_a_plan_writes_its_reasons_down_and_is_refused_where_it_makes_no_sense(world):
    planned = world.plan()
    assert (planned.state, list(planned.inspectors.all()), planned.risk) == ("planned", [world.leader], 36)
    assert planned.why.startswith("Thiếu báo cáo của 2 tháng") or "Chưa kiểm tra lần nào" in planned.why
    registered = ProjectFactory(territory=world.province, state=ProjectState.REGISTERED)
    facts = {"actor": world.officer, "now": NOW, "planned_on": TODAY, "inspectors": [world.leader]}
    assert refusal(inspecting.plan_inspection, project=registered, **facts) == "not_watched"
    assert (
        refusal(inspecting.plan_inspection, project=world.project, **facts | {"actor": world.leader}) == "not_allowed"
    )
    assert refusal(inspecting.plan_inspection, project=world.project, **facts | {"inspectors": []}) == "no_inspector"
    past = facts | {"planned_on": TODAY - dt.timedelta(days=1)}
    assert refusal(inspecting.plan_inspection, project=world.project, **past) == "invalid"


def test_a_sheet_is_saved_in_parts_and_what_is_sent_twice_is_no_change(world):
    sheet = world.plan()
    first = save(world, sheet, 0, answers={world.first.pk: "no"}, words={"place": "  Xưởng   chè "})
    assert (first.revision, first.place) == (1, "Xưởng chè")
    again = save(world, sheet, 0, answers={world.first.pk: "no"}, words={"place": "Xưởng chè"})
    assert again.revision == 1
    second = save(world, sheet, 1, notes={world.first.pk: "Chưa lắp"}, spot=Spot("21.594400", "105.848100", 12))
    assert (second.revision, second.accuracy) == (2, 12)
    row = InspectionAnswer.objects.get()
    assert (row.answer, row.note) == ("no", "Chưa lắp")
    with pytest.raises(inspecting.Stale):
        save(world, sheet, 1, by=world.officer, answers={world.first.pk: "yes"})
    assert InspectionAnswer.objects.get().answer == "no"


def test_a_question_of_another_head_and_an_unknown_answer_are_left_out(world):
    foreign = world.first.__class__.objects.create(question="Lớp học", head=1)
    sheet = save(world, world.plan(), 0, answers={foreign.pk: "yes", world.second.pk: "maybe", 10**9: "yes"})
    assert (sheet.revision, InspectionAnswer.objects.count()) == (0, 0)


def test_only_who_is_sent_or_keeps_the_province_writes(world):
    sheet = world.plan()
    assert (
        refusal(save, world=world, inspection=sheet, revision=0, by=world.outsider, words={"met": "x"}) == "not_allowed"
    )
    assert save(world, sheet, 0, by=world.other, words={"met": "Phó giám đốc"}).revision == 1


def test_a_photo_sent_twice_is_kept_once_and_never_for_another_inspection(world):
    sheet, key = world.plan(), uuid4()
    kept = [shot(world, sheet, key, world.first.pk) for _time in range(2)]
    assert kept[0].pk == kept[1].pk == InspectionPhoto.objects.get().pk
    another = world.plan(planned_on=TODAY + dt.timedelta(days=1))
    assert refusal(shot, world=world, inspection=another, key=key) == "key_reused"
    inspecting.remove_photo(photo=kept[0], actor=world.leader)
    assert not InspectionPhoto.objects.exists()


def finished(world, **facts):
    sheet = world.plan()
    save(world, sheet, 0, answers={world.first.pk: "no", world.second.pk: "yes"}, notes={world.first.pk: "Chưa lắp"})
    save(world, sheet, 1, words={"conclusion": "Cần lắp xong."})
    shot(world, sheet, item=world.first.pk)
    found = [Found("Chưa lắp máy", TODAY + dt.timedelta(days=15), is_serious=True)]
    given = {"inspection": sheet, "findings": found, "revision": 2, "actor": world.leader, "now": NOW}
    return inspecting.finish_inspection(**given | facts)


def test_a_sheet_is_closed_only_when_nothing_is_missing_and_then_stays_as_it_is(world):
    sheet = world.plan(planned_on=TODAY + dt.timedelta(days=1))
    save(world, sheet, 0, answers={world.first.pk: "no"})
    with pytest.raises(Refusal) as refused:
        inspecting.finish_inspection(inspection=sheet, findings=[], revision=1, actor=world.leader, now=NOW)
    assert refused.value.code == "incomplete"
    assert [sentence.split(":")[0] for sentence in refused.value.details] == [
        "Câu 1 chưa đạt, hãy ghi rõ điều thấy được",
        "Câu 1 cần ít nhất một ảnh",
        "Câu 2 chưa có kết quả",
        "Chưa ghi kết luận.",
    ]
    done = finished(world)
    assert (done.state, done.done_by, Finding.objects.get().inspection) == (InspectionState.DONE, world.leader, done)
    assert refusal(save, world=world, inspection=done, revision=2, words={"place": "x"}) == "not_planned"
    assert refusal(shot, world=world, inspection=done) == "not_planned"
    assert AuditEntry.objects.filter(action="extension.inspection_done").count() == 1


def test_another_devices_later_save_is_not_closed_unseen(world):
    assert refusal(finished, world=world, revision=1) == "stale"
    assert Inspection.objects.get().state == InspectionState.PLANNED


def test_a_serious_finding_keeps_from_acceptance_until_another_person_has_closed_it(world):
    finished(world)
    row = Finding.objects.get()
    assert len(missing_for_acceptance(world.project)) == 1
    facts = {"finding": row, "now": NOW}
    assert refusal(findings.close_finding, actor=world.officer, **facts) == "reason_missing"
    assert refusal(findings.answer_finding, actor=world.outsider, answer="Xong", **facts) == "not_allowed"
    findings.answer_finding(actor=world.officer, answer="Đã lắp", upload=photo("black"), **facts)
    assert refusal(findings.close_finding, actor=world.officer, **facts) == "same_person"
    later = TODAY + dt.timedelta(days=5)
    findings.return_finding(actor=world.other, reason="Chưa chạy thử", due_on=later, **facts)
    findings.answer_finding(actor=world.maker, answer="Đã chạy thử", **facts)
    findings.close_finding(actor=world.officer, **facts)
    row.refresh_from_db()
    assert (row.state, row.due_on, row.closed_by) == (FindingState.CLOSED, later, world.officer)
    assert missing_for_acceptance(world.project) == []


def test_a_plan_is_moved_or_cancelled_with_words_and_stays_to_be_read(world):
    sheet = world.plan()
    later = TODAY + dt.timedelta(days=7)
    facts = {"inspection": sheet, "actor": world.officer}
    inspecting.move_inspection(planned_on=later, inspectors=[world.other], now=NOW, **facts)
    assert refusal(inspecting.cancel_inspection, reason=" ", **facts) == "reason_missing"
    inspecting.cancel_inspection(reason="Trùng lịch", **facts)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.planned_on, sheet.conclusion) == (InspectionState.CANCELLED, later, "Trùng lịch")
    assert refusal(inspecting.cancel_inspection, reason="Nữa", **facts) == "not_planned"
