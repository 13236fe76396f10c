"""Official forms: every one in both formats, for full, minimal and biting data, says what the data say."""

import datetime as dt
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from pypdfium2 import raw

from portal.territory.queries import forget_register
from portal.text.errors import Refusal
from portal.text.workdays import after_working_days
from products.enums import Level
from rounds.enums import DossierState, RoundState
from rounds.management.commands.write_official_templates import differing
from rounds.models import Dossier, Round, RoundSeal
from rounds.official import render
from rounds.official.catalogue import FORMS, Form, forms_of_round, standing_of
from rounds.official.facts import dossiers as letters
from rounds.official.facts import offices, words
from rounds.official.facts.grounds import grounds
from rounds.official.facts.things import address_of, called
from rounds.official.rendering import facts_of, file_stem
from tests import factories as typed_factories
from tests.rounds import official_world as world

pytestmark = pytest.mark.crawl

factories: Any = typed_factories  # a factory makes a model, which its type does not say
ON = world.ON
FORMATS = ("docx", "pdf")


def word_text(data: bytes) -> str:
    """Every text of a Word file, table cells and headers too, in order."""
    Document(BytesIO(data))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = archive.read("word/document.xml").decode()
    body = re.sub(r"</w:p>|<w:tab/>|<w:br/>", " ", body)
    text = re.sub(r"<[^>]+>", "", body)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return plain(text)


MILLIMETRE = 72 / 25.4


def pages_of(data: bytes) -> list[str]:
    """The text a reader can copy from each page of the PDF."""
    with closing(pypdfium2.PdfDocument(data)) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def pdf_text(data: bytes) -> str:
    return plain("\n".join(pages_of(data)))


def plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u200b", "")
    return " ".join(re.sub(r"[.…]{2,}", " ", text).split())


def subjects(form: Form, round_: Round) -> Iterator[Round | Dossier]:
    if form.in_round and form in forms_of_round(round_):
        yield round_
    if form.in_dossier:
        yield from round_.dossiers.all()


def made(form: Form, subject: Any, fmt: Any) -> bytes | None:
    """The file, or None where nothing of the kind can be made of this subject."""
    if isinstance(subject, Round):
        blocked = form.round_blockers(subject, standing_of(subject))
    else:
        blocked = form.dossier_blockers(subject)
    return None if blocked else render(form.code, subject, fmt=fmt, on=ON)[0]


@pytest.fixture
def full(db: None) -> Round:
    return world.announced_round(5)


# --- every form, every kind of data -------------------------------------------------------------------------


