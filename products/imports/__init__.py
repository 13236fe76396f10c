"""Published lists and products from spreadsheets: by command, and on the desk with a preview."""

from .importer import ProductImporter
from .listing import Report, import_recognitions
from .recognitions import RecognitionImporter

__all__ = ["ProductImporter", "RecognitionImporter", "Report", "import_recognitions"]
