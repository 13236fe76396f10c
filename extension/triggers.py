"""What must hold of support whoever writes: the guards of every part, gathered for the database."""

from .markets import fair_triggers  # noqa: F401
from .money import triggers as money_triggers  # noqa: F401
from .norms import triggers as norm_triggers  # noqa: F401
