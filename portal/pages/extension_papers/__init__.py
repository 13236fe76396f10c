"""The papers of extension, Word or PDF: one file per paper makes its facts, `desk` hands them out."""

from .desk import urls

__all__ = ["urls"]
