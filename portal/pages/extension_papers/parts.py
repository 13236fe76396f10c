"""What the papers of extension share: a project in a few lines, sums in figures and in words, places left to the pen."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from extension.enums import ProjectState
from extension.models import Project
from portal.text import spelled
from portal.text.formats import day, number
from rounds.official.facts.words import blank_date, long_date

BLANK = "…………"
STOPPED = "ĐỀ ÁN ĐÃ NGỪNG"


class Sums(NamedTuple):
    """An expense, or all of them: what extension gives, what others add. Whole đồng."""

    extension: int = 0
    counterpart: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        return self.extension + self.counterpart + self.other


def added(rows: Iterable[Sums]) -> Sums:
    return Sums(*(sum(column) for column in zip(*rows, strict=True))) if (rows := list(rows)) else Sums()


def of_project(project: Project) -> Sums | None:
    """None where the register knows no sum at all."""
    known = (project.extension_funds, project.counterpart_funds, project.other_funds)
    return Sums(*(one or 0 for one in known)) if any(one is not None for one in known) else None


def dong(value: int | None) -> str:
    return f"{number(value)} đồng" if value is not None else ""


def in_words(value: int | None) -> str:
    return spelled.dong(value) if value is not None else BLANK


def in_both(value: int | None) -> str:
    """ "200.000.000 đồng (Hai trăm triệu đồng)"."""
    return f"{dong(value)} ({in_words(value)})" if value is not None else f"{BLANK} đồng (bằng chữ: {BLANK})"


def figure(value: Any) -> str:
    return "" if value is None else number(value)


def contract_words(project: Project) -> str:
    if not project.contract_number:
        return ""
    signed = f" ngày {day(project.contract_on)}" if project.contract_on else ""
    return f"số {project.contract_number}{signed}"


def years(project: Project) -> str:
    return f"{project.year}" if not project.year_to else f"{project.year} đến {project.year_to}"


def kind_and_funding(project: Project) -> str:
    return f"{project.get_kind_display()}, {project.get_funding_display().lower()}, năm {years(project)}"


def beneficiaries(project: Project) -> str:
    return "; ".join(str(one) for one in project.beneficiaries.select_related("facility").order_by("pk"))


def about(project: Project) -> list[list[str]]:
    return [
        ["Tên đề án", project.name],
        ["Mã đề án", project.code],
        ["Loại, nguồn kinh phí", kind_and_funding(project)],
        ["Nội dung khuyến công", project.get_head_display()],
        ["Đơn vị thực hiện", str(project.implementing_unit or "")],
        ["Đối tượng thụ hưởng", beneficiaries(project)],
        ["Hợp đồng", contract_words(project)],
        ["Kinh phí khuyến công được duyệt", dong(project.extension_funds)],
        ["Kinh phí khuyến công đã chi", dong(project.disbursed)],
        ["Vốn đối ứng", dong(project.counterpart_funds)],
    ]


def term(project: Project) -> str:
    """ "Từ ngày … đến ngày …", with blanks where a day is not known."""
    start, end = (long_date(one) if one else f"ngày {BLANK}" for one in (project.starts_on, project.ends_on))
    return f"từ {start} đến {end}"


def on_day(known: dt.date | None, today: dt.date) -> str:
    return long_date(known) if known else blank_date(today)


def mark(project: Project, words: str) -> str:
    """What stands above a paper that is not final: that the project was stopped says more than that it is a draft."""
    return STOPPED if project.state == ProjectState.STOPPED else words


def decided(number_: str, signed_on: dt.date | None, issuer: str = "") -> str:
    """ "số 12/QĐ-SCT ngày 02 tháng 3 năm 2026 của Sở Công Thương", as far as known; nothing without a number."""
    if not number_:
        return ""
    parts = (f"số {number_}", long_date(signed_on) if signed_on else "", f"của {issuer}" if issuer else "")
    return " ".join(one for one in parts if one)
