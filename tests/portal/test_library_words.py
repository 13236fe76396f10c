"""What the libraries say in English is said in Vietnamese at the desk."""

import pytest
from django.utils.translation import ngettext, override


@pytest.mark.parametrize("count", [1, 2])
def test_a_form_that_was_refused_says_so_in_vietnamese(count: int) -> None:
    with override("vi"):
        said = ngettext("Please correct the error below.", "Please correct the errors below.", count)
    assert said == "Chưa lưu được. Hãy sửa các mục được đánh dấu bên dưới."
