"""Letters that came back: read from reports of failed delivery (RFC 3464), whoever may have written them.

A report counts only for the letter whose token it carries; addresses written in it decide nothing. So a forged
report can do no more than its sender, who got that very letter, could do by refusing it.
"""

import datetime as dt
import email
import mailbox
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from portal.text.folding import normalise

from . import faults, refusals, tokens
from .enums import FaultKind
from .models import Notice

# A report with the returned letter is a few dozen kilobytes; what follows is not read.
LONGEST = 1_000_000
MOST_PARTS = 50
_FIELD = 1000
_MBOX = b"From "


@dataclass(frozen=True)
class Report:
    """One report of a letter that was not delivered."""

    uuid: UUID
    kind: FaultKind
    diagnosis: str


@dataclass
class Counts:
    """What one reading found: faults noted, reports already known, and messages that say nothing of ours."""

    hard: int = 0
    soft: int = 0
    known: int = 0
    others: int = 0


def parse(raw: bytes) -> Report | None:
    """What a message reports of a letter of ours, or None: no report, none of ours, or only a delay."""
    try:
        message = email.message_from_bytes(raw[:LONGEST])
        if message.get_content_type() != "multipart/report":
            return None
        failed = _failure(message)
        uuid = _letter(message) if failed else None
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        return None  # the mail package stumbles over some letters that nobody honest writes
    if failed is None or uuid is None:
        return None
    kind = refusals.of_report(failed[0], failed[1])
    return Report(uuid, kind, failed[1] or failed[0]) if kind else None


def take_in(messages: Iterable[bytes], *, now: dt.datetime, apply: bool) -> Counts:
    """Note every report once, however often it is read. Writes nothing unless `apply`."""
    counts = Counts()
    for raw in messages:
        report = parse(raw)
        notice = Notice.objects.filter(uuid=report.uuid).first() if report else None
        if report is None or notice is None:
            counts.others += 1
        elif notice.bounced_at or (
            apply and not faults.note(notice=notice, kind=report.kind, diagnosis=report.diagnosis, at=now)
        ):
            counts.known += 1
        elif report.kind == FaultKind.HARD:
            counts.hard += 1
        else:
            counts.soft += 1
    return counts


def messages_in(path: Path) -> Iterator[bytes]:
    """The messages of an mbox, a Maildir or a file with one message. Raises OSError."""
    if path.is_dir():
        box = mailbox.Maildir(path, create=False)
        for key in sorted(box.keys()):
            yield box.get_bytes(key)
        return
    with path.open("rb") as file:
        is_mbox = file.read(len(_MBOX)) == _MBOX
        if not is_mbox:
            file.seek(0)
            yield file.read(LONGEST)
            return
    folder = mailbox.mbox(path, create=False)
    try:
        for key in folder.iterkeys():
            yield folder.get_bytes(key)
    finally:
        folder.close()


def message_from(stream: BinaryIO) -> bytes:
    """The one message that a mail server hands over; the line that some put before it is left out."""
    raw = stream.read(LONGEST)
    return raw.split(b"\n", 1)[-1] if raw.startswith(_MBOX) else raw


def _failure(message: Message) -> tuple[str, str] | None:
    """Status and diagnosis of the first recipient that failed for good; a delay is no failure."""
    for part in _parts(message):
        if part.get_content_type() != "message/delivery-status" or not isinstance(part.get_payload(), list):
            continue
        for block in part.get_payload():
            if isinstance(block, Message) and _field(block, "Action").lower() == "failed":
                return _field(block, "Status"), _field(block, "Diagnostic-Code")
    return None


def _letter(message: Message) -> UUID | None:
    """The letter of ours that the report is about: by the address it was returned to, or by the letter's own name."""
    for name in ("Delivered-To", "X-Original-To", "To", "Envelope-To"):
        for value in message.get_all(name, []):
            if uuid := tokens.find(str(value)[:_FIELD]):
                return uuid
    for part in _parts(message):
        if part is not message and (uuid := tokens.find(_field(part, "Message-ID"))):
            return uuid
        if part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            if isinstance(headers, bytes) and (uuid := _named_in(headers)):
                return uuid
    return None


def _named_in(headers: bytes) -> UUID | None:
    return tokens.find(_field(email.message_from_bytes(headers.lstrip()), "Message-ID"))


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number == MOST_PARTS:
            return
        yield part


def _field(part: Message, name: str) -> str:
    return normalise(str(part.get(name, ""))[:_FIELD])
