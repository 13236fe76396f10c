"""The package as a file: the same content makes the same bytes, and nothing altered, cut or strange is opened."""

import hashlib
import io
import json
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.text.errors import Refusal
from rounds.exchange import keys
from rounds.exchange import package as packages
from rounds.exchange.package import Attached, canonical, opened

from .exchange_world import CENTRE, OTHER, PROVINCE

FILES = (b"mot tep", b"hai tep khac")


def attached(content: bytes) -> Attached:
    return Attached(hashlib.sha256(content).hexdigest(), len(content), "application/pdf", lambda: io.BytesIO(content))


def manifest(files=FILES, **changes):
    made = packages.manifest_of(
        kind="nomination",
        uuid="7c5a41a0-0000-4000-8000-000000000000",
        made_at="2026-11-21T05:00:00+00:00",
        sender={"key": PROVINCE.public},
        addressee=CENTRE.public,
        body={"tên": "Chè đinh"},
        files=[attached(one) for one in files],
    )
    return made | changes


def written(files=FILES, key=PROVINCE, **changes) -> bytes:
    target = io.BytesIO()
    packages.write(target, manifest=manifest(files, **changes), files=[attached(one) for one in files], key=key)
    return target.getvalue()


def rewritten(data: bytes, change) -> bytes:
    """The archive with its entries changed by hand: `change` gets and returns a list of (name, content)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in change(entries):
            archive.writestr(name, content)
    return target.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as found, opened(io.BytesIO(data)):
        pass
    assert str(found.value.sentence).endswith(".")
    return found.value.code


def test_a_package_reads_as_it_was_written():
    with opened(io.BytesIO(written())) as package:
        assert package.manifest == manifest()
        assert {package.read_file(sha256) for sha256 in package.files} == set(FILES)
        assert (package.sender_key, package.addressee, package.kind) == (PROVINCE.public, CENTRE.public, "nomination")


def test_the_same_content_makes_the_same_bytes_in_whatever_order():
    assert written() == written(tuple(reversed(FILES)))
    assert written() != written((b"mot tep",))


@pytest.mark.parametrize("place", [0.02, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_package_cut_off_anywhere_is_refused(place):
    data = written()
    assert refused(data[: int(len(data) * place)]) in {"cut_off", "not_a_package"}


def test_bytes_added_at_the_end_are_refused():
    assert refused(written() + b"\0") == "cut_off"


def test_every_single_altered_byte_of_the_content_is_noticed():
    data = written()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        places = [
            entry.header_offset + 30 + len(entry.filename) + offset
            for entry in archive.infolist()
            for offset in range(0, entry.file_size, 7)
        ]
    for place in places:
        broken = bytearray(data)
        broken[place] ^= 1
        assert refused(bytes(broken)) in {"altered", "bad_manifest", "not_a_package"}


def test_a_manifest_put_together_anew_does_not_match_its_signature():
    def change(entries):
        return [(name, content.replace("Chè".encode(), "Trà".encode())) for name, content in entries]

    assert refused(rewritten(written(), change)) == "altered"


def test_the_signature_of_another_key_is_refused():
    assert refused(written(key=OTHER)) == "altered"


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "files/../../evil", "manifest.json/", "files/" + "g" * 64, "FILES/" + "a" * 64]
)
def test_a_strange_name_is_refused(name):
    assert refused(rewritten(written(), lambda entries: [*entries, (name, b"x")])) == "strange_entry"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused():
    assert refused(rewritten(written(), lambda entries: [*entries, entries[0]])) == "strange_entry"


def test_a_file_too_many_or_too_few_is_refused():
    assert refused(rewritten(written(), lambda entries: [*entries, ("files/" + "a" * 64, b"x")])) == "altered"
    assert refused(rewritten(written(), lambda entries: entries[:-1])) == "altered"


def test_a_package_without_its_signature_is_none():
    without = rewritten(written(), lambda entries: [one for one in entries if one[0] != "signature"])
    assert refused(without) == "not_a_package"


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7 ...", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_package_is_said_to_be_none(data):
    assert refused(data) in {"not_a_package", "cut_off"}


def test_a_later_version_is_refused_in_words():
    with pytest.raises(Refusal) as found, opened(io.BytesIO(written(version=2))):
        pass
    assert found.value.code == "too_new"
    assert "phiên bản 2" in str(found.value.sentence)


@pytest.mark.parametrize(
    "changes", [{"version": 0}, {"version": True}, {"kind": 3}, {"sender": {}}, {"addressee": "x"}, {"more": 1}]
)
def test_a_manifest_of_another_shape_is_refused(changes):
    assert refused(written(**changes)) == "bad_manifest"


def test_a_bomb_is_refused_by_its_size_before_it_is_unpacked():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("manifest.json", "signature"):
            archive.writestr(name, b"{}")
        archive.writestr("files/" + "a" * 64, b"\0" * (packages.MAX_PACKAGE + 1))
    assert refused(target.getvalue()) == "too_large"


def test_a_directory_of_millions_is_refused_before_it_is_read():
    data = bytearray(written())
    data[-10:-6] = struct.pack("<I", packages.MAX_DIRECTORY + 1)
    assert refused(bytes(data)) == "too_large"


def test_a_nested_manifest_is_no_way_to_break_the_reader():
    def change(entries):
        return [("manifest.json", b"[" * 100_000), *entries[1:]]

    assert refused(rewritten(written(), change)) == "bad_manifest"


def test_a_name_twice_in_one_object_is_refused():
    def change(entries):
        return [("manifest.json", b'{"format": 1, "format": 2}'), *entries[1:]]

    assert refused(rewritten(written(), change)) == "bad_manifest"


@pytest.mark.parametrize("value", [rb"\ud800", rb"a\u0000", rb"\\\u0000"])
def test_a_text_that_no_database_keeps_is_refused(value):
    def change(entries):
        return [("manifest.json", b'{"format": "' + value + b'"}'), *entries[1:]]

    assert refused(rewritten(written(), change)) == "bad_manifest"


def test_a_number_beyond_all_numbers_is_refused():
    def change(entries):
        return [("manifest.json", b'{"format": 1e999}'), *entries[1:]]

    assert refused(rewritten(written(), change)) == "bad_manifest"


# What a database keeps: no half characters, no NUL.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(body=st.dictionaries(TEXTS, VALUES, max_size=5), files=st.lists(st.binary(max_size=400), max_size=4))
def test_whatever_is_packed_comes_out_again(body, files):
    data = written(tuple(files), body=body)
    assert data == written(tuple(files), body=body)
    with opened(io.BytesIO(data)) as package:
        assert package.body == json.loads(canonical(body))
        assert {package.read_file(sha256) for sha256 in package.files} == set(files)


# --- keys ----------------------------------------------------------------------------------------


def test_a_fingerprint_is_forty_digits_to_be_read_aloud():
    digits = keys.fingerprint(PROVINCE.public)
    assert [len(group) for group in digits.split()] == [5] * 8
    assert keys.same_fingerprint(digits.replace(" ", "-"), PROVINCE.public)
    assert not keys.same_fingerprint(digits, OTHER.public)


def test_a_made_seed_signs_and_another_key_does_not_verify():
    own = keys.key_of(keys.make_seed())
    signature = own.sign(b"x")
    assert keys.verifies(own.public, b"x", signature)
    assert not keys.verifies(own.public, b"y", signature)
    assert not keys.verifies(OTHER.public, b"x", signature)
    assert str(own.seed) not in repr(own)


@pytest.mark.parametrize("text", ["", "x", "A" * 44, "=" * 44, PROVINCE.public + "\n", PROVINCE.public[:-1]])
def test_what_is_no_key_is_not_taken_for_one(text):
    assert keys.is_public_key(text) is (text == "A" * 43 + "=")
