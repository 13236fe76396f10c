"""`/api/v1/certificates/<code>/`: the certificate check for machines."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from facilities.api import FacilityRefSerializer, ProvinceSerializer
from portal.text.errors import Refusal
from portal.text.rates import Rate

from . import asking, check_counts, check_limits, checking, codes
from .asking import Kind
from .cards import place_then
from .catalogue import Clock
from .check_counts import UNKNOWN
from .enums import CheckWay, DatePrecision, EventKind, Level, Status
from .making_day import read_span
from .serializers import DecisionRefSerializer, OrdinalField, ProductRefSerializer

ANSWERS = ["yes", "no", "partly", "unknown"]


class TraceSerializer(serializers.Serializer):
    """One line of the public trace; `on` is null where only the year is known."""

    kind = serializers.ChoiceField(EventKind.choices)
    on = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    year = serializers.IntegerField()
    words = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    basis = serializers.CharField(allow_blank=True)
    decision = DecisionRefSerializer(allow_null=True)


class PartSerializer(serializers.Serializer):
    """A run of days with one answer."""

    first = serializers.DateField()
    last = serializers.DateField()
    answer = serializers.ChoiceField(ANSWERS)
    why = serializers.CharField(allow_blank=True)


class HeldSerializer(serializers.Serializer):
    """Whether the product was recognised when a pack was made; "partly" and `parts` for a month or a year."""

    first = serializers.DateField(source="span.first")
    last = serializers.DateField(source="span.last")
    answer = serializers.ChoiceField(ANSWERS)
    parts = PartSerializer(many=True)


class SuccessorSerializer(serializers.Serializer):
    """Who answers today for an authority that is gone; `is_certain` is false where no text names them."""

    authority = serializers.CharField()
    contact = serializers.CharField(allow_blank=True)
    legal_basis = serializers.CharField()
    is_certain = serializers.BooleanField()
    since = serializers.DateField()


class StandingSerializer(serializers.Serializer):
    """Another recognition of the same product."""

    level = serializers.ChoiceField(Level.choices, source="standing.row.level")
    year = serializers.IntegerField(source="standing.row.year")
    status = serializers.ChoiceField(Status.choices, source="standing.status")
    expires_on = serializers.DateField(source="standing.row.expires_on")
    certificate_code = serializers.CharField(source="code", allow_blank=True)


class CertificateAnswerSerializer(serializers.Serializer):
    """The answer to a certificate's code on a day.

    Of a household's certificate that was revoked and has run out, nothing is said but level, year and the
    revocation: `product`, `facility` and all that names them are null or empty.
    """

    code = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    reason = serializers.CharField(allow_blank=True)
    on = serializers.DateField()
    checked_at = serializers.DateTimeField()
    product = ProductRefSerializer(allow_null=True)
    facility = FacilityRefSerializer(allow_null=True)
    level = serializers.ChoiceField(Level.choices)
    year = serializers.IntegerField()
    round_ordinal = OrdinalField(allow_null=True)
    province_at_the_time = ProvinceSerializer(allow_null=True)
    address_then = serializers.CharField(allow_blank=True)
    address_today = serializers.CharField(allow_blank=True)
    issued_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField()
    expires_precision = serializers.ChoiceField(DatePrecision.choices)
    decision = DecisionRefSerializer(allow_null=True)
    official_number = serializers.CharField(allow_blank=True)
    renewed_by = serializers.CharField(allow_null=True)
    superseded_by = serializers.CharField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    history = TraceSerializer(many=True)
    other_recognitions = StandingSerializer(many=True)
    successor_authority = SuccessorSerializer(allow_null=True)
    held_on = HeldSerializer(allow_null=True)
    is_illustrative = serializers.BooleanField()


class UnknownCertificateSerializer(serializers.Serializer):
    """There is no certificate with this code; that does not say the paper is false."""

    status = serializers.ChoiceField([UNKNOWN])
    reason = serializers.CharField()
    on = serializers.DateField()
    checked_at = serializers.DateTimeField()


class WrongDaySerializer(serializers.Serializer):
    produced_on = serializers.ListField(child=serializers.CharField())


class CheckThrottle(BaseThrottle):
    """The same limits as the page has."""

    def allow_request(self, request: Request, view: Any) -> bool:
        caller, now = check_limits.caller_of(request), timezone.now()
        self._seconds, _more = check_limits.wait_and_more(caller, now)
        most = check_limits.QUESTIONS.most
        rate = Rate(most, 0, self._seconds, is_over=True) if self._seconds else check_limits.count(caller, now)
        request._request.rate = rate  # type: ignore[attr-defined]  # said in the headers of the answer
        return not self._seconds

    def wait(self) -> float:
        return self._seconds


class CertificateView(APIView):
    """What a certificate's code stands for at this moment."""

    throttle_classes = [CheckThrottle]

    @extend_schema(
        operation_id="certificates_retrieve",
        parameters=[
            OpenApiParameter(
                "code",
                OpenApiTypes.STR,
                OpenApiParameter.PATH,
                description="Mã in trên giấy chứng nhận; dấu cách, gạch nối và chữ thường đều nhận.",
            ),
            OpenApiParameter(
                "produced_on",
                OpenApiTypes.STR,
                description="Ngày sản xuất in trên bao bì: 2025-02-03 hoặc 03/02/2025; tháng 2025-02; năm 2025. "
                "Câu trả lời thêm held_on: hôm đó sản phẩm có đang được công nhận không.",
                examples=[OpenApiExample("ngày", "2025-02-03"), OpenApiExample("tháng", "2025-02")],
            ),
        ],
        responses={
            200: CertificateAnswerSerializer,
            400: OpenApiResponse(WrongDaySerializer, description="Ngày sản xuất không đọc được hoặc chưa đến."),
            404: OpenApiResponse(UnknownCertificateSerializer, description="Sổ công nhận không có mã này."),
        },
    )
    def get(self, request: Request, code: str) -> Response:
        now = timezone.now()
        clock = Clock(on=timezone.localdate(now), expiring_days=settings.EXPIRING_DAYS)
        asked = asking.of_path(code)
        found = checking.checked(asked.code, clock) if asked.kind == Kind.CODE else None
        if found is None:
            response = _unknown(request, asked, clock, now)
        else:
            response = Response(CertificateAnswerSerializer(_answer(request, found, clock, now)).data)
        # The state may change at any moment, and does at midnight.
        response["Cache-Control"] = "private, no-cache, max-age=0"
        _count(request, response, clock, found)
        return response


