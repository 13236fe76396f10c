"""A province and a centre, each with a database of its own, exchanging a list: there, differences, and back."""

import datetime as dt
import io
import itertools
import json
import zipfile

import pytest

from facilities.models import Facility
from portal.audit.models import AuditEntry
from portal.territory.queries import forget_register
from portal.text.errors import Refusal
from products.models import Certificate, Product, Recognition
from products.services import publish_recognitions, recognise, record_decision
from rounds.enums import ConflictChoice, DocumentKind, ListState, Origin, PackageKind, PackageState
from rounds.exchange import keys, reading
from rounds.exchange import package as packages
from rounds.models import Dossier, ExchangeConflict, ExchangePackage, ForeignIdentity, NominationList, Peer
from rounds.services import exchange
from tests import factories

from . import exchange_world as world
from . import nomination_world
from .exchange_world import CENTRE, OTHER, PROVINCE
from .nomination_world import NOON

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
C = ConflictChoice


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def sent(tmp_path) -> bytes:
    """What the province sends."""
    with world.deployment(PROVINCE, tmp_path / "sender"):
        return world.packed(world.build_province())


@pytest.fixture
def at_centre(tmp_path):
    with world.deployment(CENTRE, tmp_path / "centre"):
        yield world.build_centre()


@pytest.fixture
def at_province(tmp_path):
    with world.deployment(PROVINCE, tmp_path / "province"):
        yield world.build_province()


def refusal(act, *arguments, **facts) -> Refusal:
    with pytest.raises(Refusal) as found:
        act(*arguments, **facts)
    assert str(found.value.sentence).rstrip().endswith(".")
    return found.value


