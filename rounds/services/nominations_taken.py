"""What happens to a list above: received into the round, returned, closed when the round has its result."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal
from products.models import Certificate, CertificatePaper, Recognition

from .. import rules
from ..completeness import required_kinds
from ..enums import DocumentKind, DocumentState, DossierState, ListState, Origin
from ..models import Dossier, DossierDocument, DossierVersion, Nomination, NominationList, Round
from ..nominating import Outcome, outcome_code, outcome_words
from ..nominating_rules import require_taker
from ..statement import STATEMENT_PARTS
from . import dossiers
from .nominations_told import tell_result, tell_returned
from .receiving import today_of
from .shared import note, require_reason

K = DocumentKind
# Written for one round, or brought along with the list itself.
NOT_CARRIED = frozenset({K.LOWER_CERTIFICATE, K.PROPOSAL_LETTER, K.COVER_LETTER, K.AUTHORISATION})


@dataclass(frozen=True)
class CarriedPaper:
    """A paper that goes up with a dossier: the stored file itself, or that it is there on paper."""

    kind: str
    title: str = ""
    file: StoredFile | None = None
    on_paper: bool = False
    valid_until: dt.date | None = None
    reused_from: DossierDocument | None = None


@dataclass(frozen=True)
class Carried:
    """What a dossier of the level above begins with."""

    statement: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    set_basis: str = ""
    papers: tuple[CarriedPaper, ...] = ()


def carried_from(source: Dossier | None, *, on: dt.date, version: DossierVersion | None = None) -> Carried:
    """The statement and papers of the dossier below as they were submitted last; nothing where it is not known.

    A paper that has run out, or that had to be fixed, stays behind. Two queries, one with the version.
    """
    if source is None:
        return Carried()
    frozen = version or source.versions.filter(number=source.version).first()
    if frozen is None:
        return Carried()
    content = frozen.content
    known = {(one["kind"], one["sha256"]) for one in content.get("documents", [])}
    papers = tuple(_carried(row) for row in source.documents.select_related("file") if _goes_up(row, known, on))
    return Carried(
        content.get("statement", ""), content.get("statement_parts", {}), content.get("set_basis", ""), papers
    )


def _goes_up(row: DossierDocument, known: set[tuple[str, str]], on: dt.date) -> bool:
    submitted = (row.kind, row.file.sha256 if row.file else "") in known
    holds = row.state == DocumentState.RECEIVED and (row.valid_until is None or row.valid_until >= on)
    return submitted and holds and row.kind not in NOT_CARRIED


def _carried(row: DossierDocument) -> CarriedPaper:
    return CarriedPaper(row.kind, row.title, row.file, row.on_paper, row.valid_until, row)


# --- received ---------------------------------------------------------------------------------------------


@transaction.atomic
def receive(
    *,
    nomination_list: NominationList,
    actor: Any,
    now: dt.datetime,
    contents: Mapping[int, Carried] | None = None,
) -> NominationList:
    """Take a sent list in: a submitted dossier of the round for each nominated product, all of them or none.

    They come in with the day on which the list was sent, so that the deadline is the sender's. `contents` (by
    nomination) tells what the dossiers begin with where it does not lie here, as in a list from another deployment.
    A second call changes nothing. Raises Refusal `not_allowed`, `list_not_sent`, and `not_received` with every
    product that stands in the way.
    """
    row = _lock(nomination_list)
    require_taker(actor, row.round)
    if row.state in (ListState.RECEIVED, ListState.CLOSED):
        return row
    _refuse_not_sent(row)
    lines = _chosen(row)
    _refuse_in_the_way(row, lines, actor)
    versions = _frozen_versions(row, lines)
    for line in lines:
        told = (contents or {}).get(line.pk) or carried_from(
            line.source, on=today_of(now), version=versions.get(line.source_id or 0)
        )
        line.dossier = _entered(row, line) or _made(row, line, told, actor, now)
        line.save(update_fields=["dossier"])
    row.state, row.received_at, row.received_by = ListState.RECEIVED, now, actor
    row.save()
    _note(
        row,
        actor,
        "nomination.receive",
        _("Nhận danh sách đề cử của %(unit)s vào %(round)s: %(total)s hồ sơ."),
        len(lines),
    )
    return row


def _lock(nomination_list: NominationList) -> NominationList:
    """The round's row, then the list's, always in this order."""
    round_ = Round.objects.select_for_update(of=("self",)).filter(nomination_lists=nomination_list.pk).first()
    row = NominationList.objects.select_for_update().get(pk=nomination_list.pk)
    row.round = round_
    return row


def _refuse_not_sent(row: NominationList) -> None:
    if row.state != ListState.SENT:
        raise Refusal(
            "list_not_sent",
            _("Danh sách này %(state)s nên không nhận, không trả lại được. Hãy tải lại trang.")
            % {"state": str(row.get_state_display()).lower()},
        )


def _chosen(row: NominationList) -> list[Nomination]:
    rows = row.nominations.filter(chosen=True).order_by("position", "pk")
    return list(
        rows.select_related(
            "product__facility__territory", "product__territory", "recognition", "source", "dossier__round"
        )
    )


def _frozen_versions(row: NominationList, lines: list[Nomination]) -> dict[int, DossierVersion]:
    """The versions that the manifest names, by source dossier: what was changed below since stays below. One query."""
    named = {one["uuid"]: one["source"]["version"] for one in row.manifest.get("nominations", []) if one.get("source")}
    wanted = {line.source_id: named.get(str(line.uuid)) for line in lines if line.source_id}
    versions = DossierVersion.objects.filter(dossier__in=wanted)
    return {one.dossier_id: one for one in versions if one.number == wanted[one.dossier_id]}


def _refuse_in_the_way(row: NominationList, lines: list[Nomination], actor: Any) -> None:
    assert row.round is not None
    here = {
        one.product_id: one
        for one in Dossier.objects.filter(round=row.round, product__in=[x.product_id for x in lines])
    }
    linked = set(
        Nomination.objects.filter(dossier__in=here.values())
        .exclude(nomination_list=row)
        .values_list("dossier", flat=True)
    )
    faults = []
    for line in lines:
        found = here.get(line.product_id)
        if found is not None and (found.state == DossierState.WITHDRAWN or found.pk in linked):
            faults.append(
                _("“%(product)s” đã có hồ sơ %(code)s trong kỳ, %(state)s.")
                % {
                    "product": line.product.name,
                    "code": found.entry_code or "–",
                    "state": str(found.get_state_display()).lower(),
                }
            )
        elif rules.represents(actor, line.product.facility_id):
            faults.append(
                _("Bạn là người đại diện của cơ sở làm ra “%(product)s” nên người khác của đơn vị nhận danh sách này.")
                % {"product": line.product.name}
            )
    if faults:
        raise Refusal("not_received", _("Chưa nhận được danh sách này."), details=tuple(faults))


def _entered(row: NominationList, line: Nomination) -> Dossier | None:
    """The dossier that was typed in from paper before the list was taken in. One query."""
    return Dossier.objects.filter(round=row.round, product=line.product).first()


def _made(row: NominationList, line: Nomination, told: Carried, actor: Any, now: dt.datetime) -> Dossier:
    """One dossier of the round above, submitted, with its papers."""
    assert row.round is not None
    assert row.sent_at is not None
    dossiers.refuse_unfit_entry(round_=row.round, product=line.product, origin=Origin.NOMINATION)
    dossier = dossiers.open_draft(
        row.round,
        product=line.product,
        actor=actor,
        origin=Origin.NOMINATION,
        statement=told.statement,
        set_basis=told.set_basis,
        copied_from=line.source,
        renews=_renewed(line.product_id, row.level, on=today_of(now)),
        is_illustrative=row.round.is_illustrative,
        **{name: told.parts.get(name, "") for name in STATEMENT_PARTS},
    )
    DossierDocument.objects.bulk_create(
        DossierDocument(
            dossier=dossier,
            kind=paper.kind,
            title=paper.title,
            file=paper.file,
            on_paper=paper.on_paper or paper.file is None,
            valid_until=paper.valid_until,
            reused_from=paper.reused_from,
        )
        for paper in [*told.papers, *_papers_of_list(row, line)]
    )
    dossiers.hand_in(dossier, now=now, received_on=today_of(row.sent_at))
    note(
        dossier,
        actor=actor,
        action="dossier.nominated",
        sentence=_("Nhận hồ sơ %(code)s, “%(product)s”, do %(unit)s đề cử."),
        unit=row.commune or row.territory,
        data={"list": str(row.uuid), "manifest": row.manifest_hash},
    )
    return dossier


def _renewed(product_id: int, level: str, *, on: dt.date) -> Recognition | None:
    """The recognition of the round's own level that the product holds now. One query."""
    rows = Recognition.objects.published().filter(product=product_id, level=level, expires_on__gte=on)
    return rows.filter(revoked_on=None, withdrawn_on=None).order_by("-expires_on").first()


