"""Official forms, filled from the data: Word and PDF in the layout of Nghị định 30/2020/NĐ-CP.

`render(code, subject, fmt=, on=)` makes one file from a round or a dossier; `offered(subject, user=)` lists what a
person may make of it and why something cannot be made yet.
"""

from .links import FormLink, offered
from .rendering import Format, render

__all__ = ["FormLink", "Format", "offered", "render"]
