"""Digital signatures in PDF: what is accepted, what is found wrong, and that no file can harm."""

import datetime as dt
import io
import struct
import zlib

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from products import signing, signing_guard
from products.enums import SignatureState

from . import signing_kit as kit

NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC)
CODE = "T7K2M9XTA3"


@pytest.fixture(scope="module")
def signed() -> bytes:
    return kit.sign(kit.certificate_pdf("T-7K2M-9XTA-3", "012/GCN-CNNTTB"))


def examine(data, roots=None, now=NOW):
    return signing.examine(data, roots=[kit.authority().root()] if roots is None else roots, now=now)


NOT_TRUSTED = {"altered", "unsigned", "broken"}


def judged(data):
    """The state of a file, or the trouble with it."""
    try:
        return examine(data).state
    except signing.Unreadable as error:
        return error.trouble


def test_the_states_are_those_the_register_keeps():
    assert set(signing.State.__args__) == set(SignatureState.values)


def test_a_file_signed_by_a_trusted_signer_is_trusted_and_names_who_when_and_by_whom(signed):
    found = examine(signed)
    assert found.state == "trusted"
    one = found.telling
    assert (one.signer, one.issuer, one.fault) == ("Sở Công Thương mẫu", "Tổ chức chứng thực mẫu", "")
    assert one.at == kit.SIGNED_AT
    assert one.stamped_at == ""
    assert (one.covers_file, one.changed_after) == (True, "none")


def test_the_code_and_the_number_are_read_from_the_page(signed):
    found = examine(signed)
    assert found.codes == (CODE,)
    assert "012/GCN-CNNTTB" in found.text
    assert "Giấy chứng nhận sản phẩm công nghiệp nông thôn tiêu biểu" in found.text


def test_any_altered_byte_of_the_signed_part_is_found(signed):
    for at in (20, len(signed) // 4, len(signed) // 3, len(signed) - 700, len(signed) - 20):
        bad = bytearray(signed)
        bad[at] ^= 0x01
        assert judged(bytes(bad)) in NOT_TRUSTED, at


def test_the_room_left_behind_a_signature_may_not_be_used(signed):
    at = signed.rindex(b"00000000>")
    assert judged(signed[:at] + b"61" + signed[at + 2 :]) in NOT_TRUSTED


def test_an_altered_word_on_the_page_is_found(signed):
    at = signed.index(b"stream") + 20
    bad = signed[:at] + bytes([signed[at] ^ 0x10]) + signed[at + 1 :]
    assert examine(bad).state == "altered"


def appended_page(data: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    kids = writer.root["/Pages"]["/Kids"]
    kids.append(writer.add_object(generic.DictionaryObject(dict(page.items()))))
    pages = writer.root["/Pages"]
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)
    writer.update_container(kids)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_page_added_after_signing_is_found(signed):
    found = examine(appended_page(signed))
    assert (found.state, found.telling.fault, found.telling.covers_file) == ("altered", "appended", False)


def test_bytes_behind_the_signed_end_are_found(signed):
    found = examine(signed + b"\n% a remark\n")
    assert found.state == "altered"


def test_a_second_signature_leaves_the_first_as_it_is(signed):
    found = examine(kit.sign(signed, field="Chu-ky-2"))
    assert found.state == "trusted"
    assert [one.fault for one in found.signatures] == ["", ""]
    assert [one.covers_file for one in found.signatures] == [False, True]


def test_one_unknown_signer_of_two_leaves_the_file_unknown(signed):
    found = examine(kit.sign(signed, kit.stranger(), field="Chu-ky-2"))
    assert (found.state, found.telling.signer, found.telling.fault) == ("unknown_signer", "Người lạ", "no_chain")


def test_a_page_added_between_two_signatures_is_found(signed):
    found = examine(kit.sign(appended_page(signed), field="Chu-ky-2"))
    assert (found.state, found.signatures[0].fault) == ("altered", "appended")


def test_a_signer_nobody_vouches_for_is_unknown(signed):
    assert examine(signed, roots=[]).state == "unknown_signer"
    assert examine(kit.sign(kit.certificate_pdf(), kit.stranger())).telling.fault == "no_chain"


def test_a_root_counts_only_between_its_dates(signed):
    assert examine(signed, roots=[kit.authority().root(until=dt.date(2026, 11, 19))]).state == "unknown_signer"
    assert examine(signed, roots=[kit.authority().root(until=dt.date(2026, 11, 20))]).state == "trusted"


def test_a_signer_whose_certificate_had_run_out_is_not_trusted():
    found = examine(kit.sign(kit.certificate_pdf(), kit.expired_signer()))
    assert (found.state, found.telling.fault) == ("unknown_signer", "expired")


def test_what_was_signed_in_time_stays_trusted_when_the_certificate_runs_out_later():
    early = kit.sign(kit.certificate_pdf(), kit.expired_signer(), at=dt.datetime(2025, 6, 1, tzinfo=dt.UTC))
    assert examine(early).state == "trusted"


def test_a_signing_time_in_the_future_is_not_trusted(signed):
    assert examine(signed, now=kit.SIGNED_AT - dt.timedelta(days=3)).telling.fault == "from_the_future"


def test_a_certificate_that_cannot_sign_documents_is_unfit():
    found = examine(kit.sign(kit.certificate_pdf(), kit.authority()))
    assert (found.state, found.telling.fault) == ("unknown_signer", "unfit")


def test_a_pdf_without_signature_is_unsigned():
    found = examine(kit.certificate_pdf("T-7K2M-9XTA-3"))
    assert (found.state, found.signatures, found.telling) == ("unsigned", (), None)


# --- files made to harm --------------------------------------------------------------------------------------


def encrypted() -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(kit.certificate_pdf())))
    writer.encrypt("mat-khau")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """A file of some hundred kilobytes whose objects unpack to `size` bytes."""
    packed = zlib.compress(b"2 0 3 40 <</Type/Catalog/Pages 3 0 R>>" + b" " * size, 9)
    head = b"%PDF-1.7\n"
    body = b"1 0 obj\n<</Type/ObjStm/N 2/First 8/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    body += packed + b"\nendstream\nendobj\n"
    places = b"".join(struct.pack(">BIH", *row) for row in [(0, 0, 65535), (1, len(head), 0), (2, 1, 0), (2, 1, 1)])
    table = b"4 0 obj\n<</Type/XRef/Size 4/W[1 4 2]/Root 2 0 R/Length %d>>\nstream\n" % len(places)
    start = len(head) + len(body)
    return head + body + table + places + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


