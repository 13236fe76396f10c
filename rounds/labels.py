"""Labels for the exhibits: entry code in large figures, product, booth, and a QR code that opens its score sheet.

The address on a label leads a judge to the own sheet, after logging in where needed; it opens nothing to others.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.audit.services import record_access
from portal.text import qr
from portal.text.folding import normalise
from products.enums import ProductGroup

from . import rules
from .desk import context, round_for, visible_dossiers
from .enums import DossierState
from .judge_order import BOOTH, any_booth, booth_key
from .models import Dossier, Round
from .official import pdf

# Eight on a sheet of A4, or one on each A6.
EIGHT, SINGLE = "a4", "a6"
PAPERS = ((EIGHT, gettext_lazy("Khổ A4, tám nhãn mỗi tờ")), (SINGLE, gettext_lazy("Khổ A6, mỗi tờ một nhãn")))
BY_CODE = "ma"
ORDERS = ((BOOTH, gettext_lazy("Theo gian trưng bày")), (BY_CODE, gettext_lazy("Theo số hồ sơ")))


def address_of(dossier: Dossier) -> str:
    """Where the QR code leads: the sheet on site where the round scores there, else the sheet on the dossier."""
    name = "judge_site_sheet" if dossier.round.has_site_pass else "judge_sheet"
    return f"{settings.SITE_URL}{reverse(name, args=[dossier.uuid])}"


def labels(dossiers: Iterable[Dossier], paper: str) -> bytes:
    """The labels as PDF, in the order given."""
    return pdf.render("labels", {"paper": paper, "labels": [_facts(dossier) for dossier in dossiers]})


def _facts(dossier: Dossier) -> dict[str, Any]:
    product = dossier.product
    code = qr.draw(address_of(dossier))
    return {
        "code": dossier.entry_code,
        "name": normalise(product.name),
        "kind": _("Bộ sản phẩm") if product.is_set else "",
        "group": str(ProductGroup(product.group).label) if product.group else "",
        "booth": dossier.booth,
        "occasion": dossier.round.title,
        "qr": code.path,
        "modules": code.modules,
    }


def _in_order(dossiers: Iterable[Dossier], order: str) -> list[Dossier]:
    if order == BOOTH:
        return sorted(dossiers, key=lambda one: (booth_key(one.booth), booth_key(one.entry_code)))
    return sorted(dossiers, key=lambda one: booth_key(one.entry_code))


def _labelled(request: HttpRequest, round_: Round) -> list[Dossier]:
    """Admitted dossiers that have a number, without those the person stands aside from. Two queries."""
    found = visible_dossiers(request, round_).filter(state=DossierState.ELIGIBLE).exclude(entry_code="")
    return list(found.select_related("product", "round__territory"))


def _round(request: HttpRequest, pk: int) -> Round:
    return round_for(request, pk, rules.may_run_scoring)


@require_safe
def page(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """How many labels there are, on which paper, in which order."""
    round_ = _round(request, pk)
    dossiers = _labelled(request, round_)
    shown = context(
        site,
        request,
        Round,
        title=_("Nhãn gian trưng bày, %(round)s") % {"round": round_.title},
        round=round_,
        count=len(dossiers),
        without_booth=sum(1 for one in dossiers if not one.booth.strip()),
        has_booths=any_booth(one.booth for one in dossiers),
        papers=PAPERS,
        orders=ORDERS,
        example=next(iter(_in_order(dossiers, BOOTH)), None),
    )
    return render(request, "admin/rounds/labels.html", shown)


@require_safe
def file(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The labels; handing them out is an act."""
    round_ = _round(request, pk)
    dossiers = _in_order(_labelled(request, round_), request.GET.get("thu-tu", BOOTH))
    if not dossiers:
        raise Http404
    paper = SINGLE if request.GET.get("kho") == SINGLE else EIGHT
    record_access(
        request,
        action="labels.made",
        sentence=_("Lập %(count)d nhãn gian trưng bày.") % {"count": len(dossiers)},
        subject=round_,
        territory=round_.territory,
        data={"paper": paper, "dossiers": len(dossiers)},
    )
    response = HttpResponse(labels(dossiers, paper), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="nhan-gian-trung-bay-{round_.year}-{paper}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


PATHS = (
    ("nhan-gian/", page, "labels"),
    ("nhan-gian/nhan.pdf", file, "labels_file"),
)
