"""What a maker tells buyers: written once, refused in words, nothing typed lost."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.pages import buying
from portal.text.errors import Refusal
from products.models import Product, TradeFacts
from products.services import declare_trade_facts
from products.trade_forms import AmountField
from tests.factories import FacilityFactory, ProductFactory, RepresentativeFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)
GTIN = "8934563138165"


@pytest.fixture
def tea() -> Product:
    return ProductFactory(name="Chè móc câu", facility=FacilityFactory())


@pytest.fixture
def maker(client, tea):
    user = UserFactory()
    RepresentativeFactory(user=user, facility=tea.facility)
    client.force_login(user)
    return user


def test_facts_are_declared_on_a_day_by_someone_and_leave_a_row_in_the_audit(tea):
    actor = UserFactory()
    row = declare_trade_facts(product=tea, actor=actor, on=TODAY, gtin=GTIN, pack="Hộp 200 g")
    assert (row.declared_on, row.declared_by, row.gtin) == (TODAY, actor, GTIN)
    entry = AuditEntry.objects.filter(action="product.declare_trade").get()
    assert "mã số mã vạch (GTIN), quy cách đóng gói" in entry.sentence


def test_the_same_again_is_a_confirmation_once_a_day_and_nothing_at_all_writes_nothing(tea):
    assert declare_trade_facts(product=tea, actor=None, on=TODAY, pack="") is None
    declare_trade_facts(product=tea, actor=None, on=TODAY, pack="Hộp 200 g")
    declare_trade_facts(product=tea, actor=None, on=TODAY, pack="Hộp 200 g")
    later = declare_trade_facts(product=tea, actor=None, on=TODAY + dt.timedelta(days=40), pack="Hộp 200 g")
    assert later.declared_on == TODAY + dt.timedelta(days=40)
    assert AuditEntry.objects.filter(action="product.declare_trade").count() == 2


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"gtin": GTIN}, "gtin_taken", "gtin"),
        ({"gtin": "8934563138166"}, "trade_facts_wrong", "gtin"),
        ({"hs_code": "0902"}, "trade_facts_wrong", "hs_code"),
        ({"capacity": 5}, "trade_facts_wrong", None),
    ],
)
def test_what_cannot_be_is_refused_in_words(tea, facts, code, field):
    declare_trade_facts(product=ProductFactory(), actor=None, on=TODAY, gtin=GTIN)
    with pytest.raises(Refusal) as refused:
        declare_trade_facts(product=tea, actor=None, on=TODAY, **facts)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not TradeFacts.objects.filter(product=tea).exists()


def test_the_maker_tells_buyers_on_its_own_page(client, tea, maker):
    page = reverse("own_product", args=[tea.uuid])
    typed = {"gtin": "8 934563 138165", "hs_code": "0902.10.10", "pack": "Hộp 200 g", "name_en": "Hook tea"}
    assert client.post(page, typed).status_code == 302
    row = TradeFacts.objects.get(product=tea)
    assert (row.gtin, row.hs_code, row.declared_by) == (GTIN, "09021010", maker)
    assert Product.objects.get(pk=tea.pk).name_en == "Hook tea"


def test_nothing_typed_is_lost_when_something_is_wrong(client, tea, maker):
    declare_trade_facts(product=ProductFactory(), actor=None, on=TODAY, gtin=GTIN)
    typed = {"gtin": GTIN, "capacity": "12,5", "story": "Câu chuyện dài", "lead_time_days": "-1"}
    answer = client.post(reverse("own_product", args=[tea.uuid]), typed)
    said = answer.content.decode()
    assert answer.status_code == 400
    for sentence in ("Mã GTIN này đã khai cho một sản phẩm khác.", "Sản lượng chưa có đơn vị tính.",
                     "Hãy chọn sản lượng này tính theo tháng hay theo năm."):  # fmt: skip
        assert sentence in said
    assert "Câu chuyện dài" in said
    assert f'value="{GTIN}"' in said
    assert not TradeFacts.objects.filter(product=tea).exists()


def test_a_product_of_another_facility_does_not_exist_for_the_maker(client, tea, maker):
    other = ProductFactory(facility=FacilityFactory())
    assert client.get(reverse("own_product", args=[other.uuid])).status_code == 404
    assert client.post(reverse("own_product", args=[other.uuid]), {"pack": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1.500", "1500"), ("12,5", "12.5"), ("1.234.567,5", "1234567.5"), ("0.5", "0.5"), ("40", "40")],
)
def test_an_amount_is_read_as_people_here_write_it(typed, amount):
    assert AmountField(max_digits=12, decimal_places=2).clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (45, "45 ngày"),
        (180, "6 tháng (180 ngày)"),
        (365, "12 tháng (365 ngày)"),
        (730, "24 tháng (730 ngày)"),
        (100, "100 ngày"),
    ],
)
def test_shelf_life_is_said_as_people_say_it(days, words):
    assert buying.shelf_life(days) == words


@pytest.mark.parametrize(
    ("gtin", "shown"),
    [("96385074", "9638 5074"), ("036000291452", "0 36000 29145 2"), (GTIN, "8 934563 138165"), ("", "")],
)
def test_digits_stand_as_under_the_bars(gtin, shown):
    assert buying.grouped(gtin) == shown
