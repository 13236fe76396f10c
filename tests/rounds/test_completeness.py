"""The papers of Điều 12, by level."""

import pytest

from rounds.completeness import (
    Paper,
    is_complete,
    missing_by_addressee,
    missing_sentences,
    photo_remark,
    required_kinds,
    requirements,
)
from rounds.enums import Addressee, Origin
from rounds.enums import DocumentKind as K

BASE = (
    K.REGISTRATION_FORM,
    K.BUSINESS_REGISTRATION,
    K.STATEMENT,
    K.PHOTO_FRONT,
    K.PHOTO_SIDE,
    K.PHOTO_TOP,
)


@pytest.mark.parametrize("level", ["commune", "district"])
@pytest.mark.parametrize("lower", [True, False])
def test_the_lowest_level_asks_for_the_dossier_alone(level, lower):
    assert required_kinds(level=level, lower_round_held=lower) == BASE


@pytest.mark.parametrize("level", ["province", "region", "national"])
def test_a_higher_level_adds_the_lower_certificate_and_its_letter(level):
    assert required_kinds(level=level, lower_round_held=True) == (*BASE, K.LOWER_CERTIFICATE, K.PROPOSAL_LETTER)


@pytest.mark.parametrize("level", ["province", "region", "national"])
def test_where_no_lower_round_is_held_a_letter_comes_along(level):
    assert required_kinds(level=level, lower_round_held=False) == (*BASE, K.COVER_LETTER)


def rows(*papers):
    return requirements(level="province", lower_round_held=True, papers=papers)


def test_an_empty_dossier_names_every_paper_and_its_article():
    found = rows()
    assert [row.kind for row in found if not row.present] == [row.kind for row in found]
    assert found[2].article == "Điều 12 khoản 1 điểm b, Phụ lục 2"
    assert missing_sentences(found)[3] == "Ảnh chính diện: chưa có."


def test_letters_are_owed_by_the_lower_authority():
    assert [row.owed_by for row in rows()] == [Addressee.FACILITY] * 7 + [Addressee.LOWER_AUTHORITY]


def test_a_commune_that_files_for_a_facility_owes_its_authorisation():
    found = requirements(level="province", lower_round_held=False, papers=(), origin=Origin.COMMUNE)
    assert (found[-1].kind, found[-1].owed_by) == (K.AUTHORISATION, Addressee.COMMUNE)
    assert K.AUTHORISATION not in required_kinds(level="province", lower_round_held=False, origin=Origin.ONLINE)


def test_what_is_missing_is_said_to_each_who_owes_it_with_the_article():
    papers = [Paper(kind) for kind in BASE[1:]]
    found = requirements(level="province", lower_round_held=False, papers=papers, origin=Origin.COMMUNE)
    assert missing_by_addressee(found) == {
        Addressee.FACILITY: ("Phiếu đăng ký (Phụ lục 1), Điều 12 khoản 1 điểm a, Phụ lục 1: chưa có.",),
        Addressee.COMMUNE: ("Giấy ủy quyền nộp thay, Bộ luật Dân sự 2015, Điều 138: chưa có.",),
        Addressee.LOWER_AUTHORITY: ("Công văn gửi hồ sơ (nơi không tổ chức bình chọn cấp dưới), Điều 12: chưa có.",),
    }


def test_a_complete_dossier_is_owed_nothing():
    papers = [Paper(kind) for kind in required_kinds(level="province", lower_round_held=True)]
    assert missing_by_addressee(rows(*papers)) == {}


def test_a_warning_is_said_and_stops_nothing():
    papers = [Paper(kind) for kind in required_kinds(level="province", lower_round_held=True)]
    papers[3] = Paper(K.PHOTO_FRONT, warning="Ảnh nhỏ.")
    found = rows(*papers)
    assert is_complete(found)
    assert [row.warning for row in found if row.warning] == ["Ảnh nhỏ."]


def test_a_paper_to_fix_is_not_complete_and_its_remark_is_repeated():
    papers = [Paper(kind) for kind in required_kinds(level="province", lower_round_held=True)]
    papers[2] = Paper(K.STATEMENT, needs_fix=True, remark="Thiếu trang 2.")
    found = rows(*papers)
    assert not is_complete(found)
    assert missing_sentences(found) == ("Bản thuyết minh sản phẩm (Phụ lục 2) cần sửa: Thiếu trang 2.",)


def test_a_good_copy_outweighs_a_bad_one():
    papers = [Paper(kind) for kind in required_kinds(level="province", lower_round_held=True)]
    assert is_complete(rows(*papers, Paper(K.STATEMENT, needs_fix=True, remark="Mờ.")))


@pytest.mark.parametrize(
    "size,right",
    [((1800, 1200), True), ((1200, 1800), True), ((1799, 1200), False), ((1800, 1199), False), ((4000, 900), False)],
)
def test_a_photo_prints_at_10_by_15_cm(size, right):
    assert (photo_remark(kind=K.PHOTO_SIDE, width=size[0], height=size[1]) == "") is right


def test_other_papers_and_unknown_sizes_are_not_judged():
    assert photo_remark(kind=K.STATEMENT, width=10, height=10) == ""
    assert photo_remark(kind=K.PHOTO_TOP, width=None, height=None) == ""
