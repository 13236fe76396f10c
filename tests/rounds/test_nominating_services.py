"""A list of nominations on its way up and back, as the services write it."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from rounds import nomination_queries as queries
from rounds.enums import DocumentKind, DossierState, ListState, NotNominated, Origin, RoundState
from rounds.models import Dossier, Nomination, NominationList, NominationQuota
from rounds.queries import checklist
from rounds.services import nominating
from tests import factories

from . import nomination_world as world
from .nomination_world import CLOSES, NOON

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def round_(db):
    return world.round_above()


@pytest.fixture
def agency(db):
    return world.agency()


def opened(round_, province, officer, now=NOON):
    return nominating.open_list(round_=round_, territory=province, actor=officer, now=now)


def refused(act, **facts):
    with pytest.raises(Refusal) as found:
        act(**facts)
    return found.value


def test_a_list_opens_with_every_product_that_may_go_up(round_, province, officer):
    may = world.certified(province)
    world.certified(province, expires_on=dt.date(2026, 11, 29))
    world.certified(province, level="commune")
    row = opened(round_, province, officer)
    assert [line.product for line in row.nominations.all()] == [may]
    line = row.nominations.get()
    assert (line.recognition.level, line.source.statement) == ("province", "Thuyết minh của cấp dưới.")


def test_a_unit_has_one_list_for_a_round(round_, province, officer, leader):
    first = opened(round_, province, officer)
    assert opened(round_, province, leader) == first
    assert NominationList.objects.count() == 1


def test_a_draft_follows_the_register(round_, province, officer):
    leaves = world.certified(province)
    row = opened(round_, province, officer)
    leaves.recognitions.update(revoked_on=NOON.date(), status_reason="Vi phạm")
    comes = world.certified(province)
    opened(round_, province, officer)
    assert [line.product for line in row.nominations.all()] == [comes]


def test_sending_says_everything_that_is_missing(round_, province, officer):
    first, second, third = (world.certified(province) for _number in range(3))
    NominationQuota.objects.create(round=round_, maximum=1, basis="Công văn của Cục")
    row = opened(round_, province, officer)
    choices = [nominating.Choice(first.pk, chosen=True), nominating.Choice(second.pk, chosen=True)]
    nominating.decide(nomination_list=row, choices=choices, actor=officer, now=NOON)
    said = refused(nominating.send, nomination_list=row, actor=officer, now=CLOSES)
    assert said.code == "list_not_ready"
    assert list(said.details) == [
        "Đã hết hạn nhận hồ sơ từ 00:00 ngày 01/12/2026.",
        f"“{third.name}”: chưa chọn đề cử hay không đề cử.",
        "Đã chọn 2, số lượng được đề cử là 1. Hãy bỏ bớt 1.",
        "Chưa ghi số, ngày của công văn đề nghị.",
        "Chưa ghi chức danh người ký công văn đề nghị.",
    ]


def test_a_product_chosen_and_since_revoked_stops_the_sending(round_, province, officer):
    product = world.certified(province)
    row = opened(round_, province, officer)
    nominating.choose(nomination_list=row, product=product, actor=officer, now=NOON)
    world.letter(row, officer)
    product.recognitions.update(revoked_on=NOON.date(), status_reason="Vi phạm")
    said = refused(nominating.send, nomination_list=row, actor=officer, now=NOON)
    assert "không đề cử được nữa. Công nhận đã bị thu hồi từ 21/11/2026." in said.details[0]


def test_a_dossier_below_that_was_never_submitted_is_not_sent_up(round_, province, officer):
    product = world.certified(province)
    Dossier.objects.filter(product=product).update(version=0)
    found = queries.what_may(queries.Unit(family_ids(province.pk)), round_, on=NOON.date())
    assert [(one.allowed, one.why) for one in found] == [
        (False, "Hồ sơ cấp dưới chưa có bản đã nộp nên không có gì để chuyển lên. Hãy nộp hồ sơ đó trước.")
    ]


def test_the_deadline_is_half_open_to_the_second(round_, province, officer):
    product = world.certified(province)
    row = opened(round_, province, officer)
    nominating.choose(nomination_list=row, product=product, actor=officer, now=NOON)
    world.letter(row, officer)
    assert refused(nominating.send, nomination_list=row, actor=officer, now=CLOSES).code == "list_not_ready"
    assert nominating.send(nomination_list=row, actor=officer, now=CLOSES - SECOND).state == ListState.SENT


def test_nothing_nominated_is_reported_with_its_reason(round_, province, officer):
    product = world.certified(province)
    row = opened(round_, province, officer)
    nominating.leave_out(nomination_list=row, product=product, why=NotNominated.MAKER_DECLINES, actor=officer, now=NOON)
    said = refused(nominating.send, nomination_list=row, actor=officer, now=NOON)
    assert list(said.details) == ["Không đề cử sản phẩm nào thì hãy ghi lý do."]
    nominating.say_nothing(nomination_list=row, reason="Cơ sở chưa sẵn sàng.", actor=officer, now=NOON)
    assert nominating.send(nomination_list=row, actor=officer, now=NOON).letter_number == ""


def test_another_reason_needs_words(round_, province, officer):
    product = world.certified(province)
    row = opened(round_, province, officer)
    facts = {"nomination_list": row, "product": product, "why": NotNominated.OTHER, "actor": officer, "now": NOON}
    assert refused(nominating.leave_out, **facts).code == "reason_missing"
    nominating.leave_out(**facts, reason="Đang đổi bao bì.")
    assert row.nominations.get().reason == "Đang đổi bao bì."


def test_what_may_not_go_up_is_not_chosen(round_, province, officer):
    product = world.certified(province, expires_on=dt.date(2026, 11, 29))
    row = opened(round_, province, officer)
    said = refused(nominating.choose, nomination_list=row, product=product, actor=officer, now=NOON)
    assert said.details[0].startswith(f"“{product.name}”: Đến ngày cuối nhận hồ sơ 30/11/2026 thì không còn:")


def test_a_sent_list_is_frozen_under_its_hash(round_, province, officer):
    product = world.certified(province)
    row = world.sent(round_, province, officer, chosen=[product])
    told = row.manifest["nominations"][0]
    version = Dossier.objects.get(product=product).versions.get()
    assert (told["source"]["version"], told["source"]["sha256"]) == (1, version.sha256)
    assert told["recognition"] == str(product.recognitions.get().uuid)
    assert len(row.manifest_hash) == 64
    assert refused(world.letter, row=row, officer=officer).code == "list_not_draft"
    with pytest.raises(IntegrityError), transaction.atomic():
        Nomination.objects.filter(nomination_list=row).update(reason="Đổi sau khi gửi")
    with pytest.raises(IntegrityError), transaction.atomic():
        NominationList.objects.filter(pk=row.pk).update(letter_number="9")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


def test_a_list_is_sent_once(round_, province, officer):
    row = world.sent(round_, province, officer, chosen=[world.certified(province)])
    assert refused(nominating.send, nomination_list=row, actor=officer, now=NOON).code == "list_not_draft"


def test_received_products_stand_in_the_round_with_what_they_bring(round_, province, officer, agency):
    product = world.certified(province)
    row = world.sent(round_, province, officer, chosen=[product])
    late = CLOSES + dt.timedelta(days=2)
    nominating.receive(nomination_list=row, actor=agency, now=late)
    dossier = Dossier.objects.get(round=round_)
    assert (dossier.state, dossier.origin, dossier.entry_code) == (DossierState.SUBMITTED, Origin.NOMINATION, "001")
    assert (dossier.statement, dossier.statement_market) == ("Thuyết minh của cấp dưới.", "Bán ở ba tỉnh.")
    assert (dossier.received_on, dossier.submitted_at, dossier.version) == (NOON.date(), late, 1)
    assert dossier.copied_from == Dossier.objects.get(product=product, round__level="province")
    kinds = [paper.kind for paper in dossier.documents.order_by("pk")]
    assert kinds == [DocumentKind.REGISTRATION_FORM, DocumentKind.STATEMENT, DocumentKind.PROPOSAL_LETTER]
    held = {one.kind: one.ok for one in checklist(dossier, on=NOON.date())}
    assert held[DocumentKind.LOWER_CERTIFICATE]
    assert held[DocumentKind.PROPOSAL_LETTER]
    assert row.nominations.get().dossier == dossier


def test_what_changed_below_after_sending_stays_below(round_, province, officer, agency):
    product = world.certified(province)
    row = world.sent(round_, province, officer, chosen=[product])
    Dossier.objects.filter(product=product).update(statement="Sửa sau khi gửi.")
    nominating.receive(nomination_list=row, actor=agency, now=NOON)
    assert Dossier.objects.get(round=round_).statement == "Thuyết minh của cấp dưới."


def test_receiving_twice_makes_nothing_twice(round_, province, officer, agency):
    row = world.sent(round_, province, officer, chosen=[world.certified(province)])
    for _time in range(2):
        assert nominating.receive(nomination_list=row, actor=agency, now=NOON).state == ListState.RECEIVED
    assert Dossier.objects.filter(round=round_).count() == 1
    assert AuditEntry.objects.filter(action="nomination.receive").count() == 1


def test_all_are_received_or_none(round_, province, officer, agency):
    first, second = world.certified(province), world.certified(province)
    row = world.sent(round_, province, officer, chosen=[first, second])
    factories.DossierFactory(round=round_, product=second, state=DossierState.WITHDRAWN, entry_code="099")
    said = refused(nominating.receive, nomination_list=row, actor=agency, now=NOON)
    assert list(said.details) == [f"“{second.name}” đã có hồ sơ 099 trong kỳ, đã rút."]
    assert Dossier.objects.filter(round=round_).count() == 1
    row.refresh_from_db()
    assert row.state == ListState.SENT


def test_a_dossier_typed_in_from_paper_meanwhile_is_the_one(round_, province, officer, agency):
    product = world.certified(province)
    row = world.sent(round_, province, officer, chosen=[product])
    typed = factories.DossierFactory(round=round_, product=product, state=DossierState.SUBMITTED)
    nominating.receive(nomination_list=row, actor=agency, now=NOON)
    assert row.nominations.get().dossier == typed


def test_a_returned_list_is_mended_as_a_new_one(round_, province, officer, agency):
    product = world.certified(province)
    row = world.sent(round_, province, officer, chosen=[product])
    assert refused(nominating.return_, nomination_list=row, reason=" ", actor=agency, now=NOON).code == "reason_missing"
    nominating.return_(nomination_list=row, reason="Thiếu dấu.", actor=agency, now=NOON)
    assert Notice.objects.filter(kind="nomination_returned", user=officer).exists()
    again = opened(round_, province, officer)
    assert (again.pk == row.pk, again.letter_number, again.nominations.get().chosen) == (False, "125/SCT-QLCN", True)
    assert nominating.send(nomination_list=again, actor=officer, now=NOON).state == ListState.SENT
    assert refused(nominating.receive, nomination_list=row, actor=agency, now=NOON).code == "list_not_sent"


def test_only_the_unit_sends_and_only_the_round_receives(round_, province, other_province, officer, agency):
    product = world.certified(province)
    stranger = factories.staff("officer", other_province)
    row = opened(round_, province, officer)
    for act, facts in (
        (nominating.choose, {"product": product}),
        (nominating.say_nothing, {"reason": "Không."}),
        (nominating.send, {}),
    ):
        assert refused(act, nomination_list=row, actor=stranger, now=NOON, **facts).code == "not_allowed"
        assert refused(act, nomination_list=row, actor=agency, now=NOON, **facts).code == "not_allowed"
    sent = world.sent(round_, province, officer, chosen=[product])
    south = world.agency("south")
    for person in (officer, stranger, south):
        assert refused(nominating.receive, nomination_list=sent, actor=person, now=NOON).code == "not_allowed"
        facts = {"nomination_list": sent, "reason": "Sai.", "actor": person, "now": NOON}
        assert refused(nominating.return_, **facts).code == "not_allowed"


def test_a_round_elsewhere_takes_no_list_of_the_province(province, officer):
    south = world.round_above(region="south")
    assert refused(opened, round_=south, province=province, officer=officer).code == "round_elsewhere"


def test_the_order_is_that_of_the_numbers_and_filled_from_the_council(round_, province, officer):
    low, high, late = (world.certified(province) for _number in range(3))
    for product, points in ((low, 75), (high, 95)):
        source = Dossier.objects.get(product=product)
        source_result(source, points)
    NominationQuota.objects.create(round=round_, territory=province, maximum=1, basis="Cục")
    NominationQuota.objects.create(round=round_, maximum=9, basis="Cục")
    row = opened(round_, province, officer)
    nominating.fill_from_council(nomination_list=row, actor=officer, now=NOON)
    lines = {line.product: (line.chosen, line.position, line.why_not) for line in row.nominations.all()}
    assert lines == {high: (True, 1, ""), low: (False, 0, NotNominated.OVER_QUOTA), late: (False, 0, "")}
    choices = [nominating.Choice(low.pk, chosen=True, position=1), nominating.Choice(high.pk, chosen=True, position=2)]
    nominating.decide(nomination_list=row, choices=choices, actor=officer, now=NOON)
    assert [line.product for line in row.nominations.filter(chosen=True).order_by("position")] == [low, high]


def source_result(source, points):
    from rounds.models import Result, Verdict

    Result.objects.create(dossier=source, sheets=1, points=points, divisor=1, passed=True)
    Verdict.objects.create(dossier=source, choice="recognise", decided_at=NOON, recorded_by=factories.UserFactory())


def test_results_come_back_when_the_round_above_is_announced(round_, province, officer, agency):
    wins, loses = world.certified(province), world.certified(province)
    row = world.sent(round_, province, officer, chosen=[wins, loses])
    nominating.receive(nomination_list=row, actor=agency, now=NOON)
    assert refused(nominating.close, nomination_list=row, actor=agency, now=NOON).code == "not_announced"
    dossier = Dossier.objects.get(round=round_, product=wins)
    decision = factories.DecisionFactory(number="61", symbol="QĐ-CTĐP", year=2026, signed_on=dt.date(2026, 12, 20))
    dossier.recognition = factories.RecognitionFactory(product=wins, level="region", year=2026, decision=decision)
    dossier.save()
    Dossier.objects.filter(round=round_).update(state=DossierState.ELIGIBLE)
    round_.decision = decision
    round_.state, round_.announced_at = RoundState.ANNOUNCED, NOON
    round_.save()
    nominating.close(nomination_list=row, actor=agency, now=NOON)
    told = {line.product: line.outcome["code"] for line in row.nominations.all()}
    assert told == {wins: "recognised", loses: "not_recognised"}
    assert row.nominations.get(product=wins).outcome["decision"] == "61/QĐ-CTĐP"
    notice = Notice.objects.get(kind="nomination_result", user=officer)
    assert "1 trong 2 sản phẩm" in notice.body
    counted = [(one.level, one.eligible, one.nominated, one.entered, one.recognised) for one in queries.funnel()]
    assert counted == [("region", 2, 2, 2, 1)]
