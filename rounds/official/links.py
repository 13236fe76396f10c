"""What a page needs to offer a form: its title, its two files, and what is missing."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rounds.models import Dossier, Round
from rounds.standing import stands_aside_anywhere

from .catalogue import Form, Standing, forms_of_dossier, forms_of_round, standing_of

FORMATS = ("docx", "pdf")


@dataclass(frozen=True)
class FormLink:
    """One form of a round or of a dossier.

    `urls` maps "docx" and "pdf" to addresses; it is empty while `blockers` say why the form cannot be made yet.
    `gaps` name what the form leaves blank because nobody has entered it.
    """

    code: str
    title: str
    urls: dict[str, str] = field(default_factory=dict)
    blockers: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def offered(subject: Round | Dossier, *, user: Any = None) -> list[FormLink]:
    """The forms of a round or a dossier that the person may make; `None` is the system.

    At most ten queries, however many dossiers. Who may not make a form does not see it; what cannot be made yet
    is listed with the reason.
    """
    return _of_round(subject, user) if isinstance(subject, Round) else _of_dossier(subject, user)


def _of_round(round_: Round, user: Any) -> list[FormLink]:
    standing = standing_of(round_)
    shut = stands_aside(user, round_)
    return [_round_link(form, round_, standing, shut=shut) for form in forms_of_round(round_) if form.may(user, round_)]


def _round_link(form: Form, round_: Round, standing: Standing, *, shut: bool) -> FormLink:
    blockers = form.round_blockers(round_, standing)
    if shut and is_one_paper(form):
        blockers = [
            _("Bạn có xung đột lợi ích với một hồ sơ trong kỳ này, nên người khác của đơn vị lập biểu mẫu này.")
        ]
    urls = {fmt: reverse("admin:rounds_round_form", args=[round_.pk, form.slug, fmt]) for fmt in FORMATS}
    return FormLink(form.code, str(form.title), {} if blockers else urls, tuple(blockers), tuple(form.gaps(round_)))


def _of_dossier(dossier: Dossier, user: Any) -> list[FormLink]:
    found: list[FormLink] = []
    for form in forms_of_dossier():
        if form.may(user, dossier.round):
            blockers = tuple(form.dossier_blockers(dossier))
            urls = {fmt: reverse("admin:rounds_dossier_form", args=[dossier.pk, form.slug, fmt]) for fmt in FORMATS}
            found.append(FormLink(form.code, str(form.title), {} if blockers else urls, blockers))
    return found


def is_one_paper(form: Form) -> bool:
    """A list of dossiers on one paper: nobody's dossier can be left out of it, so who stands aside makes none."""
    return form.of_round is not None and form.names_dossiers


def stands_aside(user: Any, round_: Round) -> bool:
    """Whether the person has a standing conflict with a dossier of the round. One query."""
    return user is not None and stands_aside_anywhere(user, round_)
