"""What is attached to a certificate: by whom, kept when replaced, judged again, shown to the public."""

import base64
import datetime as dt

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.celery import app as celery
from portal.files.services import store
from portal.text.errors import Refusal
from products import codes, tasks
from products.enums import PaperKind, SignatureState
from products.models import CertificatePaper, TrustRoot
from products.services import papers, trust

from .. import factories as make
from . import signing_kit as kit

NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def certificate(province):
    product = make.ProductFactory(facility=make.FacilityFactory(territory=province))
    return make.CertificateFactory(
        recognition=make.RecognitionFactory(product=product),
        code=codes.generate("province"),
        official_number="012/GCN-CNNTTB",
    )


@pytest.fixture
def root(officer):
    return trust.trust(authorities=trust.authorities_in(kit.authority().pem.encode()), note="", actor=officer)[0]


def signed(certificate, who=None, **kwargs):
    pdf = kit.certificate_pdf(codes.display(certificate.code), certificate.official_number)
    return ContentFile(kit.sign(pdf, who, **kwargs), name="giay.pdf")


def attach(certificate, actor, upload, kind=PaperKind.SIGNED):
    return papers.attach_paper(certificate=certificate, kind=kind, upload=upload, actor=actor, now=NOW)


def test_a_signed_pdf_of_a_trusted_signer_is_accepted_and_recorded(certificate, officer, root):
    paper = attach(certificate, officer, signed(certificate))
    assert (paper.signature, paper.signer, paper.signed_at) == (
        SignatureState.TRUSTED,
        "Sở Công Thương mẫu",
        kit.SIGNED_AT,
    )
    assert paper.findings["belongs"] == "code"
    entry = AuditEntry.objects.get(action="certificate.paper")
    assert (entry.actor, entry.data["signature"]) == (officer, "trusted")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: data[:-1500] + bytes([data[-1500] ^ 1]) + data[-1499:], "file_altered"),
        (lambda data: data + b"\n% more\n", "file_altered"),
        (lambda data: data[: len(data) // 2], "file_broken"),
        (lambda _data: kit.certificate_pdf(), "file_unsigned"),
        (lambda _data: b"<html></html>", "wrong_file_kind"),
        (lambda data: data.replace(b"%PDF-1.7", b"%PDF-1.7 /JavaScript", 1), "file_is_active"),
    ],
)
def test_a_file_that_is_not_what_was_signed_is_refused_in_words(certificate, officer, root, spoil, code):
    data = signed(certificate).read()
    with pytest.raises(Refusal) as refused:
        attach(certificate, officer, ContentFile(spoil(data), name="giay.pdf"))
    assert (refused.value.code, refused.value.field) == (code, "upload")
    assert str(refused.value).endswith(".")
    assert not CertificatePaper.objects.exists()


def test_a_signer_whose_certificate_had_run_out_is_refused(certificate, officer, root):
    with pytest.raises(Refusal, match="đã hết hạn lúc ký"):
        attach(certificate, officer, signed(certificate, kit.expired_signer()))


def test_an_unknown_signer_is_kept_as_unknown_until_the_authority_is_trusted(certificate, officer):
    paper = attach(certificate, officer, signed(certificate))
    assert paper.signature == SignatureState.UNKNOWN_SIGNER
    trust.trust(authorities=trust.authorities_in(kit.authority().pem.encode()), note="", actor=officer)
    assert tasks.recheck_papers() == {"looked_at": 1, "changed": 1, "unreadable": 0}
    paper.refresh_from_db()
    assert paper.signature == SignatureState.TRUSTED
    assert AuditEntry.objects.filter(action="certificate.paper_rechecked").count() == 1
    assert tasks.recheck_papers() == {"looked_at": 0, "changed": 0, "unreadable": 0}


def test_an_authority_that_is_no_longer_trusted_takes_its_signatures_along(certificate, officer, root):
    paper = attach(certificate, officer, signed(certificate))
    root.valid_to = dt.date(2026, 1, 1)
    trust.update_root(root=root, changed=["valid_to"], actor=officer)
    assert papers.recheck_papers(now=NOW).changed == 1
    paper.refresh_from_db()
    assert paper.signature == SignatureState.UNKNOWN_SIGNER


def test_a_file_that_is_gone_from_the_disk_does_not_stop_the_others(certificate, officer, root):
    paper = attach(certificate, officer, signed(certificate))
    paper.file.content.storage.delete(paper.file.content.name)
    CertificatePaper.objects.update(findings={})
    assert papers.recheck_papers(now=NOW).unreadable == 1


def test_a_file_signed_for_another_certificate_is_refused(certificate, officer, root):
    other = make.CertificateFactory(code=codes.generate("national"))
    with pytest.raises(Refusal) as refused:
        attach(certificate, officer, signed(other))
    assert refused.value.code == "other_certificate"
    assert codes.display(other.code) in str(refused.value)


def test_a_file_that_names_only_the_number_belongs_by_its_number(certificate, officer, root):
    pdf = kit.sign(kit.certificate_pdf("", "Số 012 / GCN-CNNTTB"))
    assert attach(certificate, officer, ContentFile(pdf, name="a.pdf")).findings["belongs"] == "number"


