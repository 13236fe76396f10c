"""A round may be scored again after its seal, so the seal moves from the round to a row of its own.

Rounds that are being scored get the seed of their draw now, before their points are known.
"""

import datetime as dt
import secrets

from django.db import migrations


def seal_rows(apps, schema_editor):
    Round, Seal = apps.get_model("rounds", "Round"), apps.get_model("rounds", "RoundSeal")
    for round_ in Round.objects.exclude(manifest=None).iterator():
        Seal.objects.create(
            round=round_,
            number=1,
            manifest=round_.manifest,
            sha256=round_.manifest_hash,
            sealed_at=dt.datetime.fromisoformat(round_.manifest["closed_at"]),
        )
    for round_ in Round.objects.filter(state="scoring", draw_seed="").iterator():
        Round.objects.filter(pk=round_.pk).update(draw_seed=secrets.token_hex(16))


def back_to_the_round(apps, schema_editor):
    """The seal in force goes back; earlier ones, re-opened since, have no place on the round."""
    Round, Seal = apps.get_model("rounds", "Round"), apps.get_model("rounds", "RoundSeal")
    for seal in Seal.objects.filter(reopened_at=None).iterator():
        Round.objects.filter(pk=seal.round_id).update(manifest=seal.manifest, manifest_hash=seal.sha256)
    Seal.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("rounds", "0011_result_of_two_passes")]

    operations = [migrations.RunPython(seal_rows, back_to_the_round)]