HOSTILE = {
    "not_a_pdf": lambda: b"MZ\x90\x00 an old program",
    "encrypted": encrypted,
    "too_large": lambda: b"%PDF-1.7\n" + b"0" * signing.MAX_BYTES,
    "too_heavy": lambda: bomb(120 * 1024 * 1024),
    "broken": lambda: b"%PDF-1.7\n%%EOF\n",
}


@pytest.mark.parametrize("trouble", HOSTILE)
def test_a_file_that_cannot_be_judged_says_why(trouble):
    with pytest.raises(signing.Unreadable) as refused:
        signing_guard.examine(HOSTILE[trouble](), roots=[], now=NOW)
    assert refused.value.trouble == trouble


@pytest.mark.parametrize("part", [0.1, 0.4, 0.7, 0.95, 0.999])
def test_a_file_cut_off_anywhere_is_never_trusted(signed, part):
    assert judged(signed[: int(len(signed) * part)]) in NOT_TRUSTED


def test_brackets_within_brackets_without_end_are_refused():
    with pytest.raises(signing.Unreadable):
        examine(b"%PDF-1.4\n1 0 obj " + b"[" * 100_000 + b"\nstartxref\n9\n%%EOF\n")


def test_the_guard_gives_the_same_answer_as_the_check_itself(signed):
    roots = [kit.authority().root(until=dt.date(2030, 1, 1))]
    assert signing_guard.examine(signed, roots=roots, now=NOW) == examine(signed, roots=roots)


def test_the_guard_stops_waiting(signed):
    with pytest.raises(signing.Unreadable) as refused:
        signing_guard.examine(signed, roots=[], now=NOW, seconds=0.001)
    assert refused.value.trouble == "too_slow"


def test_what_was_found_survives_being_kept(signed):
    found = examine(signed)
    assert signing.Findings.from_json(found.as_json()) == found
