"""What every service asks: the model's own checks in one refusal with all sentences, and whether a project is closed."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from facilities.models import Facility
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


def refuse_future(signed_on: dt.date, today: dt.date) -> None:
    """Raises Refusal("future_day"): a decision is written down once it is signed."""
    if signed_on > today:
        raise Refusal("future_day", _("Ngày quyết định không được sau hôm nay."), field="signed_on")


def refuse_sealed(project: Project) -> None:
    """Raises Refusal("sealed") for a project at its end."""
    if project.state in SEALED:
        raise Refusal(
            "sealed",
            _("Đề án ở trạng thái “%(state)s” nên không sửa được nữa.")
            % {"state": project.get_state_display().lower()},
        )


def hold_facility(facility: Facility) -> None:
    """Keep the facility from becoming one with another while it is written down here.

    Raises Refusal("merged") when it just has. One query.
    """
    # Without the join: a row waited for is read anew, what was joined to it before is not.
    held = Facility.objects.select_for_update(of=("self",), no_key=True).get(pk=facility.pk)
    if (kept := held.merged_into) is not None:
        raise Refusal(
            "merged",
            _("“%(name)s” đã được gộp vào “%(kept)s”. Hãy chọn “%(kept)s”.") % {"name": facility, "kept": kept},
            field="facility",
        )
