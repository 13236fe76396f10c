"""Which placeholder pattern stands in for a product's missing photo.

The choice follows from the product's stable key and its name alone, so one product
looks the same on every page and on every day.
"""

import hashlib
import re
import unicodedata
from typing import NamedTuple

VARIANTS = 4
WHOLE = 600

PATTERNS: dict[str, tuple[str, ...]] = {
    "handicraft": ("nong-mot", "nong-doi", "long-thuyen", "hinh-thoi", "mat-cao"),
    "processing": ("bup-che", "hat-gao", "nhuy-hat", "la-xep", "soi-phoi"),
    "machinery": ("banh-rang", "xich-con-lan", "dai-oc"),
    "other": ("gach-bong", "da-mai", "gach-xay"),
}

PATTERN_NAMES: dict[str, str] = {
    "nong-mot": "nong mốt",
    "nong-doi": "nong đôi",
    "long-thuyen": "lóng thuyền",
    "hinh-thoi": "hình thoi",
    "mat-cao": "mắt cáo",
    "bup-che": "búp chè",
    "hat-gao": "hạt gạo",
    "nhuy-hat": "nhụy hạt",
    "la-xep": "lá xếp",
    "soi-phoi": "sợi phơi",
    "banh-rang": "bánh răng",
    "xich-con-lan": "xích con lăn",
    "dai-oc": "đai ốc",
    "gach-bong": "gạch bông",
    "da-mai": "đá mài",
    "gach-xay": "gạch xây",
}

# Longer phrases come first: "gạch bông" is not just any brick. Diacritics are kept on purpose, "chè" is not "che".
WORDS: tuple[tuple[str, str], ...] = (
    ("gạch bông", "gach-bong"),
    ("gạch hoa", "gach-bong"),
    ("lồng bàn", "mat-cao"),
    ("rong biển", "la-xep"),
    ("bánh tráng", "la-xep"),
    ("bánh đa nem", "la-xep"),
    ("bánh phở", "soi-phoi"),
    ("bánh canh", "soi-phoi"),
    ("bánh răng", "banh-rang"),
    ("cà phê", "nhuy-hat"),
    ("ca cao", "nhuy-hat"),
    ("hồ tiêu", "nhuy-hat"),
    ("hạt điều", "nhuy-hat"),
    ("chè", "bup-che"),
    ("trà", "bup-che"),
    ("miến", "soi-phoi"),
    ("mỳ", "soi-phoi"),
    ("mì", "soi-phoi"),
    ("bún", "soi-phoi"),
    ("phở", "soi-phoi"),
    ("gạo", "hat-gao"),
    ("nếp", "hat-gao"),
    ("cốm", "hat-gao"),
    ("chiếu", "long-thuyen"),
    ("gạch", "gach-xay"),
    ("ngói", "gach-xay"),
    ("đá", "da-mai"),
    ("xích", "xich-con-lan"),
)


class Swatch(NamedTuple):
    """One drawn pattern: its group, its slug, its palette (1 to 4)."""

    group: str
    pattern: str
    variant: int

    @property
    def name(self) -> str:
        """The craft's Vietnamese name, for the line that says a pattern stands in for the photo."""
        return PATTERN_NAMES[self.pattern]

    def path(self, *, square: bool = False, width: int = WHOLE, form: str = "webp") -> str:
        """Path below the static root: 600 × 400, 360 × 240 (both also as AVIF), or 240 × 240 when square."""
        size = "-sq" if square else "" if width == WHOLE else f"-{width}"
        return f"swatches/{self.group}-{self.pattern}-{self.variant}{size}.{form}"


def swatch(key: str, group: str, name: str = "") -> Swatch:
    """The swatch of a product: `key` is its UUID as text, `group` its code; an unknown group counts as "other"."""
    group = group if group in PATTERNS else "other"
    digest = hashlib.sha256(key.encode()).digest()
    patterns = PATTERNS[group]
    chosen = _by_word(name, patterns) or patterns[digest[0] % len(patterns)]
    return Swatch(group, chosen, digest[1] % VARIANTS + 1)


def _by_word(name: str, patterns: tuple[str, ...]) -> str | None:
    words = unicodedata.normalize("NFC", name).lower()
    for word, pattern in WORDS:
        if pattern in patterns and re.search(rf"\b{word}\b", words):
            return pattern
    return None
