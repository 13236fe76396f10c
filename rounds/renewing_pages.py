"""The maker's page of one recognition that ends: what it still allows, entering again, answering. Thin views."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from facilities.representing import represented
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, attempt, status_of
from products.models import Recognition
from products.renewal_forms import MakerAnswerForm
from products.services import answer_renewal
from products.standing_levels import lines_of_product

from . import renewing
from .applicant import STEP_NAMES, first_step
from .applicant_queries import own_dossiers
from .enums import Origin
from .models import Dossier, Round
from .services import applying
from .services.renewing import start
from .states import FILLABLE


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def renewal(request: HttpRequest, recognition_uuid: UUID) -> HttpResponse:
    """Where letters about an end lead: enter the product again, or say whether it will be."""
    row = _own_or_404(request, recognition_uuid)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "enter":
        return _enter(request, row)
    if act == "answer":
        return _answer(request, row)
    return _show(request, row)


def _own_or_404(request: HttpRequest, uuid: UUID) -> Recognition:
    """A published recognition of a facility the person speaks for; any other does not exist."""
    mine = Recognition.objects.published().filter(
        uuid=uuid, product__facility__in=represented(request.user), product__merged_into=None
    )
    found = mine.select_related(
        "product__facility__commune", "product__facility__territory", "territory", "validity_rule"
    ).first()
    if found is None:
        raise Http404
    return found


def _enter(request: HttpRequest, row: Recognition) -> HttpResponse:
    try:
        dossier = start(
            recognition=row,
            round_=_chosen(request),
            actor=request.user,
            now=timezone.now(),
            origin=Origin.ONLINE,
        )
    except Refusal as refusal:
        return _show(request, row, refusal=refusal, status=status_of(refusal))
    return redirect(*_onward(request, dossier))


def _chosen(request: HttpRequest) -> Round:
    found = Round.objects.public().filter(slug=request.POST.get("round", "")).first()
    if found is None:
        raise Refusal("round_missing", _("Hãy chọn kỳ bình chọn để đăng ký lại."), field="round")
    return found


def _onward(request: HttpRequest, dossier: Dossier) -> tuple[str, UUID]:
    """Straight to what is incomplete; a dossier handed in already shows where it stands."""
    if dossier.state not in FILLABLE:
        return "my_dossier", dossier.uuid
    if dossier.copied_from_id is not None:
        words = _("Hồ sơ đã lập từ hồ sơ trước. Phần nào chưa đổi được đánh dấu để bạn cập nhật.")
    else:
        words = _("Hồ sơ đã lập từ sổ công nhận. Cổng chưa có hồ sơ trước của sản phẩm nên phần thuyết minh viết mới.")
    messages.success(request, words)
    step = first_step(applying.needs_of(dossier, on=today()))
    return f"applicant_{STEP_NAMES[step]}", dossier.uuid


def _answer(request: HttpRequest, row: Recognition) -> HttpResponse:
    form = MakerAnswerForm(request.POST)
    facts: dict[str, Any] = {"recognition": row, "actor": request.user, "now": timezone.now(), "by_maker": True}
    _made, status = attempt(form, lambda form: answer_renewal(**facts, **form.cleaned_data))
    if status != OK:
        return _show(request, row, form=form, status=status)
    messages.success(request, _("Sở Công Thương đã nhận trả lời của bạn. Bạn đổi trả lời lúc nào cũng được."))
    return redirect("renewal", row.uuid)


def _show(
    request: HttpRequest,
    row: Recognition,
    *,
    form: MakerAnswerForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page. A fixed number of queries."""
    now, on = timezone.now(), today()
    lines = lines_of_product(row.product, on=on)
    line = next((one for one in lines if one.row.pk == row.pk), None)
    answer = renewing.latest_answers([row.pk]).get(row.pk)
    dossiers = own_dossiers(request.user).filter(product=row.product)
    rounds = renewing.open_rounds(row, now=now)
    context: dict[str, Any] = {
        "row": row,
        "product": row.product,
        "levels": lines,
        "is_newest": line is not None,
        "one": renewing.standing_line(row, on=on, expiring_days=settings.EXPIRING_DAYS),
        "rounds": [(round_, renewing.caution(round_, [one.row for one in lines])) for round_ in rounds],
        "by_nomination": row.level in renewing.BY_NOMINATION,
        "may_renew": row.revoked_on is None and row.withdrawn_on is None,
        "entered": renewing.renewal_of(row, dossiers),
        "answer": answer,
        "form": form or MakerAnswerForm(initial=_initial(answer)),
        "refusal": refusal,
        "nav": "facility",
    }
    return render(request, "applicant/renewal.html", context, status=status)


def _initial(answer: Any) -> dict[str, Any]:
    return {"choice": answer.choice, "reason": answer.reason} if answer is not None and answer.by_maker else {}
