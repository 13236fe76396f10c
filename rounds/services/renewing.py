"""Entering a recognised product again in one step: a new dossier from the last one and from the register of today."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from products.enums import Level, PhotoAngle, Stage
from products.models import Product, Recognition

from .. import queries, renewing, rules
from ..applicant_queries import OWN_LEVELS
from ..completeness import PHOTOS
from ..enums import DocumentKind, Origin
from ..models import Dossier, DossierDocument, Round
from ..statement import STATEMENT_PARTS
from . import applying, dossiers, papers, receiving
from .shared import note

K = DocumentKind
# A signed form is of one round; a certificate of the level below is taken only while its date says that it holds.
NOT_COPIED = frozenset({K.STATEMENT})
ONE_OF_KIND = frozenset({*PHOTOS, K.BUSINESS_REGISTRATION, K.LOWER_CERTIFICATE})
ANGLES = {
    PhotoAngle.FRONT: K.PHOTO_FRONT,
    PhotoAngle.SIDE: K.PHOTO_SIDE,
    PhotoAngle.TOP: K.PHOTO_TOP,
}


@transaction.atomic
def start(
    *, recognition: Recognition, round_: Round, actor: Any, now: dt.datetime, origin: str = Origin.ONLINE
) -> Dossier:
    """A draft in an open round that renews a recognition. A second click gives the same draft.

    The product is the register's of today. The statement is that of the last dossier handed in, the photos and papers
    those that still hold; without a dossier in the portal, the register's photos. Raises Refusal `not_allowed`,
    `not_recognised`, `recognition_ended`, `product_merged`, `product_without_facility`, `facility_merged`,
    `other_level`, `product_outside`, `other_commune`, `round_not_receiving`, `already_entered`, `lower_not_valid`.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    row = Recognition.objects.select_related(
        "product__facility__territory", "product__facility__commune", "product__territory"
    ).get(pk=recognition.pk)
    _refuse_person(row.product, locked, actor, origin)
    _refuse_recognition(row)
    _refuse_product(row.product)
    _refuse_round(row, locked)
    if entered := _entered(row, locked):
        return entered
    if origin == Origin.ONLINE:
        applying.refuse_not_open(locked, now)
    dossiers.refuse_unfit_entry(round_=locked, product=row.product, origin=origin)
    _refuse_without_lower(row, locked)
    dossier = _open(row, locked, actor=actor, origin=origin)
    _take_papers(dossier, actor=actor, now=now)
    dossier.refresh_from_db()
    return dossier


def _open(row: Recognition, locked: Round, *, actor: Any, origin: str) -> Dossier:
    source = renewing.last_dossier(row.product, but=locked)
    try:
        dossier = dossiers.open_draft(
            locked,
            product=row.product,
            actor=actor,
            origin=origin,
            filed_by=actor if origin == Origin.ONLINE else None,
            first_time=False,
            renews=row,
            copied_from=source,
            **_written(source),
        )
    except Refusal as refusal:  # entered by someone else in the same moment
        if refusal.code == "dossier_exists" and (found := _entered(row, locked)):
            return found
        raise
    sentence = (
        _("Lập hồ sơ đăng ký lại cho “%(product)s” từ hồ sơ trước, %(round)s.")
        if source
        else _("Lập hồ sơ đăng ký lại cho “%(product)s” từ sổ công nhận.")
    )
    note(
        dossier,
        actor=actor,
        action="dossier.renew",
        sentence=sentence,
        data={"renews": str(row.uuid), "copied_from": str(source.uuid) if source else ""},
        round=source.round.title if source else "",
    )
    return dossier


def _written(source: Dossier | None) -> dict[str, str]:
    """What was written of the statement, as it was last handed in."""
    if source is None:
        return {}
    content = renewing.frozen_content(source)
    parts = content.get("statement_parts", {})
    return {
        "statement": content.get("statement", ""),
        "set_basis": content.get("set_basis", ""),
        **{name: parts.get(name, "") for name in STATEMENT_PARTS},
    }


def _take_papers(dossier: Dossier, *, actor: Any, now: dt.datetime) -> None:
    """Photos and papers of earlier dossiers that still hold and of which nothing is known to have changed."""
    if dossier.documents.exists():
        return
    earlier = queries.earlier_papers(dossier, on=timezone.localdate(now))
    chosen = [row.document for row in earlier if _still_holds(row)]
    papers.reuse(dossier=dossier, documents=chosen, actor=actor, now=now)
    held = set(dossier.documents.values_list("kind", flat=True))
    for kind, photo in _register_photos(dossier.product).items():
        if kind not in held:
            papers.add_document(dossier=dossier, kind=kind, file=photo, actor=actor)


