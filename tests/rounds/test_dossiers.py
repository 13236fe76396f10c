"""A dossier's road, with its deadline to the second."""

import datetime as dt

import pytest

from portal.files.models import StoredFile
from portal.text.errors import Refusal
from rounds import queries
from rounds.enums import Addressee, Body, DocumentKind, DocumentState, DossierState, Origin, RoundState, SeatRole
from rounds.models import Dossier, DossierVersion
from rounds.services import dossiers, lifecycle
from rounds.states import DOSSIER_TRANSITIONS
from tests import factories

from . import helpers
from .helpers import AFTER, CLOSES, NOON, OPENS

pytestmark = pytest.mark.django_db
D, R = DossierState, RoundState
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


def draft(round_, officer, **changes):
    product = changes.pop("product", None) or helpers.product_of(round_.territory)
    return dossiers.create_dossier(round_=round_, product=product, actor=officer, now=NOON, **changes)


@pytest.mark.parametrize("offset,taken", [(-SECOND, True), (dt.timedelta(0), False), (SECOND, False)])
def test_the_deadline_is_half_open_to_the_second(offset, taken, receiving, officer):
    dossier = draft(receiving, officer, origin=Origin.ONLINE)
    if taken:
        assert dossiers.submit(dossier=dossier, actor=officer, now=CLOSES + offset).state == D.SUBMITTED
        return
    with pytest.raises(Refusal) as refused:
        dossiers.submit(dossier=dossier, actor=officer, now=CLOSES + offset)
    assert refused.value.code == "receiving_closed"
    assert Dossier.objects.get(pk=dossier.pk).entry_code == ""


@pytest.mark.parametrize("offset,taken", [(-SECOND, False), (dt.timedelta(0), True), (SECOND, True)])
def test_receiving_begins_to_the_second(offset, taken, receiving, officer):
    dossier = draft(receiving, officer)
    if taken:
        assert dossiers.submit(dossier=dossier, actor=officer, now=OPENS + offset).state == D.SUBMITTED
        return
    with pytest.raises(Refusal) as refused:
        dossiers.submit(dossier=dossier, actor=officer, now=OPENS + offset)
    assert refused.value.code == "receiving_not_open"


def test_a_paper_dossier_received_in_time_is_entered_later(receiving, officer):
    lifecycle.advance(round_=receiving, to=R.SCREENING, actor=officer, now=AFTER)
    dossier = draft(receiving, officer, origin=Origin.PAPER)
    done = dossiers.submit(dossier=dossier, actor=officer, now=AFTER, received_on=dt.date(2026, 11, 26))
    assert (done.received_on, done.entry_code) == (dt.date(2026, 11, 26), "001")


@pytest.mark.parametrize(
    "day,code",
    [
        (None, "receiving_closed"),
        (dt.date(2026, 11, 27), "receiving_closed"),
        (dt.date(2026, 11, 10), "received_too_early"),
        (dt.date(2026, 11, 28), "received_in_future"),
    ],
)
def test_a_paper_dossier_out_of_time_is_refused(day, code, receiving, officer):
    dossier = draft(receiving, officer, origin=Origin.PAPER)
    with pytest.raises(Refusal) as refused:
        dossiers.submit(dossier=dossier, actor=officer, now=AFTER, received_on=day)
    assert (refused.value.code, refused.value.field) == (code, "received_on")


def test_a_deadline_at_midnight_leaves_its_own_day_out(province, officer):
    midnight = dt.datetime(2026, 11, 26, 0, 0, tzinfo=NOON.tzinfo)
    round_ = helpers.receiving_round(province, officer, receiving_until=midnight)
    late = draft(round_, officer)
    with pytest.raises(Refusal):
        dossiers.submit(dossier=late, actor=officer, now=AFTER, received_on=dt.date(2026, 11, 26))
    dossiers.submit(dossier=late, actor=officer, now=AFTER, received_on=dt.date(2026, 11, 25))