def manifest_in(data: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return json.loads(archive.read("manifest.json"))


def signed_again(data: bytes, change, *, key=PROVINCE) -> bytes:
    """The package as its sender would have made it, had its content been another."""
    with packages.opened(io.BytesIO(data)) as package:
        manifest = json.loads(json.dumps(package.manifest))
        contents = {sha256: package.read_file(sha256) for sha256 in package.files}
        kept = [
            packages.Attached(one.sha256, one.size, one.content_type, lambda c=contents[one.sha256]: io.BytesIO(c))
            for one in package.files.values()
        ]
    change(manifest)
    target = io.BytesIO()
    packages.write(target, manifest=manifest, files=kept, key=key)
    return target.getvalue()


def settle_all(package: ExchangePackage, actor, choice=C.OURS, now=NOON) -> None:
    for row in package.conflicts.all():
        exchange.settle(conflict=row, choice=choice, reason="Đã gọi điện hỏi Sở.", actor=actor, now=now)


def applied(data: bytes, at: world.Centre) -> NominationList:
    package = world.take(data).package
    settle_all(package, at.agency)
    return exchange.apply(package=package, actor=at.agency, now=NOON)


# --- what travels ---------------------------------------------------------------------------------


def test_the_same_list_is_packed_once_and_always_to_the_same_bytes(at_province, tmp_path):
    first = exchange.pack(nomination_list=at_province.row, peer=at_province.centre, actor=at_province.officer, now=NOON)
    again = exchange.pack(
        nomination_list=at_province.row, peer=at_province.centre, actor=at_province.officer, now=NOON + HOUR
    )
    assert (first.pk, ExchangePackage.objects.count()) == (again.pk, 1)


def test_nobodys_id_and_nobodys_contact_travels(at_province):
    factories.ContactFactory(facility=at_province.tray.facility, value="0912345678", person="Người liên hệ")
    data = world.packed(at_province)
    text = json.dumps(manifest_in(data), ensure_ascii=False)
    assert world.TAX_CODE in text
    for secret in ("019080000123", "0912345678", "Người liên hệ", "points", "remark", at_province.officer.username):
        assert secret not in text


def test_only_a_sent_list_is_packed_and_only_by_its_own_office(at_province):
    stranger = factories.staff("officer", factories.TerritoryFactory())
    pack = {"nomination_list": at_province.row, "peer": at_province.centre, "now": NOON}
    assert refusal(exchange.pack, actor=stranger, **pack).code == "not_allowed"
    exchange.retire_peer(peer=at_province.centre, reason="Đổi khóa.", actor=at_province.administrator, now=NOON)
    at_province.centre.refresh_from_db()
    assert (
        refusal(exchange.pack, actor=at_province.officer, **pack | {"peer": at_province.centre}).code == "peer_retired"
    )


# --- taken in -------------------------------------------------------------------------------------


def test_a_list_arrives_waits_and_is_written_whole(sent, at_centre):
    taken = world.take(sent)
    assert (taken.is_new, taken.package.state) == (True, PackageState.PREPARED)
    assert (NominationList.objects.count(), Facility.objects.count()) == (0, 0)
    row = exchange.apply(package=taken.package, actor=at_centre.agency, now=NOON)
    assert (row.state, row.territory, row.peer) == (ListState.RECEIVED, at_centre.unit, at_centre.province)
    lines = list(row.nominations.order_by("-chosen", "position"))
    assert [(line.product.name, line.chosen, line.why_not) for line in lines] == [
        ("Bộ khay mây", True, ""),
        ("Chè đinh Tân Cương", True, ""),
        ("Trà túi lọc", False, "maker_declines"),
    ]
    dossier = Dossier.objects.get(product__name="Bộ khay mây")
    assert (dossier.origin, dossier.statement_market) == (Origin.NOMINATION, "Bán ở ba tỉnh.")
    assert {paper.kind for paper in dossier.documents.all()} >= {DocumentKind.PHOTO_FRONT, DocumentKind.PROPOSAL_LETTER}
    assert dossier.documents.get(kind=DocumentKind.PHOTO_FRONT).file.is_image
    assert [member.name for member in dossier.product.members.all()] == ["Khay tròn", "Khay vuông"]


@pytest.mark.parametrize(
    "english", ["From the front", None], ids=["of_now", "made_before_there_was_an_english_caption"]
)
def test_a_photo_brings_what_is_written_under_it_in_both_languages(sent, at_centre, english):
    def as_before(manifest):
        for product in manifest["body"]["products"]:
            for photo in product["photos"]:
                del photo["caption_en"]

    applied(sent if english else signed_again(sent, as_before), at_centre)
    photo = Product.objects.get(name="Bộ khay mây").photos.get()
    assert (photo.caption, photo.caption_en) == ("Ảnh của Bộ khay mây", english or "")


def test_a_recognition_keeps_its_code_and_says_where_it_is_from(sent, at_centre):
    applied(sent, at_centre)
    told = {row["code"]: row for row in manifest_in(sent)["body"]["recognitions"]}
    assert set(Certificate.objects.values_list("code", flat=True)) == set(told)
    for row in Recognition.objects.all():
        assert row.source == "Nhận từ Sở Công Thương Thái Nguyên ngày 21/11/2026"
        assert row.expires_on.isoformat() == told[row.certificates.get().code]["expires_on"]
        assert row.published_at is not None


def test_the_same_file_again_changes_nothing_and_says_when_it_came(sent, at_centre):
    world.take(sent)
    row = exchange.apply(package=ExchangePackage.objects.get(), actor=at_centre.agency, now=NOON)
    before = AuditEntry.objects.count()
    again = world.take(sent, now=NOON + HOUR)
    assert (again.is_new, again.sentence) == (False, "Gói này đã nhận lúc 12:00 ngày 21/11/2026, không ghi lại gì.")
    exchange.apply(package=again.package, actor=at_centre.agency, now=NOON + HOUR)
    counts = (ExchangePackage, NominationList, Dossier, Product, Facility, AuditEntry)
    assert [model.objects.count() for model in counts] == [1, 1, 2, 3, 2, before]
    row.refresh_from_db()
    assert row.received_at == NOON


def test_the_same_list_in_other_bytes_is_the_same_list(sent, at_centre):
    world.take(sent)
    again = world.take(signed_again(sent, lambda manifest: manifest.update(made_at="2026-11-21T09:00:00+00:00")))
    assert (again.is_new, ExchangePackage.objects.count()) == (False, 1)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("unknown_sender", lambda sent: signed_again(sent, lambda m: m["sender"].update(key=OTHER.public), key=OTHER)),
        ("wrong_addressee", lambda sent: signed_again(sent, lambda m: m.update(addressee=OTHER.public))),
        ("wrong_kind", lambda sent: signed_again(sent, lambda m: m.update(kind="result"))),
        ("altered", lambda sent: signed_again(sent, lambda m: m.update(kind="result"), key=OTHER)),
        ("cut_off", lambda sent: sent[:-5]),
    ],
)
def test_a_strange_file_is_refused_and_nothing_is_kept_of_it(sent, at_centre, code, data):
    assert refusal(world.take, data(sent)).code == code
    assert ExchangePackage.objects.count() == 0


