"""The kind of a facility read from its name, for lists that do not state it. Pure."""

from portal.text.folding import fold

from .enums import FacilityKind

# The first match wins: "tổ hợp tác" and "hợp tác xã" before anything that they may contain.
_BEGINNINGS = (
    (FacilityKind.COOPERATIVE_GROUP, ("to hop tac", "tht")),
    (FacilityKind.COOPERATIVE, ("hop tac xa", "htx", "lien hiep hop tac xa", "lien hiep htx")),
    (FacilityKind.HOUSEHOLD, ("ho kinh doanh", "hkd", "ho sxkd", "ho san xuat", "ho ca the", "ho gia dinh", "ho ong", "ho ba")),
    (FacilityKind.ENTERPRISE, ("cong ty", "cty", "doanh nghiep", "dntn", "tong cong ty", "xi nghiep", "tap doan")),
)  # fmt: skip
_INSIDE = (
    (FacilityKind.ENTERPRISE, ("cong ty", "tnhh", "co phan")),
    (FacilityKind.COOPERATIVE, ("hop tac xa", "htx")),
)
_WORDS = {fold(str(kind.label)): kind for kind in FacilityKind} | {
    "ho": FacilityKind.HOUSEHOLD,
    "htx": FacilityKind.COOPERATIVE,
    "tht": FacilityKind.COOPERATIVE_GROUP,
    "dn": FacilityKind.ENTERPRISE,
    fold("cong ty"): FacilityKind.ENTERPRISE,
    "": FacilityKind.UNKNOWN,
}


def kind_of(name: str) -> FacilityKind:
    """The kind the name states, or UNKNOWN ("Cơ sở …" may be anything)."""
    words = f" {fold(name)} "
    for kind, beginnings in _BEGINNINGS:
        if any(words.startswith(f" {fold(beginning)} ") for beginning in beginnings):
            return kind
    for kind, parts in _INSIDE:
        if any(f" {fold(part)} " in words for part in parts):
            return kind
    return FacilityKind.UNKNOWN


def parse_kind(text: str) -> FacilityKind | None:
    """A kind as code ("household") or as officers write it ("Hộ kinh doanh", "HTX"); None when unknown."""
    if text.strip().lower() in FacilityKind.values:
        return FacilityKind(text.strip().lower())
    return _WORDS.get(fold(text))