def _papers_of_list(row: NominationList, line: Nomination) -> list[CarriedPaper]:
    """The letter of proposal, and the certificate of the level below where its paper is stored."""
    assert row.round is not None
    held = row.round.lower_round_held
    kinds = required_kinds(level=row.round.level, lower_round_held=held)
    letter = next((kind for kind in (K.PROPOSAL_LETTER, K.COVER_LETTER) if kind in kinds), K.PROPOSAL_LETTER)
    title = _("Công văn %(number)s") % {"number": row.letter_number}
    papers = [CarriedPaper(letter, title, row.letter_scan, row.letter_scan is None)]
    if line.recognition is not None and (stored := _certificate_paper(line.recognition)):
        code, file = stored
        name = _("Giấy chứng nhận %(code)s") % {"code": code}
        papers.append(CarriedPaper(K.LOWER_CERTIFICATE, name, file, valid_until=line.recognition.expires_on))
    return papers


def _certificate_paper(recognition: Recognition) -> tuple[str, StoredFile] | None:
    """The signed file of the certificate in use, else its scan; nothing where only the register knows it."""
    certificate = Certificate.objects.filter(recognition=recognition, superseded_on=None).select_related("scan").first()
    if certificate is None:
        return None
    papers = CertificatePaper.objects.filter(certificate=certificate, replaced_at=None).select_related("file")
    paper = papers.order_by("-kind").first()
    file = paper.file if paper else certificate.scan
    return (certificate.official_number or certificate.code, file) if file else None


