"""Numbers of rounds and of extension open lists of exactly so many, and say so where they cannot."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from facilities.enums import FacilityKind
from portal.pages import extension_answers, round_answers
from portal.pages.answers import Answer, Cell
from portal.pages.statistics_query import Question
from products.catalogue import Clock
from products.models import Recognition
from rounds.enums import RoundState
from rounds.models import Round, RoundCount
from tests import factories as make

from .test_statistics_answers import is_sum, length_of, sum_of

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 21)
CLOCK = Clock(TODAY, 90)


@pytest.fixture(autouse=True)
def on_a_day() -> Any:
    with time_machine.travel("2026-11-21 09:00:00+07:00", tick=False):
        yield


def held(*, singles: int, sets: int, **facts: Any) -> Round:
    """An announced round with what it recognised and one entry more."""
    decided = {"state": RoundState.ANNOUNCED, "decision": make.DecisionFactory(), "announced_at": timezone.now()}
    round_ = make.RoundFactory(**decided | facts)
    for n in range(singles + sets):
        dossier = make.DossierFactory(round=round_)
        dossier.product.is_set = n >= singles
        dossier.product.save()
        dossier.recognition = make.RecognitionFactory(
            product=dossier.product, level=round_.level, year=round_.year, territory=round_.territory
        )
        dossier.save()
    make.DossierFactory(round=round_)
    return round_


def opened(answer: Answer) -> dict[tuple[str, str], Cell]:
    """The numbers that open a list, by row and column."""
    return {
        (line.cells[0].shown, heading): cell
        for line in answer.table.rows
        for heading, cell in zip(answer.table.headings, line.cells, strict=True)
        if cell.url and isinstance(cell.value, int)
    }


# --- rounds -------------------------------------------------------------------------------------------------------


def test_what_rounds_recognised_opens_its_list(client: Client) -> None:
    one = held(singles=2, sets=1, year=2024)
    two = held(singles=1, sets=2, year=2025, territory=one.territory)
    make.RoundFactory(state=RoundState.RECEIVING, year=2026)
    make.RecognitionFactory(territory=one.territory, year=2024)
    for question, total in (
        (Question(), 6),
        (Question(year_from=2025), 3),
        (Question(province=(one.territory.slug,), level=("province",)), 6),
    ):
        together, each = round_answers.answers(question, CLOCK)
        linked = opened(together)
        assert {key: cell.value for key, cell in linked.items()} == {("được công nhận", "Số"): total}
        for cell in (*linked.values(), *opened(each).values()):
            assert length_of(client, cell.url) == cell.value, cell.url
        assert any("không công khai từng tên" in sentence for sentence in together.method)
    assert {(row, column): cell.value for (row, column), cell in opened(each).items() if row == str(two)} == {
        (str(two), "Công nhận"): 3, (str(two), "Sản phẩm đơn"): 1, (str(two), "Bộ sản phẩm"): 2,
    }  # fmt: skip
    said = client.get(linked["được công nhận", "Số"].url).context["sentence"]
    assert "6 lượt công nhận cấp tỉnh, của các kỳ bình chọn đã công bố kết quả." in said


def test_where_the_list_of_a_round_would_hold_less_its_numbers_open_none_and_it_says_why(client: Client) -> None:
    whole, part = held(singles=2, sets=0, year=2024), held(singles=1, sets=1, year=2025)
    Recognition.objects.filter(pk=part.dossiers.exclude(recognition=None).first().recognition_id).update(
        withheld_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    together, each = round_answers.answers(Question(), CLOCK)
    assert not opened(together)
    assert {row for row, _column in opened(each)} == {str(whole)}
    for answer in (together, each):
        assert any("chưa hoặc không còn hiện công khai" in sentence for sentence in answer.method)


def test_rounds_kept_in_another_portal_open_what_their_decisions_recognised(client: Client) -> None:
    decision = make.DecisionFactory()
    round_ = make.RoundFactory(state=RoundState.CLOSED, year=2025, decision=decision, announced_at=timezone.now())
    for is_set in (False, False, True):
        make.RecognitionFactory(product__is_set=is_set, year=2025, decision=decision)
    RoundCount.objects.create(
        round=round_, on=TODAY, dossiers=9, facilities=3, first_time=1, eligible=5, scored=5, passed=4, recognised=3,
        singles=2, sets=1,
    )  # fmt: skip
    together, each = round_answers.answers(Question(), CLOCK)
    found = [*opened(together).values(), *opened(each).values()]
    assert [cell.value for cell in found] == [3, 3, 2, 1]
    for cell in found:
        assert length_of(client, cell.url) == cell.value, cell.url


def test_an_unknown_round_is_no_condition_and_rounds_to_come_open_nothing(client: Client) -> None:
    coming = held(singles=1, sets=0, state=RoundState.DECIDED, announced_at=None)
    for slug in ("x", "'", "\x00", coming.slug):
        assert "của " not in client.get("/thong-ke/danh-sach/", {"round": slug}).context["sentence"]


# --- extension ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["year", "funding", "head", "province", "region"])
def test_every_number_of_extension_opens_what_it_counts_or_adds_up(client: Client, by: str) -> None:
    maker = make.FacilityFactory()
    for year, disbursed in ((2023, 150_000_000), (2023, None), (2025, 90_000_000)):
        project = make.ProjectFactory(year=year, territory=maker.territory, disbursed=disbursed)
        make.BeneficiaryFactory(project=project, facility=maker, turns=2)
        make.BeneficiaryFactory(project=project)
    [answer] = extension_answers.answers(Question(by=by), CLOCK)
    found = opened(answer)
    assert {column for _row, column in found} == set(answer.table.headings[1:])
    for (_row, column), cell in found.items():
        behind = sum_of(client, cell.url, column) if is_sum(column) else length_of(client, cell.url)
        assert behind == cell.value, cell.url


def test_who_may_not_be_named_is_counted_and_has_a_line_without_a_name(client: Client) -> None:
    household = make.FacilityFactory(kind=FacilityKind.HOUSEHOLD, name="Hộ mẫu đã rời sổ")
    make.RecognitionFactory(
        product__facility=household, year=2020, issued_on=dt.date(2020, 5, 1), expires_on=dt.date(2023, 5, 1),
        revoked_on=dt.date(2022, 5, 1), status_reason="Vi phạm",
    )  # fmt: skip
    make.BeneficiaryFactory(facility=household, project__year=2021)
    make.BeneficiaryFactory(project__year=2024)
    [answer] = extension_answers.answers(Question(by="year"), CLOCK)
    for (_row, column), cell in opened(answer).items():
        behind = sum_of(client, cell.url, column) if is_sum(column) else length_of(client, cell.url)
        assert behind == cell.value, cell.url
    assert any("không nêu tên" in sentence for sentence in answer.method)
    for more in ("", "&tai=csv"):
        response = client.get(f"/thong-ke/danh-sach/?view=supported{more}")
        listed = (b"".join(response) if more else response.content).decode()
        assert "Thôi hiện công khai" in listed
        assert "Hộ mẫu đã rời sổ" not in listed
        assert household.slug not in listed


@pytest.mark.parametrize("address", ["?round=all", "?view=supported", "?view=projects"])
def test_each_list_costs_the_same_for_1_3_and_50_rows(client: Client, address: str) -> None:
    costs, made = [], 0
    round_ = held(singles=0, sets=0)
    for total in (1, 3, 50):
        for _n in range(made, total):
            row = make.RecognitionFactory()
            make.DossierFactory(round=round_, product=row.product, recognition=row)
            make.BeneficiaryFactory()
        made = total
        client.get(f"/thong-ke/danh-sach/{address}")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/thong-ke/danh-sach/{address}")
        costs.append(len(seen))
    assert len(set(costs)) == 1, costs
