"""The Word templates, written down as code: `manage.py write_official_templates --apply` draws them anew."""

from .forms import TEMPLATES
from .parts import Sheet

__all__ = ["TEMPLATES", "Sheet"]
