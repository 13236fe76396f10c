from .figure import PublishedFigure
from .mark import RegisterMark
from .product import (
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    SalesLink,
    SetMember,
)
from .recognition import Certificate, Decision, Recognition, ValidityRule

__all__ = [
    "Certificate",
    "Decision",
    "DistributionChannel",
    "IntellectualProperty",
    "Product",
    "ProductPhoto",
    "ProductStandard",
    "PublishedFigure",
    "Recognition",
    "RegisterMark",
    "SalesLink",
    "SetMember",
    "ValidityRule",
]
