"""A mail server that does as it is told, in a thread: takes letters, refuses addresses, breaks the line."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Server:
    """What it took, and how it behaves: an answer per address, and whether the line breaks under the letter's text."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    breaks_after_text: bool = False
    busy: bool = False
    pause_seconds: float = 0.0
    more: threading.Condition = field(default_factory=threading.Condition)

    def take(self, recipient: str, text: bytes) -> None:
        with self.more:
            self.taken.append((recipient, text))
            self.more.notify_all()
        if self.pause_seconds:
            time.sleep(self.pause_seconds)  # a slow line, so that a kill falls between two letters

    def wait_for(self, letters: int, seconds: float) -> None:
        """Returns once so many letters were taken; fails when they do not come."""
        with self.more:
            assert self.more.wait_for(lambda: len(self.taken) >= letters, timeout=seconds)


def _handler(server: Server) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("421 busy" if server.busy else "220 ready")
            recipient = ""
            while line := self.rfile.readline().decode("latin-1").strip():
                verb = line.upper().split(":")[0].split()[0]
                if verb == "RCPT TO" or line.upper().startswith("RCPT TO"):
                    recipient = line.split("<")[1].split(">")[0]
                    self.say(server.answers.get(recipient, "250 ok"))
                elif verb == "DATA":
                    self.say("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        text += part
                    server.take(recipient, text)
                    if server.breaks_after_text:
                        return
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    return Handler


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def listening() -> Iterator[Server]:
    server = Server()
    with _Listener(("127.0.0.1", 0), _handler(server)) as listener:
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
