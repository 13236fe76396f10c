"""The Word templates, written down as code: `manage.py write_official_templates --apply` draws them anew."""

from . import extension, forms
from .parts import Sheet

TEMPLATES = forms.TEMPLATES | extension.TEMPLATES

__all__ = ["TEMPLATES", "Sheet"]
