"""Plays a round of national size through the services, act by act, and says how long each part took.

`python -m tests.national [dossiers] [judges]` on the database of DATABASE_URL, which it migrates and fills with the
reference data; the round stays there to be looked at. Ends with the seal recomputed, the audit chain and every
invariant checked.
"""

import datetime as dt
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone

from portal.territory.models import Territory
from products.enums import ProductGroup
from products.models import ValidityRule
from rounds import queries
from rounds.completeness import required_kinds
from rounds.enums import Body, CheckAnswer, CheckKind, RoundState, SeatRole, VerdictChoice
from rounds.judge_queries import outline_for
from rounds.models import CriteriaSet, Dossier, EligibilityRule, Round, RoundSeal
from rounds.services import (
    assigning,
    bodies,
    conflicts,
    council,
    criteria,
    declarations,
    dossiers,
    eligibility,
    extensions,
    lifecycle,
    reopening,
    scoring,
    sessions,
)
from tests import factories

NOUNS = ("Chè tôm nõn", "Miến dong", "Mật ong hoa nhãn", "Bánh đa nem", "Nước mắm cốt", "Lồng bàn tre", "Máy thái rau")
PLACES = ("Tân Cương", "Bình Liêu", "Phú Vinh", "Mỹ Lâm", "Hạ Hòa", "Cầu Kè", "Tam Đảo", "Gò Công", "Sa Đéc")
GROUPS = (
    ProductGroup.PROCESSING,
    ProductGroup.PROCESSING,
    ProductGroup.HANDICRAFT,
    ProductGroup.MACHINERY,
    ProductGroup.OTHER,
)
START = dt.datetime(2026, 3, 2, 8, tzinfo=timezone.get_default_timezone())
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SHEETS_EACH = 5