def test_a_retired_key_is_refused(sent, at_centre):
    exchange.retire_peer(peer=at_centre.province, reason="Lộ khóa.", actor=at_centre.administrator, now=NOON)
    assert refusal(world.take, sent).code == "peer_retired"


def test_a_centre_without_its_own_key_says_what_to_do(sent, at_centre, settings):
    settings.EXCHANGE_KEY = ""
    assert refusal(world.take, sent).code == "no_own_key"


def test_a_province_sends_for_itself_only(sent, at_centre):
    factories.TerritoryFactory(name="Cao Bằng", slug="cao-bang")
    forget_register()
    other = signed_again(sent, lambda m: m["body"]["list"].update(territory={"slug": "cao-bang", "name": "Cao Bằng"}))
    assert refusal(world.take, other).code == "not_their_unit"
    kept = ExchangePackage.objects.get()
    assert (kept.state, kept.findings[0]["code"], bool(kept.file)) == (PackageState.REFUSED, "not_their_unit", False)


def test_what_was_refused_is_looked_at_anew_when_it_comes_again(sent, at_centre):
    at_centre.province.territory = factories.TerritoryFactory(name="Cao Bằng", slug="cao-bang")
    at_centre.province.save()
    forget_register()
    assert refusal(world.take, sent).code == "not_their_unit"
    Peer.objects.update(territory=at_centre.unit)
    assert world.take(sent).package.state == PackageState.PREPARED
    assert ExchangePackage.objects.count() == 1


def test_a_personal_id_in_a_package_is_refused(sent, at_centre):
    broken = signed_again(sent, lambda m: m["body"]["facilities"][0].update(tax_code="019080000123"))
    found = refusal(world.take, broken)
    assert found.code == "bad_facts"
    assert any("dữ liệu cá nhân" in line for line in found.details)


def test_every_fault_is_told_in_a_sentence(sent, at_centre):
    def spoil(manifest):
        body = manifest["body"]
        body["products"][0]["name"] = ""
        body["products"][1]["group"] = "xyz"
        body["recognitions"][0]["expires_on"] = "31/12/2027"
        body["nominations"][0]["chosen"] = "yes"

    found = refusal(world.take, signed_again(sent, spoil))
    said = " ".join(found.details)
    assert all(name in said for name in ("“name”", "“group”", "“expires_on”", "“chosen”", "bản kê đã khóa"))
    assert all(line.endswith(".") for line in found.details)


def test_lines_that_are_not_those_of_the_frozen_record_are_refused(sent, at_centre):
    def favour(manifest):
        line = next(row for row in manifest["body"]["nominations"] if not row["chosen"])
        line.update(chosen=True, why_not="", position=3)

    assert refusal(world.take, signed_again(sent, favour)).code == "bad_facts"


def test_a_newer_list_takes_the_place_of_one_that_nobody_has_written(sent, at_centre):
    def later(manifest):
        told = manifest["body"]["list"]
        told["manifest"]["list"] = told["uuid"] = "11111111-1111-4111-8111-111111111111"
        told["sent_at"] = (NOON + HOUR).isoformat()
        told["manifest_hash"] = packages.digest_of(told["manifest"])

    newer = signed_again(sent, later)
    first = world.take(sent).package
    second = world.take(newer, now=NOON + HOUR).package
    first.refresh_from_db()
    assert (first.state, second.state) == (PackageState.REFUSED, PackageState.PREPARED)
    assert refusal(world.take, sent).code == "older_list"
    exchange.apply(package=second, actor=at_centre.agency, now=NOON + HOUR)
    assert refusal(world.take, signed_again(newer, lambda m: m["body"]["list"].update(
        uuid="22222222-2222-4222-8222-222222222222", sent_at=(NOON + 2 * HOUR).isoformat()
    ))).code == "list_received"  # fmt: skip


