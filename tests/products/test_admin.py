"""The desk's pages for the register: what officers type is kept, refused in words, audited."""

import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.territory.models import Territory
from portal.text.clock import today
from products import reference_data
from products.enums import Level, ProductGroup
from products.models import Certificate, Decision, Product, ProductPhoto, Recognition, TradeFacts, ValidityRule
from tests import factories

pytestmark = pytest.mark.django_db

INLINES = ("members", "photos", "trade", "standards", "sales_links", "channels", "properties")


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    client.force_login(officer)
    return client


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def typed(territory: Territory, facility: Any = None, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": "Chè Tân Cương",
        "group": ProductGroup.PROCESSING,
        "group_certain": "on",
        "set_certain": "on",
        "facility": facility.pk if facility else "",
        "territory": territory.pk,
    }
    for prefix in INLINES:
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return data | changes


def photo(width: int = 1800, height: int = 1200) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(content, "JPEG")
    return SimpleUploadedFile("anh.jpg", content.getvalue(), "image/jpeg")


def sentences(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


ADD = "admin:products_product_add"
CHANGE = "admin:products_product_change"


# --- products ---------------------------------------------------------------------------------------------


def test_officer_enters_a_product_with_an_address_on_the_web_and_an_audit_row(
    desk: Client, province: Territory
) -> None:
    facility = factories.FacilityFactory(territory=province)
    response = desk.post(reverse(ADD), typed(province, facility))
    assert response.status_code == 302
    product = Product.objects.get()
    assert (product.slug, product.facility) == ("che-tan-cuong", facility)
    assert AuditEntry.objects.filter(action="product.create", subject_id=str(product.pk)).count() == 1


def test_a_set_without_members_is_refused_and_what_was_typed_stays(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    response = desk.post(reverse(ADD), typed(province, facility, is_set="on", name="Bộ trà quý"))
    assert response.status_code == 200
    text = response.content.decode()
    assert "Bộ sản phẩm cần có tên các sản phẩm trong bộ. Hãy nhập ít nhất một sản phẩm." in text
    assert 'value="Bộ trà quý"' in text
    assert Product.objects.count() == 0


def test_a_set_with_members_is_entered(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    members = {"members-TOTAL_FORMS": "2", "members-0-name": "Trà đinh", "members-1-name": "Trà nõn"}
    members |= {"members-0-position": "0", "members-1-position": "1"}
    assert desk.post(reverse(ADD), typed(province, facility, is_set="on", **members)).status_code == 302
    assert list(Product.objects.get().members.values_list("name", flat=True)) == ["Trà đinh", "Trà nõn"]


def test_members_of_a_single_product_and_members_named_twice_are_refused(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    rows = {"members-TOTAL_FORMS": "2", "members-0-name": "Trà đinh", "members-1-name": "trà  đinh"}
    rows |= {"members-0-position": "0", "members-1-position": "1"}
    single = desk.post(reverse(ADD), typed(province, facility, **rows))
    assert "Chỉ bộ sản phẩm mới có thành phần." in single.content.decode()
    twice = desk.post(reverse(ADD), typed(province, facility, is_set="on", **rows))
    assert "Có thành phần ghi hai lần. Hãy bỏ dòng lặp." in twice.content.decode()


def test_a_new_product_needs_its_facility(desk: Client, province: Territory) -> None:
    response = desk.post(reverse(ADD), typed(province))
    assert "Chưa chọn cơ sở." in response.content.decode()
    assert Product.objects.count() == 0


def test_what_an_old_list_left_open_may_stay_open_while_other_facts_are_corrected(
    desk: Client, province: Territory
) -> None:
    product = factories.ProductFactory(
        facility=None, territory=province, is_set=True, group_certain=False, name="Bộ sản phẩm: Miến, phở"
    )
    response = desk.post(
        reverse(CHANGE, args=[product.pk]), typed(province, is_set="on", name=product.name, materials="gạo")
    )
    assert response.status_code == 302
    product.refresh_from_db()
    assert (product.materials, product.group_certain) == ("gạo", True)
    assert sentences(response)[:2] == ["Chưa rõ cơ sở.", "Bộ sản phẩm chưa có thành phần."]
    assert "Tên bộ gợi ý các thành phần: Miến; phở." in sentences(response)


def test_a_second_product_of_one_name_is_refused_at_the_name(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    factories.ProductFactory(facility=facility, name="Chè  tân cương")
    response = desk.post(reverse(ADD), typed(province, facility))
    assert f"Cơ sở “{facility.name}” đã có sản phẩm “Chè Tân Cương”." in response.content.decode()
    assert "name" in response.context["adminform"].form.errors


def test_an_address_is_changed_at_the_desk_and_the_old_one_leads_on(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    product = factories.ProductFactory(name="Chè", slug="che", facility=facility, territory=province)
    factories.RecognitionFactory(product=product)
    other = factories.ProductFactory(slug="mien-dong", territory=province)
    page = reverse(CHANGE, args=[product.pk])
    for wrong, sentence in ((other.slug, "đã có trang khác dùng"), ("chè ngon", "chỉ gồm chữ không dấu")):
        refused = desk.post(page, typed(province, facility, name="Chè", slug=wrong))
        assert refused.status_code == 200
        assert sentence in refused.content.decode()
    assert desk.post(page, typed(province, facility, name="Chè", slug="che-tan-cuong")).status_code == 302
    assert Client().get("/san-pham/che/")["Location"] == "/san-pham/che-tan-cuong/"
    assert desk.post(page, typed(province, facility, name="Chè", slug="")).status_code == 302
    product.refresh_from_db()
    assert product.slug == "che-tan-cuong"


def test_another_provinces_product_is_not_found(desk: Client, other_province: Territory) -> None:
    product = factories.ProductFactory(territory=other_province, facility=None)
    assert desk.get(reverse(CHANGE, args=[product.pk])).status_code == 404
    assert product.name not in desk.get(reverse("admin:products_product_changelist")).content.decode()


def test_another_province_cannot_be_chosen(desk: Client, province: Territory, other_province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    response = desk.post(reverse(ADD), typed(other_province, facility))
    assert response.status_code == 200
    assert "territory" in response.context["adminform"].form.errors


@pytest.mark.parametrize("words", ["chè tân cương", "che tan cuong", "TÂN  CƯƠNG chè", "CHE"])
def test_products_are_found_with_and_without_diacritics(desk: Client, province: Territory, words: str) -> None:
    factories.ProductFactory(name="Chè Tân Cương", territory=province, facility=None)
    factories.ProductFactory(name="Miến dong", territory=province, facility=None)
    text = desk.get(reverse("admin:products_product_changelist"), {"q": words}).content.decode()
    assert ("Chè Tân Cương" in text, "Miến dong" in text) == (True, False)


def test_list_of_products_costs_the_same_for_one_and_many(
    desk: Client, province: Territory, django_assert_max_num_queries: Any
) -> None:
    factories.ProductFactory.create_batch(30, facility=None, territory=province)
    with django_assert_max_num_queries(16):
        desk.get(reverse("admin:products_product_changelist"))


def test_leaders_read_but_do_not_write(client: Client, leader: User, province: Territory) -> None:
    client.force_login(leader)
    product = factories.ProductFactory(facility=None, territory=province)
    assert client.get(reverse(CHANGE, args=[product.pk])).status_code == 200
    assert client.post(reverse(CHANGE, args=[product.pk]), typed(province)).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403


def test_what_an_officer_writes_for_buyers_is_dated_signed_and_refused_in_words(
    desk: Client, province: Territory
) -> None:
    product = factories.ProductFactory(name="Chè", facility__territory=province, territory=province)
    page = reverse(CHANGE, args=[product.pk])
    rows = {"trade-TOTAL_FORMS": "1", "trade-0-product": product.pk}
    facts = typed(province, product.facility, name="Chè", **rows)
    wrong = desk.post(page, facts | {"trade-0-gtin": "8934563138166", "trade-0-pack": "Hộp 200 g"})
    assert "không phải là mã GTIN đúng" in wrong.content.decode()
    assert 'value="Hộp 200 g"' in wrong.content.decode()
    assert desk.post(page, facts | {"trade-0-gtin": "8934563138165"}).status_code == 302
    row = TradeFacts.objects.get(product=product)
    assert (row.gtin, row.declared_by is not None, row.declared_on) == ("8934563138165", True, today())


# --- photos -----------------------------------------------------------------------------------------------


def with_photo(upload: Any, **changes: Any) -> dict[str, Any]:
    return {
        "photos-TOTAL_FORMS": "1",
        "photos-0-upload": upload,
        "photos-0-angle": "front",
        "photos-0-position": "0",
    } | changes


def test_a_photo_is_taken_in_through_the_file_store(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    response = desk.post(reverse(ADD), typed(province, facility, **with_photo(photo())))
    assert response.status_code == 302
    assert ProductPhoto.objects.get().file.width == 1800
    assert not any("10 × 15" in sentence for sentence in sentences(response))


def test_a_photo_too_small_to_print_is_kept_with_a_warning(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    response = desk.post(reverse(ADD), typed(province, facility, **with_photo(photo(900, 640))))
    assert "Ảnh “chính diện” 900 × 640 điểm, in ra nhỏ hơn 10 × 15 cm. Gửi lại ảnh từ 1800 × 1200 điểm." in sentences(
        response
    )


def test_a_photo_that_is_no_photo_is_refused_at_its_field(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    wrong = SimpleUploadedFile("anh.jpg", b"this is text", "image/jpeg")
    response = desk.post(reverse(ADD), typed(province, facility, **with_photo(wrong)))
    assert response.status_code == 200
    formset = next(f for f in response.context["inline_admin_formsets"] if f.formset.prefix == "photos").formset
    assert formset.errors[0]["upload"] == ["Tệp này không phải là ảnh. Hãy chọn ảnh JPEG, PNG hoặc WebP."]


def test_a_photo_without_a_file_is_refused(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    rows = with_photo("", **{"photos-0-caption": "Mặt trước"})
    response = desk.post(reverse(ADD), typed(province, facility, **rows))
    assert "Chưa chọn tệp. Hãy chọn tệp để gửi." in response.content.decode()


def test_a_received_photo_survives_an_error_elsewhere(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    first = desk.post(reverse(ADD), typed(province, facility, name="", **with_photo(photo())))
    assert first.status_code == 200
    formset = next(f for f in first.context["inline_admin_formsets"] if f.formset.prefix == "photos").formset
    kept = formset.forms[0]["kept"].value()
    second = desk.post(reverse(ADD), typed(province, facility, **with_photo("", **{"photos-0-kept": kept})))
    assert second.status_code == 302
    assert ProductPhoto.objects.count() == 1


def test_a_made_up_kept_file_is_ignored(desk: Client, province: Territory) -> None:
    facility = factories.FacilityFactory(territory=province)
    response = desk.post(reverse(ADD), typed(province, facility, **with_photo("", **{"photos-0-kept": "1"})))
    assert "Chưa chọn tệp." in response.content.decode()


# --- recognitions -----------------------------------------------------------------------------------------


@pytest.fixture
def rule() -> None:
    reference_data.load()


@pytest.fixture(autouse=True)
def provinces_of_figures(request: Any, db: None) -> None:
    """Published figures name their provinces; the rules alone are enough here."""
    if "rule" in request.fixturenames:
        from portal.territory import reference_data as territory_data

        territory_data.load()


@pytest.fixture
def home(rule: None) -> Territory:
    return Territory.objects.get(slug="thai-nguyen")


@pytest.fixture
def home_officer(home: Territory) -> User:
    return factories.staff(Role.OFFICER, home)


def new_recognition(product: Product, **changes: Any) -> dict[str, Any]:
    return {
        "product": product.pk,
        "level": Level.PROVINCE,
        "year": "2025",
        "round_ordinal": "0",
        "territory": product.territory_id,
        "issued_on": "01/10/2025",
    } | changes


RECOGNITION_ADD = "admin:products_recognition_add"
RECOGNITION_CHANGE = "admin:products_recognition_change"


def test_officer_recognises_and_the_rule_gives_the_end(client: Client, home: Territory, home_officer: User) -> None:
    client.force_login(home_officer)
    product = factories.ProductFactory(facility=None, territory=home)
    response = client.post(reverse(RECOGNITION_ADD), new_recognition(product))
    assert response.status_code == 302
    row = Recognition.objects.get()
    assert (row.expires_on, row.published_at) == (dt.date(2027, 10, 1), None)
    assert row.certificates.count() == 1
    assert AuditEntry.objects.filter(action="recognition.create").count() == 1


def test_a_recognition_twice_is_refused_in_a_sentence(client: Client, home: Territory, home_officer: User) -> None:
    client.force_login(home_officer)
    product = factories.ProductFactory(facility=None, territory=home)
    client.post(reverse(RECOGNITION_ADD), new_recognition(product))
    response = client.post(reverse(RECOGNITION_ADD), new_recognition(product))
    assert "Sản phẩm đã được công nhận ở cấp, năm và lần này." in response.content.decode()
    assert Recognition.objects.count() == 1


def test_a_level_out_of_its_time_is_refused_at_the_level(client: Client, home: Territory, home_officer: User) -> None:
    client.force_login(home_officer)
    product = factories.ProductFactory(facility=None, territory=home)
    response = client.post(reverse(RECOGNITION_ADD), new_recognition(product, level=Level.DISTRICT))
    assert response.context["adminform"].form.errors["level"] == [
        "Cấp huyện chỉ công nhận đến hết 30/06/2025. Hãy kiểm tra lại cấp hoặc ngày."
    ]


def change(row: Recognition, **changes: Any) -> dict[str, Any]:
    return {
        "issued_on": f"{row.issued_on:%d/%m/%Y}",
        "expires_on": f"{row.expires_on:%d/%m/%Y}",
        "reason": "",
    } | changes


def test_correcting_validity_needs_a_reason(desk: Client, province: Territory) -> None:
    row = factories.RecognitionFactory(product__territory=province, product__facility=None)
    address = reverse(RECOGNITION_CHANGE, args=[row.pk])
    without = desk.post(address, change(row, expires_on="31/12/2026"))
    assert "Sửa hiệu lực cần lý do." in without.content.decode()
    assert 'value="31/12/2026"' in without.content.decode()
    assert desk.post(address, change(row, expires_on="31/12/2026", reason="Theo giấy")).status_code == 302
    row.refresh_from_db()
    assert (row.expires_on, row.validity_confirmed) == (dt.date(2026, 12, 31), True)
    assert AuditEntry.objects.get(action="recognition.set_validity").reason == "Theo giấy"


def test_what_was_worked_out_is_confirmed_without_another_day(desk: Client, province: Territory) -> None:
    row = factories.RecognitionFactory(product__territory=province, product__facility=None)
    address = reverse(RECOGNITION_CHANGE, args=[row.pk])
    assert "Sửa hiệu lực cần lý do." in desk.post(address, change(row, confirm="on")).content.decode()
    assert desk.post(address, change(row, confirm="on", reason="Theo giấy")).status_code == 302
    row.refresh_from_db()
    event = row.events.get()
    assert (row.validity_confirmed, event.before, event.after) == (True, row.expires_on, row.expires_on)


def test_an_end_before_the_issue_is_refused_at_its_field(desk: Client, province: Territory) -> None:
    row = factories.RecognitionFactory(product__territory=province, product__facility=None)
    response = desk.post(
        reverse(RECOGNITION_CHANGE, args=[row.pk]), change(row, expires_on="01/01/2020", reason="Theo giấy")
    )
    assert response.context["adminform"].form.errors["expires_on"] == ["Ngày hết hiệu lực không được trước ngày cấp."]


def test_chosen_recognitions_are_published(desk: Client, province: Territory) -> None:
    row = factories.RecognitionFactory(product__territory=province, product__facility=None, published_at=None)
    response = desk.post(
        reverse("admin:products_recognition_changelist"), {"action": "publish", "_selected_action": [row.pk]}
    )
    assert sentences(response) == ["Đã công bố 1 công nhận."]
    row.refresh_from_db()
    assert row.published_at is not None


def test_recognitions_are_found_by_code_and_by_name(desk: Client, province: Territory) -> None:
    row = factories.RecognitionFactory(product__territory=province, product__facility=None, product__name="Miến Việt")
    factories.CertificateFactory(recognition=row, code=services_code())
    listing = reverse("admin:products_recognition_changelist")
    for asked in (row.certificates.get().code.lower(), "mien viet"):
        assert "Miến Việt" in desk.get(listing, {"q": asked}).content.decode()
    assert "Miến Việt" not in desk.get(listing, {"q": "chieu"}).content.decode()


def services_code() -> str:
    from products import codes

    return codes.generate(Level.PROVINCE)


# --- decisions, certificates, rules -------------------------------------------------------------------------


def test_a_decision_is_recorded_with_its_scan_and_not_twice(desk: Client, province: Territory) -> None:
    data = {
        "number": "15",
        "symbol": "QĐ-UBND",
        "signed_on": "05/10/2025",
        "issuer": "Ủy ban nhân dân tỉnh Thái Nguyên",
        "territory": province.pk,
        "upload": photo(),
    }
    address = reverse("admin:products_decision_add")
    assert desk.post(address, data).status_code == 302
    decision = Decision.objects.get()
    assert (decision.full_number, decision.year) == ("15/QĐ-UBND", 2025)
    assert decision.scan is not None
    again = desk.post(address, data | {"upload": ""})
    assert "đã có quyết định số 15/QĐ-UBND năm 2025" in again.content.decode()


def test_a_decision_of_the_nation_is_read_but_not_changed_by_a_province(desk: Client) -> None:
    decision = factories.DecisionFactory(territory=None)
    address = reverse("admin:products_decision_change", args=[decision.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"title": "Sửa"}).status_code == 403


def test_a_decision_of_another_province_is_not_found(desk: Client, other_province: Territory) -> None:
    decision = factories.DecisionFactory(territory=other_province)
    assert desk.get(reverse("admin:products_decision_change", args=[decision.pk])).status_code == 404


def test_only_the_number_of_a_certificate_is_written(desk: Client, province: Territory) -> None:
    paper = factories.CertificateFactory(
        recognition__product__territory=province, recognition__product__facility=None, code="T000000000"
    )
    address = reverse("admin:products_certificate_change", args=[paper.pk])
    assert desk.post(address, {"official_number": "15/GCN", "code": "T111111111"}).status_code == 302
    paper.refresh_from_db()
    assert (paper.official_number, paper.code) == ("15/GCN", "T000000000")
    assert desk.get(reverse("admin:products_certificate_add")).status_code == 403
    assert AuditEntry.objects.filter(action="certificate.number").count() == 1


def test_another_provinces_certificate_is_not_found(desk: Client, other_province: Territory) -> None:
    paper = factories.CertificateFactory(
        recognition__product__territory=other_province, recognition__product__facility=None
    )
    assert desk.get(reverse("admin:products_certificate_change", args=[paper.pk])).status_code == 404
    assert Certificate.objects.count() == 1


def test_two_validity_rules_may_not_hold_on_one_day(client: Client, home: Territory) -> None:
    client.force_login(factories.staff(Role.AGENCY_NATIONAL))
    data = {
        "code": "moi",
        "legal_basis": "Thông tư mới",
        "valid_from": "01/01/2027",
        "years": "3",
    }
    response = client.post(reverse("admin:products_validityrule_add"), data)
    assert "Trùng thời gian với" in response.content.decode()
    ValidityRule.objects.filter(code="tt-38-2025").update(valid_to=dt.date(2026, 12, 31))
    assert client.post(reverse("admin:products_validityrule_add"), data).status_code == 302


def test_a_province_reads_the_rules_but_does_not_write_them(desk: Client) -> None:
    assert desk.get(reverse("admin:products_validityrule_changelist")).status_code == 200
    assert desk.get(reverse("admin:products_validityrule_add")).status_code == 403
