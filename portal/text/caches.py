"""A cache that may go away: while Redis does not answer, nothing is found in it and nothing is kept.

Pages are then built anew each time, slower and as right as ever. After a failure Redis is left alone for some
seconds, so that a page that looks into the cache twenty times does not wait twenty times.
"""

import time
from collections.abc import Callable
from functools import cached_property, wraps
from hashlib import sha1
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache as DjangoRedisCache
from django.core.cache.backends.redis import RedisCacheClient
from redis.exceptions import ConnectionError, NoScriptError, RedisError, TimeoutError

LEFT_ALONE = 5.0
T = TypeVar("T")
log = structlog.get_logger(__name__)


class _Absence:
    """When Redis was last found missing in this process, and whether that was said."""

    until = 0.0
    said = False

    def is_on(self) -> bool:
        return time.monotonic() < self.until

    def begin(self, error: Exception) -> None:
        self.until = time.monotonic() + LEFT_ALONE
        if not self.said:
            self.said = True
            log.warning("cache_gone", error=str(error))

    def end(self) -> None:
        if self.said:
            self.said, self.until = False, 0.0
            log.warning("cache_back")


absence = _Absence()


def _or(missing: Callable[..., Any]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Answer with `missing(*arguments)` where Redis cannot be asked."""

    def decorate(method: Callable[..., T]) -> Callable[..., T]:
        @wraps(method)
        def asked(self: Any, *args: Any, **kwargs: Any) -> T:
            if absence.is_on():
                return missing(*args, **kwargs)
            try:
                found = method(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                absence.begin(error)
                return missing(*args, **kwargs)
            absence.end()
            return found

        return asked

    return decorate


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    return None


def _no(*_args: Any, **_kwargs: Any) -> bool:
    """Whoever must be the only one to add a key (a nonce, a lock) is told that it was not added."""
    return False


def _default(key: Any, default: Any = None, version: Any = None) -> Any:
    return default


def _empty(*_args: Any, **_kwargs: Any) -> dict[Any, Any]:
    return {}


def _none_failed(*_args: Any, **_kwargs: Any) -> list[Any]:
    return []


def _first(key: Any, delta: int = 1, version: Any = None) -> int:
    """Counting starts over: a limit that cannot be counted is not held against anybody."""
    return delta


class _Client(RedisCacheClient):
    """Django's for one server, that puts a connection's client together once and counts in one question, not two."""

    _COUNTED = "if redis.call('exists', KEYS[1]) == 1 then return redis.call('incrby', KEYS[1], ARGV[1]) end"
    _KNOWN_AS = sha1(_COUNTED.encode(), usedforsecurity=False).hexdigest()

    @cached_property
    def _only(self) -> Any:
        return super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._only

    def incr(self, key: Any, delta: int) -> int:
        number = self._counted(key, delta)
        if number is None:
            raise ValueError(f"Key '{key}' not found.")
        return number

    def _counted(self, key: Any, delta: int) -> int | None:
        """Asked on the connection itself, for every call of the API: the client's way round it costs twice the question.

        Where the script is not known to the server, or the connection breaks, the client's own way is taken.
        """
        pool = self._only.connection_pool
        connection = pool.get_connection()
        try:
            connection.send_command("EVALSHA", self._KNOWN_AS, 1, key, delta)
            number: int | None = connection.read_response()
        except (NoScriptError, ConnectionError, TimeoutError):
            number = self._only.eval(self._COUNTED, 1, key, delta)
        finally:
            pool.release(connection)
        return number


class RedisCache(DjangoRedisCache):
    """Django's, whose every answer is "nothing there" while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client

    add = _or(_no)(DjangoRedisCache.add)
    get = _or(_default)(DjangoRedisCache.get)
    set = _or(_nothing)(DjangoRedisCache.set)
    touch = _or(_no)(DjangoRedisCache.touch)
    delete = _or(_no)(DjangoRedisCache.delete)
    get_many = _or(_empty)(DjangoRedisCache.get_many)
    set_many = _or(_none_failed)(DjangoRedisCache.set_many)
    delete_many = _or(_nothing)(DjangoRedisCache.delete_many)
    has_key = _or(_no)(DjangoRedisCache.has_key)
    incr = _or(_first)(DjangoRedisCache.incr)
    clear = _or(_no)(DjangoRedisCache.clear)
