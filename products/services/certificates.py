"""Issuing certificates: the next number of the authority's book, what is printed frozen with it; issuing again."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.errors import Refusal
from portal.text.folding import name_key, normalise
from portal.text.formats import day

from .. import certificate_facts, numbering
from ..certificate_facts import Terms, Wording
from ..enums import EventKind, Level, ReissueKind, Stage, Status
from ..models import Certificate, CertificateBook, Recognition
from .ending_steps import locked_in_force
from .events import note_event
from .shared import issue_certificate, level_words, require_reason

IN_FORCE = (Status.VALID, Status.EXPIRING)
# Re-issues that print the words of the earlier paper again; the others print what the register holds now.
AS_IT_WAS = (ReissueKind.DAMAGED, ReissueKind.LOST)
WITH_NEW_WORDS = (ReissueKind.NAME_CHANGED, ReissueKind.ADDRESS_CHANGED)


# --- books ----------------------------------------------------------------------------------------------------


@transaction.atomic
def start_book(
    *, issuer: str, year: int, territory: Territory | None, last_number: int, reason: str, actor: Any, pattern: str = ""
) -> CertificateBook:
    """Carry on a book that was begun on paper: the portal's first number follows `last_number`. Once only."""
    require_reason(reason)
    numbering.check_last_number(last_number)
    book = _locked_book(issuer, year=year, territory=territory, pattern=pattern)
    if book.last_number:
        raise Refusal(
            "book_begun",
            _("Sổ này đã đến số %(number)s. Số bắt đầu chỉ ghi được một lần, trước khi cấp số đầu tiên.")
            % {"number": book.last_number},
            field="paper_number",
        )
    book.last_number = last_number
    book.save()
    record(
        actor=actor,
        action="certificate_book.start",
        sentence=_("Ghi sổ cấp giấy chứng nhận %(book)s đã cấp trên giấy đến số %(number)s.")
        % {"book": book, "number": last_number},
        subject=book,
        territory=book.territory,
        reason=normalise(reason),
    )
    return book


@transaction.atomic
def set_pattern(*, book: CertificateBook, pattern: str, actor: Any) -> CertificateBook:
    """Change how the numbers of a book are written, as long as the portal has given none of them."""
    row = CertificateBook.objects.select_for_update().get(pk=book.pk)
    _repattern(row, pattern)
    record(
        actor=actor,
        action="certificate_book.pattern",
        sentence=_("Đặt mẫu số của sổ %(book)s là %(pattern)s.") % {"book": row, "pattern": row.pattern},
        subject=row,
        territory=row.territory,
    )
    return row


def _locked_book(issuer: str, *, year: int, territory: Territory | None, pattern: str) -> CertificateBook:
    """The book of an authority in a year, held until the transaction ends; opened when there is none."""
    issuer = certificate_facts.authority(issuer)
    if not issuer:
        raise Refusal("issuer_missing", _("Chưa ghi cơ quan cấp giấy. Hãy ghi cơ quan cấp."), field="issuer")
    wanted = pattern or pattern_for(issuer, year)
    numbering.check_pattern(wanted, year=year)
    fresh: dict[str, Any] = {"issuer": issuer, "territory": territory, "pattern": wanted}
    books = CertificateBook.objects.select_for_update(of=("self",))
    book, _made = books.get_or_create(issuer_key=name_key(issuer), year=year, defaults=fresh)
    _refuse_book_of_another(book, territory)
    if pattern and pattern != book.pattern:
        _repattern(book, pattern)
    return book


def _refuse_book_of_another(book: CertificateBook, territory: Territory | None) -> None:
    """The authority is typed, so its name may be another province's; whose book it is counts, mergers considered."""
    if book.territory_id and territory and current_id(book.territory_id) != current_id(territory.pk):
        raise Refusal(
            "book_of_another",
            _("Sổ %(book)s là của %(unit)s nên không lấy số từ đó được. Hãy xem lại cơ quan cấp giấy.")
            % {"book": book, "unit": book.territory},
            field="issuer",
        )


def pattern_for(issuer: str, year: int) -> str:
    """How an authority's numbers of a year are written: as its book says, else as in the year before. One query."""
    books = CertificateBook.objects.filter(issuer_key=name_key(certificate_facts.authority(issuer)), year__lte=year)
    latest = books.order_by("-year").first()
    return latest.pattern if latest else numbering.DEFAULT_PATTERN


