"""The papers of a project, Word and PDF: who may take them, when they can be made, what they say."""

import datetime as dt

import pytest
from django.urls import reverse

from extension.enums import EstimateState, Funding, InspectionState, PaymentKind, PaymentState, ProjectState
from extension.models import ChecklistItem, Estimate, Inspection, Plan, Project, ResultIndicator, Settlement
from extension.steps import printable
from portal.accounts.enums import OrganisationKind, Role
from portal.accounts.models import Organisation
from portal.audit.models import AuditEntry
from tests import factories as make
from tests.extension import estimate_world, money_world, watch_world
from tests.rounds.test_official import pages_of, pdf_text, plain, word_text

pytestmark = pytest.mark.django_db
LONG = "Hợp tác xã nông nghiệp hữu cơ và du lịch cộng đồng người Dao đỏ <Vùng Cao> & các hộ liên kết"
BOTH = pytest.mark.parametrize("fmt", ["docx", "pdf"])


def centre(province):
    known = {"name": "Trung tâm Khuyến công mẫu", "kind": OrganisationKind.EXTENSION_CENTRE}
    return Organisation.objects.get_or_create(**known, territory=province)[0]


def granted(province, *sums, facilities=(LONG,), **facts):
    """A running project of the province's centre with an approved estimate of those sums."""
    known = {"name": "Máy sấy chè & miến dong", "code": "KC-01", "implementing_unit": centre(province)} | facts
    made = money_world.world(province, *(sums or (150_000_000,)), percent=70, **known)
    Estimate.objects.filter(pk=made.estimate.pk).update(number="12/QĐ-SCT", issuer="Sở Công Thương")
    for name in facilities:
        facility = make.FacilityFactory(territory=province, name=name, address_today="", address_recognised="")
        make.BeneficiaryFactory(project=made.project, facility=facility)
    return made


def taken(client, user, page, *args, query="", status=200):
    """The file as this person gets it."""
    client.force_login(user)
    answer = client.get(reverse(f"admin:{page}", args=args) + query)
    assert answer.status_code == status
    return answer.content


def said(data, fmt):
    return word_text(data) if fmt == "docx" else pdf_text(data)


def contract(client, made, fmt="docx", **facts):
    return said(taken(client, made.asks, "project_contract", made.project.uuid, fmt, **facts), fmt)


# --- the contract -----------------------------------------------------------------------------------------------


@BOTH
def test_a_contract_names_the_parties_the_sums_in_figures_and_words_and_what_may_be_advanced(client, province, fmt):
    made = granted(province, 150_000_000, 75_000_000, starts_on=dt.date(2026, 3, 1), ends_on=dt.date(2026, 12, 15))
    text = contract(client, made, fmt)
    for words in (
        "DỰ THẢO, CHƯA KÝ",
        "Tên đơn vị: Trung tâm Khuyến công mẫu",
        f"Tên đơn vị: {LONG}",
        "số 12/QĐ-SCT ngày 05 tháng 5 năm 2025 của Sở Công Thương",
        "từ ngày 01 tháng 3 năm 2026 đến ngày 15 tháng 12 năm 2026",
        "450.000.000 đồng (Bốn trăm năm mươi triệu đồng)",
        "Kinh phí khuyến công bằng chữ: Hai trăm hai mươi lăm triệu đồng.",
        "nhiều nhất 70 % kinh phí khuyến công, là 157.500.000 đồng",
        "Máy số 1",
        "Máy số 2",
        "Căn cứ mức chi tại Nghị quyết mẫu",
        "Điều 10. Hiệu lực",
    ):
        assert words in text
    assert AuditEntry.objects.filter(action="extension.contract_print").count() == 1


def test_national_money_is_given_by_the_agency_to_the_implementing_unit(client, province):
    made = granted(province, funding=Funding.NATIONAL)
    text = contract(client, made)
    assert "Tên đơn vị: Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công" in text
    assert "Tên đơn vị: Trung tâm Khuyến công mẫu" in text
    assert "Thông tư số 36/2013/TT-BCT" in text


