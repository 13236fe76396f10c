"""Runs a command with a throw-away PostgreSQL and Redis, started from installed binaries.

`DATABASE_URL` or `REDIS_URL` that are already set are used instead. Nothing is skipped: what is
missing stops the run with a sentence.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

WAIT_SECONDS = 30


def binary(name: str) -> str:
    """The newest installed server binary of that name; exits in words when there is none."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    homes += [Path("/opt/homebrew/bin"), Path("/usr/local/bin")]
    for home in homes:
        if (home / name).exists():
            return str(home / name)
    found = shutil.which(name)
    if not found:
        sys.exit(f"{name} is not installed. Install PostgreSQL 15 or newer and Redis 7 (see README), then run again.")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_postgres() -> dict[str, int]:
    """PostgreSQL refuses to run as root: become its own user then."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid}


def wait_for(port: int, process: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{name} stopped with status {process.returncode} while starting.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"{name} did not answer within {WAIT_SECONDS} seconds.")


@contextmanager
def running(command: list[str], port: int, name: str, **options: object) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        wait_for(port, process, name)
        yield
    finally:
        process.terminate()
        process.wait(timeout=WAIT_SECONDS)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    data, port, owner = folder / "pg", free_port(), as_postgres()
    data.mkdir()
    if owner:
        folder.chmod(0o711)
        os.chown(data, owner["user"], owner["group"])
    init = [binary("initdb"), "-D", str(data), "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8"]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL, cwd=data, **owner)  # type: ignore[call-overload]
    fast = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    memory = [
        "-c",
        "shared_buffers=256MB",
        "-c",
        "work_mem=32MB",
        "-c",
        "max_connections=60",
        "-c",
        "log_min_messages=fatal",
    ]
    command = [binary("postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(data), *fast, *memory]
    with running(command, port, "PostgreSQL", cwd=data, **owner):
        created = [binary("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "portal", "portal"]
        for _attempt in range(WAIT_SECONDS * 2):
            if subprocess.run(created, check=False, stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.5)
        else:
            sys.exit("PostgreSQL did not let a database be created.")
        yield f"postgres://portal@127.0.0.1:{port}/portal"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [binary("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with running(command, port, "Redis"):
        yield f"redis://127.0.0.1:{port}/0"


def main() -> int:
    environment = dict(os.environ)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not environment.get("DATABASE_URL"):
            environment["DATABASE_URL"] = stack.enter_context(postgres(folder))
        if not environment.get("REDIS_URL"):
            environment["REDIS_URL"] = stack.enter_context(redis(folder))
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
