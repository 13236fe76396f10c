"""The portal behind two gunicorn workers, and a person at it: real HTTP, connections kept, a session in a cookie."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.urls import reverse

from portal.accounts.models import User
from tests.with_services import free_port, running

from . import jury
from .measure import medians_ms

HOST, WORKERS, THREADS = "127.0.0.1", 2, 4
TOKEN = "b" * CSRF_SECRET_LENGTH


@contextmanager
def serving() -> Iterator[int]:
    """Two workers on a free port of this machine, on the database and cache of this run."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.bench.served_settings",
            "DJANGO_DEBUG": "0",
            "DJANGO_SECRET_KEY": settings.SECRET_KEY,
            "BENCH_STATIC": folder,
            "LOG_LEVEL": "ERROR",
        }
        root = Path(__file__).resolve().parents[2]
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(collect, check=True, env=environment, cwd=root)
        command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"{HOST}:{port}", "--workers", str(WORKERS),
                   "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "30", "--log-level", "warning"]  # fmt: skip
        with running(command, port, "gunicorn", env=environment, cwd=root):
            yield port


def cookies_of(user: User) -> str:
    """The cookies of somebody who has logged in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


class Visitor:
    """One kept connection; every answer is read to its end."""

    def __init__(self, port: int, user: User) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self._headers = {"Cookie": cookies_of(user), "X-CSRFToken": TOKEN}

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask("POST", path, json.dumps(body).encode()))
        return found

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = self._headers if body is None else {**self._headers, "Content-Type": "application/json"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            sys.exit(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return content


def measure(_bare: float) -> None:
    """The judge's three pages and the officer's board of a national round, as multiples of the bare page there."""
    round_, people, _dossiers = jury.national()
    head = people[0]
    judge, dossier = jury.free_pair(round_, people)
    board = f"{reverse('admin:rounds_round_board', args=[round_.pk])}?sort=mean"
    with serving() as port:
        visitor, chair = Visitor(port, judge), Visitor(port, head)
        calls: dict[str, tuple[Callable[[], Any], int]] = {
            "bare page": (lambda: visitor.get("/bare/"), 1),
            "judge's list": (lambda: visitor.get("/cham-diem/"), 100),
            "opening a sheet": (lambda: visitor.get(f"/cham-diem/{dossier.uuid}/"), 40),
            "saving a score": (_saves(visitor, dossier, round_), 15),
            "board by score": (lambda: chair.get(board), 150),
        }
        for call, _most in calls.values():
            for _worker in range(WORKERS * THREADS):
                call()
        found = medians_ms(*(call for call, _most in calls.values()))
    print(f"\n{'served by two workers, milliseconds':<38}{'median':>9}{'× bare':>10}{'at most':>11}")
    for (name, (_call, most)), took in zip(calls.items(), found, strict=True):
        over = "" if took / found[0] <= most else "  OVER"
        print(f"{name:<38}{took:9.2f}{took / found[0]:8.1f} ×{most:9} ×{over}")


def _saves(visitor: Visitor, dossier: Any, round_: Any) -> Callable[[], None]:
    """Another figure in another box each time, with a key, as the page's script sends it."""
    from uuid import uuid4

    from rounds.judge_queries import outline_for

    inputs = outline_for(round_.pk, dossier.product.group).inputs
    state = {"revision": 0, "turn": 0}

    def save() -> None:
        turn = state["turn"] = state["turn"] + 1
        row = inputs[turn % len(inputs)]
        points = str((turn // len(inputs)) % 2 + 1)
        body = {"key": str(uuid4()), "revision": state["revision"], "values": {str(row.pk): {"points": points}}}
        state["revision"] = visitor.post(f"/cham-diem/{dossier.uuid}/luu/", body)["revision"]

    return save
