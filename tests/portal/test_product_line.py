"""The line of a product's life on its public page: nominated, entered, befallen; never what is nobody's business."""

import datetime as dt

import pytest

from portal.pages import product_line
from products.enums import EventKind
from products.models import RecognitionEvent
from rounds.enums import DossierState, RoundState
from rounds.models import Dossier
from rounds.services import nominating
from tests import factories
from tests.rounds import nomination_world as world
from tests.rounds.nomination_world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def nominated(province, officer):
    """Two products in the round of the region, one of which is recognised and published."""
    round_ = world.round_above(name="Kỳ bình chọn cấp khu vực phía Bắc năm 2026")
    wins, waits = world.certified(province), world.certified(province)
    row = world.sent(round_, province, officer, chosen=[wins, waits])
    nominating.receive(nomination_list=row, actor=world.agency(), now=NOON)
    won = factories.RecognitionFactory(product=wins, level="region", year=2026, issued_on=NOON.date())
    Dossier.objects.filter(round=round_, product=wins).update(recognition=won, state=DossierState.ELIGIBLE)
    return round_, wins, waits


def steps(product):
    rows = list(product.recognitions.published().select_related("decision"))
    return [(step.what, step.more) for step in product_line.line_of(product, rows).steps]


def test_what_led_to_a_recognition_is_told(nominated):
    round_, wins, _waits = nominated
    told = steps(wins)
    assert ("Tham gia bình chọn", round_.title) in told
    assert ("Được đề cử lên cấp khu vực", "Thái Nguyên đề cử, công văn số 125/SCT-QLCN") in told
    below, above = (wins.recognitions.get(level=level) for level in ("province", "region"))
    line = product_line.line_of(wins, [below, above])
    assert line.rests_on == {above.pk: below.pk}


def test_nominations_stand_on_the_page_and_a_line_rises_in_the_drawing(nominated, client):
    _round, wins, _waits = nominated
    page = client.get(f"/san-pham/{wins.slug}/").content.decode()
    assert "Đề cử và tham gia bình chọn" in page
    assert 'class="life-rise"' in page


def test_an_entry_without_a_recognition_is_not_told(nominated, client):
    round_, _wins, waits = nominated
    assert not [what for what, more in steps(waits) if round_.title in more or "khu vực" in what]
    page = client.get(f"/san-pham/{waits.slug}/").content.decode()
    assert round_.title not in page
    assert "Được đề cử" not in page


def test_the_rounds_own_public_list_may_name_it(nominated):
    from rounds.models import Verdict

    round_, _wins, waits = nominated
    dossier = Dossier.objects.get(round=round_, product=waits)
    Verdict.objects.create(dossier=dossier, choice="recognise", decided_at=NOON, recorded_by=factories.UserFactory())
    Dossier.objects.filter(pk=dossier.pk).update(state=DossierState.ELIGIBLE)
    round_.state, round_.publish_provisional = RoundState.PROVISIONAL, True
    round_.save()
    assert ("Có tên trong danh sách dự kiến công nhận", round_.title) in steps(waits)
    round_.publish_provisional = False
    round_.save()
    assert not [what for what, more in steps(waits) if more == round_.title]


def test_what_befell_a_recognition_stands_in_the_list_and_in_the_drawing(client, province):
    product = world.certified(province, dossier=False)
    row = product.recognitions.get()
    facts = {"recognition": row, "recorded_at": NOON, "recorded_by": None}
    RecognitionEvent.objects.create(
        kind=EventKind.SUSPENDED, on=dt.date(2026, 3, 1), until=dt.date(2026, 3, 31), reason="Chờ kiểm nghiệm.", **facts
    )
    RecognitionEvent.objects.create(kind=EventKind.RESUMED, on=dt.date(2026, 3, 15), **facts)
    line = product_line.line_of(product, [row])
    assert line.pauses(row, on=NOON.date()) == ((dt.date(2026, 3, 1), dt.date(2026, 3, 14)),)
    assert line.marks(row) == (dt.date(2026, 3, 1), dt.date(2026, 3, 15))
    page = client.get(f"/san-pham/{product.slug}/").content.decode()
    assert "Lý do: Chờ kiểm nghiệm." in page
    assert 'class="life-mark"' in page