def test_an_online_dossier_is_not_entered_after_receiving(receiving, officer):
    lifecycle.advance(round_=receiving, to=R.SCREENING, actor=officer, now=AFTER)
    with pytest.raises(Refusal) as refused:
        draft(receiving, officer, origin=Origin.ONLINE)
    assert refused.value.code == "round_not_receiving"


def test_numbers_follow_each_other_in_three_digits(receiving, officer):
    codes = [helpers.submitted(receiving, officer).entry_code for _number in range(3)]
    assert codes == ["001", "002", "003"]


def test_a_number_is_not_given_again_after_a_withdrawal(receiving, officer):
    first = helpers.submitted(receiving, officer)
    dossiers.withdraw(dossier=first, reason="Cơ sở xin rút.", actor=officer, now=NOON)
    assert helpers.submitted(receiving, officer).entry_code == "002"


def test_one_product_has_one_dossier_and_the_second_names_the_first(receiving, officer):
    first = helpers.submitted(receiving, officer)
    with pytest.raises(Refusal) as refused:
        draft(receiving, officer, product=first.product)
    assert str(refused.value) == (f"“{first.product.name}” đã có hồ sơ số 001 trong kỳ này. Hãy mở hồ sơ đã có.")
    assert refused.value.field == "product"


def test_a_product_from_elsewhere_is_refused_by_name_of_the_place(receiving, officer, other_province):
    with pytest.raises(Refusal, match="thuộc Cao Bằng, ngoài phạm vi"):
        draft(receiving, officer, product=helpers.product_of(other_province))


def test_a_product_of_a_former_unit_belongs_to_its_successor(officer, province):
    former = factories.SuccessionFactory(successor=province).predecessor
    round_ = helpers.receiving_round(province, officer)
    assert draft(round_, officer, product=helpers.product_of(former)).state == D.DRAFT


@pytest.mark.parametrize(
    "product,code", [({"is_set": True}, "set_without_members"), ({"facility": None}, "product_without_facility")]
)
def test_what_is_not_fit_to_enter_is_not_submitted(product, code, receiving, officer, province):
    if "facility" in product:
        made = factories.ProductFactory(facility=None, territory=province)
    else:
        made = helpers.product_of(province, **product)
    with pytest.raises(Refusal) as refused:
        dossiers.submit(dossier=draft(receiving, officer, product=made), actor=officer, now=NOON)
    assert refused.value.code == code


def test_first_time_is_worked_out_from_the_register(receiving, officer, province):
    known = factories.RecognitionFactory(product=helpers.product_of(province)).product
    assert draft(receiving, officer).first_time is True
    assert draft(receiving, officer, product=known).first_time is False


def test_a_submission_freezes_what_stands_there(receiving, officer):
    dossier = helpers.submitted(receiving, officer, name="Chè mẫu đặc biệt")
    version = DossierVersion.objects.get(dossier=dossier)
    assert (version.number, version.content["product"]["name"]) == (1, "Chè mẫu đặc biệt")
    assert len(version.sha256) == 64
    assert "tax_code" not in str(version.content)