def test_where_neither_code_nor_number_is_found_it_is_said(certificate, officer, root, client):
    attach(certificate, officer, ContentFile(kit.sign(kit.certificate_pdf()), name="a.pdf"))
    client.force_login(officer)
    page = client.get(reverse("admin:products_certificate_papers", args=[certificate.pk])).content.decode()
    assert "Không tìm thấy mã tra cứu hay số của giấy chứng nhận này trong tệp" in page


def test_a_replaced_file_is_kept_and_the_same_one_is_refused(certificate, officer, root):
    first = attach(certificate, officer, signed(certificate))
    data = signed(certificate, field="Lan-hai").read()
    second = attach(certificate, officer, ContentFile(data, name="a.pdf"))
    first.refresh_from_db()
    assert (first.replaced_at, second.replaced_at) == (NOW, None)
    with pytest.raises(Refusal, match="đúng tệp này"):
        attach(certificate, officer, ContentFile(data, name="a.pdf"))


def test_taking_a_file_down_needs_a_reason_and_keeps_it(certificate, officer, root):
    paper = attach(certificate, officer, signed(certificate))
    with pytest.raises(Refusal, match="lý do"):
        papers.take_down_paper(paper=paper, reason=" ", actor=officer, now=NOW)
    papers.take_down_paper(paper=paper, reason="Nhầm tệp", actor=officer, now=NOW)
    assert CertificatePaper.objects.get().replaced_at == NOW


def test_only_the_authority_that_recognised_attaches(certificate, root, province, other_province):
    national = make.CertificateFactory(
        recognition=make.RecognitionFactory(product=certificate.recognition.product, level="national"),
        code=codes.generate("national"),
    )
    officer = make.staff(Role.OFFICER, province)
    for actor, wanted in [(officer, national), (make.staff(Role.OFFICER, other_province), certificate)]:
        with pytest.raises(Refusal) as refused:
            attach(wanted, actor, signed(wanted))
        assert refused.value.code == "not_your_level"
    assert attach(national, make.staff(Role.AGENCY_NATIONAL), signed(national)).signature == "trusted"


# --- the desk, the public ------------------------------------------------------------------------------------


def page_of(certificate):
    return reverse("admin:products_certificate_papers", args=[certificate.pk])


def public_of(certificate):
    return reverse("signed_file", args=[codes.display(certificate.code)])


def test_the_desk_page_takes_a_file_and_says_what_it_found(certificate, officer, root, client):
    client.force_login(officer)
    answer = client.post(page_of(certificate), {"act": "signed", "signed-upload": signed(certificate)}, follow=True)
    page = answer.content.decode()
    assert "Chữ ký số hợp lệ, tệp còn nguyên như khi ký." in page
    assert "Sở Công Thương mẫu" in page
    paper = CertificatePaper.objects.get()
    opened = client.get(reverse("admin:products_certificate_paper", args=[certificate.pk, paper.uuid]))
    assert b"".join(opened).startswith(b"%PDF")


def test_the_desk_page_refuses_an_altered_file_at_its_field(certificate, officer, root, client):
    client.force_login(officer)
    bad = ContentFile(signed(certificate).read() + b"x", name="a.pdf")
    answer = client.post(page_of(certificate), {"act": "signed", "signed-upload": bad})
    assert answer.status_code == 400
    assert "Có nội dung được thêm vào tệp sau khi ký." in answer.content.decode()


def test_the_desk_page_costs_the_same_however_many_files_were_replaced(certificate, officer, root, client):
    client.force_login(officer)
    stored = store(ContentFile(signed(certificate).read(), name="a.pdf"), allow={"pdf"})
    client.get(page_of(certificate))
    counts = []
    for total in (1, 3, 50):
        while CertificatePaper.objects.count() < total:
            CertificatePaper.objects.create(
                certificate=certificate, kind="signed", file=stored, added_at=NOW, added_by=officer, replaced_at=NOW
            )
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page_of(certificate)).status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_anyone_may_load_the_signed_file_of_a_published_certificate_in_use(certificate, officer, root, client):
    upload = signed(certificate)
    attach(certificate, officer, upload)
    upload.seek(0)
    answer = client.get(public_of(certificate))
    assert answer.status_code == 200
    assert b"".join(answer) == upload.read()


def superseded(certificate):
    certificate.superseded_on, certificate.superseded_reason = dt.date(2026, 1, 1), "Đổi địa chỉ"
    certificate.save()


def unpublished(certificate):
    certificate.recognition.published_at = None
    certificate.recognition.save()


def withheld(certificate):
    certificate.recognition.withheld_at = timezone.now()
    certificate.recognition.save()


def lost_last_night(certificate):
    """Revoked from a household and past its term, before the nightly sweep."""
    row, maker = certificate.recognition, certificate.recognition.product.facility
    maker.kind = "household"
    maker.save()
    row.revoked_on, row.expires_on = timezone.localdate() - dt.timedelta(days=9), timezone.localdate() - dt.timedelta(1)
    row.status_reason = "Vi phạm"
    row.save()