def _repattern(book: CertificateBook, pattern: str) -> None:
    numbering.check_pattern(pattern, year=book.year)
    if book.certificates.exists():
        raise pattern_in_use(CertificateBook.objects.get(pk=book.pk))
    book.pattern = pattern
    book.save()


def pattern_in_use(book: CertificateBook) -> Refusal:
    """Why a book that has given numbers keeps its pattern."""
    return Refusal(
        "pattern_in_use",
        _("Sổ này đã cấp số theo mẫu %(pattern)s nên không đổi mẫu được. Mẫu mới dùng cho sổ năm sau.")
        % {"pattern": book.pattern},
        field="pattern",
    )


def next_numbers(issuer: str, *, on: dt.date, count: int, pattern: str = "") -> list[str]:
    """The numbers that issuing now would give, to look at before the act; nothing is taken. Two queries."""
    issuer = certificate_facts.authority(issuer)
    book = CertificateBook.objects.filter(issuer_key=name_key(issuer), year=on.year).first()
    pattern = pattern or (book.pattern if book else pattern_for(issuer, on.year))
    numbering.check_pattern(pattern, year=on.year)
    first = book.last_number + 1 if book else 1
    return [numbering.written(pattern, number=first + place, year=on.year) for place in range(count)]


# --- issuing --------------------------------------------------------------------------------------------------


def issue(
    *,
    certificate: Certificate,
    issuer: str,
    actor: Any,
    on: dt.date,
    pattern: str | None = None,
    place: str | None = None,
    signer_title: str | None = None,
) -> Certificate:
    """Give one certificate its number; see `issue_batch`."""
    return issue_batch(
        certificates=[certificate],
        issuer=issuer,
        actor=actor,
        on=on,
        pattern=pattern,
        place=place,
        signer_title=signer_title,
    )[0]


@transaction.atomic
def issue_batch(
    *,
    certificates: Sequence[Certificate],
    issuer: str,
    actor: Any,
    on: dt.date,
    pattern: str | None = None,
    place: str | None = None,
    signer_title: str | None = None,
) -> list[Certificate]:
    """Give certificates the next numbers of the issuer's book of the year, in the order given, and freeze them.

    All or none: a certificate that may not be issued refuses the whole batch, with a sentence for each in
    `details`. The book's row is locked, so that numbers never repeat; a refused act takes none, so that none is
    missing. The first issue of a year opens the book with `pattern`, else with the pattern of the year before.
    """
    rows = _locked_certificates(certificates)
    _refuse_unfit(rows, on=on)
    level, territory = rows[0].recognition.level, rows[0].recognition.territory
    book = _locked_book(issuer, year=on.year, territory=_keeper(level, territory), pattern=normalise(pattern or ""))
    for row in rows:
        _give(row, book, terms=_terms(row.recognition, book, on=on, place=place, signer_title=signer_title))
        _note(row, kind=EventKind.ISSUED, on=on, actor=actor)
        record(
            actor=actor,
            action="certificate.issue",
            sentence=_("Cấp giấy chứng nhận số %(number)s cho “%(product)s” %(level)s.")
            % {
                "number": row.official_number,
                "product": row.recognition.product.name,
                "level": level_words(row.recognition),
            },
            subject=row,
            territory=row.recognition.territory,
            data={"number": row.official_number, "content_hash": row.content_hash},
        )
    return rows


def _locked_certificates(certificates: Sequence[Certificate]) -> list[Certificate]:
    """The rows in the order given, recognitions locked first, in the order every act on them locks."""
    keys = [certificate.pk for certificate in certificates]
    if not keys:
        raise Refusal("nothing_to_issue", _("Chưa chọn giấy chứng nhận nào để cấp số. Hãy chọn ít nhất một giấy."))
    owners = Recognition.objects.filter(certificates__in=keys).order_by("pk")
    list(owners.select_for_update(of=("self",)).values_list("pk", flat=True))
    rows = (
        Certificate.objects.select_for_update(of=("self",))
        .filter(pk__in=keys)
        .select_related("recognition__product__facility", "recognition__territory", "recognition__decision")
        .prefetch_related("recognition__product__members", "recognition__suspensions")
        .order_by("pk")
    )
    found = {row.pk: row for row in rows}
    return [found[key] for key in dict.fromkeys(keys)]


