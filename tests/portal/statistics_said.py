"""Everything the statistics say of a portal, to be held against what another one says."""

from collections.abc import Iterator
from typing import Any

from django.test import Client

from extension.models import Project
from facilities.enums import FacilityKind
from portal.pages import recognition_answers, statistics
from portal.pages.answers import Answer
from portal.pages.renewal_answers import BY as RENEWALS_BY
from portal.pages.statistics_query import Question
from portal.pages.statistics_topics import TOPICS
from portal.territory.enums import Basis
from portal.territory.models import Territory
from products.enums import Level, ProductGroup, Status
from products.models import Recognition
from products.serializers import clock_of_today

YEARS = range(2015, 2027)
API = "/api/v1/statistics/"


def said(client: Client) -> dict[str, Any]:
    """By question: what each page answers, in numbers and in words, and what the API does."""
    found = {f"{topic} {question}": _answers(topic, question) for topic, question in _questions()}
    found |= {address: client.get(address).json() for address in _addresses()}
    found["fairs"] = _fairs(client)
    return found


def _fairs(client: Client) -> list[Any]:
    rows = client.get("/api/v1/extension/fairs/?page_size=100").json()["results"]
    return [(row["slug"], row["figures"]) for row in rows]


def _questions() -> Iterator[tuple[str, Question]]:
    plain = Question()
    narrow = [plain]
    narrow += [plain.but(level=(level,)) for level in Level.values]
    narrow += [plain.but(group=(group,)) for group in ProductGroup.values]
    narrow += [plain.but(kind=(kind,)) for kind in FacilityKind.values]
    narrow += [plain.but(year_from=year, year_to=year) for year in YEARS]
    for slug in _provinces():
        narrow += [plain.but(province=(slug,), basis=basis) for basis in Basis.values]
    for question in narrow:
        asked = {name for name, _value in question.pairs}
        yield from ((name, question) for name, topic in TOPICS.items() if asked <= set(topic.fields))
    for basis in Basis.values:
        yield from (("statistics", plain.but(by=by, basis=basis)) for by in statistics.BY)
        yield from (("statistics_extension", plain.but(by=by, basis=basis)) for by in statistics.EXTENSION_BY)
        yield from (("statistics_renewals", plain.but(by=by, basis=basis)) for by in RENEWALS_BY)


def _provinces() -> set[str]:
    """Those of which the portal tells something."""
    used = {*Recognition.objects.values_list("territory", flat=True)}
    used |= {*Project.objects.values_list("territory", flat=True)}
    return set(Territory.objects.filter(pk__in=used).values_list("slug", flat=True))


def _answers(topic: str, question: Question) -> list[Any]:
    clock = clock_of_today()
    if topic == "statistics":
        return [_told(one) for one in recognition_answers.answers(question, clock)]
    return [_told(one) for one in TOPICS[topic].answers(question, clock)]


def _told(answer: Answer) -> Any:
    """All of it but how it was counted: that names where numbers come from."""
    return answer.key, answer.sentence, answer.chart, answer.table, answer.sides, answer.notes


def _addresses() -> Iterator[str]:
    for basis in Basis.values:
        for by in statistics.BY:
            yield f"{API}recognitions/?by={by}&basis={basis}"
        for by in statistics.EXTENSION_BY:
            yield f"{API}extension/?by={by}&basis={basis}"
    for status in Status:
        yield f"{API}recognitions/?status={status.value}"
    for by in RENEWALS_BY:
        yield f"{API}renewals/?by={by}"
    for within in (1, 5, 10):
        yield f"{API}funnel/?within={within}"
    yield f"{API}rounds/?page_size=100"
    yield f"{API}shares/"