def test_another_unit_makes_its_contract_with_the_department_which_rests_on_no_national_text(client, province):
    unit = make.OrganisationFactory(name="Hội Doanh nhân mẫu", kind=OrganisationKind.OTHER, territory=province)
    text = contract(client, granted(province, implementing_unit=unit))
    assert "Tên đơn vị: Sở Công Thương" in text
    assert "Tên đơn vị: Hội Doanh nhân mẫu" in text
    assert "36/2013" not in text


def test_of_several_facilities_each_has_a_contract_of_its_own_with_its_own_lines(client, province):
    made = granted(province, 100_000_000, 50_000_000, facilities=("Cơ sở Một", "Cơ sở Hai"), contract_number="7/HĐ")
    first, second = made.project.beneficiaries.order_by("pk")
    for line, one in zip(made.lines, (first, second), strict=True):
        type(line).objects.filter(pk=line.pk).update(facility=one.facility)
    text = contract(client, made, query=f"?co-so={second.pk}")
    assert "Tên đơn vị: Cơ sở Hai" in text
    assert "Cơ sở Một" not in text
    assert "Máy số 1" not in text
    assert "100.000.000 đồng (Một trăm triệu đồng), gồm" in text
    assert "7/HĐ" not in text
    names = [paper.name for paper in printable.offered(made.project)]
    assert names == ["Đề án", "Biên bản thẩm định", "Hợp đồng với Cơ sở Một", "Hợp đồng với Cơ sở Hai"]


def test_what_was_asked_and_not_approved_falls_on_the_counterpart(client, province):
    made = estimate_world.World(province)
    estimate = made.proposed(made.line(asked=300, cost=600))
    made.approve(estimate, amounts={estimate.lines.get().uuid: 200_000_000})
    Project.objects.filter(pk=made.project.pk).update(state=ProjectState.APPROVED)
    text = said(taken(client, made.clerk, "project_contract", made.project.uuid, "docx"), "docx")
    assert "600.000.000 200.000.000 400.000.000" in text


@pytest.mark.parametrize("key", ["0", "x", "99999999999999999999999", "²"])
def test_a_contract_with_a_facility_that_is_not_there_is_not_found(client, province, key):
    made = granted(province, facilities=("Cơ sở Một", "Cơ sở Hai"))
    taken(client, made.asks, "project_contract", made.project.uuid, "docx", query=f"?co-so={key}", status=404)


def test_what_is_not_known_stays_dotted_and_nobody_is_invented(client, province):
    made = granted(province)
    Project.objects.filter(pk=made.project.pk).update(implementing_unit=None)
    made.project.beneficiaries.all().delete()
    data = taken(client, made.asks, "project_contract", made.project.uuid, "docx")
    raw = plain(word_text(data))
    assert "Tên đơn vị: Sở Công Thương" in raw
    assert "từ ngày đến ngày" in raw


def test_a_signed_contract_carries_its_number_and_day_and_is_no_draft(client, province):
    made = granted(province, contract_number="15/HĐ-KC", contract_on=dt.date(2025, 6, 9))
    text = contract(client, made)
    assert "Số: 15/HĐ-KC" in text
    assert "ngày 09 tháng 6 năm 2025" in text
    assert "DỰ THẢO" not in text


@pytest.mark.parametrize(
    ("state", "number", "status"),
    [
        (ProjectState.REGISTERED, "", 404),
        (ProjectState.REGISTERED, "15/HĐ", 404),
        (ProjectState.APPRAISING, "", 404),
        (ProjectState.REFUSED, "", 404),
        (ProjectState.APPROVED, "", 200),
        (ProjectState.LIQUIDATED, "", 200),
        (ProjectState.STOPPED, "", 404),
        (ProjectState.STOPPED, "15/HĐ", 200),
    ],
)
def test_a_contract_is_offered_from_approval_on_and_hidden_before(client, province, state, number, status):
    made = granted(province)
    Project.objects.filter(pk=made.project.pk).update(state=state, contract_number=number)
    data = taken(client, made.asks, "project_contract", made.project.uuid, "docx", status=status)
    page = client.get(reverse("admin:project_steps", args=[made.project.uuid])).content.decode()
    assert ("hop-dong.docx" in page) == (status == 200)
    assert "giay-to/de-an.docx" in page
    if state == ProjectState.STOPPED and status == 200:
        assert "ĐỀ ÁN ĐÃ NGỪNG" in word_text(data)