def why_not_issue(certificate: Certificate, *, on: dt.date) -> str:
    """The sentence that speaks against giving this certificate a number on a day; empty when none does."""
    recognition = certificate.recognition
    decided_on = recognition.decision.signed_on if recognition.decision else None
    if certificate.official_number or certificate.book_id:
        return _("Giấy đã mang số %(number)s.") % {"number": certificate.official_number}
    if certificate.superseded_on:
        return _("Giấy đã được thay bằng bản khác.")
    if recognition.decision is None:
        return _("Công nhận chưa ghi quyết định. Hãy ghi quyết định công nhận trước.")
    if recognition.product.facility is None:
        return _("Sản phẩm chưa ghi cơ sở. Hãy ghi cơ sở trước khi cấp giấy.")
    if decided_on and on < decided_on:
        return _("Quyết định ký ngày %(day)s. Ngày cấp phải từ hôm đó trở đi.") % {"day": day(decided_on)}
    return why_not_reissue(recognition, on=on)


def why_not_reissue(recognition: Recognition, *, on: dt.date) -> str:
    """The sentence that speaks against any certificate of this recognition on a day; empty when none does."""
    if recognition.stage == Stage.PROPOSED:
        return _("Sản phẩm mới được đề nghị, chưa được công nhận.")
    if recognition.revoked_on:
        return _("Công nhận này đã bị thu hồi từ %(day)s.") % {"day": day(recognition.revoked_on)}
    if recognition.withdrawn_on:
        return _("Cơ sở đã xin rút công nhận này từ %(day)s.") % {"day": day(recognition.withdrawn_on)}
    status = recognition.status(on=on, expiring_days=0)
    if status == Status.SUSPENDED:
        return _("Công nhận đang tạm dừng. Chờ khôi phục rồi cấp giấy.")
    if status == Status.EXPIRED:
        return _("Công nhận đã hết hiệu lực vào ngày cấp. Chỉ cấp giấy khi còn hiệu lực.")
    return ""


def _refuse_unfit(rows: Sequence[Certificate], *, on: dt.date) -> None:
    unfit = [(row, why) for row in rows if (why := why_not_issue(row, on=on))]
    if not unfit:
        return
    if len(rows) == 1:
        raise Refusal("not_issuable", unfit[0][1])
    raise Refusal(
        "not_issuable",
        _("Chưa cấp được số: %(count)s giấy chưa đủ điều kiện. Hãy bỏ các giấy ấy ra hoặc bổ sung rồi cấp lại.")
        % {"count": len(unfit)},
        details=tuple(f"{row.recognition.product.name}: {why}" for row, why in unfit),
    )


def _keeper(level: str, territory: Territory) -> Territory | None:
    """Whose book it is: the agency's books belong to no province."""
    return None if level in (Level.REGION, Level.NATIONAL) else territory


def _terms(
    recognition: Recognition, book: CertificateBook, *, on: dt.date, place: str | None, signer_title: str | None
) -> Terms:
    suggested = certificate_facts.suggested_terms(recognition, on)
    lines = [normalise(line) for line in (signer_title or "").splitlines() if line.strip()]
    return Terms(
        issuer=book.issuer,
        on=on,
        place=suggested.place if place is None else normalise(place),
        signer_title="\n".join(lines) or suggested.signer_title,
    )


def _give(
    certificate: Certificate,
    book: CertificateBook,
    *,
    terms: Terms,
    wording: Wording | None = None,
    earlier: dict[str, Any] | None = None,
) -> None:
    """The next number of the (locked) book, and with it the content, frozen."""
    book.last_number += 1
    book.save(update_fields=["last_number"])
    certificate.book, certificate.serial = book, book.last_number
    certificate.official_number = numbering.written(book.pattern, number=book.last_number, year=book.year)
    certificate.issued_on = terms.on
    content = certificate_facts.content_of(
        certificate.recognition,
        code=certificate.code,
        number=certificate.official_number,
        edition=certificate.edition,
        terms=terms,
        wording=wording,
    )
    certificate.content = certificate_facts.keep_words(content, earlier) if earlier else content
    certificate.content_hash = certificate_facts.content_hash(certificate.content)
    certificate.save()