def test_without_its_round_a_list_waits(sent, at_centre):
    at_centre.round.delete()
    package = world.take(sent).package
    assert refusal(exchange.apply, package=package, actor=at_centre.agency, now=NOON).code == "no_round"
    package.refresh_from_db()
    assert (package.state, Facility.objects.count()) == (PackageState.PREPARED, 0)


def test_agency_of_another_region_does_not_write_it(sent, at_centre):
    package = world.take(sent).package
    stranger = nomination_world.agency("south")
    assert refusal(exchange.apply, package=package, actor=stranger, now=NOON).code == "not_allowed"


# --- differences ----------------------------------------------------------------------------------


def conflict(package: ExchangePackage) -> ExchangeConflict:
    return package.conflicts.get()


def test_one_tax_code_and_two_names_wait_for_a_person(sent, at_centre):
    here = factories.FacilityFactory(name="Công ty Chè Xanh", territory=at_centre.unit, tax_code=world.TAX_CODE)
    taken = world.take(sent)
    row = conflict(taken.package)
    assert taken.package.state == PackageState.CONFLICT
    assert (row.subject, row.field, row.ours, row.theirs) == (
        "facility", "name", "Công ty Chè Xanh", "Hợp tác xã chè Tân Cương"
    )  # fmt: skip
    assert refusal(exchange.apply, package=taken.package, actor=at_centre.agency, now=NOON).code == "not_settled"
    assert (Product.objects.count(), here.products.count()) == (0, 0)


@pytest.mark.parametrize(
    ("choice", "name", "facilities"),
    [(C.OURS, "Công ty Chè Xanh", 2), (C.THEIRS, "Hợp tác xã chè Tân Cương", 2), (C.SEPARATE, "Công ty Chè Xanh", 3)],
)
def test_each_way_to_settle_a_name_does_what_it_says(sent, at_centre, choice, name, facilities):
    here = factories.FacilityFactory(name="Công ty Chè Xanh", territory=at_centre.unit, tax_code=world.TAX_CODE)
    package = world.take(sent).package
    settle_all(package, at_centre.agency, choice)
    exchange.apply(package=package, actor=at_centre.agency, now=NOON)
    here.refresh_from_db()
    assert (here.name, Facility.objects.count()) == (name, facilities)
    maker = Product.objects.get(name="Chè đinh Tân Cương").facility
    assert (maker == here) is (choice != C.SEPARATE)
    if choice == C.SEPARATE:
        assert (maker.name, maker.tax_code) == ("Hợp tác xã chè Tân Cương", "")


def test_the_same_product_in_another_group_waits(sent, at_centre):
    maker = factories.FacilityFactory(
        name="Hợp tác xã chè Tân Cương", territory=at_centre.unit, tax_code=world.TAX_CODE
    )
    product = factories.ProductFactory(name="Chè đinh Tân Cương", facility=maker, group="other")
    package = world.take(sent).package
    row = conflict(package)
    assert (row.subject, row.field, row.ours) == ("product", "group", "Sản phẩm khác")
    assert refusal(
        exchange.settle, conflict=row, choice=C.SEPARATE, reason="x", actor=at_centre.agency, now=NOON
    ).code == "choice_not_offered"  # fmt: skip
    settle_all(package, at_centre.agency, C.THEIRS)
    exchange.apply(package=package, actor=at_centre.agency, now=NOON)
    product.refresh_from_db()
    assert product.group == "processing"


def test_a_code_that_stands_on_another_certificate_here_waits(sent, at_centre):
    code = manifest_in(sent)["body"]["recognitions"][0]["code"]
    factories.CertificateFactory(code=code)
    package = world.take(sent).package
    row = conflict(package)
    assert (row.subject, row.field) == ("recognition", "code")
    settle_all(package, at_centre.agency, C.SEPARATE)
    exchange.apply(package=package, actor=at_centre.agency, now=NOON)
    assert Certificate.objects.filter(code=code).count() == 1
    assert Certificate.objects.count() == 4


def known_here(at_centre, data, **recognition):
    """The first recognition of the package, entered here before."""
    told = manifest_in(data)["body"]
    first = told["recognitions"][0]
    product = next(one for one in told["products"] if one["uuid"] == first["product"])
    maker = next(one for one in told["facilities"] if one["uuid"] == product["facility"])
    facility = factories.FacilityFactory(name=maker["name"], territory=at_centre.unit, tax_code=maker["tax_code"])
    made = factories.ProductFactory(
        name=product["name"], facility=facility, group=product["group"], is_set=product["is_set"]
    )
    for name in product["members"]:
        factories.SetMemberFactory(product_set=made, name=name)
    return factories.RecognitionFactory(product=made, year=first["year"], **recognition)


