import datetime as dt
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.urls import reverse

from extension.enums import ProjectState
from extension.file import evidence
from extension.file import queries as file_queries
from extension.file import reference as file_reference
from extension.file.evidence import About
from extension.models import EvidenceRule, ProjectPaper, Settlement
from extension.services import papers
from portal.text.errors import Refusal
from tests.extension.file_world import NOW, ON, upload, world

pytestmark = pytest.mark.django_db
ABOUT = About("local", "single", 3, frozenset({7}))


def a_rule(**facts):
    known = {
        "pk": 1, "phase": "accepted", "name": "Hóa đơn", "funding": "", "kind": "", "head": None,
        "territory_id": None, "is_required": True, "place": "", "holds_on": lambda _on: True,
    }  # fmt: skip
    return SimpleNamespace(**(known | facts))


@pytest.fixture
def scene(province):
    return world(province)


def rule(name="Hóa đơn mua máy", phase=ProjectState.ACCEPTED, **facts):
    return EvidenceRule.objects.create(name=name, phase=phase, **facts)


def add(scene, actor=None, **facts):
    return papers.add_paper(project=scene.project, upload=upload(), actor=actor or scene.officer, now=NOW, **facts)


@pytest.mark.parametrize(
    ("facts", "asks"),
    [
        ({}, True),
        ({"funding": "national"}, False),
        ({"kind": "group"}, False),
        ({"head": 4}, False),
        ({"territory_id": 8}, False),
        ({"territory_id": 7}, True),
        ({"holds_on": lambda _on: False}, False),
    ],
)
def test_a_rule_asks_only_the_projects_that_it_names(facts, asks):
    assert evidence.applies(a_rule(**facts), ABOUT, on=ON) == asks


def test_a_provinces_own_row_takes_the_place_of_the_general_one_of_the_same_name():
    general, own, other = a_rule(), a_rule(pk=2, name="hóa  ĐƠN", territory_id=7), a_rule(pk=3, name="Ảnh")
    assert evidence.chosen([general, own, other], ABOUT, on=ON) == [own, other]


def test_the_missing_papers_keep_a_project_from_its_next_phase_and_are_named(scene):
    bill = rule()
    rule("Ảnh nếu có", is_required=False)
    rule("Biên bản", phase=ProjectState.SETTLED)
    assert file_queries.to_be_accepted(scene.project)[0] == "Hồ sơ còn thiếu: Hóa đơn mua máy."
    paper = add(scene, rule=bill)
    assert len(file_queries.to_be_accepted(scene.project)) == 1
    papers.remove_paper(paper=paper, actor=scene.officer, now=NOW, reason="Nhầm đề án.")
    assert len(file_queries.to_be_accepted(scene.project)) == 2
    assert ProjectPaper.objects.get().removed_by == scene.officer


def test_what_the_portal_keeps_elsewhere_is_not_asked_again(scene):
    rule("Biên bản nghiệm thu đã ký", phase=ProjectState.SETTLED, place="acceptance")
    assert file_queries.lacking(scene.project, ProjectState.SETTLED, ON) != []
    scene.project.acceptances.create(
        decision_number="1", decision_on=ON, held_on=ON, outcome="passed", file=add(scene, title="Khác").file,
        recorded_by=scene.officer, recorded_at=NOW,
    )  # fmt: skip
    assert file_queries.lacking(scene.project, ProjectState.SETTLED, ON) == []


def test_the_projects_side_adds_papers_and_takes_out_only_its_own(scene):
    own, officers = add(scene, actor=scene.speaker, title="Ảnh máy"), add(scene, title="Hợp đồng")
    given = {"actor": scene.speaker, "now": NOW, "reason": "Nhầm."}
    assert papers.remove_paper(paper=own, **given).removed_at == NOW
    with pytest.raises(Refusal) as found:
        papers.remove_paper(paper=officers, **given)
    assert found.value.code == "not_allowed"


def test_the_files_page_lists_what_lacks_and_takes_a_paper(client, scene):
    bill = rule()
    client.force_login(scene.officer)
    page = reverse("admin:project_file", args=[scene.project.uuid])
    assert "Còn thiếu 1 giấy tờ bắt buộc" in client.get(page).content.decode()
    sent = {"act": "add", "rule": bill.pk, f"r{bill.pk}-number": "15", f"r{bill.pk}-upload": upload()}
    assert client.post(page, sent).status_code == 302
    assert "Đủ giấy tờ bắt buộc" in client.get(page).content.decode()
    client.force_login(scene.leader)
    assert (client.get(page).status_code, client.post(page, sent).status_code) == (200, 403)


