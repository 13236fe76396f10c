"""Specimens: received, kept, given back; the receipts and the list."""

import datetime as dt
from io import BytesIO

import openpyxl
import pypdfium2
import pytest
import time_machine
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import DossierState, RoundState
from rounds.models import Sample
from rounds.services import samples

from .. import factories as make

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def round_(province):
    return make.RoundFactory(territory=province, state=RoundState.SCORING, year=2026)


@pytest.fixture
def dossier(round_):
    return make.DossierFactory(round=round_, entry_code="A-12", product__name="Chè búp")


def address(name, *args):
    return reverse(f"admin:rounds_round_{name}", args=args)


def taken(dossier, officer, **changes):
    facts = {"description": "Hộp chè 200 g", "quantity": 2, "received_from": "Bà chủ", **changes}
    return samples.receive(dossier=dossier, actor=officer, now=NOW, **facts)


def test_a_sample_is_received_at_the_desk_and_given_back(client, round_, dossier, officer):
    client.force_login(officer)
    typed = {
        "dossier": dossier.pk,
        "description": " Hộp  chè 200 g ",
        "quantity": 2,
        "condition": "Còn nguyên tem",
        "received_from": "Bà chủ",
        "to_be_returned": "on",
    }
    assert client.post(address("sample_new", round_.pk), typed).status_code == 302
    (sample,) = Sample.objects.all()
    assert (sample.description, sample.quantity, sample.received_by) == ("Hộp chè 200 g", 2, officer)
    page = client.get(address("samples", round_.pk), {"xem": "con-giu"})
    assert page.context["totals"] == {"received": 2, "here": 2, "kinds": 1}
    answer = client.post(address("samples_return", round_.pk), {"samples": [sample.pk], "returned_to": "Bà chủ"})
    assert answer.status_code == 302
    sample.refresh_from_db()
    assert (sample.returned_to, sample.returned_by, sample.returned_at) == ("Bà chủ", officer, NOW)
    assert client.get(address("samples", round_.pk)).context["totals"]["here"] == 0
    said = AuditEntry.objects.filter(action__startswith="sample.").order_by("pk").values_list("sentence", flat=True)
    assert list(said) == [
        "Nhận mẫu “Hộp chè 200 g”, số lượng 2, của hồ sơ A-12.",
        "Trả mẫu “Hộp chè 200 g”, số lượng 2, của hồ sơ A-12 cho Bà chủ.",
    ]


@pytest.mark.parametrize(("changes", "code"), [({"description": " "}, "what_missing"), ({"quantity": 0}, "how_many")])
def test_what_is_wrong_with_a_sample_is_said(dossier, officer, changes, code):
    with pytest.raises(Refusal) as refused:
        taken(dossier, officer, **changes)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("state", "allowed"),
    [(state, state in samples.RECEIVING_STATES) for state in RoundState],
)
def test_samples_come_in_only_while_they_can_be_judged(round_, dossier, officer, state, allowed):
    type(round_).objects.filter(pk=round_.pk).update(
        state=state,
        announced_at=NOW,
        decision=make.DecisionFactory(),
        cancelled_reason="Lý do",
    )
    if allowed:
        assert taken(dossier, officer).pk
    else:
        with pytest.raises(Refusal, match="không nhận mẫu"):
            taken(dossier, officer)


def test_no_sample_for_a_dossier_that_was_not_handed_in(round_, officer):
    for state in (DossierState.DRAFT, DossierState.WITHDRAWN):
        with pytest.raises(Refusal, match="chưa nộp hoặc đã rút"):
            taken(make.DossierFactory(round=round_, state=state), officer)


def test_samples_go_back_all_or_none_and_once(round_, dossier, officer):
    one, two = taken(dossier, officer), taken(dossier, officer, description="Túi chè")
    samples.give_back(samples=[one], returned_to="Bà chủ", actor=officer, now=NOW)
    with pytest.raises(Refusal, match="đã trả từ trước") as refused:
        samples.give_back(samples=[one, two], returned_to="Bà chủ", actor=officer, now=NOW)
    assert refused.value.details == ("A-12: Hộp chè 200 g",)
    two.refresh_from_db()
    assert two.returned_at is None
    for chosen, whom, sentence in ([], "Bà chủ", "ít nhất một mẫu"), ([two], " ", "người nhận lại"):
        with pytest.raises(Refusal, match=sentence):
            samples.give_back(samples=chosen, returned_to=whom, actor=officer, now=NOW)


def test_strangers_neither_take_nor_give(dossier, officer, other_province):
    sample = taken(dossier, officer)
    stranger = make.staff("officer", other_province)
    with pytest.raises(Refusal, match="Chỉ tổ chuyên môn"):
        taken(dossier, stranger)
    with pytest.raises(Refusal, match="Chỉ tổ chuyên môn"):
        samples.give_back(samples=[sample], returned_to="Tôi", actor=stranger, now=NOW)


def test_a_dossier_the_person_stands_aside_from_is_not_listed(client, round_, dossier, officer):
    taken(dossier, officer)
    make.ConflictFactory(dossier=dossier, user=officer)
    client.force_login(officer)
    assert client.get(address("samples", round_.pk)).context["samples"] == []
    assert client.get(address("samples_receipt", round_.pk, dossier.pk)).status_code == 404
    with pytest.raises(Refusal):
        taken(dossier, officer)


def test_the_receipt_names_what_came_and_what_went(client, round_, dossier, officer):
    sample = taken(dossier, officer, condition="Còn nguyên tem")
    taken(dossier, officer, description="Chè nếm thử", to_be_returned=False)
    samples.give_back(samples=[sample], returned_to="Bà chủ", note="Đủ", actor=officer, now=NOW)
    client.force_login(officer)
    answer = client.get(address("samples_receipt", round_.pk, dossier.pk))
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
    text = " ".join(text.split())
    for words in ("BIÊN BẢN GIAO NHẬN MẪU SẢN PHẨM", "A-12", "Còn nguyên tem", "không trả lại", "BÊN GIAO"):
        assert words in text, words
    assert AuditEntry.objects.filter(action="samples.taken_out", actor=officer).count() == 1


def test_the_list_leaves_as_a_workbook_and_as_an_act(client, round_, dossier, officer):
    taken(dossier, officer, description="=1+1")
    client.force_login(officer)
    answer = client.get(address("samples_export", round_.pk))
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "A-12"]
    assert rows[0][3:5] == ("=1+1", 2)
    assert AuditEntry.objects.filter(action="samples.taken_out").count() == 1


@pytest.mark.parametrize(("words", "found"), [("chè", 1), ("A-12", 1), ("gốm", 0)])
def test_samples_are_found_by_product_or_code(client, dossier, officer, words, found):
    taken(dossier, officer)
    round_ = dossier.round
    client.force_login(officer)
    assert len(client.get(address("samples", round_.pk), {"q": words}).context["samples"]) == found


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_page_costs_the_same_for_any_number_of_samples(client, round_, officer, django_assert_num_queries, number):
    for dossier in make.DossierFactory.create_batch(number, round=round_):
        taken(dossier, officer)
    client.force_login(officer)
    client.get(address("samples", round_.pk))
    with django_assert_num_queries(QUERIES):
        client.get(address("samples", round_.pk))


QUERIES = 8
