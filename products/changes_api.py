"""`/api/v1/changes/`: what has changed in the public register since a number, for programs that keep a copy."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import register
from .enums import ChangeKind
from .models import RegisterChange
from .serializers import whole

USUAL, MOST = 100, 1000
LONGEST_NUMBER = 18
GONE = 410


class ChangeSerializer(serializers.ModelSerializer):
    """One change. "published": read the product anew; "gone": take it out; "all": read the whole register anew."""

    kind = serializers.ChoiceField(ChangeKind.choices)
    slug = serializers.SerializerMethodField()
    uuid = serializers.UUIDField(source="product_uuid", allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = RegisterChange
        fields = ["number", "at", "kind", "slug", "uuid", "url"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_slug(self, row: RegisterChange) -> str | None:
        return row.slug or None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_url(self, row: RegisterChange) -> str | None:
        if row.kind != ChangeKind.PUBLISHED or not row.slug:
            return None
        return whole(reverse("api-product-detail", args=[row.slug]))


class ChangesSerializer(serializers.Serializer):
    """`last` is the number of the newest change; `next` leads on while there are more, null when all are read."""

    last = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    results = ChangeSerializer(many=True)


class TooOldSerializer(serializers.Serializer):
    """Changes so old are no longer kept: read the register anew, then go on after `last`."""

    detail = serializers.CharField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class ChangesView(APIView):
    """Changes of the public register in the order they were published, without gaps. Three queries."""

    @extend_schema(
        operation_id="changes_list",
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": 10**LONGEST_NUMBER - 1, "default": 0},
                description="Số của thay đổi cuối cùng đã đọc; 0 để đọc từ đầu.",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
                description="Nhiều nhất bao nhiêu thay đổi trong một câu trả lời.",
            ),
        ],
        responses={
            200: ChangesSerializer,
            410: OpenApiResponse(
                TooOldSerializer,
                description="Các thay đổi ngay sau số này không còn được giữ. Hãy đọc lại toàn bộ rồi đi tiếp từ last.",
            ),
        },
    )
    def get(self, request: Request) -> Response:
        after, limit = _number(request, "after", 0, 0), min(_number(request, "limit", USUAL, 1), MOST)
        last = register.state().number
        first = RegisterChange.objects.order_by("number").values_list("number", flat=True).first()
        # Nothing kept while numbers were given out: all of them are older than what is kept.
        oldest = last + 1 if first is None else first
        if after + 1 < oldest and not (after == 0 and oldest == 1):
            return Response(TooOldSerializer(_too_old(oldest, last)).data, status=GONE)
        rows = list(RegisterChange.objects.filter(number__gt=after).order_by("number")[: limit + 1])
        more, rows = len(rows) > limit, rows[:limit]
        here = whole(reverse("api-changes"))
        onward = f"{here}?after={rows[-1].number}&limit={limit}" if more else None
        facts: dict[str, Any] = {"last": last, "next": onward, "results": rows}
        return Response(ChangesSerializer(facts).data)


def _too_old(oldest: int, last: int) -> dict[str, Any]:
    sentence = _(
        "Các thay đổi trước số %(first)s không còn được giữ. Hãy đọc lại toàn bộ dữ liệu, rồi hỏi tiếp sau số %(last)s."
    )
    return {"detail": sentence % {"first": oldest, "last": last}, "first": oldest, "last": last}


def _number(request: Request, name: str, usual: int, least: int) -> int:
    text = request.query_params.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and int(text) >= least):
        sentence = _("“%(value)s” không phải là số dùng được. Hãy ghi một số nguyên từ %(least)s.")
        raise ValidationError({name: [sentence % {"value": text[:60], "least": least}]})
    return int(text)
