"""What every service asks: the model's own checks in one refusal with all sentences, and whether a project is closed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from ..models import Project
from ..states import SEALED


def checked(row: models.Model) -> None:
    """Raises Refusal("invalid") at the first field that is wrong; the further sentences are its details."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        details = tuple(sentence for group in error.message_dict.values() for sentence in group)
        raise Refusal("invalid", sentences[0], field=None if field == "__all__" else field, details=details) from error


def refuse_sealed(project: Project) -> None:
    """Raises Refusal("sealed") for a project at its end."""
    if project.state in SEALED:
        raise Refusal(
            "sealed",
            _("Đề án ở trạng thái “%(state)s” nên không sửa được nữa.")
            % {"state": project.get_state_display().lower()},
        )