# --- the project and its appraisal --------------------------------------------------------------------------------


@BOTH
def test_the_paper_of_a_project_says_each_expense_with_its_norm(client, province, fmt):
    made = estimate_world.World(province)
    made.proposed(made.line(asked=300, cost=600), made.line("booth", asked=8, cost=10, description="Gian hàng"))
    indicator = ResultIndicator.objects.create(code="mau", name="Lao động", unit="người")
    made.project.results.create(indicator=indicator, target=12)
    data = taken(client, made.clerk, "project_proposal", made.project.uuid, fmt)
    text = said(data, fmt)
    for words in (
        "DỰ THẢO, CHƯA ĐƯỢC DUYỆT",
        made.project.name,
        "Theo Thông tư mẫu",
        "Ba trăm linh tám triệu đồng",
        "610.000.000",
        "Lao động, người",
        made.facility.name,
    ):
        assert words in text


def test_a_project_without_an_estimate_has_its_paper_but_no_record_of_appraisal(client, province):
    made = estimate_world.World(province)
    assert "Chưa lập dự toán theo từng khoản chi." in said(
        taken(client, made.clerk, "project_proposal", made.project.uuid, "docx"), "docx"
    )
    taken(client, made.clerk, "project_appraisal_record", made.project.uuid, "docx", status=404)
    assert [paper.name for paper in printable.offered(made.project)] == ["Đề án"]


def test_the_appraisal_says_what_passes_the_norm_and_what_may_be_supported_twice(client, province):
    made = estimate_world.World(province)
    made.approved(made.line(machine="Máy X-01"))
    again = made.another(name="Đề án sau")
    made.proposed(made.line(machine="Máy X-01"), project=again)
    text = said(taken(client, made.clerk, "project_appraisal_record", again.uuid, "docx"), "docx")
    assert "cho phép 300.000.000 đồng; không dòng nào vượt" in text
    assert "chưa trả lời" in text
    assert "Ba trăm triệu đồng" in text


def test_an_estimate_above_the_norm_is_said_in_the_appraisal(client, province):
    made = estimate_world.World(province)
    made.draft(made.line(asked=500, cost=600))
    text = said(taken(client, made.clerk, "project_appraisal_record", made.project.uuid, "docx"), "docx")
    assert "Dòng 1: Đề nghị" in text
    assert "không dòng nào vượt" not in text


# --- inspections and payments -------------------------------------------------------------------------------------


@BOTH
def test_the_record_of_an_inspection_is_a_form_before_and_says_what_was_found_after(client, fmt):
    world = watch_world.Watch()
    visit = world.plan()
    page = ("project_inspection_record", world.project.uuid, visit.uuid, fmt)
    text = said(taken(client, world.officer, *page), fmt)
    assert "MẪU ĐỂ GHI TẠI CHỖ" in text
    assert "Máy chạy được" in text
    visit.answers.create(item=ChecklistItem.objects.get(question="Máy chạy được"), answer="no", note="Chưa lắp")
    Inspection.objects.filter(pk=visit.pk).update(
        state=InspectionState.DONE, done_at=watch_world.NOW, done_by=world.leader, place="Xưởng", conclusion="Lắp máy."
    )
    visit.findings.create(
        project=world.project, text="Chưa lắp máy", due_on=dt.date(2026, 12, 1), found_by=world.leader,
        found_at=watch_world.NOW, is_serious=True,
    )  # fmt: skip
    text = said(taken(client, world.officer, *page), fmt)
    for words in ("Chưa đạt", "Chưa lắp", "Chưa lắp máy (nghiêm trọng)", "01/12/2026", "Lắp máy.", "tại Xưởng"):
        assert words in text
    assert "ngày 20 tháng 11 năm 2026" in text
    assert "MẪU" not in text
    Inspection.objects.filter(pk=visit.pk).update(state=InspectionState.CANCELLED)
    taken(client, world.officer, *page, status=404)


