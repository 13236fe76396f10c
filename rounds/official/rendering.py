"""From a form's code to a finished file."""

import datetime as dt
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.slugs import slugify
from products.enums import Level
from rounds.models import Complaint, CouncilSession, Dossier, Round

from . import pdf, word
from .catalogue import BY_CODE, Form, dossiers_of
from .facts import minutes
from .facts.complaints import answer_letter
from .facts.dossiers import gathered
from .facts.words import clean

Format = Literal["docx", "pdf"]
CONTENT_TYPES: dict[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def render(
    code: str,
    subject: Round | Dossier,
    *,
    fmt: Format,
    on: dt.date,
    dossiers: "QuerySet[Dossier] | None" = None,
    **choice: Any,
) -> tuple[bytes, str]:
    """One form as a file, with its name ("to-trinh-thai-nguyen-2026.docx").

    A round's letters and sheets come as one file with a copy for each dossier; `dossiers` leaves out what the
    reader may not see. Permission is the caller's business. Raises Refusal "nothing_to_print" where no copy
    would come out.
    """
    form = BY_CODE[code]
    with translation.override("vi"):
        facts = clean(facts_of(form, subject, on=on, dossiers=dossiers, **choice))
        made = word.render(form.template, facts) if fmt == "docx" else pdf.render(form.template, facts)
    return made, f"{file_stem(form, subject)}.{fmt}"


def render_minutes(session: CouncilSession, *, fmt: str) -> tuple[bytes, str]:
    """The minutes of one session as a file with its name; permission is the caller's business."""
    form = BY_CODE["council_minutes"]
    with translation.override("vi"):
        facts = clean(minutes.of_session(session))
        made = word.render(form.template, facts) if fmt == "docx" else pdf.render(form.template, facts)
    return made, f"{file_stem(form, session.round)}-phien-{session.number}.{fmt}"


def render_answer(complaint: Complaint, *, fmt: str, on: dt.date) -> tuple[bytes, str]:
    """The letter that answers a complaint, as a file with its name; permission is the caller's business."""
    with translation.override("vi"):
        facts = clean({"copies": [answer_letter(complaint, on)]})
        made = (word if fmt == "docx" else pdf).render("complaint_answer", facts)
    return made, f"tra-loi-kien-nghi-{complaint.number}-{_scope(complaint.round)}-{complaint.round.year}.{fmt}"


def facts_of(
    form: Form, subject: Any, *, on: dt.date, dossiers: "QuerySet[Dossier] | None" = None, **choice: Any
) -> dict[str, Any]:
    """What the form prints, as plain values."""
    if form.of_round is not None:
        return form.of_round(subject, on)
    assert form.copies is not None
    copies = form.copies(gathered(dossiers_of(subject, dossiers)), on, **choice)
    if not copies:
        raise Refusal("nothing_to_print", _("Không có hồ sơ nào để lập biểu mẫu này."))
    return {"copies": copies}


def file_stem(form: Form, subject: Any) -> str:
    """The name of the file without its ending, in plain letters."""
    round_ = subject if isinstance(subject, Round) else subject.round
    entry = "" if isinstance(subject, Round) else subject.entry_code
    return "-".join(
        part for part in (form.slug, slugify(entry) if entry else "", _scope(round_), str(round_.year)) if part
    )


def _scope(round_: Round) -> str:
    if round_.level == Level.NATIONAL:
        return "quoc-gia"
    place = round_.locality or (round_.territory.name if round_.territory else str(round_.get_region_display()))
    return slugify(place)
