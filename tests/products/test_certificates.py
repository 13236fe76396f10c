import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.territory.models import Territory
from portal.text.errors import Refusal
from products import certificate_facts, services
from products.enums import EventKind, Level, ReissueKind
from products.models import Certificate, CertificateBook, Recognition, RecognitionEvent
from tests import factories

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 2)
ISSUER = "Ủy ban nhân dân tỉnh Thái Nguyên"


def paper(**facts):
    """A certificate in force, decided and of a known maker, without a number."""
    facility = facts.pop("facility", None) or factories.FacilityFactory(address_today="Xóm Hồng Thái 2, xã Tân Cương")
    decision = facts.pop("decision", factories.DecisionFactory.build(issuer=ISSUER))
    if decision:
        decision.save()
    product = facts.pop("product", None) or factories.ProductFactory(facility=facility)
    facts.setdefault("territory", Territory.objects.filter(name="Thái Nguyên").first())
    facts["territory"] = facts["territory"] or factories.TerritoryFactory(name="Thái Nguyên")
    return factories.CertificateFactory(
        recognition=factories.RecognitionFactory(product=product, decision=decision, **facts)
    )


def issued(officer, certificate=None, **more):
    return services.issue(certificate=certificate or paper(), issuer=ISSUER, actor=officer, on=ON, **more)


def refused(act, **facts):
    with pytest.raises(Refusal) as caught:
        act(**facts)
    return caught.value


def reissued(officer, certificate, **more):
    facts = {"on": ON, "reason": "Theo đơn của cơ sở", "actor": officer, **more}
    return services.reissue_certificate(recognition=certificate.recognition, **facts)


# --- numbers --------------------------------------------------------------------------------------------------


def test_numbers_follow_one_another_within_an_issuer_and_a_year(officer):
    given = [issued(officer).official_number for _turn in range(3)]
    assert given == ["001/GCN-CNNTTB", "002/GCN-CNNTTB", "003/GCN-CNNTTB"]
    later = services.issue(certificate=paper(), issuer=ISSUER, actor=officer, on=dt.date(2027, 1, 1))
    other = services.issue(certificate=paper(), issuer="Ủy ban nhân dân tỉnh Bắc Ninh", actor=officer, on=ON)
    assert (later.official_number, other.official_number) == ("001/GCN-CNNTTB", "001/GCN-CNNTTB")


def test_a_book_of_another_province_gives_no_number(officer):
    issued(officer)
    stranger = paper(territory=factories.TerritoryFactory(name="Bắc Ninh"))
    refusal = refused(services.issue, certificate=stranger, issuer=ISSUER, actor=officer, on=ON)
    assert (refusal.code, refusal.field) == ("book_of_another", "issuer")
    assert issued(officer).serial == 2


def test_the_book_of_a_province_goes_on_after_a_merger(officer):
    issued(officer)
    now = factories.TerritoryFactory(name="Thái Nguyên mới")
    factories.SuccessionFactory(predecessor=Territory.objects.get(name="Thái Nguyên"), successor=now)
    assert issued(officer, paper(territory=now)).serial == 2


def test_an_issuer_written_shorter_or_with_a_remark_numbers_in_the_same_book(officer):
    issued(officer)
    short = services.issue(certificate=paper(), issuer=" UBND tỉnh  thái nguyên (mẫu)", actor=officer, on=ON)
    assert short.serial == 2
    assert CertificateBook.objects.count() == 1


def test_a_refused_act_takes_no_number(officer):
    issued(officer)
    good, bad = paper(), paper(decision=None)
    refusal = refused(services.issue_batch, certificates=[good, bad], issuer=ISSUER, actor=officer, on=ON)
    assert refusal.details == (
        f"{bad.recognition.product.name}: Công nhận chưa ghi quyết định. Hãy ghi quyết định công nhận trước.",
    )
    assert issued(officer, good).serial == 2


def test_a_batch_is_numbered_in_the_order_given(officer):
    papers = [paper() for _turn in range(4)]
    asked = [papers[2], papers[0], papers[3], papers[1]]
    rows = services.issue_batch(certificates=asked, issuer=ISSUER, actor=officer, on=ON)
    assert [(row.pk, row.serial) for row in rows] == [(one.pk, at + 1) for at, one in enumerate(asked)]


