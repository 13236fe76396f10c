"""ClamAV over its INSTREAM command: every upload is shown to the scanner before it is kept.

CLAMAV_URL is `tcp://host:port` or `unix:///path/of/clamd.ctl`; empty, nothing is scanned. Configured and
not answering means that nothing is taken in: a scanner that sleeps must not become an open door.
"""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

CHUNK = 64 * 1024
# clamd needs a second or two for 20 MB; a person waits no longer than this for the answer.
SCAN_SECONDS = 30.0
PING_SECONDS = 1.0
ANSWER_LIMIT = 4096
_ANSWERS = "clamav-answers"
_ANSWERS_SECONDS = 60


class Infected(ValueError):
    """The scanner knows this content; `args[0]` is the name it gives it."""


class Unreachable(OSError):
    """The scanner is configured and did not say whether the content is clean."""


def is_configured() -> bool:
    return bool(settings.CLAMAV_URL)


def scan(data: bytes) -> None:
    """Return when the content is clean or nothing is configured. Raises Infected or Unreachable."""
    if not is_configured():
        return
    answer = _ask(b"zINSTREAM\0", _chunks(data), seconds=SCAN_SECONDS)
    if answer.endswith(" FOUND"):
        raise Infected(answer.removesuffix(" FOUND").removeprefix("stream: "))
    if answer != "stream: OK":
        raise Unreachable(answer)


def answers() -> bool:
    """Whether the scanner answers a ping; remembered for a minute, so that pages may ask freely."""
    known: bool | None = cache.get(_ANSWERS)
    if known is None:
        try:
            known = _ask(b"zPING\0", iter(()), seconds=PING_SECONDS) == "PONG"
        except Unreachable:
            known = False
        cache.set(_ANSWERS, known, _ANSWERS_SECONDS)
    return known


def _chunks(data: bytes) -> Iterator[bytes]:
    """Each piece after its length, then a length of nothing: the end."""
    for start in range(0, len(data), CHUNK):
        piece = data[start : start + CHUNK]
        yield struct.pack("!I", len(piece)) + piece
    yield struct.pack("!I", 0)


def _ask(command: bytes, parts: Iterator[bytes], *, seconds: float) -> str:
    """The scanner's whole answer within so many seconds, however slowly it drips."""
    until = time.monotonic() + seconds
    try:
        with _connected(until) as line:
            try:
                for part in (command, *parts):
                    line.settimeout(_left(until))
                    line.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                # It stopped listening (a file beyond its own limit); what it says of that comes below.
                pass
            return _answer(line, until)
    except (OSError, ValueError) as error:
        raise Unreachable(str(error)) from error


@contextmanager
def _connected(until: float) -> Iterator[socket.socket]:
    address = urlsplit(settings.CLAMAV_URL)
    if address.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with line:
            line.settimeout(_left(until))
            line.connect(address.path)
            yield line
    else:
        with socket.create_connection((address.hostname or "", address.port or 3310), timeout=_left(until)) as line:
            yield line


def _answer(line: socket.socket, until: float) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < ANSWER_LIMIT:
        line.settimeout(_left(until))
        piece = line.recv(ANSWER_LIMIT)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0").decode(errors="replace").strip()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("The scanner took too long.")
    return left
