"""The server that is packaged lets through what the pages answer."""

import http.client
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.with_services import free_port, running

ROOT = Path(__file__).resolve().parents[2]
# An application that answers with the query it was given.
ECHO = "wsgiref.simple_server:demo_app"


def packaged(port: int) -> list[str]:
    """The command of the image, on a port of this machine, with one worker and another application."""
    line = next(line for line in (ROOT / "portal/Dockerfile").read_text().splitlines() if line.startswith("CMD "))
    command: list[str] = json.loads(line.removeprefix("CMD "))
    command[command.index("portal.wsgi")] = ECHO
    command[command.index("--bind") + 1] = f"127.0.0.1:{port}"
    return [sys.executable, "-m", *command, "--workers", "1", "--access-logfile", "/dev/null", "--log-level", "error"]


@pytest.fixture(scope="module")
def server():
    port = free_port()
    with running(packaged(port), port, "gunicorn", cwd=ROOT):
        yield port


def asked(port: int, query: str) -> tuple[int, bool]:
    """The status, and whether the application was given the whole query."""
    calling = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        calling.request("GET", f"/san-pham/?{query}")
        answer = calling.getresponse()
        return answer.status, query in answer.read().decode()
    finally:
        calling.close()


@pytest.mark.parametrize("letter", ["x", "ế"])
def test_a_query_of_ten_thousand_characters_reaches_the_page(server, letter):
    assert asked(server, f"q={quote(letter * 10_000)}") == (200, True)


def test_a_line_without_end_is_not_read_to_its_end(server):
    assert asked(server, "q=" + "x" * 200_000) == (414, False)


def test_the_demo_and_a_server_without_docker_are_started_the_same_way():
    for name in ("Makefile", "README.md"):
        assert "gunicorn portal.wsgi --config portal/serving.py" in (ROOT / name).read_text(), name
