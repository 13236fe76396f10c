"""One file examined in a process of its own: `python -m products.signing_child`, started by `signing_guard`.

Reads a line of JSON (roots, moment) and then the file from standard input; writes a line of JSON. Whatever a hostile
file makes of memory or time ends here, with this process.
"""

import datetime as dt
import json
import logging
import resource
import sys
from typing import Any

from . import signing

MEGABYTE = 1024 * 1024
MEMORY = 768 * MEGABYTE
CPU_SECONDS = 15


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    # What pyHanko logs about a stranger's file is in the answer already.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    asked = json.loads(sys.stdin.buffer.readline())
    json.dump(_answer(asked, sys.stdin.buffer.read()), sys.stdout)


def _answer(asked: dict[str, Any], data: bytes) -> dict[str, Any]:
    roots = [signing.Root(row["name"], row["pem"], _day(row["from"]), _last(row["to"])) for row in asked["roots"]]
    try:
        return signing.examine(data, roots=roots, now=dt.datetime.fromisoformat(asked["now"])).as_json()
    except signing.Unreadable as error:
        return {"trouble": error.trouble}
    except MemoryError:
        return {"trouble": "too_heavy"}


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _last(text: str) -> dt.date | None:
    return _day(text) if text else None


if __name__ == "__main__":
    main()
