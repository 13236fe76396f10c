"""What speaks against an assignment, and what has changed since it was planned, as whole sentences."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from portal.accounts.models import User

from .assigning import Change, Facts, Fault
from .models import Dossier, Round

NAMED = 40  # more names than this are counted, not read


def codes_of(entries: Iterable[str]) -> dict[str, str]:
    """The number of each dossier by its key. One query."""
    rows = Dossier.objects.filter(uuid__in=list(entries)).order_by()
    return {str(uuid): code for uuid, code in rows.values_list("uuid", "entry_code")}


def names_of(judges: Iterable[str]) -> dict[str, str]:
    """The name of each judge by the key. One query."""
    return {str(user.uuid): str(user) for user in User.objects.filter(uuid__in=list(judges))}


def listed(words: Iterable[str]) -> str:
    """ "001, 002, 003", cut with a count when nobody would read on."""
    found = sorted(words)
    if len(found) <= NAMED:
        return ", ".join(found)
    return _("%(some)s và %(more)s hồ sơ nữa") % {"some": ", ".join(found[:NAMED]), "more": len(found) - NAMED}


def fault_sentences(faults: Iterable[Fault], facts: Facts) -> list[str]:
    """One sentence per kind and number for dossiers, one per judge for limits. Two queries."""
    found = list(faults)
    codes = codes_of({entry for fault in found for entry in fault.entries})
    names = names_of({judge for fault in found for judge in fault.judges})
    limits = {judge.key: judge.limit for judge in facts.judges}
    return [*_dossier_faults(found, codes, names), *_judge_faults(found, codes, names, limits)]


def _dossier_faults(faults: list[Fault], codes: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    alike: dict[tuple[str, int, int, tuple[str, ...]], list[str]] = {}
    for fault in faults:
        if fault.kind in {"few_judges", "below_minimum"}:
            key = (fault.kind, fault.have, fault.need, fault.judges)
            alike.setdefault(key, []).append(codes[fault.entries[0]])
    sentences = []
    for (kind, have, need, judges), entries in alike.items():
        said = {"codes": listed(entries), "have": have, "need": need, "names": ", ".join(names[one] for one in judges)}
        if kind == "below_minimum":
            sentences.append(_("Hồ sơ %(codes)s: được phân %(have)s giám khảo, cần ít nhất %(need)s.") % said)
        elif judges:
            sentences.append(
                _("Hồ sơ %(codes)s: chỉ %(have)s giám khảo chấm được, cần %(need)s. Có xung đột lợi ích: %(names)s.")
                % said
            )
        else:
            sentences.append(_("Hồ sơ %(codes)s: chỉ %(have)s giám khảo chấm được, cần %(need)s.") % said)
    return sentences


def _judge_faults(
    faults: list[Fault], codes: Mapping[str, str], names: Mapping[str, str], limits: Mapping[str, int | None]
) -> list[str]:
    sentences = []
    for fault in faults:
        said = {
            "names": ", ".join(names[judge] for judge in fault.judges),
            "codes": listed(codes[entry] for entry in fault.entries),
            "have": fault.have,
            "need": fault.need,
        }
        if fault.kind == "over_limit":
            sentences.append(_("%(names)s: được phân %(need)s hồ sơ, giới hạn là %(have)s.") % said)
        elif fault.kind == "conflict":
            sentences.append(_("%(names)s có xung đột lợi ích với hồ sơ %(codes)s.") % said)
        elif fault.kind == "no_room":
            said["limits"] = ", ".join(_limit(names[judge], limits[judge]) for judge in fault.judges)
            sentences.append(
                _(
                    "Không đủ sức chấm: các hồ sơ %(codes)s cần %(need)s lượt chấm của những giám khảo sau,"
                    " mà họ chỉ nhận được %(have)s lượt: %(limits)s."
                    " Hãy nâng giới hạn, giảm số giám khảo mỗi hồ sơ, hoặc thêm giám khảo."
                )
                % said
            )
    return sentences


def _limit(name: str, limit: int | None) -> str:
    return name if limit is None else _("%(name)s (tối đa %(limit)s)") % {"name": name, "limit": limit}


def change_sentences(changes: Iterable[Change], round_: Round) -> list[str]:
    """What has changed, one sentence per kind. Two queries, none when nothing has."""
    found = list(changes)
    if not found:
        return []
    about_people = {change.kind for change in found if change.kind.startswith("judges")}
    people = names_of({key for change in found if change.kind in about_people for key in change.keys})
    codes = codes_of({key for change in found if change.kind not in about_people for key in change.keys})
    words = {
        "judges_gone": _("Thôi làm giám khảo: %(who)s."),
        "judges_new": _("Giám khảo mới: %(who)s."),
        "judges_changed": _("Giới hạn hoặc nhóm phụ trách đã đổi: %(who)s."),
        "entries_gone": _("Hồ sơ không còn trong danh sách chấm: %(who)s."),
        "entries_new": _("Hồ sơ mới đủ điều kiện: %(who)s."),
        "entries_changed": _("Hồ sơ đã đổi nhóm sản phẩm: %(who)s."),
        "recused": _("Có xung đột lợi ích mới ở hồ sơ: %(who)s."),
        "recusals_lifted": _("Xung đột lợi ích đã được gỡ ở hồ sơ: %(who)s."),
        "begun": _("Giám khảo ngoài phương án đã mở phiếu của hồ sơ: %(who)s."),
        "reassigned": _("Phân công đang có đã đổi ở hồ sơ: %(who)s."),
    }
    named = people | codes
    return [words[change.kind] % {"who": listed(named.get(key, "?") for key in change.keys)} for change in found]
