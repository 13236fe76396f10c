"""`signing.examine` behind a wall: in another process, with limits on memory and time."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .signing import MAX_BYTES, Findings, Root, Unreadable

SECONDS = 20
_HOME = Path(__file__).resolve().parent.parent


def examine(data: bytes, *, roots: Sequence[Root], now: dt.datetime, seconds: float = SECONDS) -> Findings:
    """What `signing.examine` finds. Raises Unreadable, also for a file that takes too much memory or time."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large")
    asked = {
        "now": now.isoformat(),
        "roots": [
            {"name": one.name, "pem": one.pem, "from": str(one.valid_from), "to": str(one.valid_to or "")}
            for one in roots
        ],
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "products.signing_child"],
            input=json.dumps(asked).encode() + b"\n" + data,
            capture_output=True,
            timeout=seconds,
            cwd=_HOME,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("too_slow") from None
    if done.returncode != 0:
        # Killed by one of its limits: the answer is never half written.
        raise Unreadable("too_slow" if done.returncode == -signal.SIGXCPU else "too_heavy")
    answer = json.loads(done.stdout)
    if "trouble" in answer:
        raise Unreadable(answer["trouble"])
    return Findings.from_json(answer)


def _environment() -> dict[str, str]:
    """Only what Python needs to start: no secret of the portal's goes along."""
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG", "SYSTEMROOT") if name in os.environ}
