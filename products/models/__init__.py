from .figure import PublishedFigure
from .mark import RegisterMark
from .product import (
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductQuerySet,
    ProductStandard,
    SalesLink,
    SetMember,
)
from .recognition import Certificate, Decision, Recognition, RecognitionQuerySet, ValidityRule

__all__ = [
    "Certificate",
    "Decision",
    "DistributionChannel",
    "IntellectualProperty",
    "Product",
    "ProductPhoto",
    "ProductQuerySet",
    "ProductStandard",
    "PublishedFigure",
    "Recognition",
    "RecognitionQuerySet",
    "RegisterMark",
    "SalesLink",
    "SetMember",
    "ValidityRule",
]
