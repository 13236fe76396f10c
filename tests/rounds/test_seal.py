"""What was sealed is counted again for ever: golden manifests, the command, and a database that refuses changes."""

import copy
import hashlib
import json
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from portal.audit.models import AuditEntry
from rounds import queries
from rounds.enums import RoundState, SheetState
from rounds.manifest import canonical, differences, digest, recount
from rounds.models import Conflict, Result, Round, RoundSeal
from rounds.services import lifecycle, sealing
from tests import factories

from . import helpers
from .helpers import AFTER

GOLDEN = Path(__file__).parent.parent / "golden"
SUMS = dict(reversed(line.split()) for line in (GOLDEN / "SHA256SUMS").read_text().splitlines())
MANIFESTS = sorted(GOLDEN.glob("*.json"))


def read(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def counted_again(manifest):
    again = recount(manifest)
    return {**manifest, "dossiers": [{**one, "result": again[one["code"]]} for one in manifest["dossiers"]]}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_golden_manifest_is_counted_again_byte_for_byte(path):
    text = path.read_bytes()
    manifest = json.loads(text)
    assert hashlib.sha256(text).hexdigest() == SUMS[path.name] == digest(manifest)
    assert canonical(counted_again(manifest)).encode() == text
    assert differences(manifest) == {}


def test_every_golden_manifest_is_listed():
    assert {path.name for path in MANIFESTS} == set(SUMS)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_golden_manifest_agrees_with_the_mean_as_a_person_would_count_it(path):
    """By hand, with nothing of the portal's arithmetic: totals, trimmed, weighed."""
    manifest = read(path.name)
    settings = manifest["settings"]
    weights = {name: share for name, share in settings.get("weights", {"dossier": 100}).items() if share}
    drop, least = settings.get("drop_extremes", 0), settings.get("drop_extremes_from", 3)
    for dossier in manifest["dossiers"]:
        means = []
        for name, share in weights.items():
            totals = sorted(
                sum(map(Fraction, sheet["scores"].values()))
                for sheet in dossier["sheets"]
                if sheet["state"] == "submitted" and sheet.get("scoring_pass", "dossier") == name
            )
            if drop and len(totals) >= least:
                totals = totals[drop:-drop]
            means.append((share, sum(totals) / len(totals)) if totals else None)
        result = dossier["result"]
        divisor = result.get("divisor", result["sheets"])
        if None in means:
            assert divisor == 0
        else:
            by_hand = sum(share * value for share, value in means) / sum(share for share, _value in means)
            assert Fraction(result["points"]) / divisor == by_hand


def test_a_manifest_read_back_in_another_order_of_keys_gives_the_same():
    """PostgreSQL keeps JSON with its keys in an order of its own."""

    def turned(value):
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
        return [turned(one) for one in value] if isinstance(value, list) else value

    for path in MANIFESTS:
        manifest = read(path.name)
        assert canonical(counted_again(turned(manifest))) == canonical(manifest)


def test_a_changed_point_is_found():
    manifest = read("mean-2-gathered.json")
    sheet = manifest["dossiers"][0]["sheets"][0]
    sheet["scores"]["1.1"] = "0.00"
    assert set(differences(manifest)) >= {manifest["dossiers"][0]["code"]}


def test_an_unknown_formula_is_not_guessed():
    with pytest.raises(ValueError, match="median-9"):
        recount({**read("mean-2-ties.json"), "formula": "median-9"})


# The seal in the database


@pytest.fixture
def sealed(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=2)
    dossiers = helpers.score_all(round_, ["0.9", "0.8"])
    away = helpers.judges_of(round_)[2]
    dossiers[0].sheets.filter(judge=away).update(state=SheetState.VOIDED, voided_reason="Từ chối chấm muộn.")
    Conflict.objects.create(dossier=dossiers[0], user=away, reason="Góp vốn vào cơ sở.", declared_at=AFTER)
    return lifecycle.advance(round_=round_, to=RoundState.DELIBERATION, actor=officer, now=AFTER)


@pytest.mark.django_db
def test_the_manifest_holds_everything_that_decides_and_marks_what_does_not_count(sealed, officer):
    seal = queries.seal_of(sealed)
    manifest = seal.manifest
    assert (seal.number, seal.sealed_by, seal.sha256) == (1, officer, digest(manifest))
    assert manifest["formula"] == "mean-2"
    assert manifest["settings"] == {
        "threshold": "70.00",
        "quorum": 1,
        "score_step": "0.50",
        "weights": {"dossier": 100, "site": 0},
        "drop_extremes": 0,
        "drop_extremes_from": 5,
        "tie_break": ["1", "2", "3", "4", "lowest", "draw"],
        "draw_seed": sealed.draw_seed,
        "disagreement_points": "20.00",
    }
    first = manifest["dossiers"][0]
    version = sealed.dossiers.get(entry_code=first["code"]).versions.latest("number")
    assert (first["version"], first["version_sha256"]) == (version.number, version.sha256)
    voided = [sheet for sheet in first["sheets"] if sheet["state"] == "voided"]
    assert [(sheet["recused"], sheet["judge"]) for sheet in voided] == [(True, first["recused"][0])]
    assert voided[0]["scores"]
    assert first["result"]["sheets"] == 2
    assert len(first["result"]["lines"]) == len(manifest["criteria"][first["criteria"]]["maxima"])
    assert Result.objects.get(dossier__entry_code=first["code"]).divisor == 2


@pytest.mark.django_db
def test_the_seed_of_the_draw_is_drawn_once_before_scoring_and_recorded(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    entry = AuditEntry.objects.get(action="round.draw_seed")
    assert entry.data["draw_seed"] == round_.draw_seed
    assert len(round_.draw_seed) == 32
    assert sealing.draw_seed(round_) == entry.data["draw_seed"]


@pytest.mark.django_db
def test_recompute_counts_from_the_manifest_alone(sealed, capsys, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(queries.seal_of(sealed).manifest), encoding="utf-8")
    for options in ({}, {"seal": 1}, {"file": path}):
        call_command("recompute_round", str(sealed.pk), **options)
        assert queries.seal_of(sealed).sha256 in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize("content,words", [("{", "không phải bản niêm phong"), ("{}", "không còn khớp")])
def test_recompute_refuses_a_file_that_is_no_manifest_of_the_round(sealed, tmp_path, content, words):
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=words):
        call_command("recompute_round", str(sealed.pk), file=path)


@pytest.mark.django_db
def test_recompute_names_what_is_missing(sealed, tmp_path, province):
    with pytest.raises(CommandError, match="không có lần niêm phong 7"):
        call_command("recompute_round", str(sealed.pk), seal=7)
    with pytest.raises(CommandError, match="Không đọc được tệp"):
        call_command("recompute_round", str(sealed.pk), file=tmp_path / "none.json")
    with pytest.raises(CommandError, match="chưa khóa chấm điểm"):
        call_command("recompute_round", str(factories.RoundFactory(territory=province, year=2031).pk))


@pytest.mark.django_db
def test_a_seal_taken_off_is_still_counted_again_and_the_next_gets_its_own_number(sealed, officer, capsys):
    RoundSeal.objects.filter(round=sealed).update(
        reopened_at=AFTER, reopened_by=officer, reopened_reason="Phiếu giấy của một giám khảo chưa được nhập."
    )
    Result.objects.filter(dossier__round=sealed).delete()
    assert queries.seal_of(sealed) is None
    call_command("recompute_round", str(sealed.pk), seal=1)
    Round.objects.filter(pk=sealed.pk).update(state=RoundState.SCORING)
    again = sealing.seal(Round.objects.get(pk=sealed.pk), actor=officer, now=AFTER)
    assert again.number == 2
    call_command("recompute_round", str(sealed.pk))
    assert again.sha256 in capsys.readouterr().out


CHANGES = (
    "UPDATE rounds_roundseal SET sha256 = 'x'",
    "UPDATE rounds_roundseal SET number = 2",
    "UPDATE rounds_roundseal SET manifest = '{}'",
    "UPDATE rounds_roundseal SET sealed_at = '2020-01-01 00:00:00+00'",
    "UPDATE rounds_roundseal SET sealed_by_id = NULL",
    "DELETE FROM rounds_roundseal",
)


def refuses(sql):
    with pytest.raises(IntegrityError, match="niêm phong"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", CHANGES)
def test_the_database_refuses_to_change_or_remove_a_seal(sealed, sql):
    refuses(sql)


@pytest.mark.django_db
def test_the_database_lets_a_seal_be_taken_off_once(sealed, officer):
    taken_off = (
        "UPDATE rounds_roundseal SET reopened_at = '2026-11-30 00:00:00+00', reopened_reason = 'Lý do',"
        f" reopened_by_id = {officer.pk}"
    )
    with connection.cursor() as cursor:
        cursor.execute(taken_off)
    refuses("UPDATE rounds_roundseal SET reopened_reason = 'Lý do khác'")
    refuses("UPDATE rounds_roundseal SET reopened_at = NULL, reopened_reason = ''")


@pytest.mark.django_db
def test_the_live_tally_and_the_sealed_one_agree(province, officer):
    """Totals read by the board, single scores read by the manifest: the same order, with ties and extremes."""
    round_ = helpers.scoring_round(province, officer, entries=4, drop_extremes=1, drop_extremes_from=3)
    helpers.score_all(round_, ["0.8", "0.8", "0.75", "0.9"])
    live = [(row.dossier.pk, row.rank, row.outcome.mean, row.outcome.decided_by) for row in queries.board(round_)]
    lifecycle.advance(round_=round_, to=RoundState.DELIBERATION, actor=officer, now=AFTER)
    round_.refresh_from_db()
    assert [
        (row.dossier.pk, row.rank, row.outcome.mean, row.outcome.decided_by) for row in queries.board(round_)
    ] == live
    assert live[0][2] == 90


def test_a_golden_manifest_is_not_touched_by_counting():
    manifest = read("mean-2-two-passes.json")
    before = copy.deepcopy(manifest)
    recount(manifest)
    assert manifest == before
