"""Two people at one dossier: whoever saves a page that is no longer what stands is told who did what."""

import pytest

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import DocumentKind, DossierState, Origin
from rounds.models import Dossier, DossierVersion
from rounds.services import dossiers, papers, requests
from tests import factories

from . import helpers
from .helpers import CLOSES, NOON

pytestmark = pytest.mark.django_db
D = DossierState


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


@pytest.fixture
def dossier(receiving, officer):
    found = dossiers.create_dossier(
        round_=receiving, product=helpers.product_of(receiving.territory), actor=officer, now=NOON
    )
    return Dossier.objects.get(pk=found.pk)


def tag(dossier):
    return Dossier.objects.values_list("revision", flat=True).get(pk=dossier.pk)


ACTS = [
    lambda dossier, actor: dossiers.update_dossier(dossier=dossier, actor=actor, booth="A1"),
    lambda dossier, actor: papers.add_document(dossier=dossier, kind="other", on_paper=True, actor=actor),
    lambda dossier, actor: papers.mark_needs_fix(document=dossier.documents.get(), remark="Mờ.", actor=actor),
    lambda dossier, actor: papers.mark_received(document=dossier.documents.get(), actor=actor),
    lambda dossier, actor: dossiers.submit(dossier=dossier, actor=actor, now=NOON),
    lambda dossier, actor: requests.request_supplement(dossier=dossier, until=CLOSES, actor=actor, now=NOON),
    lambda dossier, actor: requests.withdraw_request(dossier=dossier, reason="Nhầm.", actor=actor, now=NOON),
    lambda dossier, actor: dossiers.reject(dossier=dossier, reason="Sai.", actor=actor, now=NOON),
]


def test_every_write_grows_the_tag_by_one(dossier, officer):
    for number, act in enumerate(ACTS, start=1):
        act(dossier, officer)
        assert tag(dossier) == number


def test_a_save_with_the_current_tag_goes_through(dossier, officer):
    done = dossiers.update_dossier(dossier=dossier, actor=officer, revision=0, booth="A1")
    assert (done.booth, tag(dossier)) == ("A1", 1)


def test_a_save_with_an_old_tag_says_who_did_what_and_when(dossier, officer, province):
    other = factories.staff("officer", province)
    dossiers.update_dossier(dossier=dossier, actor=other, booth="A1")
    papers.add_document(dossier=dossier, kind=DocumentKind.AWARD, on_paper=True, actor=other)
    with pytest.raises(Refusal) as refused:
        dossiers.update_dossier(dossier=dossier, actor=officer, revision=0, booth="B2")
    refusal = refused.value
    assert refusal.code == "moved_on"
    assert str(refusal).startswith(f"{other} đã sửa hồ sơ này lúc ")
    assert [sentence.split(": ", 1)[1][:12] for sentence in refusal.details] == ["Nhận giấy tờ", "Sửa nội dung"]
    assert Dossier.objects.get(pk=dossier.pk).booth == "A1"


def test_only_what_happened_since_is_told(dossier, officer):
    dossiers.update_dossier(dossier=dossier, actor=officer, booth="A1")
    dossiers.update_dossier(dossier=dossier, actor=officer, booth="A2")
    with pytest.raises(Refusal) as refused:
        dossiers.update_dossier(dossier=dossier, actor=officer, revision=1, booth="B2")
    assert len(refused.value.details) == 1


def test_nothing_changed_grows_nothing(dossier, officer):
    dossiers.update_dossier(dossier=dossier, actor=officer, booth="")
    assert tag(dossier) == 0


# --- what is frozen -----------------------------------------------------------------------------------------


def test_a_paper_entered_after_submission_makes_a_new_version_and_the_history_says_so(dossier, officer):
    submitted = dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    papers.add_document(dossier=submitted, kind=DocumentKind.AWARD, on_paper=True, actor=officer)
    found = Dossier.objects.get(pk=dossier.pk)
    assert (found.version, DossierVersion.objects.filter(dossier=found).count()) == (2, 2)
    assert AuditEntry.objects.first().sentence.endswith("Lập phiên bản 2.")


def test_a_mark_on_a_paper_makes_no_version(dossier, officer):
    papers.add_document(dossier=dossier, kind=DocumentKind.AWARD, on_paper=True, actor=officer)
    dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    papers.mark_needs_fix(document=dossier.documents.get(), remark="Mờ.", actor=officer)
    assert Dossier.objects.get(pk=dossier.pk).version == 1


def test_what_a_producer_wrote_is_frozen_at_submission(dossier, officer):
    Dossier.objects.filter(pk=dossier.pk).update(origin=Origin.ONLINE)
    dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    with pytest.raises(Refusal) as refused:
        dossiers.update_dossier(dossier=dossier, actor=officer, statement_market="Khác.")
    assert refused.value.code == "dossier_frozen"
    assert dossiers.update_dossier(dossier=dossier, actor=officer, booth="A1").booth == "A1"


def test_a_paper_dossier_is_typed_in_after_submission_as_a_new_version(dossier, officer):
    dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    done = dossiers.update_dossier(dossier=dossier, actor=officer, statement_market="Bán tại chợ.")
    content = done.versions.get(number=2).content
    assert (done.version, content["statement_parts"]["statement_market"]) == (2, "Bán tại chợ.")


def test_the_facilitys_representative_fills_a_draft_and_not_a_submitted_dossier(dossier, officer):
    facility = dossier.product.facility
    maker = factories.RepresentativeFactory(facility=facility, territory=facility.territory).user
    dossiers.update_dossier(dossier=dossier, actor=maker, statement_other="Có OCOP.")
    with pytest.raises(Refusal, match="tổ chuyên môn giúp việc"):
        dossiers.update_dossier(dossier=dossier, actor=maker, booth="A1")
    with pytest.raises(Refusal, match="Chỉ đơn vị nhận hồ sơ"):
        dossiers.submit(dossier=dossier, actor=maker, now=NOON, received_on=NOON.date())
    dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    with pytest.raises(Refusal) as refused:
        papers.add_document(dossier=dossier, kind=DocumentKind.AWARD, on_paper=True, actor=maker)
    assert refused.value.code == "not_allowed"


# --- the public service's own numbers -----------------------------------------------------------------------


def test_the_public_services_code_stands_once_in_a_round(dossier, receiving, officer):
    dossiers.update_dossier(dossier=dossier, actor=officer, public_service_code="H55-1")
    other = helpers.submitted(receiving, officer)
    with pytest.raises(Refusal) as refused:
        dossiers.update_dossier(dossier=other, actor=officer, public_service_code="H55-1")
    assert (refused.value.code, refused.value.field) == ("public_service_code_taken", "public_service_code")


def test_the_public_services_days_follow_each_other(dossier, officer):
    with pytest.raises(Refusal) as refused:
        dossiers.update_dossier(
            dossier=dossier,
            actor=officer,
            public_service_received_on=CLOSES.date(),
            public_service_due_on=NOON.date(),
        )
    assert refused.value.field == "public_service_due_on"


def test_the_day_of_receipt_of_a_submitted_dossier_stays_within_receiving(dossier, officer):
    dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    for day, code in ((None, "received_late"), (CLOSES.date(), "received_in_future")):
        with pytest.raises(Refusal) as refused:
            dossiers.update_dossier(dossier=dossier, actor=officer, now=NOON, received_on=day)
        assert refused.value.code == code


def test_a_field_nobody_may_write_is_a_mistake_of_the_caller(dossier, officer):
    with pytest.raises(TypeError):
        dossiers.update_dossier(dossier=dossier, actor=officer, state=D.ELIGIBLE)