def _note(certificate: Certificate, *, kind: EventKind, on: dt.date, actor: Any, reason: str = "") -> None:
    note_event(
        recognition=certificate.recognition,
        kind=kind,
        on=on,
        actor=actor,
        reason=reason,
        decision=certificate.recognition.decision,
        certificate=certificate,
    )


# --- issuing again --------------------------------------------------------------------------------------------


@transaction.atomic
def reissue_certificate(
    *,
    recognition: Recognition,
    on: dt.date,
    reason: str,
    actor: Any,
    kind: str = ReissueKind.OTHER,
    issuer: str = "",
    holder: str | None = None,
    holder_address: str | None = None,
    product: str | None = None,
    place: str | None = None,
    signer_title: str | None = None,
    official_number: str = "",
) -> Certificate:
    """Replace the certificate in use by a new edition with its own code; validity does not change.

    The new one is numbered in the book of `issuer`, by default of who issued the earlier one; a paper the portal
    did not number stays unnumbered, or bears the `official_number` written on it. A lost or damaged paper is
    printed with its own words again, any other with what the register holds now or with the words given.
    Refused when the recognition is not in force, or a change of name or address changes nothing.
    """
    row = locked_in_force(recognition, on=on, reason=reason)
    if why := why_not_reissue(row, on=on):
        raise Refusal("not_in_force", why, field="on")
    old = row.certificates.select_for_update(of=("self",)).select_related("book").filter(superseded_on=None).first()
    if old is None:
        raise Refusal("no_certificate", _("Công nhận này chưa có giấy chứng nhận để cấp lại."))
    if old.issued_on and on < old.issued_on:
        raise Refusal(
            "before_issue",
            _("Bản trước cấp ngày %(day)s. Hãy chọn ngày từ hôm đó trở đi.") % {"day": day(old.issued_on)},
            field="on",
        )
    new = _replaced(old, row, kind=kind, on=on, reason=normalise(reason), official_number=official_number)
    issuer = issuer or (old.book.issuer if old.book else "")
    if issuer:
        keeper = _keeper(row.level, row.territory)
        book = _locked_book(issuer, year=on.year, territory=keeper, pattern="")
        _give(
            new,
            book,
            terms=_terms(row, book, on=on, place=place, signer_title=signer_title),
            wording=Wording(holder, holder_address, product),
            earlier=old.content if kind in AS_IT_WAS else None,
        )
        _refuse_unchanged(old, new, kind)
    _note(new, kind=EventKind.REISSUED, on=on, actor=actor, reason=reason)
    record(
        actor=actor,
        action="certificate.reissue",
        sentence=_("Cấp lại giấy chứng nhận của “%(product)s” %(level)s.")
        % {"product": row.product.name, "level": level_words(row)},
        subject=new,
        territory=row.territory,
        reason=normalise(reason),
        data={"kind": str(kind), "replaces": old.code, "number": new.official_number},
    )
    return new


def _replaced(
    old: Certificate, row: Recognition, *, kind: str, on: dt.date, reason: str, official_number: str
) -> Certificate:
    old.superseded_on, old.superseded_reason = on, reason[:200]
    old.save()
    new = issue_certificate(recognition=row, issued_on=on, official_number=official_number)
    new.edition, new.supersedes, new.reissue_kind = old.edition + 1, old, kind
    new.save()
    return new


def _refuse_unchanged(old: Certificate, new: Certificate, kind: str) -> None:
    if kind in WITH_NEW_WORDS and old.content and certificate_facts.same_words(old.content, new.content):
        raise Refusal(
            "nothing_changed",
            _("Tên và địa chỉ vẫn như bản trước. Hãy sửa ở trang cơ sở, trang sản phẩm, hoặc ghi chữ mới vào đây."),
            field="holder",
        )


@transaction.atomic
def number_certificate(*, certificate: Certificate, official_number: str, actor: Any) -> Certificate:
    """Write the number that stands on a paper made outside the portal."""
    row = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if row.content_hash:
        raise Refusal(
            "numbered_by_the_portal",
            _("Giấy này đã được cổng cấp số %(number)s. Cần số khác thì cấp lại giấy.")
            % {"number": row.official_number},
            field="official_number",
        )
    row.official_number = normalise(official_number)
    row.save()
    record(
        actor=actor,
        action="certificate.number",
        sentence=_("Ghi số giấy chứng nhận %(number)s.") % {"number": row.official_number or _("để trống")},
        subject=row,
        territory=row.recognition.territory,
    )
    return row
