from .certificate import CertificateBook, CertificatePaper, CheckCount, SuccessorAuthority, TrustRoot
from .figure import PublishedFigure
from .lifetime import DepartmentReport, ProductYear, RecognitionEvent, RenewalAnswer, Suspension, WithdrawalRequest
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
    "CertificateBook",
    "CertificatePaper",
    "CheckCount",
    "Decision",
    "DepartmentReport",
    "DistributionChannel",
    "IntellectualProperty",
    "Product",
    "ProductPhoto",
    "ProductQuerySet",
    "ProductStandard",
    "ProductYear",
    "PublishedFigure",
    "Recognition",
    "RecognitionEvent",
    "RecognitionQuerySet",
    "RegisterMark",
    "RenewalAnswer",
    "SalesLink",
    "SetMember",
    "SuccessorAuthority",
    "Suspension",
    "TrustRoot",
    "ValidityRule",
    "WithdrawalRequest",
]