@BOTH
def test_a_request_says_of_each_expense_what_was_asked_before_and_what_is_left(client, province, fmt):
    made = granted(province, 100_000_000)
    type(made.lines[0]).objects.update(facility=made.project.beneficiaries.get().facility)
    made.paid(30_000_000, kind=PaymentKind.ADVANCE)
    later = made.propose(20_000_000, now=money_world.NOW + dt.timedelta(days=1))
    text = said(taken(client, made.asks, "project_payment_request", made.project.uuid, later.uuid, fmt), fmt)
    for words in (
        "Thanh toán kinh phí khuyến công",
        "Kính gửi: Trung tâm Khuyến công mẫu",
        f"Tên đơn vị: {LONG}",
        "100.000.000 30.000.000 20.000.000 50.000.000",
        "Số tiền đề nghị: 20.000.000 đồng",
        "Bằng chữ: Hai mươi triệu đồng",
    ):
        assert words in text


def test_of_several_facilities_the_unit_asks_the_department(client, province):
    made = granted(province, 100_000_000, 50_000_000, facilities=("Cơ sở Một", "Cơ sở Hai"))
    for line, one in zip(made.lines, made.project.beneficiaries.order_by("pk"), strict=True):
        type(line).objects.filter(pk=line.pk).update(facility=one.facility)
    asked = made.propose(10_000_000, 5_000_000)
    page = ("project_payment_request", made.project.uuid, asked.uuid, "docx")
    text = said(taken(client, made.asks, *page), "docx")
    assert "Kính gửi: Sở Công Thương" in text
    assert "Tên đơn vị: Trung tâm Khuyến công mẫu" in text


def test_what_is_refused_or_asked_back_is_no_request(client, province):
    made = granted(province, 100_000_000)
    made.paid(40_000_000)
    back = made.propose(10_000_000, kind=PaymentKind.RECOVERY)
    gone = made.propose(10_000_000)
    type(gone).objects.filter(pk=gone.pk).update(state=PaymentState.REFUSED, approved_by=made.leads, answer="Sai")
    for payment in (back, gone):
        page = ("project_payment_request", made.project.uuid, payment.uuid, "docx")
        taken(client, made.asks, *page, status=404)


# --- the plan, the months, the end ----------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("funding", "whom"),
    [
        (Funding.LOCAL, "Ủy ban nhân dân tỉnh Thái Nguyên"),
        (Funding.NATIONAL, "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công"),
    ],
)
def test_a_plan_is_submitted_with_the_list_of_what_its_projects_ask(client, fmt, funding, whom):
    province = make.TerritoryFactory(name="Thái Nguyên")
    made = estimate_world.World(province)
    Project.objects.filter(pk=made.project.pk).update(funding=funding)
    made.proposed(made.line(asked=300, cost=600))
    made.another(name="Đề án chưa có dự toán", funding=funding)
    made.another(name="Đề án đã ngừng", funding=funding, state=ProjectState.STOPPED)
    plan = Plan.objects.create(territory=province, year=2026, funding=funding, name="Kế hoạch năm 2026")
    text = said(taken(client, made.clerk, "plan_submission", plan.uuid, fmt), fmt)
    for words in (
        f"Kính gửi: {whom}",
        "02 đề án",
        "Kinh phí khuyến công: 300.000.000 đồng",
        "Bằng chữ: Ba trăm triệu đồng",
        "01 đề án chưa có dự toán nên chưa có trong số cộng.",
        "BIỂU TỔNG HỢP",
        "Kèm theo Tờ trình số /TTr-SCT",
        "Đề án chưa có dự toán",
    ):
        assert words in text
    assert "Đề án đã ngừng" not in text


def test_a_plan_of_which_no_sum_is_known_says_no_sum(client, province):
    made = estimate_world.World(province)
    plan = Plan.objects.create(territory=province, year=2026, funding=Funding.LOCAL, name="Kế hoạch năm 2026")
    text = said(taken(client, made.clerk, "plan_submission", plan.uuid, "docx"), "docx")
    assert "0 đồng" not in text
    assert "Không đồng" not in text


@BOTH
def test_a_monthly_report_is_a_paper_for_the_unit_to_sign(client, fmt):
    world = watch_world.Watch()
    report = world.project.progress_reports.create(
        month=dt.date(2026, 10, 1), percent=65, done="Lắp máy.", spent_extension=78_000_000,
        sent_by=world.worker, sent_at=watch_world.NOW,
    )  # fmt: skip
    page = ("project_progress_paper", world.project.uuid, report.uuid, fmt)
    text = said(taken(client, world.officer, *page), fmt)
    for words in ("tháng 10/2026", "Khối lượng hoàn thành: 65 %", "Lắp máy.", "78.000.000 đồng trên 200.000.000 đồng"):
        assert words in text


