"""Who stands aside from a dossier does not take the package that carries its papers."""

import pytest

from rounds.models import Dossier, ExchangePackage
from tests import factories

from . import exchange_world as world
from .exchange_world import PROVINCE
from .nomination_world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def packed(tmp_path):
    with world.deployment(PROVINCE, tmp_path / "province"):
        here = world.build_province()
        world.packed(here)
        yield here, f"/quan-tri/trao-doi/{ExchangePackage.objects.get().pk}/tep/"


def test_the_package_is_shut_to_who_declared_a_conflict_and_open_to_the_others(client, packed):
    here, address = packed
    client.force_login(here.officer)
    assert b"".join(client.get(address).streaming_content).startswith(b"PK")
    factories.ConflictFactory(dossier=Dossier.objects.filter(product=here.tea).first(), user=here.officer)
    answer = client.get(address)
    assert answer.status_code == 403
    assert "xung đột lợi ích" in answer.content.decode()


def test_the_package_is_shut_to_who_speaks_for_a_maker_in_it(client, packed):
    here, address = packed
    factories.RepresentativeFactory(facility=here.tea.facility, user=here.officer)
    client.force_login(here.officer)
    assert client.get(address).status_code == 403
