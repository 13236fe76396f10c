"""Addresses that name what is no more, and how they read today."""

import pytest

from facilities.addresses import Provinces, proposal
from portal.text.folding import name_key

TODAY = {
    "Thái Nguyên": "Tỉnh Thái Nguyên",
    "Phú Thọ": "Tỉnh Phú Thọ",
    "Gia Lai": "Tỉnh Gia Lai",
    "Huế": "Thành phố Huế",
    "Hồ Chí Minh": "Thành phố Hồ Chí Minh",
}
BEFORE = {
    "Vĩnh Phúc": "Tỉnh Phú Thọ",
    "Thừa Thiên Huế": "Thành phố Huế",
    "Bắc Kạn": "Tỉnh Thái Nguyên",
    "Bình Dương": "Thành phố Hồ Chí Minh",
}
KNOWN = Provinces(
    standing={name_key(name): full for name, full in TODAY.items()},
    gone={name_key(name): full for name, full in BEFORE.items()},
    cities=frozenset({name_key("Huế"), name_key("Hồ Chí Minh")}),
)


def read(address, commune=""):
    found = proposal(address, KNOWN, province="Tỉnh Thái Nguyên", commune=commune)
    return found and (found.gone, found.text)


@pytest.mark.parametrize(
    "address",
    [
        "Xóm 1, xã Tân Cương, tỉnh Thái Nguyên",
        "Xã Tân Cương, Thái Nguyên",
        "Phường Thuận Hóa, thành phố Huế",
        "Số 5 đường Bắc Kạn, phường Phan Đình Phùng, tỉnh Thái Nguyên",
        "Thôn Vĩnh Phúc, xã A, tỉnh Gia Lai",
        "Xã Tân Cương",
        "TP. Hồ Chí Minh",
        "",
    ],
)
def test_an_address_of_today_is_left_alone(address):
    assert read(address) is None


@pytest.mark.parametrize(
    ("address", "gone", "today"),
    [
        ("Xã A, huyện Đại Từ, tỉnh Thái Nguyên", ("huyện Đại Từ",), "Xã A, tỉnh Thái Nguyên"),
        ("Xã A, H. Đại Từ", ("H. Đại Từ",), "Xã A, tỉnh Thái Nguyên"),
        ("Phường B, thị xã Phổ Yên, Thái Nguyên", ("thị xã Phổ Yên",), "Phường B, tỉnh Thái Nguyên"),
        ("Phường B, TP Thái Nguyên", ("TP Thái Nguyên",), "Phường B, tỉnh Thái Nguyên"),
        ("Phường B; quận 1; TP.HCM, TP. Hồ Chí Minh", ("quận 1", "TP.HCM"), "Phường B, thành phố Hồ Chí Minh"),
        (
            "Phường C, thành phố Vĩnh Yên, tỉnh Vĩnh Phúc",
            ("thành phố Vĩnh Yên", "tỉnh Vĩnh Phúc"),
            "Phường C, tỉnh Phú Thọ",
        ),
        ("Phường D, thành phố Huế, Thừa Thiên Huế", ("thành phố Huế", "Thừa Thiên Huế"), "Phường D, thành phố Huế"),
        ("Xã E, Bắc Kạn", ("Bắc Kạn",), "Xã E, tỉnh Thái Nguyên"),
        ("Thị trấn F, tỉnh Thái Nguyên", ("Thị trấn F",), "Thị trấn F, tỉnh Thái Nguyên"),
    ],
)
def test_what_is_no_more_is_named_and_the_successor_proposed(address, gone, today):
    assert read(address) == (gone, today)


def test_a_known_commune_takes_the_place_of_the_old_one():
    found = proposal("Xóm 1, thị trấn Hùng Sơn, huyện Đại Từ", KNOWN, province="Tỉnh Thái Nguyên", commune="Xã Đại Từ")
    assert found
    assert (found.text, found.sure) == ("Xóm 1, xã Đại Từ, tỉnh Thái Nguyên", True)
    assert not proposal("Xã A, huyện B", KNOWN, province="Tỉnh Thái Nguyên").sure  # type: ignore[union-attr]


def test_a_proposal_is_itself_an_address_of_today():
    for address in ("Phường C, thành phố Vĩnh Yên, tỉnh Vĩnh Phúc", "Phường D, thành phố Huế, Thừa Thiên Huế"):
        assert read(read(address)[1]) is None
