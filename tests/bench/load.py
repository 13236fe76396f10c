"""A hall of judges: 200 people saving every two seconds on two gunicorn workers, every answer checked afterwards.

Each save carries a key and another figure. One save in ten is sent again, as a browser does whose answer was lost.
What was acknowledged must be in the database afterwards, once: one row per key, one revision per key, and the
last acknowledged figure of every box. `LOAD_SECONDS` and `LOAD_JUDGES` change the size.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID, uuid4

from rounds.judge_queries import outline_for
from rounds.models import Dossier, Score, ScoreSheet, SheetSave

from . import jury
from .served import HOST, TOKEN, cookies_of, serving

JUDGES = int(os.environ.get("LOAD_JUDGES", "200"))
SECONDS = float(os.environ.get("LOAD_SECONDS", "120"))
PAUSE, PATIENCE, AGAIN = 2.0, 30.0, 0.1


@dataclass
class Judge:
    """One person at one sheet: what is to be asked, and what was answered."""

    path: str
    cookies: str
    boxes: tuple[int, ...]
    dossier: int
    user: int
    revision: int = 0
    turn: int = 0
    held: dict[int, Decimal] = field(default_factory=dict)
    acknowledged: list[UUID] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def next_save(self) -> tuple[int, Decimal, UUID, bytes]:
        self.turn += 1
        box = self.boxes[self.turn % len(self.boxes)]
        points = Decimal((self.turn // len(self.boxes)) % 2 + 1)
        key = uuid4()
        body = {"key": str(key), "revision": self.revision, "values": {str(box): {"points": str(points)}}}
        return box, points, key, json.dumps(body).encode()


async def ask(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], judge: Judge, body: bytes
) -> tuple[int, bytes]:
    """One request on a kept connection, read to its end."""
    reader, writer = streams
    head = (
        f"POST {judge.path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {judge.cookies}\r\nX-CSRFToken: {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:"))
    return int(lines[0].split()[1]), await reader.readexactly(length)


async def sit(port: int, judge: Judge, ends: float, dice: random.Random) -> None:
    """Saves every two seconds until the time is over; a broken connection is opened again, and the save sent again."""
    await asyncio.sleep(dice.random() * PAUSE)
    streams = await asyncio.open_connection(HOST, port)
    due = time.perf_counter()
    while time.perf_counter() < ends:
        box, points, key, body = judge.next_save()
        times = 2 if dice.random() < AGAIN else 1
        for _sending in range(times):
            started = time.perf_counter()
            try:
                status, content = await asyncio.wait_for(ask(streams, judge, body), PATIENCE)
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                judge.errors[type(error).__name__] += 1
                streams[1].close()
                streams = await asyncio.open_connection(HOST, port)
                continue
            judge.waits.append(time.perf_counter() - started)
            if status != 200:
                judge.errors[f"{status} {content[:120]!r}"] += 1
                continue
            judge.revision = json.loads(content)["revision"]
            judge.held[box] = points
            if judge.acknowledged[-1:] != [key]:
                judge.acknowledged.append(key)
        due += PAUSE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    streams[1].close()


async def together(port: int, judges: list[Judge]) -> None:
    ends = time.perf_counter() + SECONDS
    await asyncio.gather(*(sit(port, judge, ends, random.Random(place)) for place, judge in enumerate(judges)))


def lost_or_doubled(judge: Judge) -> list[str]:
    """Everything that is not as acknowledged."""
    sheet = ScoreSheet.objects.get(dossier=judge.dossier, judge=judge.user)
    kept = Counter(SheetSave.objects.filter(sheet=sheet).values_list("key", flat=True))
    points = dict(Score.objects.filter(sheet=sheet).values_list("criterion_id", "points"))
    wrong = [f"key {key} is not there" for key in judge.acknowledged if not kept[key]]
    wrong += [f"key {key} is there {times} times" for key, times in kept.items() if times > 1]
    if sheet.revision != len(kept):
        wrong.append(f"{len(kept)} saves made {sheet.revision} revisions")
    if not judge.errors:
        wrong += [
            f"box {box} holds {points.get(box)}, not {held}"
            for box, held in judge.held.items()
            if points.get(box) != held
        ]
    return wrong


def measure(_bare: float) -> None:
    """Prints how long the answers took and what went wrong; stops the run when a save is lost or doubled."""
    round_, people, dossiers = jury.open_round(dossiers=20, judges=JUDGES, ordinal=78)
    judges = [_seated(user, dossiers[place % len(dossiers)], round_.pk) for place, user in enumerate(people)]
    with serving() as port:
        asyncio.run(together(port, judges))
    waits = sorted(wait * 1000 for judge in judges for wait in judge.waits)
    errors = sum((judge.errors for judge in judges), Counter())
    wrong = [sentence for judge in judges for sentence in lost_or_doubled(judge)]
    saves = sum(len(judge.acknowledged) for judge in judges)
    cuts = statistics.quantiles(waits, n=100)
    print(f"\nload: {JUDGES} judges saving every {PAUSE:.0f} s for {SECONDS:.0f} s on two workers")
    print(
        f"{len(waits)} answers, {len(waits) / SECONDS:.0f} a second; {saves} saves acknowledged, {sum(errors.values())} errors"
    )
    print(f"milliseconds: p50 {cuts[49]:.1f}, p95 {cuts[94]:.1f}, p99 {cuts[98]:.1f}, longest {waits[-1]:.1f}")
    for what, times in errors.most_common(5):
        print(f"  {times} × {what}")
    print(f"lost or doubled: {len(wrong)}")
    if wrong:
        sys.exit("\n".join(wrong[:20]))


def _seated(user: object, dossier: Dossier, round_pk: int) -> Judge:
    inputs = outline_for(round_pk, dossier.product.group).inputs
    path = f"/cham-diem/{dossier.uuid}/luu/"
    return Judge(path, cookies_of(user), tuple(row.pk for row in inputs), dossier.pk, user.pk)  # type: ignore[attr-defined, arg-type]
