import pypdfium2
import pytest

from portal.text import pdfjoin, typeset

SHEET = """
#let facts = json(bytes(sys.inputs.facts))
#set text(font: "Lora")
#for (at, words) in facts.pages.enumerate() {
  if at > 0 { pagebreak() }
  set page(width: facts.width * 1mm, height: 50mm, margin: 5mm)
  words
}
"""


@pytest.fixture
def part(tmp_path):
    path = tmp_path / "sheet.typ"
    path.write_text(SHEET)

    def made(*words, width=80, tagged=True):
        return typeset.render(path, {"pages": list(words), "width": width}, tagged=tagged)

    return made


def joined(*parts):
    return b"".join(pdfjoin.join(parts))


def words_of(data):
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]


def test_pages_of_all_parts_follow_in_order_with_their_words_and_sizes(part):
    data = joined(part("Một", "Hai"), part("Bà Ẵm", width=60), part("Bốn"))
    assert words_of(data) == ["Một", "Hai", "Bà Ẵm", "Bốn"]
    wide = [round(page.get_width() * 25.4 / 72) for page in pypdfium2.PdfDocument(data)]
    assert wide == [80, 80, 60, 80]


def test_what_was_joined_can_be_joined_again(part):
    once = joined(part("Một"), part("Hai"))
    assert words_of(joined(once, once)) == ["Một", "Hai", "Một", "Hai"]


def test_the_table_leads_to_every_object(part):
    data = joined(part("Một"), part("Hai", tagged=False))
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    head, *rows = data[start:].split(b"trailer")[0].splitlines()
    assert head == b"xref"
    for number, row in enumerate(rows[2:], start=1):
        place = int(row[:10])
        assert data[place:].startswith(b"%d 0 obj" % number)


def test_parts_are_asked_for_one_at_a_time(part):
    asked = []

    def parts():
        for words in ("Một", "Hai"):
            asked.append(words)
            yield part(words)

    pieces = pdfjoin.join(parts())
    next(pieces)
    assert asked == []
    next(pieces)
    assert asked == ["Một"]


def test_pages_look_as_they_did(part):
    alone, together = part("Giấy chứng nhận"), joined(part("Trước"), part("Giấy chứng nhận"))
    before, after = (
        pypdfium2.PdfDocument(data)[place].render(scale=1).to_pil().tobytes()
        for data, place in ((alone, 0), (together, 1))
    )
    assert before == after
