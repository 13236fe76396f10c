"""A maker with a recognised product that ends, the dossier it came of, and a round that receives again."""

import datetime as dt
import io
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from portal.files.models import StoredFile
from portal.files.services import store
from products.enums import Level
from products.models import Recognition
from rounds.enums import DocumentKind, RoundState
from rounds.models import Dossier, Round
from rounds.services.freezing import freeze
from tests import factories

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=timezone.get_default_timezone())
ENDS = dt.date(2026, 12, 31)
STATEMENT = {
    "statement": "",
    "statement_market": "Năm 2023 bán 4.000 hộp ở ba tỉnh.",
    "statement_technology": "Dây chuyền sao chè bằng điện, 12 lao động.",
    "statement_culture": "Chè truyền thống của vùng.",
    "statement_other": "",
}


def picture(shade: int = 90, name: str = "anh.jpg") -> StoredFile:
    content = io.BytesIO()
    Image.new("RGB", (1800, 1200), (shade, 120, 60)).save(content, "JPEG")
    return store(ContentFile(content.getvalue(), name=name), allow={"image"})


def receiving_round(province: Any, **changes: Any) -> Round:
    facts = {
        "territory": province,
        "year": 2026,
        "state": RoundState.RECEIVING,
        "receiving_from": NOW - dt.timedelta(days=10),
        "receiving_until": NOW + dt.timedelta(days=20),
        **changes,
    }
    return factories.RoundFactory(**facts)


def ending(product: Any, **changes: Any) -> Recognition:
    facts = {"level": Level.PROVINCE, "year": 2024, "expires_on": ENDS, "territory": product.territory, **changes}
    return factories.RecognitionFactory(product=product, **facts)


def earlier_dossier(product: Any, recognition: Recognition | None = None, **changes: Any) -> Dossier:
    """Handed in and frozen two years ago, with three photos and a business registration."""
    round_ = factories.RoundFactory(
        territory=product.facility.territory,
        year=2024,
        ordinal=Round.objects.count() + 1,
        state=RoundState.SCORING,
        level=Level.PROVINCE,
    )
    facts = {"submitted_at": NOW - dt.timedelta(days=700), **STATEMENT, **changes}
    dossier = factories.DossierFactory(round=round_, product=product, recognition=recognition, **facts)
    kinds = (DocumentKind.PHOTO_FRONT, DocumentKind.PHOTO_SIDE, DocumentKind.PHOTO_TOP)
    for place, kind in enumerate(kinds):
        dossier.documents.create(kind=kind, file=picture(90 + place))
    dossier.documents.create(kind=DocumentKind.BUSINESS_REGISTRATION, file=picture(30))
    dossier.documents.create(kind=DocumentKind.REGISTRATION_FORM, on_paper=True)
    freeze(dossier)
    dossier.save()
    return dossier
