import pytest

from facilities.kinds import kind_of, parse_kind


@pytest.mark.parametrize(
    "name, kind",
    [
        ("Công ty TNHH một thành viên 688", "enterprise"),
        ("CÔNG TY CỔ PHẦN CHÈ TÂN CƯƠNG", "enterprise"),
        ("Doanh nghiệp tư nhân Hà", "enterprise"),
        ("Chi nhánh Công ty cổ phần A", "enterprise"),
        ("HTX Tâm Hòa", "cooperative"),
        ("Hợp tác xã chè La Bằng", "cooperative"),
        ("Tổ hợp tác mây tre", "cooperative_group"),
        ("Hộ kinh doanh Mẫu", "household"),
        ("Cơ sở sản xuất bún", "unknown"),
        ("Hội làm vườn", "unknown"),
    ],
)
def test_a_name_states_its_kind_or_none(name, kind):
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "written, kind",
    [
        ("household", "household"),
        ("Hộ kinh doanh", "household"),
        ("HTX", "cooperative"),
        ("", "unknown"),
        ("Hội", None),
    ],
)
def test_kinds_are_read_as_code_or_as_officers_write_them(written, kind):
    assert parse_kind(written) == kind