@contextmanager
def part(name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{name:<58}{time.perf_counter() - started:8.1f} s", flush=True)


class Play:
    """The people, the round, and the dice with a fixed seed."""

    def __init__(self, dossiers_wanted: int, judges_wanted: int) -> None:
        self.total, self.jury_size = dossiers_wanted, judges_wanted
        self.dice = random.Random(20260302)
        self.province = Territory.objects.filter(valid_to=None, name="Thái Nguyên").get()
        self.officer = factories.staff("officer", self.province)
        self.leader = factories.staff("leader", self.province)
        self.judges = [self._person(f"Giám khảo mẫu {n}") for n in range(1, judges_wanted + 1)]
        self.council = [self._person(f"Ủy viên mẫu {n}") for n in range(1, 10)]
        self.helper = self._person("Tổ trưởng giúp việc mẫu")

    def _person(self, name: str) -> Any:
        return factories.UserFactory(full_name=name)

    def open(self) -> None:
        self.round = lifecycle.create_round(
            actor=self.officer,
            level="province",
            territory=self.province,
            year=2026,
            ordinal=9,
            name="Kỳ mẫu cỡ toàn quốc",
            receiving_from=START,
            receiving_until=START + 30 * DAY,
            scoring_until=START + 60 * DAY,
            quorum=3,
            quota=self.total // 3,
            is_illustrative=True,
        )
        roles = [SeatRole.HEAD_JUDGE, *[SeatRole.JUDGE] * (self.jury_size - 1)]
        seats = [(person, Body.JURY, role) for person, role in zip(self.judges, roles, strict=True)]
        high = [SeatRole.CHAIR, SeatRole.SECRETARY, *[SeatRole.MEMBER] * 7]
        seats += [(person, Body.COUNCIL, role) for person, role in zip(self.council, high, strict=True)]
        seats.append((self.helper, Body.SUPPORT, SeatRole.SUPPORT_LEAD))
        for person, body, role in seats:
            bodies.seat(round_=self.round, user=person, body=body, role=role, since=START.date(), actor=self.officer)
        template = CriteriaSet.objects.filter(round=None).order_by("pk").first()
        assert template is not None
        draft = criteria.copy_set(source=template, round_=self.round, actor=self.officer)
        tag = criteria.version_tag(draft)
        criteria.propose(criteria_set=draft, tag=tag, actor=self.officer, now=START)
        criteria.approve(criteria_set=draft, tag=tag, actor=self.council[0], now=START)
        self.round = lifecycle.advance(round_=self.round, to=RoundState.RECEIVING, actor=self.officer, now=START + HOUR)

    def enter(self) -> None:
        for number in range(self.total):
            name = f"{NOUNS[number % 7]} {PLACES[number % 9]} số {number + 1}"
            facility = factories.FacilityFactory(
                territory=self.province, name=f"Cơ sở mẫu {PLACES[number % 9]} {number + 1}"
            )
            product = factories.ProductFactory(
                facility=facility, name=name, group=GROUPS[number % 5], territory=self.province
            )
            now = START + DAY + number * dt.timedelta(minutes=5)
            dossier = dossiers.create_dossier(round_=self.round, product=product, actor=self.officer, now=now)
            for kind in required_kinds(level="province", lower_round_held=False):
                dossiers.add_document(dossier=dossier, kind=kind, on_paper=True, actor=self.officer)
            dossiers.submit(dossier=dossier, actor=self.officer, now=now)
            self._admit(dossier, now)

    def _admit(self, dossier: Dossier, now: dt.datetime) -> None:
        asked = [
            row.rule_id
            for row in queries.eligibility(dossier, on=timezone.localdate(now))
            if row.kind == CheckKind.ANSWERED and row.outcome == "open"
        ]
        rules = EligibilityRule.objects.filter(pk__in=asked)
        answers = dict.fromkeys(rules, (CheckAnswer.MET, "Đã kiểm tra (mẫu)."))
        eligibility.answer_all(dossier=dossier, answers=answers, actor=self.helper, now=now)
        dossiers.admit(dossier=dossier, actor=self.helper, now=now)

    def declare(self) -> None:
        """Everyone signs; one judge's employer turns out to be a facility of the round."""
        entered = Dossier.objects.filter(round=self.round).order_by("entry_code")
        own = entered[7].product.facility
        assert own is not None
        for place, judge in enumerate(self.judges):
            employer = own.name if place == 1 else ""
            declarations.sign(
                round_=self.round, user=judge, signed_name=str(judge), employer=employer, now=START + 31 * DAY
            )

    def divide(self) -> None:
        lifecycle.advance(round_=self.round, to=RoundState.SCREENING, actor=self.officer, now=START + 31 * DAY)
        made = assigning.plan(
            round_=self.round,
            method="balanced",
            per_dossier=SHEETS_EACH,
            seed="2026",
            actor=self.officer,
            now=START + 31 * DAY,
        )
        assigning.apply(plan=made, actor=self.officer, now=START + 31 * DAY)
        self.round = lifecycle.advance(
            round_=self.round, to=RoundState.SCORING, actor=self.officer, now=START + 32 * DAY
        )

    def stand_aside(self) -> None:
        """A late recusal after the sheet was handed in; a re-opened sheet; more time for one judge."""
        judge = self.judges[2]
        dossier = Dossier.objects.filter(assignments__judge=judge, assignments__released_at=None).order_by("pk")[0]
        sheet = self._score(dossier, judge, START + 33 * DAY)
        conflicts.declare(dossier=dossier, user=judge, reason="Tôi từng tư vấn cho cơ sở này.", now=START + 34 * DAY)
        sheet.refresh_from_db()
        assert sheet.state == "voided"
        mended = assigning.rebalance(round_=self.round, actor=self.officer, now=START + 34 * DAY)
        assigning.apply(plan=mended, actor=self.officer, now=START + 34 * DAY, reason="Giám khảo từ chối chấm.")
        again = self.judges[3]
        other = Dossier.objects.filter(assignments__judge=again, assignments__released_at=None).order_by("pk")[0]
        first = self._score(other, again, START + 33 * DAY)
        reopening.reopen(sheet=first, reason="Nhập nhầm dòng.", actor=self.council[0], now=START + 35 * DAY)
        extensions.extend(
            round_=self.round,
            judge=again,
            until=START + 62 * DAY,
            reason="Đi công tác.",
            actor=self.council[0],
            now=START + 35 * DAY,
        )

    def score(self) -> int:
        handed_in = 0
        for place, judge in enumerate(self.judges):
            mine = Dossier.objects.filter(assignments__judge=judge, assignments__released_at=None).order_by(
                "entry_code"
            )
            for number, dossier in enumerate(mine.select_related("round", "product")):
                now = START + 36 * DAY + (place * 1000 + number) * dt.timedelta(seconds=20)
                if number % 97 == 96:
                    self._cannot(dossier, judge, now)
                else:
                    self._score(dossier, judge, now)
                handed_in += 1
        return handed_in

    def _cannot(self, dossier: Dossier, judge: Any, now: dt.datetime) -> None:
        sheet = scoring.open_sheet(dossier=dossier, judge=judge, now=now)
        scoring.cannot_assess(sheet=sheet, reason="Không thử được máy.", actor=judge, now=now)

    def _score(self, dossier: Dossier, judge: Any, now: dt.datetime) -> Any:
        outline = outline_for(self.round.pk, dossier.product.group)
        quality = Decimal(55 + int(dossier.entry_code) * 7 % 43) / 100
        values: dict[int, scoring.Value] = {}
        for row in outline.inputs:
            maximum = outline.maxima[row.pk]
            wish = maximum * quality + Decimal(self.dice.randint(-4, 4)) / 2
            steps = int(min(max(wish, Decimal(0)), maximum) / Decimal("0.5"))
            values[row.pk] = (min(steps * Decimal("0.5"), maximum), "")
        sheet = scoring.open_sheet(dossier=dossier, judge=judge, now=now)
        saved = scoring.save_scores(sheet=sheet, values=values, revision=sheet.revision, actor=judge, now=now)
        return scoring.submit_sheet(sheet=saved.sheet, actor=judge, now=now)

    def close(self) -> None:
        self.round = lifecycle.advance(
            round_=self.round, to=RoundState.DELIBERATION, actor=self.officer, now=START + 63 * DAY
        )

    def decide(self) -> None:
        now = START + 65 * DAY
        secretary = self.council[1]
        chair = self.round.seats.get(role=SeatRole.CHAIR)
        meeting = sessions.open_session(
            round_=self.round,
            held_at=now,
            place="Hội trường mẫu",
            chaired_by=chair,
            minuted_by=secretary,
            actor=secretary,
            now=now,
        )
        seats = self.round.seats.filter(body=Body.COUNCIL, until=None)
        sessions.record_attendance(
            session=meeting,
            rows=dict.fromkeys(seats.values_list("pk", flat=True), (True, "")),
            actor=secretary,
            now=now,
        )
        words = {}
        left = self.round.quota or 0
        best = sorted(queries.board(self.round), key=lambda row: -(row.mean or 0))
        for row in best:
            take = row.passed and left > 0
            left -= take
            reason = "" if take else "Ngoài số lượng của kỳ." if row.passed else "Chưa đạt điểm trung bình."
            choice = VerdictChoice.RECOGNISE if take else VerdictChoice.DECLINE
            words[row.dossier.pk] = council.Word(
                choice,
                council.Votes(8, 1, 0) if take else council.Votes(1, 8, 0),
                reason=reason or ("Xếp theo điểm toàn kỳ, không theo nhóm." if row.rank else ""),
            )
        council.record_verdicts(round_=self.round, words=words, actor=secretary, now=now)
        conclusion = "Hội đồng thống nhất danh sách đề nghị theo điểm, trong số lượng của kỳ."
        sessions.record_words(session=meeting, discussion="", conclusion=conclusion, actor=secretary, now=now)
        sessions.close_session(session=meeting, actor=secretary, now=now)

    def announce(self) -> None:
        now = START + 70 * DAY
        lifecycle.advance(
            round_=self.round,
            to=RoundState.SUBMITTED,
            actor=self.officer,
            now=now,
            submission_number="99/TTr-MAU",
            submitted_on=now.date(),
        )
        lifecycle.record_decision(
            round_=self.round,
            number="99",
            symbol="QĐ-MAU",
            signed_on=now.date(),
            issuer="Cơ quan mẫu",
            signer="Chủ tịch",
            scan=None,
            actor=self.leader,
            now=now + DAY,
        )
        lifecycle.announce(round_=self.round, actor=self.leader, now=now + 2 * DAY)


def main(total: int, judges: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("load_reference", "--apply", verbosity=0)
    if not ValidityRule.objects.exists():
        sys.exit("No validity rule was loaded.")
    play = Play(total, judges)
    with part("round, bodies, criteria by two people"):
        play.open()
    with part(f"{total} dossiers entered, checked and admitted"):
        play.enter()
    with part(f"{judges} declarations held against {total} facilities"):
        play.declare()
    with part(f"{total} × {SHEETS_EACH} sheets divided among {judges} judges"):
        play.divide()
    with part("late recusal, re-balancing, re-opening, extension"):
        play.stand_aside()
    with part("every sheet opened, saved and handed in"):
        handed_in = play.score()
    print(f"{'':4}{handed_in} sheets")
    with part("scoring closed and sealed"):
        play.close()
    with part(f"{total} verdicts in one session, minutes locked"):
        play.decide()
    with part("submitted, decided, announced"):
        play.announce()
    with part("seal recomputed, audit chain, invariants"):
        call_command("recompute_round", str(play.round.pk))
        call_command("verify_audit")
        call_command("check_invariants")
    seal = RoundSeal.objects.get(round=play.round)
    print(f"round {play.round.pk}, seal {seal.sha256}")
    print(
        f"{Round.objects.get(pk=play.round.pk).get_state_display()}: {queries.recognised_list(play.round).count()} recognised"
    )


if __name__ == "__main__":
    main(*(int(given) for given in (*sys.argv[1:3], *("441", "13")[len(sys.argv) - 1 :])))
