"""What a page needs to offer a form: its title, its two files, and what is missing."""

from dataclasses import dataclass, field


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
