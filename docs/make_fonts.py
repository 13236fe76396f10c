"""Cuts the fonts of the pages from the whole ones in portal/text/fonts: what Vietnamese and English are written with.

Needs `pip install fonttools brotli`. The licence of Lora reserves its name, so its cut is called Portal Serif.
Hinting goes, since it doubles a file; kerning, the places of marks and figures of one width stay.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
WHOLE = ROOT / "portal" / "text" / "fonts"
CUT = ROOT / "static" / "vendor" / "fonts"
SERIF = "Portal Serif"
FILES = {
    "BeVietnamPro-Regular.ttf": "be-vietnam-pro-400.woff2",
    "BeVietnamPro-Medium.ttf": "be-vietnam-pro-500.woff2",
    "BeVietnamPro-SemiBold.ttf": "be-vietnam-pro-600.woff2",
    "BeVietnamPro-Bold.ttf": "be-vietnam-pro-700.woff2",
    "Lora-Medium.ttf": "portal-serif-500.woff2",
    "Lora-SemiBold.ttf": "portal-serif-600.woff2",
}
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "tnum"]
# ASCII, every Vietnamese letter with every tone, the marks themselves, punctuation and signs.
RANGES = (
    (0x20, 0x7E), (0x102, 0x103), (0x110, 0x111), (0x128, 0x129), (0x168, 0x169), (0x1A0, 0x1A1), (0x1AF, 0x1B0),
    (0x300, 0x301), (0x303, 0x303), (0x309, 0x309), (0x323, 0x323), (0x1EA0, 0x1EF9), (0x2010, 0x2014),
    (0x2018, 0x201D), (0x2022, 0x2022), (0x2026, 0x2026), (0x2032, 0x2033), (0x20AB, 0x20AC), (0x2122, 0x2122),
    (0x2191, 0x2193), (0x2212, 0x2212),
)  # fmt: skip
# Of Latin-1 what Vietnamese needs, and what the names of partners abroad are written with most.
LATIN = "\u00a0©«»°±²³µ·¼½¾×÷ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýÄÖÜäöüßÇçÑñ"


def cut(whole: Path, target: Path) -> None:
    options = subset.Options(
        layout_features=FEATURES, hinting=False, flavor="woff2", name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14]
    )
    font = subset.load_font(str(whole), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)], text=LATIN)
    cutter.subset(font)
    if target.name.startswith("portal-serif"):
        rename(font)
    subset.save_font(font, str(target), options)


def rename(font: TTFont) -> None:
    """Copyright, licence and the makers' names stay; the names of the font itself change."""
    for record in font["name"].names:
        if record.nameID in {1, 3, 4, 6}:
            glue = "" if record.nameID in {3, 6} else " "
            record.string = str(record).replace("Lora", SERIF.replace(" ", glue))


def main() -> None:
    for whole, target in FILES.items():
        cut(WHOLE / whole, CUT / target)
        sys.stdout.write(f"{target}  {(CUT / target).stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
