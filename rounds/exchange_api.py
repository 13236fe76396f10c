"""`/api/v1/exchange/packages/`: what other deployments send here and fetch from here, known by their signatures."""

import base64
import binascii
import datetime as dt
import tempfile
from typing import IO, Any

from django.core.cache import cache
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import FileUploadParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from portal.text.errors import Refusal

from .enums import PackageKind, PackageState
from .exchange import keys
from .exchange.package import MAX_PACKAGE, MEGABYTE, PIECE
from .models import ExchangePackage, Peer
from .services import exchange
from .services.exchange_client import KEY, NONCE, SIGNATURE, TIME

# How far two clocks may be apart, and so how long a nonce has to be remembered.
TOLERANCE = 300
NONCE_SECONDS = 2 * TOLERANCE + 60
SHORTEST_NONCE, LONGEST_NONCE = 16, 64
LONGEST_TIME = 12
STATUS = {
    "too_large": 413,
    "unknown_sender": 403,
    "peer_retired": 403,
    "not_signed": 401,
    "no_own_key": 503,
    "list_received": 409,
    "older_list": 409,
    "foreign_list": 409,
}
SIGNED = [
    OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description=words)
    for name, words in (
        (KEY, "Khóa công khai Ed25519 của bên gọi, base64."),
        (TIME, "Giờ gọi, số giây từ 1970-01-01 UTC; lệch quá 300 giây thì không nhận."),
        (NONCE, "Chuỗi ngẫu nhiên dùng một lần, 16 đến 64 ký tự."),
        (SIGNATURE, "Chữ ký Ed25519, base64, theo docs/exchange.md."),
    )
]


class DetailSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField(), required=False)


class TakenSerializer(serializers.Serializer[Any]):
    """What became of a package that was sent here."""

    digest = serializers.CharField()
    state = serializers.ChoiceField(PackageState.choices)
    received_at = serializers.DateTimeField()
    detail = serializers.CharField()


class WaitingSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField()
    kind = serializers.ChoiceField(PackageKind.choices)
    size = serializers.IntegerField()
    made_at = serializers.DateTimeField()


class WaitingListSerializer(serializers.Serializer[Any]):
    """Packages that wait to be fetched by who asks."""

    packages = WaitingSerializer(many=True)


class ExchangeThrottle(SimpleRateThrottle):
    """Per address; a partner sends a few packages a day."""

    scope = "exchange"
    rate = "60/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ExchangeView(APIView):
    """No session and no cookie count here: only signatures do."""

    authentication_classes = ()
    throttle_classes = (ExchangeThrottle,)
    parser_classes = (FileUploadParser,)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            return refused(exc)
        return super().handle_exception(exc)


def refused(refusal: Refusal) -> Response:
    found = {"detail": str(refusal.sentence), "code": refusal.code}
    if refusal.details:
        found["details"] = [str(one) for one in refusal.details]  # type: ignore[assignment]
    return Response(found, status=STATUS.get(refusal.code, 400))


