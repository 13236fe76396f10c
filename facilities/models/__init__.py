from .facility import (
    Contact,
    Facility,
    FacilityQuerySet,
    FacilityYear,
    Merging,
    MergingQuerySet,
    NotTwins,
    Representative,
    RepresentativeQuerySet,
)
from .report import ReportingRule, YearlyReport, YearlyReportQuerySet

__all__ = [
    "Contact",
    "Facility",
    "FacilityQuerySet",
    "FacilityYear",
    "Merging",
    "MergingQuerySet",
    "NotTwins",
    "ReportingRule",
    "Representative",
    "RepresentativeQuerySet",
    "YearlyReport",
    "YearlyReportQuerySet",
]