# --- returned ---------------------------------------------------------------------------------------------


@transaction.atomic
def return_(*, nomination_list: NominationList, reason: str, actor: Any, now: dt.datetime) -> NominationList:
    """Send a list back before it is taken in. The unit mends it as a new list; this one stays as it was sent."""
    row = _lock(nomination_list)
    require_taker(actor, row.round)
    _refuse_not_sent(row)
    row.returned_reason = require_reason(reason)
    row.state, row.returned_at = ListState.RETURNED, now
    row.save()
    _note(
        row,
        actor,
        "nomination.return",
        _("Trả lại danh sách đề cử của %(unit)s cho %(round)s."),
        reason=row.returned_reason,
    )
    tell_returned(row, now=now)
    return row


# --- what came of it --------------------------------------------------------------------------------------


def outcome_of(line: Nomination) -> Outcome | None:
    """Where a nomination stands now: from the dossier above, else as another deployment told. Nothing before it is taken.

    No query when `dossier__round`, `dossier__recognition__decision` and its certificates were read along.
    """
    if line.dossier is None:
        told = {name: value for name, value in line.outcome.items() if name in Outcome.__dataclass_fields__}
        return Outcome(**told) if "code" in told else None
    return _outcome(line.dossier)


def _outcome(dossier: Dossier) -> Outcome:
    final = dossier.gathered_into or dossier
    recognition = final.recognition
    shown = recognition is not None and recognition.published_at is not None
    code = outcome_code(state=final.state, recognised=shown, announced=dossier.round.announced_at is not None)
    told = Outcome(
        code=code,
        words=outcome_words(code),
        reason=final.state_reason if final.state in {DossierState.NOT_ELIGIBLE, DossierState.WITHDRAWN} else "",
        entry_code=dossier.entry_code,
    )
    return told if recognition is None or code != "recognised" else _with_recognition(told, recognition)


