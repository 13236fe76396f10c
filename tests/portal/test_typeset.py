import io
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from portal.text import qr, typeset

SHEET = """
#let facts = json(bytes(sys.inputs.facts))
#set page(width: 60mm, height: 80mm, margin: 5mm)
#set text(font: "{family}")
#facts.words
#if "qr" in facts {{
  let wide = str(facts.modules + 8)
  let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-4 -4 " + wide + " " + wide + "'><path d='" + facts.qr + "'/></svg>"
  image(bytes(svg), format: "svg", width: 45mm)
}}
"""


@pytest.fixture
def sheet(tmp_path: Path):
    def made(family: str = "Lora") -> Path:
        path = tmp_path / "sheet.typ"
        path.write_text(SHEET.format(family=family))
        return path

    return made


def words_of(pdf: bytes) -> str:
    return pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()


@pytest.mark.parametrize("family", ["Liberation Serif", "Be Vietnam Pro", "Lora"])
def test_every_family_writes_vietnamese(sheet, family):
    words = "Ắ ằ ẵ Ợ ữ ỷ đ Đ"
    assert words_of(typeset.render(sheet(family), {"words": words})).strip() == words


def test_text_is_never_read_as_markup(sheet):
    words = "#panic() *sao* $x$"
    assert words_of(typeset.render(sheet(), {"words": words})).strip() == words


def test_the_template_sees_nothing_outside_its_folder(sheet):
    path = sheet()
    path.write_text('#read("/../../../etc/hostname")')
    with pytest.raises(Exception, match="escape the project root"):
        typeset.render(path, {})


def test_a_picture_is_a_picture(sheet):
    assert typeset.render(sheet(), {"words": "a"}, format="png").startswith(b"\x89PNG")
    assert typeset.render(sheet(), {"words": "a"}, format="svg").startswith(b"<svg")


def test_a_word_longer_than_words_are_may_break_and_others_are_as_they_were():
    assert typeset.breakable({"a": ["b" * 25, "ngắn", 3]}) == {"a": ["b" * 20 + "\u200b" + "b" * 5, "ngắn", 3]}


def test_a_drawn_code_is_read_as_its_text(sheet):
    address = "https://sanpham.example.vn/tra-cuu/Q7K2M9XTA3/"
    drawn = qr.draw(address)
    png = typeset.render(sheet(), {"words": "", "qr": drawn.path, "modules": drawn.modules}, format="png", ppi=200)
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    assert [one.text for one in found] == [address]
