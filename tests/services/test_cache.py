"""The cache on a real Redis."""

import pytest
from django.core.cache import cache

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def empty() -> None:
    cache.clear()


def test_only_what_is_there_is_counted_up_and_it_keeps_its_time() -> None:
    with pytest.raises(ValueError, match="not found"):
        cache.incr("calls")
    assert cache.add("calls", 1, 60)
    assert (cache.incr("calls"), cache.incr("calls", 3), cache.get("calls")) == (2, 5, 5)
    assert not cache.add("calls", 1, 60)
    assert 0 < cache._cache.get_client().ttl(cache.make_key("calls")) <= 60  # type: ignore[attr-defined]


def test_counting_goes_on_where_the_server_has_forgotten_or_the_line_was_cut() -> None:
    client = cache._cache.get_client()  # type: ignore[attr-defined]
    assert cache.add("calls", 1, 60)
    client.script_flush()
    assert (cache.incr("calls"), cache.incr("calls")) == (2, 3)
    client.client_kill_filter(_type="normal", skipme=True)
    assert cache.incr("calls") == 4