def test_a_certificate_that_we_know_as_revoked_stays_revoked(sent, at_centre):
    held = known_here(at_centre, sent, revoked_on=dt.date(2026, 5, 1), status_reason="Vi phạm.")
    package = world.take(sent).package
    row = conflict(package)
    assert (row.field, row.ours, exchange.offered(row)) == ("ended", "đã thu hồi từ 01/05/2026", (C.OURS,))
    settle_all(package, at_centre.agency)
    exchange.apply(package=package, actor=at_centre.agency, now=NOON)
    held.refresh_from_db()
    assert held.revoked_on == dt.date(2026, 5, 1)


def test_another_last_day_is_taken_over_only_when_a_person_says_so(sent, at_centre):
    held = known_here(at_centre, sent, expires_on=dt.date(2026, 12, 31))
    package = world.take(sent).package
    assert (conflict(package).ours, conflict(package).theirs) == ("31/12/2026", "31/12/2027")
    settle_all(package, at_centre.agency, C.THEIRS)
    exchange.apply(package=package, actor=at_centre.agency, now=NOON)
    held.refresh_from_db()
    assert (held.expires_on, Recognition.objects.filter(product=held.product).count()) == (dt.date(2027, 12, 31), 1)


def test_a_facility_that_was_merged_here_is_known_by_what_it_went_into(sent, at_centre):
    kept = factories.FacilityFactory(name="Liên hiệp chè", territory=at_centre.unit)
    factories.FacilityFactory(
        name="Hợp tác xã chè Tân Cương", territory=at_centre.unit, tax_code=world.TAX_CODE, merged_into=kept
    )
    package = world.take(sent).package
    assert {row.field for row in package.conflicts.all()} == {"merged", "name"}
    settle_all(package, at_centre.agency)
    exchange.apply(package=package, actor=at_centre.agency, now=NOON)
    assert Product.objects.get(name="Chè đinh Tân Cương").facility == kept


def test_what_comes_to_differ_after_it_arrived_waits_too(sent, at_centre):
    package = world.take(sent).package
    factories.FacilityFactory(name="Công ty Chè Xanh", territory=at_centre.unit, tax_code=world.TAX_CODE)
    assert refusal(exchange.apply, package=package, actor=at_centre.agency, now=NOON).code == "not_settled"
    package.refresh_from_db()
    assert (package.state, package.conflicts.count()) == (PackageState.CONFLICT, 1)


def test_a_settled_difference_opens_again_when_ours_has_changed(sent, at_centre):
    here = factories.FacilityFactory(name="Công ty Chè Xanh", territory=at_centre.unit, tax_code=world.TAX_CODE)
    package = world.take(sent).package
    settle_all(package, at_centre.agency)
    Facility.objects.filter(pk=here.pk).update(name="Công ty Chè Vàng", name_key="công ti chè vàng")
    assert refusal(exchange.apply, package=package, actor=at_centre.agency, now=NOON).code == "not_settled"
    assert conflict(package).choice == ""


def test_settling_needs_a_reason_and_the_right_person(sent, at_centre):
    factories.FacilityFactory(name="Công ty Chè Xanh", territory=at_centre.unit, tax_code=world.TAX_CODE)
    row = conflict(world.take(sent).package)
    say = {"conflict": row, "choice": C.OURS, "now": NOON}
    assert refusal(exchange.settle, reason=" ", actor=at_centre.agency, **say).code == "reason_missing"
    assert refusal(exchange.settle, reason="x", actor=nomination_world.agency("south"), **say).code == "not_allowed"


