"""The desk's pages of the exchange: a file in, differences settled, partners added; for whom they are."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError as BrokerError

from facilities.models import Facility
from portal.accounts.enums import Role
from rounds.enums import ListState, PackageState
from rounds.exchange import keys
from rounds.models import ExchangePackage, NominationList, Peer
from rounds.services import exchange
from rounds.tasks import send_package
from tests import factories

from . import exchange_world as world
from .exchange_world import CENTRE, OTHER, PROVINCE
from .nomination_world import NOON

pytestmark = pytest.mark.django_db
HOME = "/quan-tri/trao-doi/"
PEERS = f"{HOME}cong/"


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def sent(tmp_path) -> bytes:
    with world.deployment(PROVINCE, tmp_path / "sender"):
        return world.packed(world.build_province())


@pytest.fixture
def at_centre(tmp_path):
    with world.deployment(CENTRE, tmp_path / "centre"):
        yield world.build_centre()


@pytest.fixture
def at_province(tmp_path):
    with world.deployment(PROVINCE, tmp_path / "province"):
        yield world.build_province()


def upload(client, data: bytes):
    return client.post(HOME, {"act": "upload", "file": SimpleUploadedFile("goi.zip", data)})


def one(package) -> str:
    return f"{HOME}{package.pk}/"


def test_a_file_put_in_is_checked_settled_and_written(client, sent, at_centre):
    here = factories.FacilityFactory(name="Công ty Chè Xanh", territory=at_centre.unit, tax_code=world.TAX_CODE)
    client.force_login(at_centre.agency)
    response = upload(client, sent)
    package = ExchangePackage.objects.get()
    assert (response.status_code, response.url) == (302, one(package))
    page = client.get(one(package)).content.decode()
    for words in (
        "Công ty Chè Xanh",
        "Hợp tác xã chè Tân Cương",
        "Của ta",
        "Của bên gửi",
        "Cơ sở “Hợp tác xã chè Tân Cương”, tên",
    ):
        assert words in page
    row = package.conflicts.get()
    name = f"diem-{row.pk}"
    assert client.post(one(package), {"act": "apply"}).status_code == 302
    assert NominationList.objects.count() == 0
    assert client.post(one(package), {"act": "settle", f"{name}-choice": "theirs"}).status_code == 400
    client.post(one(package), {"act": "settle", f"{name}-choice": "theirs", f"{name}-reason": "Đã đổi tên 2025."})
    client.post(one(package), {"act": "apply"})
    here.refresh_from_db()
    assert (here.name, NominationList.objects.get().state) == ("Hợp tác xã chè Tân Cương", ListState.RECEIVED)
    assert "Đã ghi vào sổ" in client.get(one(package)).content.decode()


def test_a_broken_file_comes_back_with_its_sentence(client, at_centre):
    client.force_login(at_centre.agency)
    response = upload(client, b"not a package at all")
    assert response.status_code == 400
    assert "không phải gói trao đổi" in response.content.decode()


def test_the_same_file_twice_says_when_it_came(client, sent, at_centre):
    client.force_login(at_centre.agency)
    upload(client, sent)
    response = client.post(HOME, {"act": "upload", "file": SimpleUploadedFile("goi.zip", sent)}, follow=True)
    assert "đã nhận lúc 12:00 ngày 21/11/2026" in response.content.decode()
    assert ExchangePackage.objects.count() == 1


def test_a_package_is_sent_back_with_a_reason(client, sent, at_centre):
    client.force_login(at_centre.agency)
    upload(client, sent)
    package = ExchangePackage.objects.get()
    assert client.post(one(package), {"act": "send_back", "reason": ""}).status_code == 400
    client.post(one(package), {"act": "send_back", "reason": "Thiếu chữ ký."})
    package.refresh_from_db()
    assert package.state == PackageState.REFUSED
    back = ExchangePackage.objects.get(incoming=False)
    response = client.get(f"{one(back)}tep/")
    assert b"".join(response.streaming_content) == world.read(back)


def test_an_officer_packs_downloads_and_hands_over(client, at_province):
    client.force_login(at_province.officer)
    page = client.get(HOME).content.decode()
    assert "Gửi danh sách đã lập" in page
    client.post(HOME, {"act": "pack", "row": at_province.row.pk, "peer": at_province.centre.pk})
    package = ExchangePackage.objects.get()
    assert package.state == PackageState.PREPARED
    client.post(one(package), {"act": "handed"})
    package.refresh_from_db()
    assert (package.state, package.by_api) == (PackageState.SENT, False)
    assert "Gửi danh sách đã lập" not in client.get(HOME).content.decode()


def test_without_a_broker_the_package_stays_and_the_officer_is_told(client, at_province, settings, monkeypatch):
    def refuse(*_args, **_how):
        raise BrokerError

    settings.CELERY_TASK_ALWAYS_EAGER = False
    monkeypatch.setattr(send_package, "apply_async", refuse)
    client.force_login(at_province.officer)
    Peer.objects.filter(pk=at_province.centre.pk).update(address="https://cong-bo.example.vn")
    asked = {"act": "send", "row": at_province.row.pk, "peer": at_province.centre.pk}
    page = client.post(HOME, asked, follow=True).content.decode()
    assert "chưa giao được việc gửi cho máy chủ. Chưa gửi gì. Hãy bấm gửi lại sau ít phút." in page
    package = ExchangePackage.objects.get()
    assert package.state == PackageState.PREPARED
    handed = []
    monkeypatch.setattr(send_package, "apply_async", lambda args, **_how: handed.append(args))
    client.post(one(package), {"act": "send"})
    assert handed == [(package.pk,)]


def test_other_offices_see_nothing_of_it(client, at_province):
    world.packed(at_province)
    package = ExchangePackage.objects.get()
    client.force_login(factories.staff(Role.OFFICER, factories.TerritoryFactory()))
    assert client.get(one(package)).status_code == 404
    assert "Danh sách đề cử và hồ sơ" not in client.get(HOME).content.decode()
    client.force_login(factories.UserFactory())
    assert client.get(HOME).status_code == 403


def test_an_extension_officer_reads_and_does_nothing(client, at_province):
    world.packed(at_province)
    package = ExchangePackage.objects.get()
    client.force_login(factories.staff(Role.EXTENSION_OFFICER, at_province.unit))
    assert "Đưa gói vào" not in client.get(HOME).content.decode()
    assert client.get(one(package)).status_code == 200
    client.post(one(package), {"act": "handed"})
    package.refresh_from_db()
    assert package.state == PackageState.PREPARED


def test_an_administrator_adds_and_retires_a_partner(client, at_centre):
    client.force_login(at_centre.administrator)
    card = world.card(OTHER, name="Sở Công Thương Cao Bằng", role="province", territory="thai-nguyen")
    wrong = client.post(PEERS, {"card": card, "fingerprint": "1" * 40})
    assert wrong.status_code == 400
    assert "Dãy số không khớp" in wrong.content.decode()
    assert "Sở Công Thương Cao Bằng" in wrong.content.decode()
    client.post(PEERS, {"card": card, "fingerprint": keys.fingerprint(OTHER.public)})
    peer = Peer.objects.get(public_key=OTHER.public)
    client.post(f"{PEERS}{peer.pk}/", {"act": "move", "address": "https://caobang.example.vn"})
    assert client.post(f"{PEERS}{peer.pk}/", {"act": "move", "address": "ftp://x"}).status_code == 400
    client.post(f"{PEERS}{peer.pk}/", {"act": "retire", "reason": "Đổi khóa."})
    peer.refresh_from_db()
    assert (peer.address, peer.retired_at) == ("https://caobang.example.vn", NOON)


def test_the_own_card_is_shown_to_be_pasted_elsewhere(client, at_centre):
    client.force_login(at_centre.administrator)
    page = client.get(PEERS, {"vai": "centre", "ten": "Cục", "khu_vuc": "north"}).content.decode()
    shown = page.partition('tabindex="0">')[2].partition("</pre>")[0].replace("&quot;", '"')
    card = exchange.read_card(shown)
    assert (card.name, card.role, card.region, card.public_key) == ("Cục", "centre", "north", CENTRE.public)
    assert keys.fingerprint(CENTRE.public).split()[0] in page


def test_without_a_key_the_pages_say_what_to_do(client, at_centre, settings):
    settings.EXCHANGE_KEY = ""
    client.force_login(at_centre.administrator)
    for page in (HOME, PEERS):
        assert "exchange_key" in client.get(page).content.decode()


@pytest.mark.parametrize("many", [3, 50])
def test_the_list_costs_the_same_however_many_packages(client, at_centre, many):
    def add(total: int) -> None:
        for number in range(ExchangePackage.objects.count(), total):
            ExchangePackage.objects.create(
                peer=at_centre.province, incoming=True, kind="nomination", digest=f"{number:064}", size=1, made_at=NOON
            )

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(HOME).status_code == 200
        return len(counted)

    client.force_login(at_centre.agency)
    add(1)
    client.get(HOME)
    first = cost()
    add(many)
    assert cost() == first
    assert Facility.objects.count() == 0


def test_a_sent_list_leads_to_the_exchange_and_to_its_package(client, at_province):
    client.force_login(at_province.officer)
    row = NominationList.objects.get()
    page = f"/quan-tri/de-cu/{row.pk}/"
    text = client.get(page).content.decode()
    assert "Danh sách chưa gửi sang cổng của Cục." in text
    world.packed(at_province)
    text = client.get(page).content.decode()
    assert "Danh sách chưa gửi sang cổng của Cục." not in text
    assert f'href="{one(ExchangePackage.objects.get())}"' in text


def test_a_sent_list_says_nothing_of_an_exchange_where_no_centre_is_known(client, at_province):
    Peer.objects.all().delete()
    client.force_login(at_province.officer)
    assert "Đóng gói và gửi" not in client.get(f"/quan-tri/de-cu/{NominationList.objects.get().pk}/").content.decode()