def test_admission_freezes_the_papers_that_came_later(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    helpers.hand_in_papers(dossier, officer)
    dossier = dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    versions = DossierVersion.objects.filter(dossier=dossier).order_by("number")
    assert [len(version.content["documents"]) for version in versions] == list(range(8))
    assert dossier.version == 8


def test_nothing_new_makes_no_new_version(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    dossiers.request_supplement(dossier=dossier, until=CLOSES, actor=officer, now=NOON)
    assert dossiers.resubmit(dossier=dossier, actor=officer, now=NOON).version == 1


@pytest.mark.parametrize("offset,taken", [(-SECOND, True), (dt.timedelta(0), False), (SECOND, False)])
def test_a_supplement_is_due_to_the_second(offset, taken, receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    dossiers.request_supplement(
        dossier=dossier, until=CLOSES, actor=officer, now=NOON, words={Addressee.FACILITY: "Bổ sung ảnh."}
    )
    if taken:
        assert dossiers.resubmit(dossier=dossier, actor=officer, now=CLOSES + offset).state == D.SUBMITTED
        return
    with pytest.raises(Refusal) as refused:
        dossiers.resubmit(dossier=dossier, actor=officer, now=CLOSES + offset)
    assert refused.value.code == "supplement_late"


def test_a_supplement_deadline_in_the_past_is_refused(receiving, officer):
    with pytest.raises(Refusal) as refused:
        dossiers.request_supplement(dossier=helpers.submitted(receiving, officer), until=NOON, actor=officer, now=NOON)
    assert refused.value.field == "until"


def test_a_complete_dossier_has_nothing_to_request(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    helpers.hand_in_papers(dossier, officer)
    with pytest.raises(Refusal) as refused:
        dossiers.request_supplement(dossier=dossier, until=CLOSES, actor=officer, now=NOON)
    assert refused.value.code == "nothing_to_request"


def test_an_incomplete_dossier_is_not_admitted_and_every_paper_is_named(receiving, officer):
    with pytest.raises(Refusal) as refused:
        dossiers.admit(dossier=helpers.submitted(receiving, officer), actor=officer, now=NOON)
    assert (refused.value.code, len(refused.value.details)) == ("dossier_incomplete", 7)


def test_a_valid_lower_certificate_is_taken_from_the_register(province, officer):
    round_ = helpers.receiving_round(province, officer, lower_round_held=True)
    known = helpers.product_of(province)
    factories.RecognitionFactory(product=known, level="commune", year=2025, expires_on=dt.date(2027, 12, 31))
    dossier = dossiers.submit(dossier=draft(round_, officer, product=known), actor=officer, now=NOON)
    for kind in ("registration_form", "business_registration", "statement", "photo_front", "photo_side", "photo_top"):
        dossiers.add_document(dossier=dossier, kind=kind, on_paper=True, actor=officer)
    dossiers.add_document(dossier=dossier, kind="proposal_letter", on_paper=True, actor=officer)
    done = dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    assert done.state == D.ELIGIBLE


def test_an_expired_lower_certificate_does_not_do(province, officer):
    round_ = helpers.receiving_round(province, officer, lower_round_held=True)
    known = helpers.product_of(province)
    factories.RecognitionFactory(product=known, level="commune", year=2023, expires_on=dt.date(2026, 11, 20))
    dossier = dossiers.submit(dossier=draft(round_, officer, product=known), actor=officer, now=NOON)
    with pytest.raises(Refusal) as refused:
        dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    assert "Giấy chứng nhận còn hiệu lực của cấp dưới: chưa có." in refused.value.details


def test_a_paper_past_its_date_has_to_be_renewed(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    helpers.hand_in_papers(dossier, officer)
    dossier.documents.filter(kind=DocumentKind.BUSINESS_REGISTRATION).update(valid_until=dt.date(2026, 11, 20))
    with pytest.raises(Refusal) as refused:
        dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    assert refused.value.details == (
        "Bản sao đăng ký kinh doanh còn hiệu lực cần sửa: Giấy tờ đã hết hạn từ 20/11/2026. Gửi lại bản còn hạn.",
    )


def test_a_photo_too_small_to_print_is_received_with_a_warning(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    small = StoredFile.objects.create(
        sha256="a" * 64, content_type="image/jpeg", size=10, width=900, height=640, content="aa/a"
    )
    document = dossiers.add_document(dossier=dossier, kind=DocumentKind.PHOTO_TOP, file=small, actor=officer)
    row = next(row for row in queries.checklist(dossier, on=NOON.date()) if row.kind == DocumentKind.PHOTO_TOP)
    assert (document.state, row.ok, row.warning) == (
        DocumentState.RECEIVED,
        True,
        "Ảnh từ trên xuống 900 × 640 điểm, in ra nhỏ hơn 10 × 15 cm. Gửi lại ảnh từ 1800 × 1200 điểm.",
    )


def test_a_paper_without_file_or_paper_is_refused_at_the_file(receiving, officer):
    with pytest.raises(Refusal) as refused:
        dossiers.add_document(dossier=helpers.submitted(receiving, officer), kind="statement", actor=officer)
    assert refused.value.field == "file"


def test_an_admitted_dossier_takes_no_more_papers(receiving, officer):
    with pytest.raises(Refusal) as refused:
        dossiers.add_document(dossier=helpers.admitted(receiving, officer), kind="other", on_paper=True, actor=officer)
    assert refused.value.code == "dossier_closed"


def test_refusing_and_withdrawing_need_a_reason(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    for act in (dossiers.reject, dossiers.withdraw):
        with pytest.raises(Refusal) as refused:
            act(dossier=dossier, reason=" ", actor=officer, now=NOON)
        assert refused.value.field == "reason"


def test_after_the_seal_nothing_changes(province, officer):
    dossier = helpers.deliberating_round(province, officer).dossiers.first()
    for act in (dossiers.reject, dossiers.withdraw):
        with pytest.raises(Refusal) as refused:
            act(dossier=dossier, reason="Sai sót.", actor=officer, now=AFTER)
        assert refused.value.code == "round_state"


def in_state(round_, state):
    product = helpers.product_of(round_.territory)
    whole = None
    if state == D.GATHERED:
        a_set = factories.ProductFactory(facility=product.facility, is_set=True)
        whole = factories.DossierFactory(round=round_, product=a_set)
    return factories.DossierFactory(
        round=round_,
        product=product,
        state=state,
        state_reason="Lý do",
        submitted_at=None if state == D.DRAFT else NOON,
        gathered_into=whole,
    )


ACTS = {
    D.SUBMITTED: lambda dossier, actor: dossiers.submit(dossier=dossier, actor=actor, now=NOON),
    D.NEEDS_SUPPLEMENT: lambda dossier, actor: dossiers.request_supplement(
        dossier=dossier, until=CLOSES, actor=actor, now=NOON
    ),
    D.ELIGIBLE: lambda dossier, actor: dossiers.admit(dossier=dossier, actor=actor, now=NOON),
    D.NOT_ELIGIBLE: lambda dossier, actor: dossiers.reject(dossier=dossier, reason="Sai.", actor=actor, now=NOON),
    D.WITHDRAWN: lambda dossier, actor: dossiers.withdraw(dossier=dossier, reason="Rút.", actor=actor, now=NOON),
}
FORBIDDEN = [
    (start, to)
    for start in D
    for to in ACTS
    if to not in DOSSIER_TRANSITIONS[start] and not start == to == D.NEEDS_SUPPLEMENT
]


@pytest.mark.parametrize("start,to", FORBIDDEN, ids=lambda state: state.value)
def test_every_step_outside_the_table_is_refused_in_words(start, to, receiving, officer):
    dossier = in_state(receiving, start)
    with pytest.raises(Refusal) as refused:
        ACTS[to](dossier, officer)
    assert str(refused.value) == (f"Hồ sơ đang ở trạng thái “{start.label}” nên không chuyển sang “{to.label}” được.")


def test_a_draft_alone_is_submitted_by_submit(receiving, officer):
    with pytest.raises(Refusal) as refused:
        dossiers.submit(dossier=in_state(receiving, D.NEEDS_SUPPLEMENT), actor=officer, now=NOON)
    assert refused.value.code == "dossier_not_draft"


def test_the_support_team_checks_and_does_not_enter(receiving, officer, province):
    helper = factories.SeatFactory(round=receiving, body=Body.SUPPORT, role=SeatRole.SUPPORT_MEMBER).user
    dossier = helpers.submitted(receiving, officer)
    helpers.hand_in_papers(dossier, helper)
    dossiers.admit(dossier=dossier, actor=helper, now=NOON)
    with pytest.raises(Refusal, match="Chỉ đơn vị nhận hồ sơ"):
        draft(receiving, helper, product=helpers.product_of(province))


def test_whoever_declared_a_conflict_has_no_hand_in_the_dossier(receiving, officer):
    dossier = helpers.submitted(receiving, officer)
    factories.ConflictFactory(dossier=dossier, user=officer)
    with pytest.raises(Refusal) as refused:
        dossiers.reject(dossier=dossier, reason="Sai.", actor=officer, now=NOON)
    assert refused.value.code == "conflict"
