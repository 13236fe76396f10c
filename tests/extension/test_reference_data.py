import pytest

from extension import reference_data
from extension.models import Programme
from portal.territory import reference_data as territory

pytestmark = pytest.mark.django_db


def test_programmes_load_once_and_keep_what_staff_changed():
    territory.load()
    assert reference_data.programmes() == {"programmes_created": 3, "programmes_kept": 0}
    Programme.objects.filter(territory=None).update(legal_basis="Quyết định khác")
    assert reference_data.programmes() == {"programmes_created": 0, "programmes_kept": 3}
    assert Programme.objects.filter(legal_basis="Quyết định khác").count() == 2
