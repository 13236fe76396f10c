"""Biên bản giao nhận mẫu: what a facility handed over for judging, and what went back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from portal.text.folding import normalise
from portal.text.formats import day as short_day
from rounds.models import Sample

from . import offices
from .heads import paper


def receipts(samples: Sequence[Sample], on: dt.date) -> list[dict[str, Any]]:
    """One paper for the specimens of one dossier. No query when rounds and makers are at hand."""
    dossier = samples[0].dossier
    facility = dossier.product.facility
    occasion = f"{offices.PROGRAMME} {offices.occasion(dossier.round, on)}"
    frame = paper(
        offices.receiving(dossier.round, on),
        on,
        symbol="BB",
        kind="BIÊN BẢN GIAO NHẬN MẪU SẢN PHẨM",
        subject=f"Phục vụ bình chọn {occasion}",
    )
    return [
        frame
        | {
            "rows": [
                ("Cơ sở", normalise(facility.name) if facility else ""),
                ("Bộ sản phẩm" if dossier.product.is_set else "Sản phẩm", normalise(dossier.product.name)),
                ("Số hồ sơ", dossier.entry_code),
            ],
            "samples_head": "Mẫu đã giao nhận:",
            "samples": [_row(place, sample) for place, sample in enumerate(samples, start=1)],
            "closing": "Biên bản này được lập thành hai bản, mỗi bên giữ một bản.",
            "giver": "BÊN GIAO",
            "taker": "BÊN NHẬN",
            "signer_note": "(Ký, ghi rõ họ tên)",
        }
    ]


def _row(place: int, sample: Sample) -> dict[str, str]:
    received = short_day(timezone.localdate(sample.received_at))
    people = "; ".join(part for part in (sample.received_from, str(sample.received_by)) if part)
    returned = "không trả lại" if not sample.to_be_returned else ""
    if sample.returned_at is not None:
        returned = f"{short_day(timezone.localdate(sample.returned_at))}, {sample.returned_to}"
        returned += f" ({sample.return_note})" if sample.return_note else ""
    return {
        "place": str(place),
        "what": sample.description,
        "quantity": str(sample.quantity),
        "condition": sample.condition,
        "received": f"{received}, {people}",
        "returned": returned,
    }
