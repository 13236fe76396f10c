"""What must hold of support whoever writes: the guards of every part, gathered for the database."""

from . import fair_triggers, money_triggers, norm_triggers  # noqa: F401
