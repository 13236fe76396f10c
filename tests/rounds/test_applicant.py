"""Pages of applicants: whose they are, what they cost, what they say, what they keep."""

import datetime as dt
import io

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from facilities.enums import RepresentativeState, YearlyReportState
from facilities.models import YearlyReport
from portal.accounts.enums import Role
from portal.files.services import store
from products.enums import ProductGroup
from rounds.applicant_words import phase
from rounds.enums import DocumentKind, DossierState, Origin, RoundState, VerdictChoice
from rounds.models import Dossier, Verdict
from rounds.services import applying
from tests import factories

D, R = DossierState, RoundState
NOW = timezone.now()
STEPS = ("product", "statement", "photos", "papers", "check", "submit")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def round_(province):
    return factories.RoundFactory(
        territory=province,
        state=R.RECEIVING,
        receiving_from=NOW - dt.timedelta(days=3),
        receiving_until=NOW + dt.timedelta(days=20),
    )


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province, name="Hợp tác xã chè mẫu")


@pytest.fixture
def producer(facility, client):
    user = factories.RepresentativeFactory(facility=facility).user
    client.force_login(user)
    return user


@pytest.fixture
def draft(round_, facility, producer):
    new = applying.ProductFacts(name="Chè tôm nõn", group=ProductGroup.PROCESSING)
    return applying.start(round_=round_, facility=facility, actor=producer, now=NOW, new=new)


def url(step, dossier):
    return reverse(f"applicant_{step}", args=[dossier.uuid])


def photo(size=(1800, 1200), name="anh.jpg"):
    content = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(content, "JPEG")
    content.name = name
    content.seek(0)
    return content


def statement(dossier, **more):
    return {
        "revision": dossier.revision,
        "statement_market": "",
        "statement_technology": "",
        "statement_culture": "",
        "statement_other": "",
        **more,
    }


# --- whose ---------------------------------------------------------------------------------------------------


def test_after_logging_in_a_producer_comes_to_the_own_page(client, producer):
    assert client.get(reverse("after_login"))["Location"] == reverse("my_facility")


def test_the_facility_page_shows_what_waits_what_is_open_and_what_there_is(client, facility, draft):
    factories.RecognitionFactory(product__facility=facility, product__name="Chè đinh")
    body = client.get(reverse("my_facility")).content.decode()
    for words in ("Chờ bạn làm", "Chè tôm nõn", "Lập thêm hồ sơ", "Chè đinh", "Còn hiệu lực đến 31/12/2027"):
        assert words in body


@pytest.mark.parametrize("step", STEPS)
def test_another_facilitys_dossier_does_not_exist(client, draft, province, step):
    other = factories.FacilityFactory(territory=province)
    client.force_login(factories.RepresentativeFactory(facility=other).user)
    assert client.get(url(step, draft)).status_code == 404
    assert client.post(url(step, draft), {}).status_code == 404
    assert client.get(reverse("my_dossier", args=[draft.uuid])).status_code == 404


@pytest.mark.parametrize("state", [RepresentativeState.PENDING, RepresentativeState.REFUSED, RepresentativeState.ENDED])
def test_without_the_provinces_word_no_page_of_a_dossier_opens(client, draft, producer, state):
    decided = None if state == RepresentativeState.PENDING else NOW
    producer.representatives.update(state=state, reason="Vì", decided_at=decided)
    assert client.get(url("statement", draft)).status_code == 404


def test_papers_are_served_to_the_own_facility_only(client, draft, province):
    client.post(url("photos", draft), {"kind": "photo_top", "file": photo(), "revision": draft.revision})
    paper = draft.documents.get()
    there = reverse("applicant_file", args=[draft.uuid, paper.pk])
    answer = client.get(there)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-cache"
    list(answer)
    client.force_login(factories.RepresentativeFactory(facility=factories.FacilityFactory(territory=province)).user)
    assert client.get(there).status_code == 404
    client.logout()
    assert client.get(there).status_code == 302


def test_an_officer_of_the_commune_fills_what_the_commune_files(client, round_, facility, province):
    facility.commune = factories.CommuneFactory(territory=province)
    facility.save()
    officer = factories.staff(Role.COMMUNE_OFFICER, province, commune=facility.commune)
    client.force_login(officer)
    answer = client.post(
        reverse("applicant_start", args=[round_.slug, facility.uuid]),
        {"product": "moi", "name": "Mật ong", "group": "processing", "authorisation": photo()},
    )
    dossier = Dossier.objects.get()
    assert (dossier.origin, dossier.filed_by, answer["Location"]) == (
        Origin.COMMUNE,
        officer,
        url("statement", dossier),
    )
    assert client.get(answer["Location"]).status_code == 200


# --- what they say -------------------------------------------------------------------------------------------


def test_every_step_opens_and_says_which_it_is(client, draft):
    for number, step in enumerate(STEPS, start=1):
        answer = client.get(url(step, draft))
        assert answer.status_code == 200
        assert f"Bước {number} trên 6" in answer.content.decode()


