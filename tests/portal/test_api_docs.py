"""The API describes itself: a schema without warnings, pages for reading under a strict policy."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_free_of_warnings() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    for address in (
        "/api/v1/products/",
        "/api/v1/products/{slug}/",
        "/api/v1/recognitions/",
        "/api/v1/facilities/",
        "/api/v1/rounds/",
        "/api/v1/extension/projects/",
        "/api/v1/certificates/{code}/",
        "/api/v1/statistics/recognitions/",
        "/api/v1/statistics/rounds/",
        "/api/v1/statistics/extension/",
        "/api/v1/statistics/renewals/",
        "/api/v1/statistics/funnel/",
        "/api/v1/statistics/shares/",
    ):
        assert f"  {address}:\n" in out.getvalue()


def test_the_schema_names_the_refusals(client: Client) -> None:
    paths = client.get("/api/schema/", {"format": "json"}).json()["paths"]
    answers = {
        path: set(methods["get"]["responses"]) for path, methods in paths.items() if "/v1/" in path and "get" in methods
    }
    assert answers["/api/v1/products/"] == {"200", "400", "429"}
    assert answers["/api/v1/products/{slug}/"] == {"200", "404", "429"}
    assert answers["/api/v1/statistics/recognitions/"] == {"200", "400", "429"}
    unknown = paths["/api/v1/certificates/{code}/"]["get"]["responses"]["404"]
    assert "UnknownCertificate" in str(unknown)


def test_the_schema_is_served(client: Client) -> None:
    response = client.get("/api/schema/")
    assert response.status_code == 200
    assert response.content.startswith(b"openapi: 3")


def test_a_version_that_a_caller_makes_up_reaches_no_header_of_the_schema(client: Client) -> None:
    response = client.get("/api/schema/", {"version": "1\r\nX-Evil: 1"})
    assert response.status_code == 200
    assert "Evil" not in str(response.headers)


def test_the_docs_need_no_inline_script_or_style(client: Client) -> None:
    response = client.get("/api/docs/")
    text = response.content.decode()
    assert response.status_code == 200
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert "<style" not in text
    assert "<script>" not in text
    assert 'src="/api/docs/?script="' in text


def test_every_answer_has_an_example_that_is_as_the_schema_says(client: Client) -> None:
    schema = client.get("/api/schema/", {"format": "json"}).json()
    read = {path: one["get"] for path, one in schema["paths"].items() if "/v1/" in path and "exchange" not in path}
    assert len(read) >= 17
    for path, operation in read.items():
        answer = operation["responses"]["200"]["content"]["application/json"]
        (example,) = answer["examples"].values()
        validator = Draft202012Validator(_with_nulls({**answer["schema"], "components": schema["components"]}))
        assert [error.message for error in validator.iter_errors(example["value"])] == [], path


def _with_nulls(schema: Any) -> Any:
    """OpenAPI 3.0 says "nullable" where JSON Schema says that null is one of the types."""
    if isinstance(schema, list):
        return [_with_nulls(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _with_nulls(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") is True else found