def test_what_is_shown_before_the_act_is_what_it_gives(officer):
    issued(officer)
    shown = services.next_numbers(ISSUER, on=ON, count=2)
    assert shown == [issued(officer).official_number, issued(officer).official_number]
    assert services.next_numbers("Ủy ban nhân dân tỉnh Bắc Ninh", on=ON, count=1, pattern="{number}/{year}") == [
        "1/2026"
    ]


def test_the_pattern_of_the_year_before_goes_on_with_its_numbers_from_one(officer):
    issued(officer, pattern="{number}/{year}/GCN")
    later = services.issue(certificate=paper(), issuer=ISSUER, actor=officer, on=dt.date(2027, 5, 5))
    assert later.official_number == "1/2027/GCN"


def test_a_pattern_changes_only_before_the_first_number(officer):
    book = issued(officer).book
    assert refused(services.set_pattern, book=book, pattern="{number}/X", actor=officer).code == "pattern_in_use"
    assert refused(issued, officer=officer, pattern="{number}/X").code == "pattern_in_use"
    fresh = services.start_book(
        issuer="UBND tỉnh A", year=2026, territory=None, last_number=4, reason="r", actor=officer
    )
    assert services.set_pattern(book=fresh, pattern="{number}/X", actor=officer).pattern == "{number}/X"
    assert services.issue(certificate=paper(), issuer="UBND tỉnh A", actor=officer, on=ON).official_number == "5/X"


def test_a_book_begun_on_paper_is_carried_on_once_with_its_reason(officer):
    start = {"issuer": ISSUER, "year": 2026, "territory": None, "actor": officer}
    assert refused(services.start_book, **start, last_number=57, reason=" ").field == "reason"
    services.start_book(**start, last_number=57, reason="Sổ giấy đến số 57")
    assert issued(officer).official_number == "058/GCN-CNNTTB"
    assert refused(services.start_book, **start, last_number=90, reason="Nhầm").code == "book_begun"
    entry = AuditEntry.objects.get(action="certificate_book.start")
    assert (entry.reason, entry.sentence) == (
        "Sổ giấy đến số 57",
        f"Ghi sổ cấp giấy chứng nhận {ISSUER}, 2026 đã cấp trên giấy đến số 57.",
    )


# --- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"decision": None}, "Công nhận chưa ghi quyết định. Hãy ghi quyết định công nhận trước."),
        ({"revoked_on": dt.date(2026, 3, 3)}, "Công nhận này đã bị thu hồi từ 03/03/2026."),
        ({"withdrawn_on": dt.date(2026, 1, 3)}, "Cơ sở đã xin rút công nhận này từ 03/01/2026."),
        ({"suspended_from": dt.date(2026, 1, 3)}, "Công nhận đang tạm dừng. Chờ khôi phục rồi cấp giấy."),
        (
            {"expires_on": dt.date(2026, 3, 1)},
            "Công nhận đã hết hiệu lực vào ngày cấp. Chỉ cấp giấy khi còn hiệu lực.",
        ),
    ],
)
def test_a_number_is_given_only_to_what_is_in_force_and_says_why_not(officer, facts, words):
    row = paper(**facts, status_reason="Lý do")
    assert str(refused(issued, officer=officer, certificate=row)) == words
    assert CertificateBook.objects.count() == 0


def test_the_last_valid_day_is_still_a_day_to_issue_on(officer):
    assert issued(officer, paper(expires_on=ON)).serial == 1


def test_a_paper_numbered_already_is_not_numbered_again(officer):
    row = issued(officer)
    assert str(refused(issued, officer=officer, certificate=row)) == "Giấy đã mang số 001/GCN-CNNTTB."
    typed = paper()
    services.number_certificate(certificate=typed, official_number="9/GCN", actor=officer)
    assert str(refused(issued, officer=officer, certificate=typed)) == "Giấy đã mang số 9/GCN."
    assert refused(
        services.number_certificate, certificate=row, official_number="1/X", actor=officer
    ).code == "numbered_by_the_portal"  # fmt: skip


