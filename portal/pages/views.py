from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponse
from django.shortcuts import render


def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the portal can answer: 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home.html")
