"""Who sits in the bodies: seats, replacement with history, limits, the papers; what the rules want, in words."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds import bodies_queries, body_rules
from rounds.enums import Body, RoundState, SeatRole
from rounds.models import EstablishingDecision, Seat
from rounds.services import bodies, guards, lifecycle
from rounds.sheet_states import sheet_states
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db
DAY = NOON.date()


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def page(name, *args):
    return reverse(f"admin:rounds_round_{name}", args=args)


def text(response):
    return response.content.decode()


def screened(province, officer, entries):
    """A round whose dossiers are all admitted and wait to be scored."""
    round_ = helpers.receiving_round(province, officer)
    for _number in range(entries):
        helpers.admitted(round_, officer)
    return lifecycle.advance(
        round_=round_, to=RoundState.SCREENING, actor=officer, now=NOON, reason="Đã nhận đủ hồ sơ."
    )


def new_seats(*rows):
    typed = {f"moi-{place}-{key}": value for place, row in enumerate(rows) for key, value in row.items()}
    return {"moi-TOTAL_FORMS": len(rows), "moi-INITIAL_FORMS": 0, **typed}


def row(user, role="judge", since="2026-11-01"):
    return {"user": user.pk if user else "", "role": role, "since": since}


class TestReplacement:
    def test_it_ends_the_one_and_seats_the_other_with_role_and_limits(self, province, officer):
        round_ = helpers.scoring_round(province, officer)
        old = Seat.objects.filter(round=round_, role=SeatRole.HEAD_JUDGE).get()
        bodies.set_limits(place=old, max_sheets=30, groups=["machinery", "gì đó"], actor=officer)
        new = bodies.replace(
            place=old, user=factories.UserFactory(full_name="Trần Thị Hòa"), since=DAY, reason="Ốm.", actor=officer
        )
        old.refresh_from_db()
        assert (old.until, old.until_reason, old.replaced_by) == (DAY, "Ốm.", new)
        assert (new.role, new.max_sheets, new.groups) == (SeatRole.HEAD_JUDGE, 30, ["machinery"])
        said = AuditEntry.objects.get(action="seat.replace")
        assert (said.sentence, said.reason) == (f"Trần Thị Hòa thay {old.user} làm trưởng ban giám khảo.", "Ốm.")

    def test_the_history_of_a_place_reads_as_a_line(self, province, officer):
        round_ = helpers.ready_round(province)
        place = Seat.objects.filter(round=round_, role=SeatRole.SECRETARY).get()
        first = place.user
        for name in ("Lê Văn An", "Đỗ Thị Yến"):
            user = factories.UserFactory(full_name=name)
            place = bodies.replace(place=place, user=user, since=DAY, reason="Chuyển công tác.", actor=officer)
        before = bodies_queries.before(place, bodies_queries.all_seats(round_))
        line = bodies_queries.SeatLine(place, before)
        assert line.history == f"Thay Lê Văn An từ 21/11/2026, người này thay {first} từ 21/11/2026."

    def test_submitted_sheets_of_who_left_stay_and_count(self, province, officer):
        round_ = helpers.scoring_round(province, officer, entries=1)
        dossier, judge = round_.dossiers.get(), helpers.judges_of(round_)[1]
        sheet = helpers.sheet(dossier, judge, Decimal("0.8"))
        place = Seat.objects.get(round=round_, user=judge)
        bodies.replace(place=place, user=factories.UserFactory(), since=DAY, reason="Ốm.", actor=officer)
        sheet.refresh_from_db()
        assert sheet.state == "submitted"
        assert sheet_states(round_)[dossier.pk]["dossier"][judge.pk] == "submitted"

    def test_who_sits_already_does_not_take_a_second_place(self, province, officer):
        round_ = helpers.ready_round(province)
        one, two = Seat.objects.filter(round=round_, body=Body.JURY)[:2]
        with pytest.raises(Refusal, match="đã có trong danh sách"):
            bodies.replace(place=one, user=two.user, since=DAY, reason="Ốm.", actor=officer)
        one.refresh_from_db()
        assert one.until is None

    def test_it_needs_a_reason_and_someone_of_the_office(self, province, officer, other_province):
        place = Seat.objects.filter(round=helpers.ready_round(province), body=Body.JURY).first()
        facts = {"place": place, "user": factories.UserFactory(), "since": DAY}
        with pytest.raises(Refusal, match="cần lý do"):
            bodies.replace(reason=" ", actor=officer, **facts)
        with pytest.raises(Refusal) as refused:
            bodies.replace(reason="Ốm.", actor=factories.staff("officer", other_province), **facts)
        assert refused.value.code == "not_allowed"


class TestRules:
    @pytest.mark.parametrize(("size", "fine"), [(6, False), (7, True), (8, False), (9, True)])
    def test_the_council_has_the_sizes_of_its_level(self, size, fine, province):
        rule = helpers.council_rule()
        round_ = factories.RoundFactory(territory=province)
        helpers.council_of(round_, size)
        found = body_rules.council(round_, Seat.objects.filter(round=round_), rule)
        said = f"Hội đồng cấp tỉnh có 7 hoặc 9 thành viên (TT 26/2014/TT-BCT). Hiện có {size} người."
        assert (found.fine, found.blockers) == (([said], []) if fine else ([], [said]))

    @pytest.mark.parametrize(("size", "fine"), [(1, False), (2, False), (3, True), (4, False), (5, True)])
    def test_the_jury_is_odd_and_three_at_least(self, size, fine, province):
        round_ = factories.RoundFactory(territory=province)
        helpers.jury(round_, size)
        found = body_rules.jury(round_, Seat.objects.filter(round=round_))
        assert bool(found.blockers) is not fine

    def test_a_judge_with_more_than_agreed_blocks_the_scoring(self, province, officer):
        round_ = screened(province, officer, 2)
        place = Seat.objects.filter(round=round_, body=Body.JURY).first()
        facts = guards.Facts(NOON)
        bodies.set_limits(place=place, max_sheets=2, groups=[], actor=officer)
        assert not [said for said in guards.check(round_, RoundState.SCORING, facts).blockers if "tối đa" in said]
        bodies.set_limits(place=place, max_sheets=1, groups=[], actor=officer)
        said = f"{place.user} nhận chấm tối đa 1 hồ sơ nhưng đang có 2. Hãy phân công lại hoặc sửa giới hạn."
        assert said in guards.check(round_, RoundState.SCORING, facts).blockers

    def test_dossiers_of_other_groups_than_agreed_are_named(self, province, officer):
        round_ = screened(province, officer, 1)
        group = round_.dossiers.get().product.group
        place = Seat.objects.filter(round=round_, body=Body.JURY).first()
        other = "machinery" if group != "machinery" else "other"
        bodies.set_limits(place=place, max_sheets=None, groups=[other], actor=officer)
        warned = guards.check(round_, RoundState.SCORING, guards.Facts(NOON)).warnings
        assert any("có 1 hồ sơ của nhóm khác" in said for said in warned)


class TestPages:
    def test_people_are_seated_together_and_a_blank_row_is_left_out(self, desk, province):
        round_ = factories.RoundFactory(territory=province, year=2026)
        head, judge = factories.UserFactory(full_name="Trưởng ban"), factories.UserFactory()
        sent = new_seats(row(head, "head_judge"), row(judge), row(None))
        response = desk.post(page("bodies_add", round_.pk, "jury"), sent)
        assert response.url == page("bodies", round_.pk)
        assert set(Seat.objects.values_list("user", "role")) == {(head.pk, "head_judge"), (judge.pk, "judge")}

    def test_an_empty_body_offers_rows_that_start_today(self, desk, province):
        round_ = factories.RoundFactory(territory=province, year=2026)
        rows = desk.get(page("bodies_add", round_.pk, "jury")).context["rows"]
        assert (len(rows.forms), rows.forms[0]["since"].value(), rows.forms[0]["role"].value()) == (7, DAY, "judge")

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            (["one", "one"], "Người này đã chọn ở dòng trên."),
            ([None], "Hãy chọn ít nhất một người."),
        ],
    )
    def test_what_is_wrong_is_told_and_nobody_is_seated(self, rows, words, desk, province):
        round_ = factories.RoundFactory(territory=province, year=2026)
        expert = factories.UserFactory(full_name="Giám khảo mẫu")
        response = desk.post(
            page("bodies_add", round_.pk, "jury"), new_seats(*[row(expert if name else None) for name in rows])
        )
        assert (response.status_code, words in text(response), Seat.objects.count()) == (400, True, 0)

    def test_two_heads_of_one_jury_are_refused_together(self, desk, province):
        round_ = factories.RoundFactory(territory=province, year=2026)
        sent = new_seats(*[row(factories.UserFactory(), "head_judge") for _number in range(2)])
        response = desk.post(page("bodies_add", round_.pk, "jury"), sent)
        assert (response.status_code, "Vai trò này đã có người giữ." in text(response)) == (400, True)
        assert Seat.objects.count() == 0

    def test_a_person_is_replaced_limited_and_ended_on_the_page(self, desk, province, officer):
        round_ = helpers.scoring_round(province, officer)
        place = Seat.objects.filter(round=round_, role=SeatRole.JUDGE).first()
        here = page("seat", round_.pk, place.pk)
        assert "phiếu đã nộp được giữ và vẫn được tính" in text(desk.get(here))
        desk.post(here, {"act": "limits", "limits-max_sheets": "12", "limits-groups": ["other"]})
        place.refresh_from_db()
        assert (place.max_sheets, place.groups) == (12, ["other"])
        wrong = desk.post(here, {"act": "replace", "replace-user": "", "replace-since": "2026-11-21"})
        assert (wrong.status_code, "Hãy chọn người." in text(wrong)) == (400, True)
        new = factories.UserFactory(full_name="Đỗ Thị Yến")
        sent = {"act": "replace", "replace-user": new.pk, "replace-since": "2026-11-21", "replace-reason": "Ốm."}
        assert desk.post(here, sent).url == page("bodies", round_.pk)
        body = text(desk.get(page("bodies", round_.pk)))
        assert f"Thay {place.user} từ 21/11/2026." in body
        newer = Seat.objects.get(user=new)
        ending = {"act": "end", "end-until": "2026-11-21", "end-until_reason": "Chuyển công tác."}
        assert desk.post(page("seat", round_.pk, newer.pk), ending).status_code == 302
        assert "Chuyển công tác." in text(desk.get(page("bodies", round_.pk)))
        assert desk.post(here, ending).status_code == 409

    def test_a_decision_is_recorded_with_its_scan_and_served_to_the_office_only(
        self, client, desk, province, other_province
    ):
        round_ = factories.RoundFactory(territory=province, year=2026)
        scan = SimpleUploadedFile("qd.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "application/pdf")
        sent = {"body": "council", "title": "1125/QĐ-UBND", "signed_on": "2026-08-12", "scan": scan}
        assert desk.post(page("establishing", round_.pk), sent).status_code == 302
        paper = EstablishingDecision.objects.get()
        assert (paper.body, paper.signed_on, paper.scan.content_type) == (
            "council",
            dt.date(2026, 8, 12),
            "application/pdf",
        )
        address = page("establishing_file", round_.pk, paper.pk)
        response = desk.get(address)
        assert (response.status_code, b"".join(response.streaming_content)[:4]) == (200, b"%PDF")
        assert AuditEntry.objects.filter(action="establishing.read").count() == 1
        client.force_login(factories.staff("officer", other_province))
        assert client.get(address).status_code == 404

    def test_the_same_decision_twice_is_refused_at_its_title(self, desk, province):
        round_ = factories.RoundFactory(territory=province, year=2026)
        for status in (302, 400):
            sent = {"body": "jury", "title": "12/QĐ-HĐBC", "signed_on": ""}
            assert desk.post(page("establishing", round_.pk), sent).status_code == status
        paper = EstablishingDecision.objects.get()
        here = page("establishing_one", round_.pk, paper.pk)
        assert desk.post(here, {"title": "13/QĐ-HĐBC", "signed_on": "2026-09-01"}).status_code == 302
        paper.refresh_from_db()
        assert (paper.title, paper.body) == ("13/QĐ-HĐBC", "jury")

    def test_a_member_of_the_council_reads_and_changes_nothing(self, client, province):
        round_ = helpers.ready_round(province)
        place = Seat.objects.filter(round=round_, role=SeatRole.MEMBER).first()
        client.force_login(place.user)
        body = text(client.get(page("bodies", round_.pk)))
        assert str(place.user) in body
        assert "Thêm thành viên" not in body
        assert client.get(page("bodies_add", round_.pk, "jury")).status_code == 403
        assert client.get(page("seat", round_.pk, place.pk)).status_code == 403

    def test_pages_cost_the_same_queries_for_one_three_and_fifty(self, desk, province, officer):
        round_ = helpers.scoring_round(province, officer, entries=1)
        place = Seat.objects.filter(round=round_, body=Body.JURY).first()
        addresses = [
            page("bodies", round_.pk),
            page("bodies_add", round_.pk, "jury"),
            page("seat", round_.pk, place.pk),
        ]
        counts = {address: set() for address in addresses}
        for total in (3, 5, 50):
            while Seat.objects.filter(round=round_, body=Body.JURY).count() < total:
                factories.SeatFactory(round=round_, body=Body.JURY)
                factories.DossierFactory(round=round_, state="eligible")
            for address in addresses:
                desk.get(address)
                with CaptureQueriesContext(connection) as captured:
                    assert desk.get(address).status_code == 200
                counts[address].add(len(captured))
        assert {address: len(found) for address, found in counts.items()} == dict.fromkeys(addresses, 1)
