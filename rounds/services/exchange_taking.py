"""Taking in what a partner sent: whose it is, whether it came before, what stands against it.

Nothing of a list is written to the register here; that is `exchange_applying`. An answer is applied at once unless
it says something else than the register does.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.audit.services import record
from portal.territory.queries import family_ids, unit_today
from portal.text.errors import Refusal

from .. import exchange_rules
from ..enums import ListState, PackageKind, PackageState, PeerRole
from ..exchange import keys, reading
from ..exchange.matching import Difference, Matcher, level_words
from ..exchange.package import Package, opened
from ..exchange.reading import Answer, ListFact, Nominated
from ..models import ExchangeConflict, ExchangePackage, NominationList, Peer
from .exchange_results import about_answer, answered_list, read_answer, write_answer
from .guards import moment

ALLOWED = {
    PeerRole.PROVINCE: (PackageKind.NOMINATION,),
    PeerRole.CENTRE: (PackageKind.RECEIPT, PackageKind.RETURN, PackageKind.RESULT),
}
# What is said of the file itself and of who sent it is not kept: anyone could fill the table with it.
UNKEPT = frozenset({"no_own_key", "unknown_sender", "peer_retired", "wrong_addressee", "not_allowed", "wrong_kind"})
TAKEN = (ListState.RECEIVED, ListState.CLOSED)


@dataclass(frozen=True)
class Taken:
    """The package as it is kept, whether it is new, and the sentence for who sent it."""

    package: ExchangePackage
    is_new: bool
    sentence: str


def take_in(*, source: IO[bytes], actor: Any, now: dt.datetime, by_api: bool = False) -> Taken:
    """Check a package and keep it; the same one again changes nothing and says when it came.

    Raises Refusal: those of `exchange.package.opened` and `exchange.reading`, `no_own_key`, `unknown_sender`,
    `peer_retired`, `wrong_addressee`, `wrong_kind`, `not_allowed`, `not_their_unit`, `unknown_unit`, `foreign_list`,
    `older_list`, `list_received`, `list_unknown`, `other_version`. What a known partner sent and cannot be taken is
    kept as refused with its reasons, without the file.
    """
    with opened(source) as package:
        peer = _peer_of(package)
        try:
            with transaction.atomic():
                return _take(package, peer, source, actor=actor, now=now, by_api=by_api)
        except Refusal as refusal:
            if refusal.code not in UNKEPT:
                _keep_refused(package, peer, refusal, actor=actor, now=now, by_api=by_api)
            raise


def _peer_of(package: Package) -> Peer:
    own = keys.require_own_key()
    peer = Peer.objects.select_related("territory").filter(public_key=package.sender_key).first()
    if peer is None:
        raise Refusal(
            "unknown_sender",
            _(
                "Gói do một cổng không có trong danh sách ký (khóa %(digits)s). Quản trị hệ thống cần thêm cổng đó trước."
            )
            % {"digits": keys.fingerprint(package.sender_key)},
            field="file",
        )
    if peer.retired_at is not None:
        raise Refusal(
            "peer_retired",
            _("Khóa của %(name)s đã thôi dùng từ %(when)s nên không nhận gói này.")
            % {"name": peer.name, "when": moment(peer.retired_at)},
            field="file",
        )
    if package.addressee != own.public:
        raise Refusal(
            "wrong_addressee", _("Gói này gửi cho một cổng khác. Hãy gửi đúng cổng nhận ghi trong gói."), field="file"
        )
    if package.kind not in ALLOWED[PeerRole(peer.role)]:
        raise Refusal("wrong_kind", _("%(name)s không gửi loại gói này.") % {"name": peer.name}, field="file")
    return peer


@override(settings.LANGUAGE_CODE)  # what is kept is read at the desk, whoever asked in whatever language
def _take(package: Package, peer: Peer, source: IO[bytes], *, actor: Any, now: dt.datetime, by_api: bool) -> Taken:
    Peer.objects.select_for_update(of=("self",)).get(pk=peer.pk)  # two copies at once: the second sees the first
    known = ExchangePackage.objects.select_for_update(of=("self",)).filter(incoming=True, digest=package.digest).first()
    is_list = package.kind == PackageKind.NOMINATION
    row = None if is_list else answered_list(peer, package)
    exchange_rules.require_handler(actor, peer, row)
    if known is not None and known.state != PackageState.REFUSED:
        return Taken(known, False, came_before(known))
    if is_list:
        told = reading.nominated(package.body, files=package.files)
        if same := _same_list(peer, told.list):
            return Taken(same, False, came_before(same))
        refuse_out_of_turn(peer, told.list, now=now)
        differences = Matcher(peer).differences(told, on=timezone.localdate(told.list.sent_at))
        said = _about_list(told)
        _refuse_newer_waiting(peer, said)
    else:
        assert row is not None
        answer = read_answer(package)
        differences = about_answer(peer, row, answer)
        said = _about_answer(answer, row)
    kept = _keep(package, peer, source, row=row, known=known, said=said, actor=actor, now=now, by_api=by_api)
    sync_conflicts(kept, differences)
    if not is_list and kept.state == PackageState.PREPARED:
        write_answer(package=kept, actor=actor, now=now)
    return Taken(kept, True, _first_words(kept))


def came_before(row: ExchangePackage) -> str:
    """What is said of a package that came before."""
    assert row.arrived_at is not None
    return _("Gói này đã nhận lúc %(when)s, không ghi lại gì.") % {"when": moment(row.arrived_at)}


def _first_words(row: ExchangePackage) -> str:
    if row.state == PackageState.CONFLICT:
        return _("Đã nhận. Có %(total)s điểm khác với sổ ở đây, đang chờ người xử lý.") % {
            "total": row.conflicts.count()
        }
    if row.state == PackageState.APPLIED:
        return _("Đã nhận và ghi vào sổ.")
    return _("Đã nhận. Không có điểm nào khác với sổ ở đây, đang chờ người xem và ghi.")


def _about_list(told: Nominated) -> dict[str, Any]:
    chosen = sum(one.chosen for one in told.nominations)
    return {
        "code": "about",
        "list": str(told.list.uuid),
        "manifest_hash": told.list.manifest_hash,
        "sent_at": told.list.sent_at.isoformat(),
        "level": told.list.level,
        "region": told.list.region,
        "year": told.list.year,
        "ordinal": told.list.ordinal,
        "names": _names(told),
        "sentence": _("Danh sách của %(unit)s, %(chosen)s sản phẩm được đề cử, %(left)s không đề cử.")
        % {"unit": told.list.territory.name, "chosen": chosen, "left": len(told.nominations) - chosen},
    }


def _names(told: Nominated) -> dict[str, str]:
    """What each thing of the package is called, so that a difference can say what it is about."""
    things = {str(uuid): one.name for uuid, one in told.facilities.items()}
    things |= {str(uuid): one.name for uuid, one in told.products.items()}
    papers = {
        str(uuid): f"{told.products[one.product].name}, {level_words(one.level)} {one.year}"
        for uuid, one in told.recognitions.items()
    }
    return things | papers | {str(told.list.uuid): told.list.territory.name}


def _about_answer(answer: Answer, row: NominationList) -> dict[str, Any]:
    products = {line.uuid: line.product.name for line in row.nominations.select_related("product")}
    names = {
        str(one.recognition.uuid): f"{products[one.nomination]}, {level_words(one.recognition.level)}"
        for one in answer.outcomes
        if one.recognition
    }
    return {
        "code": "about",
        "list": str(answer.list),
        "manifest_hash": answer.manifest_hash,
        "names": names,
        "sentence": "",
    }


def about(row: ExchangePackage) -> dict[str, Any]:
    """What a package is about, as its first finding tells."""
    return next((one for one in row.findings if one.get("code") == "about"), {})


def _same_list(peer: Peer, told: ListFact) -> ExchangePackage | None:
    """The package that brought this very list before, whatever its bytes were."""
    rows = ExchangePackage.objects.filter(peer=peer, incoming=True, kind=PackageKind.NOMINATION)
    wanted = str(told.uuid), told.manifest_hash
    for row in rows.exclude(state=PackageState.REFUSED):
        said = about(row)
        if (said.get("list"), said.get("manifest_hash")) == wanted:
            return row
    return None


def refuse_out_of_turn(peer: Peer, told: ListFact, *, now: dt.datetime) -> None:
    """A list of another unit, one older than what is here, or one for a list that has been received.

    Asked when it arrives and once more, under the lock, when it is written.
    """
    unit = Matcher(peer).unit(told.territory)
    assert peer.territory_id is not None  # a province's card names it
    if unit.pk not in family_ids(peer.territory_id):
        raise Refusal(
            "not_their_unit",
            _("%(peer)s chỉ gửi được danh sách của tỉnh mình, không gửi danh sách của %(unit)s.")
            % {"peer": peer.name, "unit": unit.name},
            field="file",
        )
    if told.region and told.region != unit_today(unit.pk).region:
        raise Refusal("not_their_unit", _("%(unit)s không thuộc khu vực ghi trong gói.") % {"unit": unit.name})
    if told.sent_at > now + dt.timedelta(days=1):
        raise Refusal("sent_in_future", _("Gói ghi ngày gửi ở sau hôm nay. Hãy xin bên gửi xem lại đồng hồ máy chủ."))
    if NominationList.objects.filter(uuid=told.uuid).exclude(peer=peer).exists():
        raise Refusal("foreign_list", _("Mã danh sách trong gói đã dùng cho một danh sách khác ở đây."), field="file")
    for row in standing_lists(peer, told):
        _refuse_against(row, told)


def standing_lists(peer: Peer, told: ListFact) -> Any:
    """Lists of the same unit for the same level, year and ordinal that have not been returned."""
    rows = NominationList.objects.filter(territory__in=family_ids(peer.territory_id or 0), commune=None)
    same = rows.filter(level=told.level, region=told.region, year=told.year, ordinal=told.ordinal)
    return same.exclude(state=ListState.RETURNED).exclude(uuid=told.uuid)


def _refuse_against(row: NominationList, told: ListFact) -> None:
    when = row.received_at or row.sent_at
    if row.state in TAKEN:
        raise Refusal(
            "list_received",
            _("Danh sách của %(unit)s cho kỳ này đã được nhận lúc %(when)s nên không thay bằng danh sách khác.")
            % {"unit": row.territory.name, "when": moment(when) if when else ""},
            field="file",
        )
    if row.sent_at is None or row.sent_at > told.sent_at:
        raise Refusal(
            "older_list",
            _("Ở đây đã có danh sách của %(unit)s mới hơn danh sách trong gói.") % {"unit": row.territory.name},
            field="file",
        )


def _keep(
    package: Package,
    peer: Peer,
    source: IO[bytes],
    *,
    row: NominationList | None,
    known: ExchangePackage | None,
    said: dict[str, Any],
    actor: Any,
    now: dt.datetime,
    by_api: bool,
) -> ExchangePackage:
    kept = known or _row_of(package, peer, now=now)
    kept.state, kept.nomination_list = PackageState.PREPARED, row
    kept.findings, kept.arrived_at, kept.by_api, kept.handled_by = [said], now, by_api, actor
    source.seek(0)
    kept.file.save(f"{package.digest}.zip", File(source), save=False)
    kept.save()
    if kept.kind == PackageKind.NOMINATION:
        _replace_waiting(kept, peer, said)
    _note(kept, peer, actor, "exchange.take_in", _("Nhận gói “%(kind)s” của %(peer)s."))
    return kept


def _row_of(package: Package, peer: Peer, *, now: dt.datetime) -> ExchangePackage:
    made = reading.Reader(package.manifest, _("Gói"), []).moment("made_at")
    return ExchangePackage(
        peer=peer, incoming=True, kind=package.kind, digest=package.digest, size=package.size, made_at=made or now
    )


def _waiting_like(peer: Peer, said: dict[str, Any]) -> list[ExchangePackage]:
    """Packages with a list of the same unit and round that nobody has written down yet."""
    rows = ExchangePackage.objects.select_for_update(of=("self",)).filter(
        peer=peer,
        incoming=True,
        kind=PackageKind.NOMINATION,
        state__in=[PackageState.PREPARED, PackageState.CONFLICT],
    )
    names = ("level", "region", "year", "ordinal")
    return [row for row in rows if all(about(row).get(name) == said[name] for name in names)]


def _refuse_newer_waiting(peer: Peer, said: dict[str, Any]) -> None:
    if any(about(row)["sent_at"] > said["sent_at"] for row in _waiting_like(peer, said)):
        raise Refusal("older_list", _("Ở đây đã có gói mới hơn của cùng danh sách."), field="file")


def _replace_waiting(kept: ExchangePackage, peer: Peer, said: dict[str, Any]) -> None:
    for older in _waiting_like(peer, said):
        if older.pk == kept.pk:
            continue
        words = _("Đã có gói mới hơn của cùng danh sách, đến lúc %(when)s.") % {
            "when": moment(kept.arrived_at or kept.made_at)
        }
        older.state = PackageState.REFUSED
        older.findings = [*older.findings, {"code": "replaced", "sentence": words}]
        older.save()


@transaction.atomic
def _keep_refused(
    package: Package, peer: Peer, refusal: Refusal, *, actor: Any, now: dt.datetime, by_api: bool
) -> None:
    known = ExchangePackage.objects.select_for_update().filter(incoming=True, digest=package.digest).first()
    if known is not None and known.state != PackageState.REFUSED:
        return
    row = known or _row_of(package, peer, now=now)
    row.state, row.arrived_at, row.by_api, row.handled_by = PackageState.REFUSED, now, by_api, actor
    sentences = [str(refusal.sentence), *(str(one) for one in refusal.details)]
    row.findings = [{"code": refusal.code, "sentence": sentence} for sentence in sentences]
    row.save()
    _note(row, peer, actor, "exchange.refuse", _("Không nhận gói “%(kind)s” của %(peer)s."), reason=sentences[0])


def sync_conflicts(kept: ExchangePackage, differences: Iterable[Difference]) -> int:
    """Make the package's open differences those that stand now; what was settled stays unless either side changed.

    Returns how many wait for a person, and gives the package the state that goes with it.
    """
    found = {one.key: one for one in differences}
    known = {(row.subject, row.subject_uuid, row.field): row for row in kept.conflicts.select_for_update()}
    for key, row in known.items():
        one = found.get(key)
        if one is None or (row.ours, row.theirs) != (one.ours, one.theirs):
            row.delete()
    fresh = [
        one
        for key, one in found.items()
        if key not in known or (known[key].ours, known[key].theirs) != (one.ours, one.theirs)
    ]
    ExchangeConflict.objects.bulk_create(
        ExchangeConflict(
            package=kept,
            subject=one.subject,
            subject_uuid=one.uuid,
            field=one.field,
            ours=one.ours,
            theirs=one.theirs,
        )
        for one in fresh
    )
    waiting: int = kept.conflicts.filter(choice="").count()
    kept.state = PackageState.CONFLICT if waiting else PackageState.PREPARED
    kept.save(update_fields=["state"])
    return waiting


def _note(row: ExchangePackage, peer: Peer, actor: Any, action: str, sentence: str, *, reason: str = "") -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"kind": row.get_kind_display(), "peer": peer.name},
        subject=row,
        territory=peer.territory or (row.nomination_list.territory if row.nomination_list else None),
        reason=reason,
        data={
            "peer": peer.public_key,
            "peer_name": peer.name,
            "digest": row.digest,
            "list": about(row).get("list", ""),
        },
    )