def test_a_second_package_finds_what_the_first_one_brought(sent, at_centre):
    row = applied(sent, at_centre)
    assert ForeignIdentity.objects.filter(kind="product").count() == 3
    Facility.objects.filter(tax_code=world.TAX_CODE).update(tax_code="")
    NominationList.objects.filter(pk=row.pk).update(year=2024)

    def next_time(manifest):
        told = manifest["body"]["list"]
        told.update(uuid="33333333-3333-4333-8333-333333333333")
        for line, frozen in zip(manifest["body"]["nominations"], told["manifest"]["nominations"], strict=True):
            line["uuid"] = frozen["uuid"] = "4" + line["uuid"][1:]
        told["manifest_hash"] = packages.digest_of(told["manifest"])
        manifest["body"]["facilities"][0]["name"] += " mới"

    package = world.take(signed_again(sent, next_time)).package
    assert [(one.field, one.theirs[-4:]) for one in package.conflicts.all()] == [("name", " mới")]


# --- and back -------------------------------------------------------------------------------------


@pytest.fixture
def answers(sent, tmp_path) -> dict[str, bytes]:
    """A receipt and the results: one of two recognised, announced."""
    with world.deployment(CENTRE, tmp_path / "answering"):
        at = world.build_centre()
        row = applied(sent, at)
        exchange.prepare_due(now=NOON)
        announce(at, row)
        exchange.prepare_due(now=NOON + HOUR)
        assert exchange.prepare_due(now=NOON + 2 * HOUR) == 0
        return {one.kind: world.read(one) for one in ExchangePackage.objects.filter(incoming=False)}


def announce(at: world.Centre, row: NominationList) -> None:
    decision = record_decision(
        number="88", symbol="QĐ-CTĐP", signed_on=NOON.date(), issuer="Cục", actor=at.agency, territory=None
    )
    tea = Dossier.objects.get(product__name="Chè đinh Tân Cương")
    tea.recognition = recognise(
        product=tea.product, level="region", year=2026, round_ordinal=7, territory=at.unit, decision=decision,
        issued_on=NOON.date(), expires_on=dt.date(2028, 11, 21), actor=at.agency,
    )  # fmt: skip
    tea.state = "eligible"
    tea.save()
    publish_recognitions(recognitions=[tea.recognition], at=NOON, actor=at.agency)
    Dossier.objects.exclude(pk=tea.pk).update(state="eligible")
    at.round.state, at.round.decision, at.round.announced_at = "announced", decision, NOON
    at.round.save()
    row.refresh_from_db()
    row.state = ListState.CLOSED
    row.save()


@pytest.mark.parametrize("order", list(itertools.permutations([PackageKind.RECEIPT, PackageKind.RESULT])))
def test_results_come_home_in_whatever_order(answers, at_province, order):
    world.packed(at_province)
    for kind in order:
        assert world.take(answers[kind]).package.state == PackageState.APPLIED
    row = NominationList.objects.get()
    assert (row.state, row.received_at) == (ListState.CLOSED, NOON if order[0] == PackageKind.RECEIPT else NOON + HOUR)
    told = {line.product.name: line.outcome for line in row.nominations.filter(chosen=True)}
    assert told["Chè đinh Tân Cương"]["code"] == "recognised"
    assert told["Chè đinh Tân Cương"]["decision"] == "88/QĐ-CTĐP"
    assert told["Bộ khay mây"]["code"] == "not_recognised"
    held = at_province.tea.recognitions.get(level="region")
    assert (held.year, held.round_ordinal, held.expires_on) == (2026, 7, dt.date(2028, 11, 21))
    assert held.source == "Nhận từ Cục Công Thương địa phương ngày 21/11/2026"
    assert (held.published_at, held.decision.full_number) == (NOON, "88/QĐ-CTĐP")
    assert held.certificates.get().code == told["Chè đinh Tân Cương"]["certificate_code"]


def test_results_carry_no_points(answers):
    text = json.dumps(manifest_in(answers[PackageKind.RESULT]), ensure_ascii=False)
    for secret in ("points", "mean", "rank", "score", "votes", "điểm"):
        assert secret not in text


def test_an_answer_twice_changes_nothing(answers, at_province):
    world.packed(at_province)
    world.take(answers[PackageKind.RESULT])
    before = (Recognition.objects.count(), AuditEntry.objects.count())
    assert world.take(answers[PackageKind.RESULT], now=NOON + HOUR).is_new is False
    assert (Recognition.objects.count(), AuditEntry.objects.count()) == before


def test_an_answer_to_what_was_never_sent_is_refused(answers, at_province):
    assert refusal(world.take, answers[PackageKind.RECEIPT]).code == "list_unknown"


