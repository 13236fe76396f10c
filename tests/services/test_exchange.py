"""Two deployments as two servers with a database each: a list goes up over the network, and its result comes home."""

import json
import os
import shutil
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

    def __init__(self, folder: Path, key: Any, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.port = port
        self.environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"} | {
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
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


@pytest.fixture
def deployments(tmp_path: Path) -> tuple[Deployment, Deployment]:
    made = []
    for name, key in (("province", PROVINCE), ("centre", CENTRE)):
        (tmp_path / name).mkdir()
        made.append(Deployment(tmp_path / name, key, free_port()))
    made[0].run("manage.py", "migrate", "--verbosity", "0")
    for ending in ("", "-wal", "-shm"):
        source = tmp_path / "province" / f"db.sqlite3{ending}"
        if source.exists():
            shutil.copy(source, tmp_path / "centre" / source.name)
    return made[0], made[1]


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