@pytest.mark.parametrize("name", ["project_file", "project_acceptance", "project_adjustments", "project_results"])
def test_the_pages_of_the_file_cost_the_same_for_one_paper_and_many(client, scene, name, django_assert_max_num_queries):
    client.force_login(scene.officer)
    page = reverse(f"admin:{name}", args=[scene.project.uuid])
    client.get(page)
    counts = []
    for many in (1, 2, 20):
        for n in range(many):
            add(scene, rule=rule(f"Giấy {many}-{n}"))
        with django_assert_max_num_queries(40) as found:
            assert client.get(page).status_code == 200
        counts.append(len(found))
    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize("fmt", ["docx", "pdf"])
def test_the_list_of_the_file_and_the_record_are_papers_in_word_and_pdf(client, scene, fmt):
    rule()
    row = scene.project.acceptances.create(
        decision_number="5/QĐ-SCT", decision_on=ON, recorded_by=scene.officer, recorded_at=NOW
    )
    row.members.create(full_name="Nguyễn Văn Mẫu", role="chair", office="Sở <Công> & Thương")
    client.force_login(scene.officer)
    listed = client.get(reverse("admin:project_file_list", args=[scene.project.uuid, fmt]))
    record = client.get(reverse("admin:project_acceptance_record", args=[scene.project.uuid, 1, fmt]))
    assert (listed.status_code, record.status_code) == (200, 200)
    if fmt == "docx":
        said = ZipFile(BytesIO(listed.content)).read("word/document.xml").decode()
        assert "Hóa đơn mua máy" in said
        written = ZipFile(BytesIO(record.content)).read("word/document.xml").decode()
        assert "Nguyễn Văn Mẫu" in written
        assert "DỰ THẢO" in written
    else:
        assert (listed.content[:4], record.content[:4]) == (b"%PDF", b"%PDF")


def test_the_reference_lists_are_loaded_once_and_what_staff_changed_stays(scene):
    first = file_reference.load()
    EvidenceRule.objects.filter(phase="settled").update(is_required=False)
    EvidenceRule.objects.filter(phase="liquidated").first().delete()
    assert (first["evidence_rules_created"] > 10, file_reference.load()) == (
        True,
        {"result_indicators_created": 0, "evidence_rules_created": 0},
    )
    asked = {row.name for row in file_queries.rules_of(scene.project, ON, ProjectState.ACCEPTED)}
    assert {"Hóa đơn mua máy móc thiết bị mới", "Danh sách học viên có chữ ký"} & asked == {
        "Hóa đơn mua máy móc thiết bị mới"
    }


def test_a_paper_is_not_of_tomorrow_and_a_stopped_project_keeps_its_file(scene, province):
    with pytest.raises(Refusal) as found:
        add(scene, title="Hóa đơn", dated_on=ON + dt.timedelta(days=1))
    assert found.value.field == "dated_on"
    with pytest.raises(Refusal) as sealed:
        add(world(province, state=ProjectState.STOPPED), title="Hóa đơn")
    assert sealed.value.code == "sealed"


@pytest.mark.parametrize("fmt", ["docx", "pdf"])
def test_the_record_of_liquidation_is_a_paper_once_the_settlement_is_approved(client, scene, leader, fmt):
    page = reverse("admin:project_liquidation_record", args=[scene.project.uuid, fmt])
    client.force_login(scene.officer)
    facts = {"submitted_on": ON, "total": 80, "extension_funds": 60, "counterpart_funds": 20}
    row = Settlement.objects.create(project=scene.project, submitted_by=scene.officer, **facts)
    assert client.get(page).status_code == 404
    Settlement.objects.filter(pk=row.pk).update(state="approved", number="9/QĐ-SCT", signed_on=ON, decided_by=leader)
    made = client.get(page)
    assert made.status_code == 200
    if fmt == "docx":
        said = ZipFile(BytesIO(made.content)).read("word/document.xml").decode()
        assert "9/QĐ-SCT" in said
        assert "DỰ THẢO" in said
    else:
        assert made.content[:4] == b"%PDF"
