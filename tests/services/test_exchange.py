"""Two deployments as two servers with a database each: a list goes up over the network, and its result comes home."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.rounds.exchange_world import CENTRE, PROVINCE, seed_of

pytestmark = pytest.mark.services
ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


class Deployment:
    """One portal with its own database, files and key."""

    def __init__(self, folder: Path, key: Any, port: int, database: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.port = port
        self.environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"} | {
            "DATABASE_URL": database,
            "MEDIA_URL_BACKEND": f"file://{folder / 'media'}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DJANGO_DEBUG": "1",
            "EMAIL_URL": "memorymail://",
            "SITE_URL": self.address,
            "EXCHANGE_KEY": seed_of(key),
        }

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def does(self, act: str, *arguments: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.run("-m", "tests.services.exchange_deployment", act, *arguments))
        return said

    @contextmanager
    def served(self) -> Iterator[None]:
        command = [sys.executable, "manage.py", "runserver", "--noreload", str(self.port)]
        server = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._await()
            yield
        finally:
            server.terminate()
            server.wait(timeout=WAIT_SECONDS)

    def _await(self) -> None:
        for _try in range(WAIT_SECONDS * 5):
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
            except urllib.error.URLError:
                time.sleep(0.2)
            else:
                return
        pytest.fail("the server did not come up")


@contextmanager
def on_server() -> Iterator[Any]:
    """A cursor of the database server that may create databases."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture(scope="module")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Deployment]]:
    """Both migrated from nothing: the second database is a copy of the first."""
    made = []
    for name, key in (("province", PROVINCE), ("centre", CENTRE)):
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/exchange_{name}").geturl()
        made.append(Deployment(tmp_path_factory.mktemp(name), key, free_port(), address))
    with on_server() as server:
        server.execute("CREATE DATABASE exchange_province")
        made[0].run("manage.py", "migrate", "--verbosity", "0")
        server.execute("CREATE DATABASE exchange_centre TEMPLATE exchange_province")
        yield made[0], made[1]
        for name in ("province", "centre"):
            server.execute(f"DROP DATABASE exchange_{name} WITH (FORCE)")


def test_the_migrations_give_search_its_index(deployments: tuple[Deployment, Deployment]) -> None:
    """What only migrations make: the other tests build their tables from the models."""
    with psycopg2.connect(deployments[0].environment["DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'product_search_trigram'")
        assert "gin_trgm_ops" in cursor.fetchone()[0]
    database.close()


def test_a_list_goes_up_over_the_network_and_its_result_comes_home(deployments: tuple[Deployment, Deployment]) -> None:
    province, centre = deployments
    province.does("province", centre.address)
    centre.does("centre")

    lost = province.does("send")
    assert (lost["state"], lost["sent"], lost["waiting"]) == ("prepared", 0, 1)
    assert "Chưa kết nối được 127.0.0.1" in lost["said"][0]

    with centre.served():
        assert province.does("send")["state"] == "sent"
        waiting = centre.does("waiting")
        assert waiting == {
            "packages": [["nomination", "conflict"]],
            "conflicts": [["name", "Công ty Chè Xanh", "Hợp tác xã chè Tân Cương"]],
            "lists": 0,
        }
        assert province.does("again")["state"] == "sent"
        assert centre.does("waiting") == waiting

        assert centre.does("settle") == {"state": "received", "dossiers": 2, "due": 1}
        assert province.does("collect")["list"] == "received"
        assert province.does("collect")["came"] == 0

        assert centre.does("announce") == {"due": 1}
        home = province.does("collect")
        assert (home["came"], home["list"]) == (1, "closed")
        assert home["outcomes"] == {"Chè đinh Tân Cương": "recognised", "Bộ khay mây": "not_recognised"}
        assert home["held"] == [["Chè đinh Tân Cương", 2026, True, centre.does("codes")["codes"][0]]]
        assert province.does("collect")["came"] == 0