class PackagesView(ExchangeView):
    @extend_schema(
        operation_id="exchange_packages_send",
        summary="Gửi một gói trao đổi",
        description="Thân yêu cầu là tệp .zip đã ký. Gửi lại đúng gói đó thì trả lời 200 và không ghi gì thêm.",
        request={"application/zip": OpenApiTypes.BINARY},
        responses={
            201: TakenSerializer,
            200: TakenSerializer,
            **{
                code: OpenApiResponse(DetailSerializer, description=words)
                for code, words in (
                    (400, "Gói hỏng, sai nội dung hoặc gửi nhầm nơi nhận."),
                    (403, "Cổng này không biết khóa đã ký gói, hoặc khóa đã thôi dùng."),
                    (409, "Danh sách của tỉnh đã được nhận, hoặc ở đây đã có bản mới hơn."),
                    (411, "Thiếu Content-Length."),
                    (413, "Gói quá lớn."),
                    (503, "Cổng này chưa đặt khóa trao đổi."),
                )
            },
        },
    )
    def post(self, request: Request) -> Response:
        length = _length(request)
        if length is None:
            return Response({"detail": _("Yêu cầu phải ghi Content-Length.")}, status=status.HTTP_411_LENGTH_REQUIRED)
        if length > MAX_PACKAGE:
            raise Refusal("too_large", _("Gói lớn hơn %(size)s MB.") % {"size": MAX_PACKAGE // MEGABYTE})
        with tempfile.TemporaryFile() as target:
            _copy(request._request, target, length)
            taken = exchange.take_in(source=target, actor=None, now=timezone.now(), by_api=True)
        row = taken.package
        told = {"digest": row.digest, "state": row.state, "received_at": row.arrived_at, "detail": taken.sentence}
        return Response(TakenSerializer(told).data, status=201 if taken.is_new else 200)

    @extend_schema(
        operation_id="exchange_packages_waiting",
        summary="Các gói đang chờ bên gọi đến lấy",
        parameters=SIGNED,
        responses={200: WaitingListSerializer, 401: DetailSerializer, 403: DetailSerializer, 503: DetailSerializer},
    )
    def get(self, request: Request) -> Response:
        peer = caller(request)
        return Response(WaitingListSerializer({"packages": waiting_for(peer)}).data)


class PackageView(ExchangeView):
    @extend_schema(
        operation_id="exchange_packages_fetch",
        summary="Lấy một gói đang chờ",
        parameters=SIGNED,
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            401: DetailSerializer,
            403: DetailSerializer,
            404: DetailSerializer,
            503: DetailSerializer,
        },
    )
    def get(self, request: Request, digest: str) -> Any:
        row = _one(caller(request), digest)
        if row is None:
            return Response({"detail": _("Không có gói này.")}, status=404)
        return FileResponse(row.file.open("rb"), content_type="application/zip", as_attachment=True)


class PackageTakenView(ExchangeView):
    @extend_schema(
        operation_id="exchange_packages_taken",
        summary="Báo đã lấy xong một gói",
        parameters=SIGNED,
        request=None,
        responses={
            200: DetailSerializer,
            401: DetailSerializer,
            403: DetailSerializer,
            404: DetailSerializer,
            503: DetailSerializer,
        },
    )
    def post(self, request: Request, digest: str) -> Response:
        row = _one(caller(request), digest)
        if row is None:
            return Response({"detail": _("Không có gói này.")}, status=404)
        exchange.mark_sent(package=row, actor=None, now=timezone.now(), by_api=True)
        return Response({"detail": _("Đã ghi nhận.")})


def waiting_for(peer: Peer) -> Any:
    rows = ExchangePackage.objects.filter(peer=peer, incoming=False, state=PackageState.PREPARED)
    return rows.exclude(kind=PackageKind.NOMINATION).order_by("made_at", "pk")


def _one(peer: Peer, digest: str) -> ExchangePackage | None:
    """A package for this partner: waiting, or fetched before by a partner that did not get it whole."""
    rows = ExchangePackage.objects.filter(peer=peer, incoming=False).exclude(kind=PackageKind.NOMINATION)
    return rows.filter(digest=digest).first()


def _length(request: Request) -> int | None:
    text = str(request.META.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() else None


def _copy(source: HttpRequest, target: IO[bytes], length: int) -> None:
    """The body in pieces, never more than was announced."""
    left = length
    while left > 0 and (piece := source.read(min(PIECE, left))):
        target.write(piece)
        left -= len(piece)


def caller(request: Request) -> Peer:
    """The partner who signed this request, now and once. Raises Refusal `not_signed` or `unknown_sender`."""
    key, time, nonce = (request.headers.get(name, "") for name in (KEY, TIME, NONCE))
    peer = Peer.objects.filter(public_key=key).first() if keys.is_public_key(key) else None
    if peer is None:
        raise _not_signed()
    own = keys.require_own_key()
    message = keys.request_message(
        method=request.method or "",
        path=request._request.get_full_path(),
        body=b"",
        addressee=own.public,
        time=time,
        nonce=nonce,
    )
    if not keys.verifies(key, message, _signature(request)):
        raise _not_signed()
    if peer.retired_at is not None:
        raise Refusal("peer_retired", _("Khóa này đã thôi dùng."))
    _refuse_stale(time, timezone.now())
    _refuse_replay(key, nonce)
    return peer


def _not_signed() -> Refusal:
    return Refusal("not_signed", _("Yêu cầu không có chữ ký của một cổng trong danh sách."))


def _signature(request: Request) -> bytes:
    try:
        return base64.b64decode(request.headers.get(SIGNATURE, ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refuse_stale(time: str, now: dt.datetime) -> None:
    asked = int(time) if time.isascii() and time.isdigit() and len(time) <= LONGEST_TIME else 0
    if abs(now.timestamp() - asked) > TOLERANCE:
        raise Refusal("not_signed", _("Giờ trong yêu cầu lệch quá 5 phút. Hãy chỉnh đồng hồ máy chủ rồi gọi lại."))


def _refuse_replay(key: str, nonce: str) -> None:
    good = SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE and nonce.isalnum() and nonce.isascii()
    if not good or not cache.add(f"exchange:{key}:{nonce}", 1, NONCE_SECONDS):
        raise Refusal("not_signed", _("Yêu cầu này đã được gọi một lần. Hãy ký một yêu cầu mới."))
