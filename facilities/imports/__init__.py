"""Registers of facilities from spreadsheets: by command, and on the desk with a preview."""

from .importer import FacilityImporter
from .listing import Report, import_facilities

__all__ = ["FacilityImporter", "Report", "import_facilities"]