def test_an_answer_to_another_version_is_refused(answers, at_province):
    world.packed(at_province)
    other = signed_again(answers[PackageKind.RECEIPT], lambda m: m["body"].update(manifest_hash="0" * 64), key=CENTRE)
    assert refusal(world.take, other).code == "other_version"


def test_results_of_something_else_are_refused(answers, at_province):
    world.packed(at_province)

    def smuggle(manifest):
        manifest["body"]["results"][0]["nomination"] = "55555555-5555-4555-8555-555555555555"

    assert refusal(world.take, signed_again(answers[PackageKind.RESULT], smuggle, key=CENTRE)).code == "other_version"


def test_what_is_not_announced_is_not_published(answers, at_province):
    world.packed(at_province)
    early = signed_again(answers[PackageKind.RESULT], lambda m: m["body"].update(announced_at=None), key=CENTRE)
    world.take(early)
    assert at_province.tea.recognitions.get(level="region").published_at is None
    assert NominationList.objects.get().state == ListState.SENT


def test_a_result_that_was_typed_in_before_is_compared(answers, at_province):
    world.packed(at_province)
    typed = factories.RecognitionFactory(
        product=at_province.tea, level="region", year=2026, round_ordinal=7, issued_on=NOON.date(),
        expires_on=dt.date(2028, 12, 31),
    )  # fmt: skip
    package = world.take(answers[PackageKind.RESULT]).package
    assert package.state == PackageState.CONFLICT
    assert NominationList.objects.get().state == ListState.SENT
    settle_all(package, at_province.officer, C.THEIRS)
    exchange.apply(package=package, actor=at_province.officer, now=NOON)
    typed.refresh_from_db()
    assert (typed.expires_on, NominationList.objects.get().state) == (dt.date(2028, 11, 21), ListState.CLOSED)


def test_a_list_sent_back_comes_home_with_its_reason(sent, tmp_path):
    with world.deployment(CENTRE, tmp_path / "centre"):
        at = world.build_centre()
        package = world.take(sent).package
        back = exchange.send_back(package=package, reason="Thiếu chữ ký công văn.", actor=at.agency, now=NOON)
        package.refresh_from_db()
        assert (package.state, NominationList.objects.count()) == (PackageState.REFUSED, 0)
        data = world.read(back)
    with world.deployment(PROVINCE, tmp_path / "home"):
        world.packed(world.build_province())
        world.take(data)
        row = NominationList.objects.get()
        assert (row.state, row.returned_reason) == (ListState.RETURNED, "Thiếu chữ ký công văn.")


# --- partners -------------------------------------------------------------------------------------


def test_a_partner_is_added_only_with_the_digits_of_its_key(at_centre):
    text = world.card(OTHER, name="Cao Bằng", role="province", territory="thai-nguyen")
    add = {"card": text, "actor": at_centre.administrator, "now": NOON}
    assert refusal(exchange.add_peer, fingerprint="12345", **add).code == "fingerprint_differs"
    digits = keys.fingerprint(OTHER.public)
    assert refusal(exchange.add_peer, fingerprint=digits, **add | {"actor": at_centre.agency}).code == "not_allowed"
    exchange.add_peer(fingerprint=digits, **add)
    assert refusal(exchange.add_peer, fingerprint=digits, **add).code == "peer_exists"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[" * 10_000,
        world.card(OTHER, role="king"),
        world.card(OTHER, role="province", territory="atlantis"),
        world.card(OTHER, address="http://example.vn"),
        world.card(OTHER, address="https://user:pw@example.vn"),
        world.card(OTHER, address="https://[example.vn"),
        world.card(OTHER, address="https://example.vn:99999"),
        world.card(OTHER, public_key="abc"),
        world.card(OTHER, name=""),
    ],
)
def test_a_broken_card_is_refused_in_words(at_centre, text):
    found = refusal(exchange.add_peer, card=text, fingerprint="", actor=at_centre.administrator, now=NOON)
    assert found.code == "bad_card"


def test_ones_own_card_is_no_partner(at_centre):
    found = refusal(exchange.add_peer, card=world.card(CENTRE), fingerprint="", actor=at_centre.administrator, now=NOON)
    assert found.code == "own_card"


def test_reading_is_strict_about_what_is_missing():
    found = refusal(reading.nominated, {}, files=())
    assert len(found.details) > 5
