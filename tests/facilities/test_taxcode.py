"""Tax codes: a warning at most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities import taxcode


@pytest.mark.parametrize(
    "written", ["", "0100109106", "0100109106-001", "0100109106 001", "0100109106001", "010.010.9106", "079123456789"]
)
def test_codes_in_order_give_no_warning(written):
    assert taxcode.check(written) is None


def test_a_wrong_check_digit_is_named():
    assert taxcode.check("0100109107") == (
        "Mã số thuế 0100109107 sai chữ số kiểm tra. Hãy đối chiếu với giấy đăng ký kinh doanh."
    )


@pytest.mark.parametrize("written", ["123", "01001091060", "ABC", "0100109106-01"])
def test_another_form_is_named(written):
    assert "không có dạng 10 số, 10-3 số hoặc 12 số định danh" in taxcode.check(written)


@pytest.mark.parametrize(
    "written, stored",
    [
        (" 0100109106 ", "0100109106"),
        ("0100109106001", "0100109106-001"),
        ("0100109106 – 001", "0100109106-001"),
        ("100109106", "0100109106"),
        ("079 123 456 789", "079123456789"),
        ("", ""),
    ],
)
def test_codes_are_stored_in_one_form(written, stored):
    assert taxcode.normalise(written) == stored


def test_a_personal_id_is_masked_and_a_firm_s_code_is_not():
    assert taxcode.mask("079123456789") == "•••••••••789"
    assert taxcode.mask("079 123 456 789") == "•••••••••789"
    assert taxcode.mask("0100109106") == "0100109106"


@given(st.text(max_size=30))
def test_any_text_gets_an_answer(text):
    stored = taxcode.normalise(text)
    assert taxcode.normalise(stored) == stored
    warning = taxcode.check(text)
    assert warning is None or warning.endswith(".")
