"""The code on the receipt of a submitted sheet: anyone with the same points computes the same code."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

LENGTH = 12


def receipt_code(sheet: str, dossier: str, judge: str, points: Mapping[str, Decimal]) -> str:
    """Twelve hexadecimal digits over the three UUIDs and the points by criterion code, as "3F9A 01BC 77E2"."""
    facts = [sheet, dossier, judge, [[code, f"{points[code].normalize():f}"] for code in sorted(points)]]
    digest = hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:LENGTH].upper()
    return " ".join(digest[start : start + 4] for start in range(0, LENGTH, 4))