def test_a_day_before_the_decision_and_a_missing_maker_are_refused(officer):
    early = refused(services.issue, certificate=paper(), issuer=ISSUER, actor=officer, on=dt.date(2024, 11, 19))
    assert str(early) == "Quyết định ký ngày 20/11/2024. Ngày cấp phải từ hôm đó trở đi."
    without = factories.ProductFactory(facility=None, territory=factories.TerritoryFactory())
    assert "chưa ghi cơ sở" in str(refused(issued, officer=officer, certificate=paper(product=without)))
    assert refused(services.issue, certificate=paper(), issuer=" ", actor=officer, on=ON).field == "issuer"
    assert (
        refused(services.issue_batch, certificates=[], issuer=ISSUER, actor=officer, on=ON).code == "nothing_to_issue"
    )


# --- content --------------------------------------------------------------------------------------------------


def test_what_is_printed_is_frozen_with_its_hash_and_told_in_the_trace(officer):
    row = issued(officer, place="Thái Nguyên", signer_title="KT. Chủ tịch\nPhó Chủ tịch")
    recognition = row.recognition
    row.refresh_from_db()
    assert certificate_facts.is_intact(row)
    assert row.content == {
        "issuer": ISSUER,
        "issuer_en": "People's Committee of Thái Nguyên Province",
        "signer_title": "KT. Chủ tịch\nPhó Chủ tịch",
        "place": "Thái Nguyên",
        "issued_on": "2026-03-02",
        "holder": recognition.product.facility.name,
        "holder_en": "",
        "holder_kind": recognition.product.facility.kind,
        "holder_address": "Xóm Hồng Thái 2, xã Tân Cương",
        "product": recognition.product.name,
        "product_en": "",
        "is_set": False,
        "members": [],
        "members_en": [],
        "group": recognition.product.group,
        "level": "province",
        "year": 2024,
        "ordinal": 0,
        "territory": row.content["territory"],
        "locality": "",
        "decision": {"number": recognition.decision.full_number, "signed_on": "2024-11-20", "issuer": ISSUER},
        "expires_on": "2027-12-31",
        "expiry_precision": "day",
        "number": "001/GCN-CNNTTB",
        "code": row.code,
        "edition": 1,
    }
    event = RecognitionEvent.objects.get(recognition=recognition)
    assert (event.kind, event.on, event.certificate) == (EventKind.ISSUED, ON, row)
    entry = AuditEntry.objects.get(action="certificate.issue")
    assert entry.data == {"number": "001/GCN-CNNTTB", "content_hash": row.content_hash}


def test_a_changed_word_breaks_the_hash(officer):
    row = issued(officer)
    row.content["product"] += " "
    assert not certificate_facts.is_intact(row)
    assert not certificate_facts.is_intact(paper())