def test_the_record_of_liquidation_is_between_the_parties_of_the_contract(client, province):
    made = granted(province, funding=Funding.NATIONAL)
    facts = {"submitted_on": money_world.TODAY, "total": 80, "extension_funds": 60, "counterpart_funds": 20}
    facts |= {"state": EstimateState.APPROVED, "number": "9/QĐ", "signed_on": money_world.TODAY}
    Settlement.objects.create(project=made.project, submitted_by=made.asks, decided_by=made.leads, **facts)
    text = said(taken(client, made.asks, "project_liquidation_record", made.project.uuid, "docx"), "docx")
    assert "Bên giao: Cục " in text
    assert "Bên thực hiện: Trung tâm Khuyến công mẫu" in text
    assert "bằng chữ: Sáu mươi đồng" in text


# --- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["project_proposal", "project_appraisal_record", "project_contract"])
def test_who_does_not_reach_the_project_finds_no_paper_and_only_two_forms_exist(client, province, page):
    made = granted(province)
    outsider = make.staff(Role.EXTENSION_OFFICER, make.TerritoryFactory())
    taken(client, outsider, page, made.project.uuid, "docx", status=404)
    taken(client, made.asks, page, made.project.uuid, "txt", status=404)
    taken(client, made.leads, page, made.project.uuid, "pdf")


@pytest.mark.parametrize("lines", [1, 2, 24, 40])
def test_neither_the_sum_nor_the_signatures_stand_alone_on_a_page(client, province, lines):
    made = granted(province, *(1_000_000 * n for n in range(100, 100 + lines)))
    asked = made.propose(*[1_000_000] * lines)
    files = {
        "contract": taken(client, made.asks, "project_contract", made.project.uuid, "pdf"),
        "request": taken(client, made.asks, "project_payment_request", made.project.uuid, asked.uuid, "pdf"),
    }
    for data in files.values():
        for page in pages_of(data):
            assert "Cộng" not in page or "Máy số" in page or "Nguồn" in page
    assert "Điều 9" in pages_of(files["contract"])[-1]
    assert "Giấy tờ kèm theo" in pages_of(files["request"])[-1]
    for page in ("project_contract", "project_proposal"):
        text = word_text(taken(client, made.asks, page, made.project.uuid, "docx"))
        assert all(f"Máy số {n} " in text for n in range(1, lines + 1))


@pytest.mark.parametrize("page", ["project_proposal", "project_appraisal_record", "project_contract"])
def test_a_paper_costs_the_same_for_few_and_many(client, province, django_assert_max_num_queries, page):
    few = granted(province, 1_000_000, facilities=("Một", "Hai"), code="KC-01")
    many = granted(
        province, *[1_000_000] * 20, facilities=[f"Cơ sở {n}" for n in range(9)], code="KC-02", name="Đề án lớn"
    )
    indicator = ResultIndicator.objects.create(code="mau", name="Lao động", unit="người")
    for made in (few, many):
        for one in made.project.beneficiaries.all():
            made.project.results.create(beneficiary=one, indicator=indicator, target=1)
        facility = made.project.beneficiaries.first().facility
        type(made.lines[0]).objects.filter(estimate=made.estimate).update(facility=facility)
    client.force_login(few.leads)
    addresses = [reverse(f"admin:{page}", args=[one.project.uuid, "docx"]) for one in (few, many)]
    client.get(addresses[0])
    with django_assert_max_num_queries(60) as before:
        client.get(addresses[0])
    most = len(before)
    client.get(addresses[1])
    with django_assert_max_num_queries(most):
        client.get(addresses[1])


def test_an_estimate_sent_back_is_no_ground_of_a_contract(client, province):
    made = granted(province)
    Estimate.objects.create(project=made.project, version=2, on=money_world.ON, state=EstimateState.RETURNED)
    assert "Máy số 1" in contract(client, made)