def replaced(certificate):
    certificate.papers.update(replaced_at=NOW)


def altered(certificate):
    certificate.papers.update(signature=SignatureState.ALTERED)


@pytest.mark.parametrize("spoil", [superseded, unpublished, withheld, lost_last_night, replaced, altered])
def test_the_signed_file_is_not_there_for_the_public_when_it_does_not_hold(certificate, officer, root, client, spoil):
    attach(certificate, officer, signed(certificate))
    spoil(certificate)
    assert client.get(public_of(certificate)).status_code == 404


def test_codes_are_not_guessed_at_the_file_s_own_address(client):
    cache.clear()
    guesses = [reverse("signed_file", args=[codes.display(codes.generate("province"))]) for _guess in range(31)]
    statuses = [client.get(guess).status_code for guess in guesses]
    assert statuses == [404] * 30 + [429]
    cache.clear()


def test_the_scan_is_never_public(certificate, officer, root, client):
    attach(certificate, officer, ContentFile(kit.certificate_pdf(), name="a.pdf"), PaperKind.SCAN)
    assert client.get(public_of(certificate)).status_code == 404


def test_a_name_nobody_vouches_for_is_not_shown_to_the_public(certificate, officer):
    attach(certificate, officer, signed(certificate, kit.stranger()))
    shown = render_to_string("products/_signature.html", {"certificate": certificate})
    assert "cổng chưa xác minh được người ký" in shown
    assert "Người lạ" not in shown


def test_the_public_reads_who_signed_and_when(certificate, officer, root):
    attach(certificate, officer, signed(certificate))
    shown = render_to_string("products/_signature.html", {"certificate": certificate})
    assert "Sở Công Thương mẫu" in shown
    assert "10:00 ngày 20/11/2026, theo giờ máy ký" in shown
    assert public_of(certificate) in shown


# --- authorities ---------------------------------------------------------------------------------------------


def test_an_authority_is_read_from_every_form_it_is_handed_out_in(db):
    der, text = kit.authority().der, kit.authority().pem.encode()
    for data in (der, text, b"\xef\xbb\xbf" + text, base64.encodebytes(der), kit.bundle()):
        (found,) = trust.authorities_in(data)
        assert found.name == "Tổ chức chứng thực mẫu"
        assert (found.valid_from, found.valid_to) == (dt.date(2024, 1, 1), dt.date(2034, 1, 1))
        assert found.pem == kit.authority().pem


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_certificates"),
        (b"xin chao", "not_certificates"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not_certificates"),
        (b"0" * 600_000, "not_certificates"),
    ],
)
def test_what_is_no_certificate_is_refused_in_words(data, code):
    with pytest.raises(Refusal) as refused:
        trust.authorities_in(data)
    assert refused.value.code == code


def test_a_signer_is_no_authority_and_an_authority_is_trusted_once(root):
    with pytest.raises(Refusal, match="chứng thư của người ký"):
        trust.authorities_in(kit.signer().pem.encode())
    with pytest.raises(Refusal, match="Cổng đã có"):
        trust.authorities_in(kit.bundle())


def test_the_admin_page_trusts_an_authority_and_judges_the_files_again(
    certificate, officer, client, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setitem(celery.conf, "task_always_eager", True)
    paper = attach(certificate, officer, signed(certificate))
    client.force_login(make.staff(Role.AGENCY_NATIONAL))
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("admin:products_trustroot_add"),
            {"pasted": kit.authority().pem, "note": "Công bố của cơ quan quản lý"},
        )
    assert answer.status_code == 302
    kept = TrustRoot.objects.get()
    assert (kept.name, kept.valid_to) == ("Tổ chức chứng thực mẫu", dt.date(2034, 1, 1))
    paper.refresh_from_db()
    assert paper.signature == SignatureState.TRUSTED
    page = client.get(reverse("admin:products_trustroot_change", args=[kept.pk])).content.decode()
    assert kept.fingerprint in page


def test_the_admin_page_says_what_is_wrong(client):
    client.force_login(make.staff(Role.AGENCY_NATIONAL))
    answer = client.post(reverse("admin:products_trustroot_add"), {"pasted": kit.signer().pem, "note": ""})
    assert "là chứng thư của người ký" in answer.content.decode()
    answer = client.post(reverse("admin:products_trustroot_add"), {"pasted": "", "note": ""})
    assert "Hãy chọn tệp chứng thư, hoặc dán nội dung PEM." in answer.content.decode()


def test_the_command_counts_first_and_judges_when_told_to(certificate, officer, capsys):
    attach(certificate, officer, signed(certificate))
    trust.trust(authorities=trust.authorities_in(kit.authority().pem.encode()), note="", actor=officer)
    call_command("recheck_signatures")
    assert "1 tệp cần kiểm tra lại" in capsys.readouterr().out
    call_command("recheck_signatures", "--apply")
    assert "Đã kiểm tra 1 tệp: 1 đổi kết quả, 0 không đọc được." in capsys.readouterr().out
    assert CertificatePaper.objects.get().signature == SignatureState.TRUSTED
