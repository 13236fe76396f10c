"""A small clamd on a real socket, speaking INSTREAM and PING, with the faults a real one shows."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNATURE = b"X5O!P%@AP-EICAR"


class FakeClamd:
    """Answers each connection by `reply(content)`; remembers what it was shown."""

    def __init__(self, listener: socket.socket, url: str) -> None:
        self.listener = listener
        self.url = url
        self.seen: list[bytes] = []
        self.reply: Callable[[bytes], bytes] = lambda content: (
            b"stream: Eicar-Signature FOUND\0" if SIGNATURE in content else b"stream: OK\0"
        )

    def run(self) -> None:
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            with line:
                try:
                    self._serve(line)
                except OSError:
                    continue

    def _serve(self, line: socket.socket) -> None:
        command = _until_nul(line)
        if command == b"zPING":
            line.sendall(b"PONG\0")
            return
        assert command == b"zINSTREAM"
        content = b""
        while size := struct.unpack("!I", _exactly(line, 4))[0]:
            content += _exactly(line, size)
        self.seen.append(content)
        line.sendall(self.reply(content))


def _until_nul(line: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\0"):
        said += _exactly(line, 1)
    return said[:-1]


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = line.recv(size - len(data))
        if not piece:
            raise ConnectionResetError
        data += piece
    return data


@contextmanager
def clamd(path: str = "") -> Iterator[FakeClamd]:
    """A running server on a free port, or on a socket file."""
    if path:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        url = f"unix://{path}"
    else:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    listener.listen()
    server = FakeClamd(listener, url)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