def test_after_handing_in_the_steps_lead_to_the_state(client, draft):
    Dossier.objects.filter(pk=draft.pk).update(state=D.SUBMITTED, submitted_at=NOW)
    assert client.get(url("statement", draft))["Location"] == reverse("my_dossier", args=[draft.uuid])


@pytest.mark.parametrize(
    ("state", "round_state", "words"),
    [
        (D.DRAFT, R.RECEIVING, "Đang lập, chưa nộp"),
        (D.SUBMITTED, R.SCREENING, "Đã nộp, đang được kiểm tra"),
        (D.ELIGIBLE, R.SCREENING, "Đủ điều kiện"),
        (D.ELIGIBLE, R.SCORING, "Ban Giám khảo đang chấm"),
        (D.ELIGIBLE, R.DELIBERATION, "Hội đồng đang xét"),
        (D.ELIGIBLE, R.PROVISIONAL, "Hội đồng đang xét"),
        (D.ELIGIBLE, R.DECIDED, "Đã có quyết định, chờ công bố"),
        (D.ELIGIBLE, R.ANNOUNCED, "Không được công nhận kỳ này"),
        (D.NOT_ELIGIBLE, R.SCREENING, "Không đủ điều kiện"),
        (D.WITHDRAWN, R.SCREENING, "Đã rút"),
    ],
)
def test_a_state_is_worded_for_the_facility(round_, state, round_state, words):
    round_.state = round_state
    dossier = Dossier(round=round_, state=state, product=factories.ProductFactory.build(facility=None, territory=None))
    assert phase(dossier, now=NOW).words == words


def test_the_councils_word_is_told_only_where_the_list_is_public(draft):
    draft.state, draft.round.state = D.ELIGIBLE, R.PROVISIONAL
    draft.verdict = Verdict(choice=VerdictChoice.RECOGNISE)
    assert phase(draft, now=NOW).words == "Hội đồng đang xét"
    draft.round.publish_provisional = True
    assert phase(draft, now=NOW).words == "Có trong danh sách dự kiến công nhận"


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "Cần bổ sung trước"), (0, "Quá hạn bổ sung"), (-1, "Quá hạn bổ sung")]
)
def test_a_supplement_is_late_from_the_very_second_on(draft, seconds, words):
    draft.state, draft.supplement_until = D.NEEDS_SUPPLEMENT, NOW + dt.timedelta(seconds=seconds)
    assert phase(draft, now=NOW).words.startswith(words)


def test_the_code_of_the_public_service_is_shown_and_asked_nowhere(client, draft):
    Dossier.objects.filter(pk=draft.pk).update(public_service_code="H55.26.001")
    assert "H55.26.001" in client.get(reverse("my_dossier", args=[draft.uuid])).content.decode()


# --- saving --------------------------------------------------------------------------------------------------


def test_saved_by_the_plain_button_the_next_step_follows(client, draft):
    answer = client.post(url("statement", draft), statement(draft, statement_market="Bán ở chợ"))
    assert answer["Location"] == url("photos", draft)
    draft.refresh_from_db()
    assert draft.statement_market == "Bán ở chợ"


def test_saved_by_itself_the_page_learns_when_and_the_new_version_tag(client, draft):
    answer = client.post(url("statement", draft), statement(draft, statement_market="Bán"), headers={"X-Autosave": "1"})
    draft.refresh_from_db()
    said = answer.json()
    assert said["revision"] == draft.revision
    assert said["words"].startswith("Đã lưu lúc ")


def test_a_second_phone_gets_409_with_everything_typed(client, draft):
    seen = statement(draft)
    client.post(url("statement", draft), {**seen, "statement_market": "Máy một"})
    answer = client.post(url("statement", draft), {**seen, "statement_market": "Máy hai"})
    assert answer.status_code == 409
    body = answer.content.decode()
    assert "Máy hai" in body
    assert "đã sửa hồ sơ này lúc" in body
    draft.refresh_from_db()
    assert draft.statement_market == "Máy một"
    assert f'name="revision" value="{draft.revision}"' in body
    silent = client.post(url("statement", draft), {**seen, "statement_market": "Máy hai"}, headers={"X-Autosave": "1"})
    assert (silent.status_code, silent.json()["code"], silent.json()["revision"]) == (409, "moved_on", draft.revision)


def test_a_wrong_file_is_said_at_its_photo(client, draft):
    program = io.BytesIO(b"MZ\x90\x00" + b"\0" * 200)
    program.name = "anh.jpg"
    answer = client.post(url("photos", draft), {"kind": "photo_front", "file": program, "revision": draft.revision})
    assert answer.status_code == 400
    assert "Tệp này không phải là ảnh" in answer.content.decode()
    assert not draft.documents.exists()


def test_a_small_photo_is_kept_with_a_warning(client, draft):
    client.post(url("photos", draft), {"kind": "photo_front", "taken": photo((900, 600)), "revision": draft.revision})
    assert "Ảnh vẫn được nhận" in client.get(url("photos", draft)).content.decode()