def _unknown(request: Request, asked: asking.Asked, clock: Clock, now: Any) -> Response:
    if asked.kind != Kind.CUT:
        wait = check_limits.unknown(check_limits.caller_of(request), asked.code, now)
        if wait:
            raise Throttled(wait)
    reason = _("Sổ công nhận không có giấy chứng nhận mang mã này. Hãy xem lại các ký tự dễ lẫn.")
    if asked.kind == Kind.CUT:
        reason = _("Mã có %(whole)s ký tự, ở đây có %(length)s. Hãy gửi đủ mã in trên giấy chứng nhận.") % {
            "whole": codes.LENGTH,
            "length": len(asked.code),
        }
    facts = {"status": UNKNOWN, "reason": reason, "on": clock.on, "checked_at": timezone.localtime(now)}
    return Response(UnknownCertificateSerializer(facts).data, status=404)


def _count(request: HttpRequest | Request, response: Response, clock: Clock, found: checking.Answer | None) -> None:
    plain = request._request if isinstance(request, Request) else request
    if check_counts.is_counted(plain):
        check_counts.count_when_sent(
            response,
            on=clock.on,
            certificate_id=found.certificate.pk if found else None,
            way=CheckWay.API,
            answer=found.status if found else UNKNOWN,
        )


def _answer(request: Request, found: checking.Answer, clock: Clock, now: Any) -> dict[str, Any]:
    row = found.row
    facts = {
        "code": found.certificate.code,
        "status": found.status,
        "on": clock.on,
        "checked_at": timezone.localtime(now),
        "level": row.level,
        "year": row.year,
        "round_ordinal": row.round_ordinal,
        "expires_on": row.expires_on,
        "expires_precision": row.expiry_precision,
        "ended_on": found.standing.since,
        "is_illustrative": row.is_illustrative or row.product.is_illustrative,
    }
    if found.is_withheld:
        return {**facts, **_WITHHELD}
    return {**facts, **_named(request, found, clock)}


# What would name a household after its certificate has run out.
_WITHHELD: dict[str, Any] = {
    "reason": "",
    "product": None,
    "facility": None,
    "province_at_the_time": None,
    "address_then": "",
    "address_today": "",
    "issued_on": None,
    "decision": None,
    "official_number": "",
    "renewed_by": None,
    "superseded_by": None,
    "history": [],
    "other_recognitions": [],
    "successor_authority": None,
    "held_on": None,
}


def _named(request: Request, found: checking.Answer, clock: Clock) -> dict[str, Any]:
    row, paper = found.row, found.certificate
    around = checking.detail(found, clock)
    in_use = found.in_use.code if found.in_use else None
    return {
        "reason": _reason(found),
        "product": row.product,
        "facility": row.product.facility,
        "province_at_the_time": {"slug": row.territory.slug, "name": place_then(row)},
        "address_then": around.address.then,
        "address_today": around.address.now,
        "issued_on": paper.issued_on or row.issued_on,
        "decision": row.decision,
        "official_number": paper.official_number,
        "renewed_by": in_use,
        "superseded_by": in_use,
        "history": around.trace,
        "other_recognitions": around.others,
        "successor_authority": around.successor,
        "held_on": _held(request, found, around, clock),
    }


def _reason(found: checking.Answer) -> str:
    if found.status in {Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED}:
        return found.row.status_reason
    return found.certificate.superseded_reason if found.status == Status.SUPERSEDED else ""


def _held(request: Request, found: checking.Answer, around: checking.Detail, clock: Clock) -> checking.Made | None:
    typed = request.query_params.get("produced_on")
    if typed is None:
        return None
    try:
        return checking.made(found, read_span(typed, on=clock.on), around.others)
    except Refusal as refusal:
        raise ValidationError({"produced_on": [refusal.sentence]}) from None