@pytest.mark.parametrize(
    "change",
    [
        {"official_number": "1/X"},
        {"code": "T000000099"},
        {"content": {}},
        {"content_hash": ""},
        {"serial": 9},
        {"issued_on": dt.date(2026, 1, 1)},
        {"edition": 4},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_refuses_any_change_of_what_was_printed(officer, change):
    row = issued(officer)
    with pytest.raises(IntegrityError, match="Cần sửa thì cấp lại"), transaction.atomic():
        Certificate.objects.filter(pk=row.pk).update(**change)


def test_the_database_keeps_a_numbered_certificate_with_its_recognition(officer):
    row = issued(officer)
    with pytest.raises(IntegrityError, match="Cần sửa thì cấp lại"), transaction.atomic():
        Certificate.objects.filter(pk=row.pk).update(recognition=factories.RecognitionFactory())
    with pytest.raises(IntegrityError, match="không xóa"), transaction.atomic():
        Certificate.objects.filter(pk=row.pk)._raw_delete("default")


def test_what_the_portal_did_not_print_may_be_corrected(officer):
    row = paper()
    assert Certificate.objects.filter(pk=row.pk).update(official_number="1/X") == 1


# --- issuing again ---------------------------------------------------------------------------------------------


def test_a_new_edition_has_its_own_number_and_code_and_names_the_one_before(officer):
    old = issued(officer)
    new = reissued(officer, old, kind=ReissueKind.DAMAGED)
    old.refresh_from_db()
    assert (old.superseded_on, old.superseded_reason) == (ON, "Theo đơn của cơ sở")
    assert (new.serial, new.edition, new.supersedes, new.reissue_kind) == (2, 2, old, ReissueKind.DAMAGED)
    assert new.code != old.code
    assert Recognition.objects.get(pk=old.recognition_id).expires_on == dt.date(2027, 12, 31)
    kinds = list(RecognitionEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [EventKind.ISSUED, EventKind.REISSUED]


def test_a_lost_paper_is_printed_as_it_was_and_a_misprinted_one_as_the_register_holds_it(officer):
    old = issued(officer)
    product = old.recognition.product
    product.name = "Chè đinh Tân Cương"
    product.save()
    lost = reissued(officer, old, kind=ReissueKind.LOST)
    assert lost.content["product"] == old.content["product"]
    right = reissued(officer, lost, kind=ReissueKind.MISPRINTED)
    assert (right.content["product"], right.edition) == ("Chè đinh Tân Cương", 3)


def test_a_change_after_a_merger_prints_the_new_words(officer):
    old = issued(officer)
    new = reissued(
        officer, old, kind=ReissueKind.ADDRESS_CHANGED, holder_address="Tổ 5, phường Tích Lương, tỉnh Thái Nguyên"
    )
    assert new.content["holder_address"] == "Tổ 5, phường Tích Lương, tỉnh Thái Nguyên"
    renamed = reissued(officer, new, kind=ReissueKind.NAME_CHANGED, holder="Hợp tác xã chè Tân Cương")
    assert renamed.content["holder"] == "Hợp tác xã chè Tân Cương"


@pytest.mark.parametrize("kind", [ReissueKind.NAME_CHANGED, ReissueKind.ADDRESS_CHANGED])
def test_a_change_that_changes_nothing_is_refused_and_takes_no_number(officer, kind):
    old = issued(officer)
    assert refused(reissued, officer=officer, certificate=old, kind=kind).code == "nothing_changed"
    old.refresh_from_db()
    assert (old.superseded_on, old.book.last_number) == (None, 1)


def test_a_paper_of_before_the_portal_stays_unnumbered_until_an_issuer_is_named(officer):
    old = paper()
    new = reissued(officer, old, official_number="2/GCN")
    assert (new.official_number, new.content_hash) == ("2/GCN", "")
    assert reissued(officer, new, issuer=ISSUER).official_number == "001/GCN-CNNTTB"


def test_what_is_not_in_force_is_not_issued_again(officer):
    old = paper(expires_on=dt.date(2026, 3, 1))
    assert refused(reissued, officer=officer, certificate=old).code == "not_in_force"
    paused = paper(suspended_from=dt.date(2026, 1, 1), status_reason="Lý do")
    assert str(refused(reissued, officer=officer, certificate=paused)).startswith("Công nhận đang tạm dừng")
    early = refused(reissued, officer=officer, certificate=issued(officer), on=dt.date(2026, 3, 1))
    assert (early.code, early.field) == ("before_issue", "on")
    bare = factories.RecognitionFactory()
    assert refused(
        services.reissue_certificate, recognition=bare, on=ON, reason="Rách", actor=officer
    ).code == "no_certificate"  # fmt: skip


def test_books_of_the_agency_belong_to_no_province(officer):
    row = services.issue(certificate=paper(level=Level.NATIONAL), issuer="Bộ Công Thương", actor=officer, on=ON)
    assert (row.book.territory, row.content["place"], row.content["signer_title"]) == (None, "Hà Nội", "Bộ trưởng")
    assert issued(officer).book.territory is not None


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("Ủy ban nhân dân thành phố Huế", "People's Committee of Huế City"),
        ("Bộ Công Thương", "Ministry of Industry and Trade"),
        ("Sở Công Thương tỉnh Bắc Ninh", "Department of Industry and Trade of Bắc Ninh"),
        ("Hội đồng mẫu", "Hội đồng mẫu"),
    ],
)
def test_an_authority_is_named_in_english_where_that_is_settled(name, english):
    assert certificate_facts.body_in_english(name) == english


def test_a_title_is_turned_line_by_line():
    lines = ["KT. Chủ tịch", "Phó Chủ tịch", "Chánh Văn phòng"]
    assert [certificate_facts.title_in_english(line) for line in lines] == [
        "For the Chairman",
        "Vice Chairman",
        "Chánh Văn phòng",
    ]