def all_made(round_: Round, fmt: str) -> dict[str, list[bytes]]:
    """Every form with the files that came out for the round and its dossiers."""
    return {form.code: [data for one in subjects(form, round_) if (data := made(form, one, fmt))] for form in FORMS}


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_form_is_made_of_a_full_round(full: Round, fmt: str) -> None:
    files = all_made(full, fmt)
    assert [code for code, found in files.items() if not found] == []
    assert {data[:2] for found in files.values() for data in found} == {b"%P" if fmt == "pdf" else b"PK"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_form_is_made_where_next_to_nothing_is_known(db: None, fmt: str) -> None:
    files = all_made(world.minimal_round(), fmt)
    assert [code for code, found in files.items() if not found] == []


def test_markup_in_names_stays_a_name_in_both_formats(db: None) -> None:
    round_ = world.nasty_round()
    for code, found in all_made(round_, "pdf").items():
        for data in found:
            assert "{%p" not in pdf_text(data), code
    said = {code: [word_text(data) for data in found] for code, found in all_made(round_, "docx").items()}
    assert not [code for code, texts in said.items() for text in texts if "{%p" in text or "Undefined" in text]
    for code in ("registration_form", "result_letter", "submission", "decision_draft", "abstract_list", "receipt"):
        assert any(plain(world.BITING) in text for text in said[code]), code
        assert not any("Mỳ Chũ 49" in text or "Bún & miến 49" in text for text in said[code]), code


def test_a_word_that_no_column_can_hold_breaks_in_the_pdf(db: None) -> None:
    data = render("submission", world.nasty_round(), fmt="pdf", on=ON)[0]
    assert world.UNBROKEN[:20] in "".join(pages_of(data))
    with closing(pypdfium2.PdfDocument(data)) as document:
        for page in document:
            text = page.get_textpage()
            rights = [text.get_rect(number)[2] for number in range(text.count_rects())]
            assert max(rights) < page.get_width() - 15 * MILLIMETRE


@pytest.mark.parametrize("level", [Level.DISTRICT, Level.COMMUNE, Level.REGION, Level.NATIONAL])
def test_every_form_is_made_at_every_level(db: None, level: str) -> None:
    round_ = world.round_at(level)
    dossier = round_.dossiers.get(entry_code="001")
    for form in FORMS:
        for subject in ([round_] if form in forms_of_round(round_) else []) + ([dossier] if form.in_dossier else []):
            assert {made(form, subject, fmt)[:2] for fmt in FORMATS} == {b"PK", b"%P"}, form.code  # type: ignore[index]


def test_a_form_of_the_nation_has_no_list_for_a_level_above(db: None) -> None:
    assert "abstract_list" not in {form.code for form in forms_of_round(world.round_at(Level.NATIONAL))}


def test_word_and_pdf_say_the_same_words(full: Round) -> None:
    """The two templates of a form must not drift apart."""
    dossier = full.dossiers.get(entry_code="001")
    for form in FORMS:
        subject = full if form.of_round else dossier
        docx = render(form.code, subject, fmt="docx", on=ON)[0]
        pdf = render(form.code, subject, fmt="pdf", on=ON)[0]
        assert bag(word_text(docx)) == bag(without_page_numbers("\n".join(pages_of(pdf)))), form.code


def without_page_numbers(raw: str) -> str:
    """Table heads that come again and the numbers of pages are not words of the form."""
    return plain("\n".join(line for line in raw.splitlines() if not re.fullmatch(r"\d{1,2}", line)))


def bag(text: str) -> set[str]:
    """The words, without the bare numbers that page numbers and cells share."""
    return set(re.findall(r"[^\W\d_][\w/]*", text))


# --- what they say ------------------------------------------------------------------------------------------


def text_of(code: str, subject: Round | Dossier, **choice: Any) -> str:
    return word_text(render(code, subject, fmt="docx", on=ON, **choice)[0])


def test_the_submission_names_its_number_its_reader_and_every_proposed_product(full: Round) -> None:
    text = text_of("submission", full)
    assert "Số: 215/TTr-SCT" in text
    assert "Thái Nguyên, ngày 02 tháng 11 năm 2026" in text
    assert "Kính gửi: Chủ tịch Ủy ban nhân dân tỉnh Thái Nguyên." in text
    proposed = [one for one in full.dossiers.all() if one.recognition_id]
    assert all(one.product.name in text for one in proposed)
    left_out = [one for one in full.dossiers.all() if not one.recognition_id]
    assert not any(f"{one.product.name} " in text for one in left_out)


def test_a_draft_decision_says_so_and_leaves_number_and_day_to_the_pen(full: Round) -> None:
    full.decision, full.state = None, RoundState.SUBMITTED
    full.save()
    text = text_of("decision_draft", full)
    assert text.startswith("DỰ THẢO ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN")
    assert "Số: /QĐ-UBND" in text
    assert "tháng 11 năm 2026" in text


def test_a_signed_decision_carries_its_number_and_day(full: Round) -> None:
    text = text_of("decision_draft", full)
    assert "DỰ THẢO" not in text
    assert "Số: 2210/QĐ-UBND Thái Nguyên, ngày 12 tháng 11 năm 2026" in text


def test_the_provisional_list_and_the_decision_show_no_points(full: Round) -> None:
    for code in ("provisional_list", "decision_draft"):
        assert "Điểm" not in text_of(code, full)


def test_a_recognised_entrant_reads_validity_code_and_the_last_day_for_complaints(full: Round) -> None:
    dossier = full.dossiers.get(entry_code="001")
    text = text_of("result_letter", dossier)
    assert dossier.recognition is not None
    assert "được công nhận là sản phẩm công nghiệp nông thôn tiêu biểu tỉnh Thái Nguyên lần thứ VII năm 2026" in text
    assert "đến hết ngày 11 tháng 11 năm 2028" in text
    assert dossier.recognition.certificates.get().code in text
    assert "(ngày 16 tháng 11 năm 2026), chậm nhất là ngày 08 tháng 12 năm 2026" in text


def test_who_was_not_recognised_reads_the_reason_that_was_given(full: Round) -> None:
    assert "Lý do: Sản phẩm chưa có bao bì hoàn chỉnh." in text_of("result_letter", full.dossiers.get(entry_code="004"))
    refused = text_of("result_letter", full.dossiers.get(entry_code="005"))
    assert "không đủ điều kiện tham gia bình chọn. Cơ sở không trực tiếp sản xuất sản phẩm." in refused


def test_without_a_word_of_the_council_the_threshold_is_the_reason_or_none_is_given(full: Round) -> None:
    dossier = full.dossiers.get(entry_code="004")
    dossier.verdict.delete()
    assert "chưa đạt 70 điểm theo Điều 17" in text_of("result_letter", Dossier.objects.get(pk=dossier.pk))
    dossier.result.passed = True
    dossier.result.save()
    assert "Lý do" not in text_of("result_letter", Dossier.objects.get(pk=dossier.pk))


def test_letters_go_to_every_entrant_that_was_decided_on_and_to_nobody_else(full: Round) -> None:
    factories.DossierFactory(round=full, state=DossierState.WITHDRAWN, entry_code="900")
    factories.DossierFactory(round=full, state=DossierState.DRAFT, entry_code="", submitted_at=None)
    found = facts_of(by_code("result_letter"), full, on=ON)["copies"]
    assert [one["code"] for one in found] == ["001", "002", "003", "004", "005"]


def by_code(code: str) -> Form:
    return next(form for form in FORMS if form.code == code)


def test_the_complaint_clock_skips_weekends_and_holidays() -> None:
    assert letters.complaint_last_day(dt.date(2026, 4, 20)) == dt.date(2026, 5, 14)
    assert after_working_days(dt.date(2026, 11, 20), 1) == dt.date(2026, 11, 23)
    assert after_working_days(dt.date(2026, 11, 20), 0) == dt.date(2026, 11, 20)


def test_one_request_per_addressee_each_to_whom_it_concerns(full: Round) -> None:
    dossier = full.dossiers.get(entry_code="001")
    facility = dossier.product.facility
    assert facility is not None
    assert facility.commune is not None
    everyone = facts_of(by_code("supplement_letter"), dossier, on=ON)["copies"]
    assert sorted(one["to"][0] for one in everyone) == sorted(
        [facility.name, f"Ủy ban nhân dân xã {facility.commune.name}", "Đơn vị tổ chức bình chọn cấp dưới"]
    )
    text = text_of("supplement_letter", dossier, addressee="commune")
    assert f"Kính gửi: Ủy ban nhân dân xã {facility.commune.name}" in text
    assert f"Kính gửi: {facility.name}" not in text
    assert "- Ảnh mặt bên: chưa có." in text
    assert "Hạn bổ sung: 12 giờ 00 phút, ngày 28 tháng 11 năm 2026." in text


def test_a_request_nobody_is_owed_makes_no_letter(full: Round) -> None:
    with pytest.raises(Refusal, match="Không có hồ sơ nào"):
        render("supplement_letter", full.dossiers.get(entry_code="002"), fmt="pdf", on=ON)


def test_the_registration_form_names_the_set_its_members_and_who_speaks_for_the_facility(full: Round) -> None:
    text = text_of("registration_form", full.dossiers.get(entry_code="003"))
    assert "Tên bộ sản phẩm: Bộ sản phẩm trà mẫu số 3" in text
    assert "1. Trà mẫu 3.1 2. Trà mẫu 3.2 3. Trà mẫu 3.3" in text
    assert "Người đại diện: Người đại diện số 3" in text
    assert "Phụ lục 1" in text


def test_the_statement_has_one_part_per_top_criterion(full: Round) -> None:
    text = text_of("statement", full.dossiers.get(entry_code="001"))
    assert "1. Đáp ứng thị trường và khả năng phát triển sản xuất Tiêu thụ trong nước và xuất khẩu." in text
    assert "12.310.000.000" in text
    assert "OCOP 4 sao" in text


def test_the_receipt_lists_papers_and_what_is_missing(full: Round) -> None:
    text = text_of("receipt", full.dossiers.get(entry_code="001"))
    assert f"Mã biên nhận: TN{full.pk:02}0000" in text
    assert "Ngày nhận: 22/09/2026" in text
    assert "Ảnh mặt bên: chưa có." in text
    assert "Ảnh chính diện cần sửa: Ảnh bị mờ." in text


def test_a_blank_sheet_has_maxima_and_no_points(full: Round) -> None:
    found = facts_of(by_code("score_sheet_blank"), full.dossiers.get(entry_code="001"), on=ON)["copies"]
    assert len(found) == 1
    assert {row["points"] for row in found[0]["criteria"]} == {""}
    assert [row["max"] for row in found[0]["criteria"] if row["style"] == "head"] == ["40", "40", "10", "10"]
    assert (found[0]["total_max"], found[0]["total"]) == ("100", "")


def test_a_submitted_sheet_shows_every_point_sum_and_note(full: Round) -> None:
    found = facts_of(by_code("score_sheet"), full.dossiers.get(entry_code="001"), on=ON)["copies"]
    assert [one["signer_name"] for one in found] == ["Giám khảo số 1", "Giám khảo số 2", "Giám khảo số 3"]
    first = found[0]
    assert first["total"] == "85"
    assert first["remark"] == ["Đóng gói đẹp."]
    by = {row["code"]: (row["points"], row["note"]) for row in first["criteria"]}
    assert by["1"] == ("34", "")
    assert by["1.1"] == ("13,6", "Tốt")


def test_a_sheet_that_is_not_handed_in_is_never_printed(full: Round) -> None:
    dossier = factories.DossierFactory(round=full, entry_code="777")
    factories.ScoreSheetFactory(dossier=dossier)
    with pytest.raises(Refusal):
        render("score_sheet", dossier, fmt="pdf", on=ON)


def test_the_tally_record_ranks_within_groups_and_shows_the_seal(full: Round) -> None:
    closed = dt.datetime.fromisoformat("2026-10-30T17:00:00+07:00")
    RoundSeal.objects.create(round=full, number=1, manifest={}, sha256="ab" * 32, sealed_at=closed)
    text = text_of("tally_record", full)
    assert "đóng lúc 17 giờ 00 phút, ngày 30 tháng 10 năm 2026" in text
    assert "ab" * 32 in text
    assert "Không đạt" in text


def test_the_report_counts_what_was_registered_and_certified_per_group_and_level(full: Round) -> None:
    facts = facts_of(by_code("voting_report"), full, on=ON)
    assert facts["levels"] == ["Cấp xã", "Cấp tỉnh", "Cấp khu vực", "Cấp quốc gia"]
    province = [row["cells"][1] for row in facts["rows"]]
    assert [(cell["registered"], cell["certified"]) for cell in province] == [
        ("2", "1"), ("1", "1"), ("1", "1"), ("1", "0"),
    ]  # fmt: skip
    assert facts["total"]["cells"][1] == {"registered": "5", "certified": "3"}
    assert facts["total"]["cells"][0] == {"registered": "–", "certified": "–"}


def test_in_the_year_of_the_change_the_report_has_district_and_commune(full: Round) -> None:
    full.year = 2025
    full.save()
    facts = facts_of(by_code("voting_report"), full, on=ON)
    assert facts["levels"] == ["Cấp huyện", "Cấp xã", "Cấp tỉnh", "Cấp khu vực", "Cấp quốc gia"]
    assert "Cấp huyện" in text_of("voting_report", full)


# --- names, days, numbers -----------------------------------------------------------------------------------


def test_a_paper_of_an_earlier_day_calls_the_province_as_it_was_called_then(db: None) -> None:
    unit = factories.TerritoryFactory(name="Huế", slug="hue")
    unit.names.all().delete()
    for name, full_name, since, until in (
        ("Thừa Thiên Huế", "Tỉnh Thừa Thiên Huế", dt.date(1990, 1, 1), dt.date(2024, 12, 31)),
        ("Huế", "Thành phố Huế", dt.date(2025, 1, 1), None),
    ):
        unit.names.create(name=name, full_name=full_name, kind="province", valid_from=since, valid_to=until)
    round_ = factories.RoundFactory(territory=unit, year=2024)
    forget_register()
    assert offices.standing(round_, dt.date(2024, 11, 1)).superior == ("ỦY BAN NHÂN DÂN", "TỈNH THỪA THIÊN HUẾ")
    assert offices.standing(round_, ON).superior == ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HUẾ")
    assert offices.authority(round_, ON).person == "Chủ tịch Ủy ban nhân dân thành phố Huế"


def test_the_address_of_a_former_province_gives_way_to_todays(db: None) -> None:
    former = factories.TerritoryFactory(valid_to=dt.date(2025, 6, 30))
    facility = factories.FacilityFactory(
        territory=former, address_recognised="xã Cũ, tỉnh Bắc Kạn", address_today="xã Mới, tỉnh Thái Nguyên"
    )
    assert address_of(facility, dt.date(2024, 5, 5)) == "xã Cũ, tỉnh Bắc Kạn"
    assert address_of(facility, ON) == "xã Mới, tỉnh Thái Nguyên"


@pytest.mark.parametrize(
    ("level", "locality", "said"),
    [
        ("commune", "Tân Cương", "xã Tân Cương, tỉnh "),
        ("commune", "Phường Phan Đình Phùng", "phường Phan Đình Phùng, tỉnh "),
        ("district", "Đồng Hỷ", "huyện Đồng Hỷ, tỉnh "),
    ],
)
def test_a_place_below_the_province_is_called_with_its_kind(db: None, level: str, locality: str, said: str) -> None:
    round_ = factories.RoundFactory(level=level, locality=locality)
    assert offices.scope_words(round_, ON).startswith(said)


def test_the_extension_centre_writes_under_its_department(full: Round) -> None:
    full.receiving_unit = factories.OrganisationFactory(name="Trung tâm Khuyến công", kind="extension_centre")
    office = offices.receiving(full, ON)
    assert (office.superior, office.issuer) == (("SỞ CÔNG THƯƠNG",), ("TRUNG TÂM KHUYẾN CÔNG",))


def test_dates_counts_and_points_are_written_as_offices_write_them() -> None:
    assert words.long_date(dt.date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert words.long_date(dt.date(2026, 11, 21)) == "ngày 21 tháng 11 năm 2026"
    assert [words.count(number) for number in (0, 3, 10, 1234)] == ["0", "03", "10", "1.234"]
    assert words.points(Decimal("84.50")) == "84,5"
    assert words.clean({"tên": "Me\u0302\u0301t\x0b\r\n"}) == {"tên": "Mết\n"}


def test_a_name_that_begins_with_its_kind_says_it_once(db: None) -> None:
    assert called(factories.ProductFactory(name="Bộ sản phẩm trà", is_set=True)) == "bộ sản phẩm trà"
    assert called(factories.ProductFactory(name="Chè Shan")) == "sản phẩm Chè Shan"


def test_a_paper_rests_only_on_texts_in_force_on_its_day() -> None:
    then, now = " ".join(grounds(dt.date(2024, 1, 1))), " ".join(grounds(ON))
    assert "26/2014/TT-BCT" in then
    assert "38/2025/TT-BCT" not in then
    assert "38/2025/TT-BCT" in now


def test_files_are_called_by_form_place_and_year(full: Round) -> None:
    assert render("submission", full, fmt="docx", on=ON)[1] == "to-trinh-thai-nguyen-2026.docx"
    dossier = full.dossiers.get(entry_code="001")
    assert file_stem(by_code("registration_form"), dossier) == "phieu-dang-ky-001-thai-nguyen-2026"


# --- the files themselves -----------------------------------------------------------------------------------


def test_word_templates_are_what_their_code_draws() -> None:
    assert sorted(differing()) == []


def test_every_font_of_every_pdf_is_embedded_and_ours(full: Round) -> None:
    for code, found in all_made(full, "pdf").items():
        fonts = fonts_of(found[0])
        assert fonts, code
        assert all("LiberationSerif" in name and embedded for name, embedded in fonts), (code, fonts)


def fonts_of(data: bytes) -> set[tuple[str, bool]]:
    with closing(pypdfium2.PdfDocument(data)) as document:
        texts = [thing for page in document for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
        return {(font.get_base_name(), font.is_embedded) for font in (thing.get_font() for thing in texts)}


def test_every_copy_of_a_batch_begins_with_page_one(full: Round) -> None:
    pages = pages_of(render("result_letter", full, fmt="pdf", on=ON)[0])
    assert [plain(page).split()[0] for page in pages] == ["ỦY"] * 5


def test_a_form_costs_the_same_queries_for_one_three_and_fifty_dossiers(db: None) -> None:
    costs = []
    for entries in (3, 6, 50):
        round_ = world.announced_round(entries, territory=factories.TerritoryFactory(), judges=1)
        costs.append({form.code: cost(form, round_) for form in FORMS if form.in_round})
    assert costs[0] == costs[1] == costs[2]


def cost(form: Form, round_: Round) -> int:
    forget_register()
    with CaptureQueriesContext(connection) as queries:
        facts_of(form, Round.objects.get(pk=round_.pk), on=ON)
    return len(queries)
