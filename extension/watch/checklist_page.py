"""The checklist as its form is drawn: what the server holds, over it what was typed and refused, each sentence at its
input. An input is called as the page's script calls it: its kind and its question, "note12"; "place" has none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..enums import ChecklistAnswer
from ..models import Inspection, InspectionPhoto
from ..services.inspecting import WORDS, Sent
from .queries import Line


@dataclass(frozen=True)
class Box:
    """One input: what stands in it and what is wrong with it."""

    text: str
    fault: str = ""


@dataclass(frozen=True)
class Asked:
    """One question with its inputs."""

    line: Line
    answer: Box
    note: Box
    photo_fault: str = ""

    @property
    def answer_id(self) -> str:
        return f"tra-loi-{self.line.item.pk}"

    @property
    def note_id(self) -> str:
        return f"ghi-chu-{self.line.item.pk}"

    @property
    def is_unfolded(self) -> bool:
        """Whether the fold of the note, and of photos nobody asks for, holds something to be seen."""
        extra = not self.line.item.needs_photo and (self.line.photos or self.photo_fault)
        return bool(self.note.text or self.note.fault or extra)


@dataclass(frozen=True)
class Redrawn:
    """What a form that was refused brings back: `typed` where the server has not taken it."""

    typed: Sent = field(default_factory=lambda: Sent(0))
    faults: Mapping[str, str] = field(default_factory=dict)
    is_stale: bool = False

    def box(self, name: str, typed: str | None, held: str, said: str = "") -> Box:
        """`said` is what the page calls the text the server holds."""
        text = held if typed is None else typed
        differs = self.is_stale and text.split() != held.split()
        return Box(text, self.faults.get(name) or (_theirs(said or held) if differs else ""))

    def asked(self, line: Line) -> Asked:
        pk = line.item.pk
        given = self.typed.answers.get(pk)
        answer = given if given in ChecklistAnswer.values else None
        return Asked(
            line,
            self.box(f"answer{pk}", answer, line.answer, line.answer_words),
            self.box(f"note{pk}", self.typed.notes.get(pk), line.note),
            self.faults.get(f"photo{pk}", ""),
        )


def _theirs(held: str) -> str:
    if not held:
        return _("Máy chủ đang để trống mục này. Bấm lưu lần nữa để dùng bản của bạn.")
    return _("Máy chủ đang giữ “%(text)s”. Bấm lưu lần nữa để dùng bản của bạn.") % {"text": held}


@dataclass(frozen=True)
class Page:
    """All the inputs of a checklist."""

    asked: tuple[Asked, ...]
    place: Box
    met: Box
    conclusion: Box
    photo_fault: str
    photos: int

    @property
    def answered(self) -> int:
        return sum(1 for row in self.asked if row.answer.text)


def draw(inspection: Inspection, lines: Iterable[Line], others: list[InspectionPhoto], again: Redrawn) -> Page:
    """The page of a checklist, with what a refused form brings back."""
    asked = tuple(again.asked(line) for line in lines)
    words = {name: again.box(name, again.typed.words.get(name), getattr(inspection, name)) for name in WORDS}
    photos = len(others) + sum(len(row.line.photos) for row in asked)
    return Page(asked, photo_fault=again.faults.get("photo", ""), photos=photos, **words)
