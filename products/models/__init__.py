from .certificate import CertificateBook, CertificatePaper, CheckCount, SuccessorAuthority, TrustRoot
from .figure import PublishedFigure
from .inquiry import Inquiry, PageRating
from .lifetime import DepartmentReport, ProductYear, RecognitionEvent, RenewalAnswer, Suspension, WithdrawalRequest
from .mark import RegisterChange, RegisterMark
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
from .trade import TradeFacts

__all__ = [
    "Certificate",
    "CertificateBook",
    "CertificatePaper",
    "CheckCount",
    "Decision",
    "DepartmentReport",
    "DistributionChannel",
    "Inquiry",
    "IntellectualProperty",
    "PageRating",
    "Product",
    "ProductPhoto",
    "ProductQuerySet",
    "ProductStandard",
    "ProductYear",
    "PublishedFigure",
    "Recognition",
    "RecognitionEvent",
    "RecognitionQuerySet",
    "RegisterChange",
    "RegisterMark",
    "RenewalAnswer",
    "SalesLink",
    "SetMember",
    "SuccessorAuthority",
    "Suspension",
    "TradeFacts",
    "TrustRoot",
    "ValidityRule",
    "WithdrawalRequest",
]
