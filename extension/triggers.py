"""What must hold of support whoever writes: the guards of every part, gathered for the database."""

from .norms import triggers as norm_triggers  # noqa: F401
