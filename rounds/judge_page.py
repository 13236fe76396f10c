"""The score sheet as the page draws it: heads, sub-groups, boxes with their texts, sums and what is missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from portal.text.formats import points as written

from .judge_queries import points_of
from .models import Dossier, Score
from .outline import NOTHING, Node, Outline, Row
from .score_input import Typed
from .services.score_values import Keep
from .services.scoring import Difference
from .statement import STATEMENT_PARTS

# A short line such as "2. Kinh tế, kỹ thuật" opens a part of a statement.
_HEADING = re.compile(r"(?:\d{1,2}|[IVX]{1,4})[.)]\s+\S.{0,90}[^.;,]")


@dataclass(frozen=True)
class Box:
    """One thing to be scored."""

    row: Row
    maximum: Decimal
    text: str
    fault: str = ""
    theirs: Difference | None = None
    guidance: tuple[Row, ...] = ()

    @property
    def server_text(self) -> str:
        """What the server holds while another text stands in the box."""
        return written(self.theirs.points) if self.theirs and self.theirs.points is not None else ""


@dataclass(frozen=True)
class Strand:
    """A line below a head: a box, or the band of a sub-group, or a line of guidance."""

    row: Row
    box: Box | None = None
    total: Decimal = NOTHING
    maximum: Decimal = NOTHING
    is_guidance: bool = False
    inputs: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Part:
    """One of the heads with all below."""

    row: Row
    inputs: tuple[Row, ...]
    strands: tuple[Strand, ...]
    total: Decimal
    maximum: Decimal
    missing: int
    note: str
    note_fault: str = ""
    note_theirs: str = ""


@dataclass(frozen=True)
class SheetPage:
    """Everything the score sheet shows."""

    parts: tuple[Part, ...]
    total: Decimal
    maximum: Decimal
    missing: int
    inputs: int
    first_missing: Row | None
    remark: str = ""
    faulty: tuple[Box, ...] = ()
    extra_faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is stored, what was typed over it, and what was wrong or differs."""

    scores: Mapping[int, Score]
    remark: str = ""
    typed: Typed = field(default_factory=Typed)
    faults: Mapping[int, str] = field(default_factory=dict)
    theirs: Mapping[int, Difference] = field(default_factory=dict)

    def points_text(self, pk: int) -> str:
        text = self.typed.values.get(pk, (Keep.KEEP, Keep.KEEP))[0]
        if isinstance(text, str):
            return text
        score = self.scores.get(pk)
        return written(score.points) if score and score.points is not None else ""

    def note_text(self, pk: int) -> str:
        text = self.typed.values.get(pk, (Keep.KEEP, Keep.KEEP))[1]
        score = self.scores.get(pk)
        return text if isinstance(text, str) else (score.note if score else "")


def draw(outline: Outline, facts: Facts) -> SheetPage:
    """The page of a sheet. Sums are of what the server holds, texts are what the judge typed last."""
    given = points_of(dict(facts.scores))
    missing = outline.missing(given)
    parts = tuple(_part(head, facts, given) for head in outline.heads if head.inputs)
    boxes = [strand.box for part in parts for strand in part.strands if strand.box]
    faulty = tuple(box for box in boxes if box.fault)
    shown = {box.row.pk for box in faulty} | {part.row.pk for part in parts}
    return SheetPage(
        parts=parts,
        total=outline.total(given),
        maximum=outline.maximum,
        missing=len(missing),
        inputs=len(outline.inputs),
        first_missing=missing[0] if missing else None,
        remark=facts.remark if facts.typed.remark is None else facts.typed.remark,
        faulty=faulty,
        extra_faults=tuple(sentence for pk, sentence in facts.faults.items() if pk not in shown),
    )


def _part(head: Node, facts: Facts, given: Mapping[int, Decimal]) -> Part:
    nodes = (head,) if head.is_input else tuple(head.walk())
    theirs = facts.theirs.get(head.row.pk)
    return Part(
        row=head.row,
        inputs=head.inputs,
        strands=tuple(_strand(node, facts, given) for node in nodes),
        total=head.total(given),
        maximum=head.maximum,
        missing=len(head.missing(given)),
        note=facts.note_text(head.row.pk),
        note_fault="" if head.is_input else facts.faults.get(head.row.pk, ""),
        note_theirs=theirs.note if theirs else "",
    )


def _strand(node: Node, facts: Facts, given: Mapping[int, Decimal]) -> Strand:
    if node.is_input:
        return Strand(row=node.row, box=_box(node, facts))
    if node.is_guidance:
        return Strand(row=node.row, is_guidance=True)
    return Strand(row=node.row, total=node.total(given), maximum=node.maximum, inputs=node.inputs)


def _box(node: Node, facts: Facts) -> Box:
    pk = node.row.pk
    return Box(
        row=node.row,
        maximum=node.maximum,
        text=facts.points_text(pk),
        fault=facts.faults.get(pk, ""),
        theirs=facts.theirs.get(pk),
        guidance=tuple(below.row for below in node.walk()),
    )


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph of a statement."""

    text: str
    is_heading: bool


@dataclass(frozen=True)
class Told:
    """What the product statement says to one top criterion."""

    code: str
    name: str
    blocks: tuple[Block, ...]


def told_by_criterion(dossier: Dossier) -> list[Told]:
    """The parts of the statement in the order of the score sheet; those left blank are left out."""
    return [
        Told(code, upper_first(str(Dossier._meta.get_field(name).verbose_name)), blocks)  # type: ignore[union-attr]
        for name, code in STATEMENT_PARTS.items()
        if (blocks := tuple(statement_blocks(getattr(dossier, name))))
    ]


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def statement_blocks(text: str) -> list[Block]:
    """A plain statement cut into headings ("1. Thị trường") and paragraphs."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [Block(line, _HEADING.fullmatch(line) is not None) for line in lines]