def _with_recognition(told: Outcome, recognition: Recognition) -> Outcome:
    decision = recognition.decision
    certificate = next((one for one in recognition.certificates.all() if one.superseded_on is None), None)
    return Outcome(
        code=told.code,
        words=told.words,
        entry_code=told.entry_code,
        decision=decision.full_number if decision else "",
        decided_on=decision.signed_on.isoformat() if decision and decision.signed_on else "",
        recognition=str(recognition.uuid),
        certificate_code=certificate.code if certificate else "",
        expires_on=recognition.expires_on.isoformat() if recognition.expires_on else "",
    )


@transaction.atomic
def close(*, nomination_list: NominationList, actor: Any, now: dt.datetime) -> NominationList:
    """Write down what came of every line and close the list. Raises Refusal `not_allowed`, `not_announced`."""
    row = _lock(nomination_list)
    require_taker(actor, row.round)
    if row.state == ListState.CLOSED:
        return row
    if row.state != ListState.RECEIVED or row.round is None or row.round.announced_at is None:
        raise Refusal("not_announced", _("Kỳ trên chưa công bố kết quả nên chưa kết thúc danh sách này được."))
    _close(row, actor, now)
    return row


def close_lists(*, round_: Round, actor: Any, now: dt.datetime) -> int:
    """Close every received list of a round that is being announced; its row is locked. Returns how many."""
    rows = NominationList.objects.select_for_update().filter(round=round_, state=ListState.RECEIVED)
    closed = list(rows.order_by("pk"))
    for row in closed:
        row.round = round_
        _close(row, actor, now)
    return len(closed)


def _close(row: NominationList, actor: Any, now: dt.datetime) -> None:
    settle_outcomes(row)
    row.state = ListState.CLOSED
    row.save(update_fields=["state"])
    _note(row, actor, "nomination.close", _("Ghi kết quả của danh sách đề cử của %(unit)s cho %(round)s."))
    tell_result(row, now=now)


def settle_outcomes(row: NominationList) -> None:
    """Write what came of every line as plain values, from the round as it is held here."""
    lines = list(_with_dossiers(row.nominations.filter(dossier__isnull=False)))
    for line in lines:
        assert line.dossier is not None
        if row.round is not None:
            line.dossier.round = row.round
        line.outcome = _outcome(line.dossier).as_dict()
    Nomination.objects.bulk_update(lines, ["outcome"])


def _with_dossiers(rows: Any) -> Iterable[Nomination]:
    found: Iterable[Nomination] = rows.select_related(
        "dossier__round", "dossier__recognition__decision", "dossier__gathered_into__recognition__decision"
    ).prefetch_related("dossier__recognition__certificates", "dossier__gathered_into__recognition__certificates")
    return found


def _note(
    row: NominationList, actor: Any, action: str, sentence: str, total: int | None = None, *, reason: str = ""
) -> None:
    said = {"unit": row.commune or row.territory, "round": row.round.title if row.round else row, "total": total}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=row,
        territory=row.round.territory if row.round and row.round.territory_id else row.territory,
        reason=reason,
        data={"manifest": row.manifest_hash},
    )
