"""The papers of a list of nominations: the letter of proposal and the abstract list (Phụ lục 5), as files."""

import datetime as dt
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.http import Http404
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.services import record
from portal.text.sheets import write_xlsx
from portal.text.slugs import slugify
from rounds.models import NominationList
from rounds.nomination_queries import full_list

from . import pdf, word
from .facts import nominations as facts
from .facts.words import clean

LETTER, LIST = "cong-van-de-nghi", "danh-sach-trich-ngang"


@dataclass(frozen=True)
class Paper:
    slug: str
    title: str | Promise
    template: str
    make: Any
    formats: tuple[str, ...]


PAPERS = {
    LETTER: Paper(LETTER, gettext_lazy("Công văn đề nghị"), "nomination_letter", facts.letter, ("docx", "pdf")),
    LIST: Paper(
        LIST,
        gettext_lazy("Danh sách trích ngang (Phụ lục 5)"),
        "abstract_list",
        facts.abstract_list,
        ("docx", "pdf", "xlsx"),
    ),
}


@dataclass(frozen=True)
class Offered:
    slug: str
    title: str
    formats: tuple[str, ...] = field(default=())


def offered(row: NominationList) -> list[Offered]:
    return [Offered(paper.slug, str(paper.title), paper.formats) for paper in PAPERS.values()]


def made(row: NominationList, slug: str, fmt: str, *, on: dt.date, actor: Any) -> tuple[bytes, str]:
    """One paper as a file with its name; noted in the audit. Raises Http404 for what there is not."""
    paper = PAPERS.get(slug)
    if paper is None or fmt not in paper.formats:
        raise Http404
    lines = [line for line in full_list(row) if line.chosen]
    with translation.override("vi"):
        told = clean(paper.make(row, lines, on))
        data = _xlsx(paper, told) if fmt == "xlsx" else _set(paper.template, told, fmt)
    name = f"{slug}-{slugify(str(row.commune or row.territory))}-{row.year}.{fmt}"
    record(
        actor=actor,
        action="form.made",
        sentence=_("Lập biểu mẫu “%(form)s”, tệp %(name)s.") % {"form": paper.title, "name": name},
        subject=row,
        territory=row.territory,
        data={"form": slug, "format": fmt},
    )
    return data, name


def _set(template: str, told: dict[str, Any], fmt: str) -> bytes:
    return word.render(template, told) if fmt == "docx" else pdf.render(template, told)


def _xlsx(paper: Paper, told: dict[str, Any]) -> bytes:
    target = BytesIO()
    write_xlsx(
        target,
        title=str(paper.title),
        headings=[
            _("TT"), _("Nhóm"), _("Sản phẩm, bộ sản phẩm"), _("Thành phần"), _("Cơ sở"), _("Địa chỉ"), _("Điện thoại"),
            _("Tóm tắt về sản phẩm"), _("Giấy chứng nhận"),
        ],
        rows=[
            [int(row["place"]), row["group"], row["product"], row["members"], row["facility"], row["address"],
             row["phone"], row["summary"], row["certificate"]]
            for group in told["groups"] for row in group["rows"]
        ],
        about=[told["subject"], told["total"]],
        widths=[6, 26, 36, 30, 34, 40, 16, 50, 40],
    )  # fmt: skip
    return target.getvalue()
