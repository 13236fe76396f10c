"""The facility's own certificate as a file to show and to pass on, while it is in force."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from facilities.representing import represented
from portal.audit.services import record_access
from portal.text.clock import today

from . import certificate_print, codes
from .models import Certificate


@never_cache
@login_required
@require_safe
def own_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """A valid certificate of a facility the person speaks for; `?tieng=en` in English. Any other does not exist."""
    certificate = _own_or_404(request, codes.normalise(code))
    if not certificate_print.is_own_copy(certificate, on=today()):
        raise PermissionDenied(
            _(
                "Chỉ tải được bản điện tử của giấy chứng nhận đã có số và còn hiệu lực. Trang tra cứu cho biết tình trạng."
            )
        )
    language = request.GET.get("tieng", get_language())
    made = certificate_print.pdf(
        certificate,
        [language if language in certificate_print.LANGUAGES else "vi"],
        on=today(),
        electronic=True,
    )
    record_access(
        request,
        action="certificate.own_copy",
        sentence=_("Tải bản điện tử của giấy chứng nhận mã %(code)s.") % {"code": codes.display(certificate.code)},
        subject=certificate,
        territory=certificate.recognition.territory,
        once_a_day=True,
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="giay-chung-nhan-{codes.display(certificate.code)}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _own_or_404(request: HttpRequest, code: str) -> Certificate:
    rows = certificate_print.printable(Certificate.objects.all())
    mine = rows.filter(code=code, recognition__product__facility__in=represented(request.user))
    found: Certificate | None = mine.filter(recognition__published_at__isnull=False).first()
    if found is None:
        raise Http404
    return found
