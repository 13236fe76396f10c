"""Whatever a program asks of the API, it is answered as the schema says, and never with a fault of the server."""

import datetime as dt
import itertools
import logging
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import schemathesis
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.wsgi import application
from products.models import ProductStandard, RegisterChange, RegisterMark, TradeFacts
from tests import factories

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
HOSTILE = {
    "endless": "x" * 10_000,
    "NUL": "a%00b",
    "broken encoding": "%ff%fe%c3",
    "negative": "-1",
    "huge": "9" * 40,
    "first day": "0000-01-01",
    "last day": "9999-12-31",
    "no day": "2025-02-30",
    "bracket": "//[",
}


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """One of everything, so that answers have something to conform in."""
    logging.disable(logging.CRITICAL)
    with (
        django_db_blocker.unblock(),
        time_machine.travel("2026-11-21 09:00:00+07:00", tick=False),
        transaction.atomic(),
    ):
        row = factories.RecognitionFactory(decision=factories.DecisionFactory(), product__slug="che")
        factories.CertificateFactory(recognition=row, code="T000000000")
        factories.SetMemberFactory(product_set=row.product)
        ProductStandard.objects.create(product=row.product, kind="ocop", stars=4, issued_year=2025)
        TradeFacts.objects.create(
            product=row.product,
            capacity=5,
            capacity_unit="kg",
            capacity_period="month",
            declared_on=dt.date(2026, 1, 1),
        )
        factories.BeneficiaryFactory(project=factories.ProjectFactory(state="approved"), facility=row.product.facility)
        factories.RoundFactory(state="receiving")
        RegisterMark.objects.update_or_create(pk=1, defaults={"word": "a" * 32, "number": 3})
        RegisterChange.objects.create(
            number=3, kind="published", slug="che", at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        )
        yield row
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def schema(world: Any) -> Any:
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", application).include(
        path_regex="^/api/v1/(?!exchange)"
    )


@pytest.fixture(scope="module")
def operations(schema: Any) -> list[Any]:
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) >= 15
    return found


def test_every_answer_is_as_the_schema_says(operations: list[Any]) -> None:
    for operation in operations:

        @hypothesis.settings(
            max_examples=8,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def asked(case: Any) -> None:
            cache.clear()  # no limit is met, no answer is kept
            case.call_and_validate(checks=CHECKS)

        asked()


def test_no_query_made_to_hurt_breaks_an_answer(operations: list[Any]) -> None:
    client = Client()
    known = {"code": "T-0000-0000-0", "slug": "che", "uuid": "x"}
    for operation in operations:
        path = operation.path.format(**known)
        names = ["page", "format", "utm", *(parameter.name for parameter in operation.query)]
        for name, (what, value) in itertools.product(names, HOSTILE.items()):
            cache.clear()
            with connection.execute_wrapper(_as_postgresql):
                answer = client.get(f"{path}?{quote(name)}={value}&{quote(name)}=1&{quote(name)}={value}")
            assert answer.status_code in {200, 400, 404, 410}, (path, name, what)
            assert answer["Content-Type"].startswith("application/json"), (path, name, what)


def _as_postgresql(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """SQLite takes a NUL in a text where PostgreSQL does not."""
    for row in params if many else [params or ()]:
        assert not any(isinstance(one, str) and "\0" in one for one in row), sql[:200]
    return execute(sql, params, many, context)
