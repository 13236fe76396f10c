"""Every upload is shown to ClamAV before it is kept; a scanner that does not answer lets nothing in."""

import socket
import threading
import time

import pytest
from django.core.files.base import ContentFile

from portal.files import antivirus
from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.errors import Refusal

from .fake_clamd import SIGNATURE, clamd

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
BAD = PDF.replace(b"<<>>", b"(" + SIGNATURE + b")")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def scanner(settings):
    with clamd() as server:
        settings.CLAMAV_URL = server.url
        yield server


def refused(data=PDF):
    with pytest.raises(Refusal) as caught:
        store(ContentFile(data, name="a.pdf"), field="file")
    assert StoredFile.objects.count() == 0
    assert caught.value.field == "file"
    return caught.value


def test_without_a_scanner_files_are_taken_in(settings):
    settings.CLAMAV_URL = ""
    assert store(ContentFile(PDF, name="a.pdf")).size == len(PDF)


def test_a_clean_file_is_shown_whole_and_kept(scanner):
    large = PDF + b" " * (3 * antivirus.CHUNK + 5)
    large = large + b"%%EOF"
    assert store(ContentFile(large, name="a.pdf")).size == len(large)
    assert scanner.seen == [large]


def test_an_infected_file_is_refused_in_words_and_not_kept(scanner, media):
    refusal = refused(BAD)
    assert refusal.code == "file_infected"
    assert str(refusal) == ("Tệp này có mã độc nên không được nhận. Hãy quét vi-rút máy của bạn, rồi gửi tệp sạch.")
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_socket_file_works_like_a_port(settings, tmp_path):
    with clamd(str(tmp_path / "clamd.ctl")) as server:
        settings.CLAMAV_URL = server.url
        assert refused(BAD).code == "file_infected"


def test_a_sleeping_scanner_lets_nothing_in(settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    refusal = refused()
    assert refusal.code == "scanner_unreachable"
    assert "tạm thời không nhận tệp" in str(refusal)


@pytest.mark.parametrize(
    "answer",
    [b"", b"stream: O", b"INSTREAM size limit exceeded. ERROR\0", b"stream: ERROR\0", b"\xff\xfe\0", b"PONG\0"],
)
def test_anything_but_a_clear_yes_is_no(scanner, answer):
    scanner.reply = lambda _content: answer
    assert refused().code == "scanner_unreachable"


def test_a_scanner_that_drips_its_answer_is_given_up(scanner, monkeypatch):
    monkeypatch.setattr(antivirus, "SCAN_SECONDS", 0.3)
    waits = threading.Event()

    def drip(content):
        waits.wait(2)
        return b"stream: OK\0"

    scanner.reply = drip
    started = time.monotonic()
    assert refused().code == "scanner_unreachable"
    assert time.monotonic() - started < 1.5
    waits.set()


def hang_up(listener):
    listener.accept()[0].close()


def test_a_scanner_that_hangs_up_halfway_is_no_yes(settings):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=hang_up, args=[listener], daemon=True)
        thread.start()
        assert refused(PDF + b" " * 2_000_000 + b"%%EOF").code == "scanner_unreachable"
        thread.join(5)


def test_a_ping_says_whether_the_scanner_answers(scanner):
    assert antivirus.answers() is True


def test_the_answer_to_a_ping_is_remembered(settings):
    with clamd() as server:
        settings.CLAMAV_URL = server.url
        assert antivirus.answers() is True
    assert antivirus.answers() is True


def test_no_answer_to_a_ping_is_said(settings):
    settings.CLAMAV_URL = "unix:///khong/co/clamd.ctl"
    assert antivirus.answers() is False
