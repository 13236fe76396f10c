"""The page of a product."""

import datetime as dt
import io
import json
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from extension.models import Listing
from portal.files.services import store
from products.enums import Stage
from products.models import DistributionChannel, Product, ProductPhoto, ProductStandard, SalesLink, TradeFacts
from rounds.enums import RoundState
from tests.factories import (
    BeneficiaryFactory,
    CertificateFactory,
    DecisionFactory,
    FacilityFactory,
    OutletFactory,
    ParticipationFactory,
    ProductFactory,
    ProjectFactory,
    RecognitionFactory,
    RoundFactory,
    SetMemberFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def on_the_day():
    with time_machine.travel(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def tea(province) -> Product:
    return ProductFactory(name="Chè móc câu", facility=FacilityFactory(name="HTX chè mẫu", territory=province))


@pytest.fixture
def photo_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (120, 140, 100)).save(out, "JPEG")
    return store(ContentFile(out.getvalue(), name="anh.jpg"))


def text_of(client: Client, product: Product, language: str = "") -> str:
    response = client.get(f"{language}/san-pham/{product.slug}/")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def test_it_says_who_made_it_what_was_recognised_and_until_when(client, tea):
    row = RecognitionFactory(
        product=tea,
        level="national",
        year=2025,
        round_ordinal=6,
        decision=DecisionFactory(number="2568", symbol="QĐ-BCT"),
        expires_on=dt.date(2027, 10, 3),
    )
    CertificateFactory(recognition=row, code="Q000000000")
    text = text_of(client, tea)
    for said in (
        "Sản phẩm công nghiệp nông thôn tiêu biểu cấp quốc gia, lần thứ VI, năm 2025",
        "Còn hiệu lực đến 03/10/2027", "HTX chè mẫu", "2568/QĐ-BCT", "Quá trình công nhận", "Q-0000-0000-0",
        'aria-label="Biểu trưng công nhận cấp quốc gia 2025"',
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    "recognition",
    [
        {"published_at": None},
        {"stage": Stage.PROPOSED, "published_at": None, "issued_on": None, "expires_on": None},
    ],
    ids=["not published", "only proposed"],
)
def test_what_is_not_published_has_no_page(client, tea, recognition: dict[str, Any]):
    RecognitionFactory(product=tea, **recognition)
    assert client.get(f"/san-pham/{tea.slug}/").status_code == 404


def test_an_unpublished_recognition_beside_a_published_one_is_not_told(client, tea):
    RecognitionFactory(product=tea, level="province")
    RecognitionFactory(product=tea, level="national", year=2025, issued_on=None, published_at=None)
    assert "quốc gia" not in text_of(client, tea).split("<article>")[1].split("Xem thêm")[0]


def test_an_expired_product_keeps_its_page_and_points_to_the_open_round(client, tea, province):
    RecognitionFactory(product=tea, expires_on=dt.date(2025, 12, 31))
    open_round = RoundFactory(territory=province, state=RoundState.RECEIVING, slug="ky-2026")
    text = text_of(client, tea)
    assert "Giấy chứng nhận cấp tỉnh đã hết hiệu lực, sản phẩm vẫn giữ trang này." in text
    assert f"/ky-binh-chon/{open_round.slug}/" in text
    assert "seal--faded" in text
    assert "seal--lacquer" not in text


def test_a_revoked_one_says_why_and_is_struck_through(client, tea):
    RecognitionFactory(product=tea, revoked_on=dt.date(2026, 6, 15), status_reason="Không bảo đảm an toàn thực phẩm")
    text = text_of(client, tea)
    assert "Đã thu hồi từ 15/06/2026" in text
    assert "Không bảo đảm an toàn thực phẩm" in text
    assert "seal--struck" in text
    assert "đăng ký ở kỳ bình chọn tới" not in text


def test_an_unknown_maker_is_said_not_hidden(client, province):
    product = ProductFactory(facility=None, territory=province)
    RecognitionFactory(product=product)
    assert "Cơ sở: đang bổ sung theo quyết định" in text_of(client, product)


def test_made_up_facts_are_marked(client, tea):
    RecognitionFactory(product=tea)
    assert "Số liệu minh họa" not in text_of(client, tea)
    tea.is_illustrative = True
    tea.save()
    assert "Số liệu minh họa" in text_of(client, tea)


def test_without_a_photo_the_pattern_is_named_as_one(client, tea):
    RecognitionFactory(product=tea)
    assert "đặt thay ảnh vì cơ sở chưa gửi ảnh sản phẩm" in text_of(client, tea)


def test_a_set_names_its_members_and_links_those_with_a_page(client, province):
    made = ProductFactory(name="Bộ sản phẩm", is_set=True, facility=FacilityFactory(territory=province))
    RecognitionFactory(product=made)
    public, hidden = ProductFactory(facility=made.facility), ProductFactory(facility=made.facility)
    RecognitionFactory(product=public)
    SetMemberFactory(product_set=made, name="lạp sườn", product=public)
    SetMemberFactory(product_set=made, name="thịt xông khói", product=hidden)
    text = text_of(client, made)
    assert f'<a href="/san-pham/{public.slug}/">lạp sườn</a>' in text
    assert "thịt xông khói" in text
    assert hidden.slug not in text


def test_support_shops_and_standards_are_shown(client, tea):
    RecognitionFactory(product=tea)
    project = ProjectFactory(name="Hỗ trợ máy sấy", year=2025, state="liquidated")
    BeneficiaryFactory(project=project, facility=tea.facility, extension_funds=200_000_000)
    BeneficiaryFactory(project=ProjectFactory(name="Đề án chưa công khai", is_public=False), facility=tea.facility)
    ProductStandard.objects.create(product=tea, kind="ocop", stars=4)
    SalesLink.objects.create(product=tea, channel="voso", url="https://voso.vn/che")
    DistributionChannel.objects.create(product=tea, kind="supermarket", name="Siêu thị mẫu")
    text = text_of(client, tea)
    for said in ("Hỗ trợ máy sấy", "200 triệu đồng", "OCOP 4 sao", "https://voso.vn/che", "Siêu thị mẫu"):
        assert said in text
    assert "Đề án chưa công khai" not in text


def test_empty_sections_say_what_to_do(client, tea):
    RecognitionFactory(product=tea)
    text = text_of(client, tea)
    assert "Chưa có hỗ trợ nào được ghi cho sản phẩm này." in text
    assert "Cơ sở chưa khai nơi bán." in text


def test_a_rule_that_was_not_found_gives_an_estimate_and_says_so(client, tea):
    from products.models import ValidityRule

    rule = ValidityRule.objects.create(
        code="r", legal_basis="TT", years=2, to_end_of_year=False, is_certain=False, valid_from=dt.date(2025, 7, 1)
    )
    row = RecognitionFactory(product=tea, validity_rule=rule)
    assert "Thời hạn tạm tính" in text_of(client, tea)
    row.validity_confirmed = True
    row.save()
    assert "Thời hạn tạm tính" not in text_of(client, tea)


def test_the_facts_for_search_engines_are_valid_and_cannot_leave_their_element(client, tea):
    tea.name = "Chè </script><b>ngon"
    tea.save()
    RecognitionFactory(product=tea)
    raw = client.get(f"/san-pham/{tea.slug}/").content.decode()
    facts = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', raw, re.DOTALL).group(1))
    product, crumbs = facts["@graph"]
    assert (product["@type"], product["name"]) == ("Product", "Chè </script><b>ngon")
    assert [step["position"] for step in crumbs["itemListElement"]] == [1, 2, 3, 4]
    assert crumbs["itemListElement"][-1]["item"] == product["url"]


def test_search_engines_learn_codes_awards_and_certificates_and_no_offer_is_invented(client, tea):
    row = RecognitionFactory(product=tea, level="national", year=2025, expires_on=dt.date(2027, 10, 3))
    CertificateFactory(recognition=row, code="Q000000000")
    ProductStandard.objects.create(product=tea, kind="ocop", stars=4, expires_on=dt.date(2026, 1, 1))
    TradeFacts.objects.create(product=tea, gtin="8934563138165", pack="Hộp 200 g", declared_on=dt.date(2026, 10, 1))
    text = client.get(f"/san-pham/{tea.slug}/").content.decode()
    facts = json.loads(re.search(r'ld\+json">(.*?)</script>', text, re.DOTALL).group(1))["@graph"][0]
    assert facts["gtin13"] == "8934563138165"
    assert facts["award"] == ["Sản phẩm công nghiệp nông thôn tiêu biểu cấp quốc gia năm 2025"]
    recognition, ocop = facts["hasCertification"]
    assert (recognition["certificationIdentification"], recognition["expires"]) == ("Q000000000", "2027-10-03")
    assert (ocop["certificationStatus"], ocop["certificationRating"]["ratingValue"]) == (
        "https://schema.org/CertificationInactive",
        4,
    )
    assert {"@type": "PropertyValue", "name": "Quy cách đóng gói", "value": "Hộp 200 g"} in facts["additionalProperty"]
    assert "offers" not in facts


def test_a_buyer_reads_what_the_maker_declared_and_that_nobody_checked_it(client, tea):
    RecognitionFactory(product=tea)
    TradeFacts.objects.create(
        product=tea, gtin="8934563138165", shelf_life_days=180, capacity="1500", capacity_unit="hộp",
        capacity_period="month", hs_code="09021010", declared_on=dt.date(2026, 10, 1),
    )  # fmt: skip
    text = text_of(client, tea)
    for said in ("8 934563 138165", "6 tháng (180 ngày)", "1.500 hộp mỗi tháng", "0902.10.10",
                 "Do cơ sở khai ngày 01/10/2026, cổng chưa kiểm tra."):  # fmt: skip
        assert said in text
    assert f'href="/san-pham/{tea.slug}/dat-mua/"' in text


def test_a_standard_that_has_run_out_is_said_as_such(client, tea):
    RecognitionFactory(product=tea)
    ProductStandard.objects.create(product=tea, kind="food_safety", expires_on=dt.date(2026, 11, 20))
    ProductStandard.objects.create(product=tea, kind="ocop", stars=3, issued_year=2021)
    ProductStandard.objects.create(product=tea, kind="haccp", expires_on=dt.date(2026, 11, 21))
    text = text_of(client, tea)
    assert "Đã hết hạn ngày 20/11/2026" in text
    assert "Cấp năm 2021, đã hết hạn trong năm 2024" in text
    assert text.index("Còn hạn đến 21/11/2026") < text.index("Đã hết hạn ngày 20/11/2026")


def test_the_english_page_says_what_has_no_english_and_in_which_language_it_is(client, tea):
    RecognitionFactory(product=tea)
    Product.objects.filter(pk=tea.pk).update(story="Chuyện <b>chè</b>", summary="Tóm tắt", summary_en="In short")
    text = client.get(f"/en/san-pham/{tea.slug}/").content.decode()
    assert "only-vietnamese" in text
    assert '<div class="stack" lang="vi"><p>Chuyện &lt;b&gt;chè&lt;/b&gt;</p></div>' in text
    assert '<div class="stack"><p>In short</p></div>' in text
    assert 'lang="vi"' not in client.get(f"/san-pham/{tea.slug}/").content.decode().split("<main")[1].split("</main")[0]


def test_what_stays_vietnamese_on_an_english_page_says_so_wherever_it_stands(client, tea):
    decision = DecisionFactory(number="15", title="Công nhận <b>năm 2026</b>", issuer="Ủy ban mẫu")
    RecognitionFactory(
        product=tea, decision=decision, revoked_on=dt.date(2026, 6, 15), status_reason="Không an toàn", source="Báo mẫu"
    )
    BeneficiaryFactory(facility=tea.facility, project__name="Đề án mẫu")
    text = text_of(client, tea, "/en")
    for said in ("Công nhận <b>năm 2026</b>", "Ủy ban mẫu", "Báo mẫu"):
        assert f'<span lang="vi">{said}</span>' in text
    assert '<dd lang="vi">Không an toàn</dd>' in text
    assert '<p class="life-list__more" lang="vi">Đề án mẫu</p>' in text
    assert "&lt;b&gt;năm 2026" in client.get(f"/en/san-pham/{tea.slug}/").content.decode()


@pytest.mark.parametrize(
    ("english", "shown"),
    [("Curled leaves", "<span>Curled leaves</span>"), ("", '<span lang="vi">Cánh xoăn</span>')],
    ids=["translated", "not yet"],
)
def test_a_photo_has_its_caption_in_english_or_in_vietnamese_marked_as_such(client, tea, photo_file, english, shown):
    RecognitionFactory(product=tea)
    ProductPhoto.objects.create(
        product=tea, file=photo_file, angle="front", caption="Cánh xoăn", caption_en=english, is_public=True
    )
    assert text_of(client, tea, "/en").count(shown) == 2
    assert text_of(client, tea).count("<span>Cánh xoăn</span>") == 2


def test_the_list_of_life_holds_every_recognition_and_today(client, tea):
    RecognitionFactory(product=tea, level="province", year=2022, issued_on=dt.date(2022, 5, 1))
    RecognitionFactory(product=tea, level="national", year=2025, issued_on=dt.date(2025, 10, 3))
    text = text_of(client, tea)
    life = text.split('life-list--phone">')[1].split("</ol>")[0]
    assert life.index("Hôm nay, 21/11/2026") < life.index("03/10/2025") < life.index("01/05/2022")


def enrich(tea: Product, year: int) -> None:
    """One more of everything that the page shows."""
    CertificateFactory(
        recognition=RecognitionFactory(product=tea, year=year, issued_on=None, decision=DecisionFactory())
    )
    BeneficiaryFactory(facility=tea.facility)
    ParticipationFactory(facility=tea.facility).products.add(tea)
    Listing.objects.create(outlet=OutletFactory(), product=tea)
    SetMemberFactory(product_set=tea, product=ProductFactory(facility=tea.facility))
    RecognitionFactory(product=ProductFactory(facility=FacilityFactory(territory=tea.territory)))
    DistributionChannel.objects.create(product=tea, kind="shop", name=f"Cửa hàng {year}")


def test_it_costs_the_same_number_of_queries_however_much_there_is(client, tea, django_assert_num_queries):
    enrich(tea, 2010)
    client.get(f"/san-pham/{tea.slug}/")
    with django_assert_num_queries(1 + 22):  # the register's mark, and the page
        client.get(f"/san-pham/{tea.slug}/")
    for year in range(2011, 2023):
        enrich(tea, year)
    client.get(f"/san-pham/{tea.slug}/")
    with django_assert_num_queries(1 + 22):
        client.get(f"/san-pham/{tea.slug}/")
