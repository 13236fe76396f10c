"""The desk of norms: law as data, kept by who answers for it."""

import datetime as dt

import pytest

from extension.models import NormItem, SupportNorm
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from tests.factories import staff

from .estimate_world import World

pytestmark = pytest.mark.django_db
ADD = "/quan-tri/extension/supportnorm/add/"


@pytest.fixture
def desk(client, province):
    user = staff(Role.EXTENSION_OFFICER, province)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


@pytest.fixture
def item(db):
    return NormItem.objects.create(code="may", name="Máy", head=3)


def typed(item, province, **changes):
    facts = {
        "item": item.pk,
        "territory": province.pk if province else "",
        "percent": "50",
        "ceiling": "300 triệu",
        "legal_basis": "Nghị quyết mẫu",
        "start_known": "on",
        "valid_from": "2026-01-01",
        "certainty": "quoted",
    }
    return facts | changes


def words(response):
    return " ".join(response.content.decode().split())


def test_a_province_keeps_its_own_norms_and_not_the_nations(desk, item, province):
    assert desk.post(ADD, typed(item, province)).status_code == 302
    assert SupportNorm.objects.get().ceiling == 300_000_000
    assert AuditEntry.objects.filter(action="supportnorm.added").count() == 1
    page = words(desk.post(ADD, typed(item, None)))
    assert "Mức chung cả nước do Cục giữ." in page


def test_overlapping_days_are_refused_at_the_field_with_the_other_norm(desk, item, province):
    SupportNorm.objects.create(
        item=item, territory=province, percent=40, legal_basis="Nghị quyết cũ", valid_from=dt.date(2020, 1, 1)
    )
    page = words(desk.post(ADD, typed(item, province)))
    assert "Trùng ngày với mức của Nghị quyết cũ (01/01/2020 đến chưa có ngày hết)." in page
    assert SupportNorm.objects.count() == 1


def test_a_norm_that_was_applied_is_ended_not_changed(client, province):
    world = World(province)
    norm = world.approved(world.line()).lines.get().norm
    user = staff(Role.ADMINISTRATOR)
    user.is_staff = True
    user.save()
    client.force_login(user)
    address = f"/quan-tri/extension/supportnorm/{norm.pk}/change/"
    same = typed(norm.item, None, valid_from="2018-01-01", legal_basis="Thông tư mẫu")
    assert "đã dùng để duyệt dự toán nên không sửa" in words(client.post(address, same | {"percent": "60"}))
    assert client.post(address, same | {"valid_to": "2026-12-31"}).status_code == 302
