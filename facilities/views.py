"""Registering for a facility, and what the person may do while the province confirms. Thin."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.territory.models import Commune
from portal.text.errors import Refusal
from portal.text.inputs import key_of

from . import limits, registration, representing
from .enums import RepresentativeState
from .models import Representative
from .registration_forms import ClaimForm, OwnFacilityForm, RegistrationForm

TOO_MANY = 429


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Person and facility in one form. The answer is one and the same, whatever is known already."""
    if request.user.is_authenticated:
        return redirect("my_facility")
    form = RegistrationForm(request.POST or None)
    if request.method != "POST":
        return _show(request, form)
    try:
        limits.count_try(ip=request.META.get("REMOTE_ADDR", ""))
        if form.is_trapped:
            return redirect("registered")
        if not form.is_valid():
            return _show(request, form, status=400)
        limits.count_tax_code(tax_code=form.cleaned_data["tax_code"])
    except Refusal as refusal:
        form.add_error(refusal.field, str(refusal))
        return _show(request, form, status=TOO_MANY)
    facts = form.cleaned_data
    registration.register(
        login=facts["login"],
        password=facts["password"],
        full_name=facts["full_name"],
        claim=form.claim(),
        now=timezone.now(),
    )
    return redirect("registered")


def _show(request: HttpRequest, form: RegistrationForm, status: int = 200) -> HttpResponse:
    return render(request, "facilities/register.html", {"form": form, "communes": _of_form(form)}, status=status)


@never_cache
@require_safe
def registered(request: HttpRequest) -> HttpResponse:
    """The same page for everyone who sent the form."""
    return render(request, "facilities/registered.html")


@require_safe
def communes(request: HttpRequest) -> HttpResponse:
    """Today's communes of a province, as options of the form's list. Public knowledge."""
    response = render(request, "facilities/_communes.html", {"communes": _communes(request.GET.get("tinh", ""))})
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _communes(territory_id: str) -> list[str]:
    key = key_of(territory_id)
    if key is None:
        return []
    return [str(row) for row in Commune.objects.filter(territory_id=key, valid_to__isnull=True).order_by("folded")]


def _of_form(form: ClaimForm) -> list[str]:
    return _communes(str(form["territory"].value() or ""))


def _own_or_404(request: HttpRequest, uuid: UUID) -> Representative:
    return get_object_or_404(representing.claims_of(request.user), uuid=uuid)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim_new(request: HttpRequest) -> HttpResponse:
    """A further facility, or another try after a refusal, by a person who has an account."""
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            limits.count_tax_code(tax_code=form.cleaned_data["tax_code"])
            registration.claim_facility(user=request.user, claim=form.claim(), now=timezone.now())  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
            return _show_claim(request, form, None, status=TOO_MANY if refusal.code == "too_many_tries" else 409)
        messages.success(request, _("Đã gửi đăng ký. Sở Công Thương sẽ xem và xác nhận."))
        return redirect("my_facility")
    return _show_claim(request, form, None, status=400 if form.is_bound else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim_edit(request: HttpRequest, claim_uuid: UUID) -> HttpResponse:
    """Correct what was claimed, while it waits."""
    row = _own_or_404(request, claim_uuid)
    if row.state != RepresentativeState.PENDING:
        return redirect("my_facility")
    form = ClaimForm(request.POST) if request.method == "POST" else ClaimForm.of(row)
    if not form.is_bound or not form.is_valid():
        return _show_claim(request, form, row, status=400 if form.is_bound else 200)
    try:
        registration.correct_claim(representative=row, claim=form.claim(), actor=request.user)  # type: ignore[arg-type]
    except Refusal as refusal:
        form.add_error(refusal.field, str(refusal))
        return _show_claim(request, form, row, status=409)
    messages.success(request, _("Đã lưu điều bạn sửa."))
    return redirect("my_facility")


def _show_claim(request: HttpRequest, form: ClaimForm, row: Representative | None, status: int = 200) -> HttpResponse:
    context = {"form": form, "claim": row, "communes": _of_form(form), "nav": "facility"}
    return render(request, "facilities/claim.html", context, status=status)


@never_cache
@login_required
@require_POST
def claim_withdraw(request: HttpRequest, claim_uuid: UUID) -> HttpResponse:
    row = _own_or_404(request, claim_uuid)
    try:
        registration.withdraw_claim(representative=row, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Đã rút đăng ký."))
    return redirect("my_facility")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_facility(request: HttpRequest, facility_uuid: UUID) -> HttpResponse:
    """Today's address and introduction; what identifies the facility only the officer changes."""
    facility = representing.represented(request.user).filter(uuid=facility_uuid).first()
    if facility is None:
        raise Http404
    form = OwnFacilityForm(request.POST or None, instance=facility)
    if request.method == "POST" and form.is_valid():
        facts: dict[str, Any] = {name: form.cleaned_data[name] for name in registration.OWN_FIELDS}
        try:
            registration.update_own_facility(facility=facility, actor=request.user, **facts)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Đã lưu thông tin cơ sở."))
            return redirect("my_facility")
    context = {"form": form, "facility": facility, "nav": "facility"}
    return render(request, "facilities/own_facility.html", context, status=400 if form.is_bound else 200)