def _still_holds(row: queries.EarlierPaper) -> bool:
    document: DossierDocument = row.document
    if not row.usable or document.kind in NOT_COPIED:
        return False
    if document.kind in PHOTOS:
        return True
    if row.changes or (document.kind == K.LOWER_CERTIFICATE and document.valid_until is None):
        return False
    return row.of_this_product or document.kind in ONE_OF_KIND


def _register_photos(product: Product) -> dict[str, Any]:
    """The register's first photo of each of the three views."""
    found: dict[str, Any] = {}
    for photo in product.photos.select_related("file"):
        kind = ANGLES.get(PhotoAngle(photo.angle))
        if kind is not None and photo.file.is_image:
            found.setdefault(kind, photo.file)
    return found


def _refuse_person(product: Product, locked: Round, actor: Any, origin: str) -> None:
    if origin in receiving.TYPED_IN_LATER:
        rules.may_receive.require(actor, locked)
    elif origin != Origin.ONLINE or not rules.represents(actor, product.facility_id):
        raise Refusal(
            "not_allowed", _("Chỉ người đại diện đã được Sở xác nhận của cơ sở được đăng ký lại sản phẩm này.")
        )
    elif locked.level not in OWN_LEVELS:
        raise Refusal(
            "not_allowed",
            _("Kỳ bình chọn cấp khu vực, quốc gia nhận đề cử của Sở Công Thương, cơ sở không tự nộp hồ sơ ở đây."),
        )


def _refuse_recognition(row: Recognition) -> None:
    if row.stage != Stage.RECOGNISED or row.published_at is None:
        raise Refusal("not_recognised", _("Công nhận này chưa được công bố nên chưa đăng ký lại được."))
    if row.revoked_on is not None:
        raise Refusal(
            "recognition_ended",
            _("Công nhận này đã bị thu hồi nên không đăng ký lại từ đây. Hãy hỏi Sở Công Thương về hồ sơ mới."),
        )
    if row.withdrawn_on is not None:
        raise Refusal(
            "recognition_ended",
            _("Cơ sở đã xin rút công nhận này nên không đăng ký lại từ đây. Hãy lập hồ sơ mới cho sản phẩm."),
        )


def _refuse_product(product: Product) -> None:
    if product.merged_into_id is not None:
        raise Refusal(
            "product_merged", _("Sản phẩm này đã được gộp vào sản phẩm khác. Hãy đăng ký lại ở sản phẩm còn lại.")
        )
    if product.facility is None:
        raise Refusal("product_without_facility", _("Sổ chưa ghi cơ sở làm ra sản phẩm này. Hãy bổ sung cơ sở trước."))
    applying.refuse_merged(product.facility)


def _refuse_round(row: Recognition, locked: Round) -> None:
    """A round of another level, another province, another commune."""
    if locked.level not in renewing.again_at(row.level):
        raise Refusal(
            "other_level",
            _("Đây là kỳ bình chọn %(round)s, công nhận này là %(level)s. Hãy chọn kỳ cùng cấp.")
            % {"round": Level(locked.level).label.lower(), "level": Level(row.level).label.lower()},
            field="round",
        )
    receiving.refuse_outside(locked, row.product)
    if not renewing.in_commune(locked, row.product.facility):
        raise Refusal(
            "other_commune",
            _("Kỳ này của %(place)s, cơ sở ở nơi khác. Hãy chọn kỳ của xã, phường có cơ sở.")
            % {"place": locked.locality},
            field="round",
        )


def _entered(row: Recognition, locked: Round) -> Dossier | None:
    """The dossier that renews the product in the round already; one entered otherwise is refused by name."""
    found = Dossier.objects.filter(round=locked, product=row.product).first()
    if found is None or found.renews_id is not None:
        return found
    code = _(" số %(code)s") % {"code": found.entry_code} if found.entry_code else ""
    raise Refusal(
        "already_entered",
        _("“%(product)s” đã có hồ sơ%(code)s trong kỳ này, %(state)s. Hãy mở hồ sơ đã có.")
        % {"product": row.product.name, "code": code, "state": found.get_state_display().lower()},
        field="round",
    )


def _refuse_without_lower(row: Recognition, locked: Round) -> None:
    """To a region or the nation only what is still valid below on the closing day may go."""
    if locked.level in OWN_LEVELS:
        return
    if words := renewing.caution(locked, row.product.recognitions.published()):
        raise Refusal("lower_not_valid", words, field="round")