def test_a_paper_is_sent_announced_and_taken_out(client, draft):
    there, kind = url("papers", draft), DocumentKind.BUSINESS_REGISTRATION
    client.post(there, {"kind": kind, "act": "announce"})
    assert "Bạn sẽ mang bản giấy đến nơi nhận" in client.get(there).content.decode()
    client.post(there, {"kind": kind, "file": photo()})
    paper = draft.documents.get()
    assert paper.file is not None
    client.post(there, {"kind": kind, "act": "remove", "document": paper.pk})
    assert not draft.documents.exists()


def test_an_earlier_copy_is_offered_and_used_again(client, draft, facility, province):
    earlier = factories.DossierFactory(
        product=factories.ProductFactory(facility=facility), round=factories.RoundFactory(territory=province)
    )
    old = store(ContentFile(photo().getvalue(), name="anh.jpg"), allow={"image"})
    earlier.documents.create(kind=DocumentKind.BUSINESS_REGISTRATION, file=old)
    there = url("papers", draft)
    assert "Dùng lại bản cũ" in client.get(there).content.decode()
    client.post(there, {"kind": DocumentKind.BUSINESS_REGISTRATION, "act": "reuse"})
    assert draft.documents.get().file == old


def test_from_the_first_step_to_the_receipt(client, draft):
    client.post(
        url("statement", draft), statement(draft, statement_market="a", statement_technology="b", statement_culture="c")
    )
    for kind in ("photo_front", "photo_side", "photo_top"):
        client.post(url("photos", draft), {"kind": kind, "file": photo()})
    client.post(url("papers", draft), {"kind": DocumentKind.BUSINESS_REGISTRATION, "file": photo()})
    assert "Đã đủ để nộp" in client.get(url("check", draft)).content.decode()
    assert client.post(url("submit", draft), {}).status_code == 400
    answer = client.post(url("submit", draft), {"declared": "on"})
    assert answer["Location"] == url("receipt", draft)
    body = client.get(answer["Location"]).content.decode()
    draft.refresh_from_db()
    assert applying.shown_code(draft.receipt_code) in body
    assert "data:image/svg+xml" in body


def test_incomplete_nothing_is_handed_in(client, draft):
    answer = client.post(url("submit", draft), {"declared": "on"})
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.state == D.DRAFT


def test_taking_back_asks_for_a_reason(client, draft):
    there = reverse("applicant_withdraw", args=[draft.uuid])
    assert client.post(there, {"reason": ""}).status_code == 400
    assert client.post(there, {"reason": "Chưa kịp"}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == D.WITHDRAWN


# --- what they cost ------------------------------------------------------------------------------------------


def cost(client, there):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(there).status_code == 200
    return len(queries)


def test_the_facility_page_costs_the_same_for_1_3_and_50_dossiers(client, facility, producer, province):
    costs = []
    for total in (1, 3, 50):
        while Dossier.objects.count() < total:
            product = factories.ProductFactory(facility=facility)
            factories.RecognitionFactory(product=product)
            factories.DossierFactory(product=product, round=factories.RoundFactory(territory=province, state=R.SCORING))
        client.get(reverse("my_facility"))
        costs.append(cost(client, reverse("my_facility")))
    assert len(set(costs)) == 1, costs


def test_a_step_costs_the_same_for_1_3_and_50_papers(client, draft):
    costs = []
    stored = store(ContentFile(photo().getvalue(), name="anh.jpg"), allow={"image"})
    for total in (1, 3, 50):
        while draft.documents.count() < total:
            draft.documents.create(kind=DocumentKind.AWARD, file=stored)
        costs.append([cost(client, url(step, draft)) for step in STEPS])
    assert costs[0] == costs[1] == costs[2]


def test_a_commune_starts_with_a_paper_authorisation_and_finds_its_way_home(client, round_, facility, province):
    facility.commune = factories.CommuneFactory(territory=province)
    facility.save()
    client.force_login(factories.staff(Role.COMMUNE_OFFICER, province, commune=facility.commune))
    there = reverse("applicant_start", args=[round_.slug, facility.uuid])
    home = reverse("commune", args=[facility.commune.pk])
    assert home in client.get(there).content.decode()
    answer = client.post(there, {"product": "moi", "name": "Mật ong", "group": "processing", "on_paper": "on"})
    dossier = Dossier.objects.get()
    paper = dossier.documents.get()
    assert (paper.kind, bool(paper.file), answer.status_code) == (DocumentKind.AUTHORISATION, False, 302)
    page = client.get(reverse("my_dossier", args=[dossier.uuid])).content.decode()
    assert home in page
    assert "Cơ sở của tôi" not in page


def test_the_facility_page_leads_to_the_yearly_report_with_its_state(client, facility, producer):
    factories.RecognitionFactory(product__facility=facility, issued_on=dt.date(2024, 12, 27), year=2024)
    body = client.get(reverse("my_facility")).content.decode()
    last = timezone.localdate().year - 1
    assert f'href="{reverse("my_report", args=[facility.uuid, last])}"' in body
    assert f'href="{reverse("my_reports")}"' in body
    YearlyReport.objects.create(facility=facility, year=last, state=YearlyReportState.SUBMITTED, submitted_at=NOW)
    assert "Đã nộp" in client.get(reverse("my_facility")).content.decode()
