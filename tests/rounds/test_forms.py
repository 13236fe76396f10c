"""What officers type at the desk: wrong at the right field, and never lost."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.accounts.models import Organisation
from portal.territory.queries import forget_register
from rounds.enums import DossierState
from rounds.models import Dossier
from rounds.services import dossiers
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def page(name, *args):
    return reverse(f"admin:rounds_{name}", args=args)


def round_form(**changes):
    blank = dict.fromkeys(["region", "locality", "name", "receiving_unit", "quota"], "")
    moments = dict.fromkeys(["receiving_from", "receiving_until", "scoring_until"], "")
    facts = {"level": "province", "year": 2026, "ordinal": 0, "threshold": "70", "score_step": "0.5", "quorum": 1}
    return {**blank, **moments, **facts, **changes}


def opening(desk, **typed):
    """The form of a new round, sent; its errors by field."""
    response = desk.post(page("round_add"), round_form(**typed))
    return response.context["adminform"].form.errors if response.status_code == 200 else {}


def test_a_provincial_round_without_a_province_is_told_at_the_province(desk):
    assert opening(desk, territory="") == {"territory": ["Kỳ bình chọn cấp tỉnh cần chọn tỉnh."]}


def test_a_round_is_not_held_by_a_unit_that_ended_before_its_year(desk, province):
    former = factories.TerritoryFactory(name="Bắc Kạn", valid_to=dt.date(2025, 6, 30))
    factories.SuccessionFactory(predecessor=former, successor=province, on=dt.date(2025, 7, 1))
    forget_register()
    errors = opening(desk, territory=former.pk, year=2026)
    assert errors == {"territory": [f"Bắc Kạn đã thôi là đơn vị hành chính từ 01/07/2025. Hãy chọn {province.name}."]}
    assert opening(desk, territory=former.pk, year=2025) == {}


def test_deadlines_stand_in_order_each_told_at_its_field(desk, province):
    errors = opening(
        desk,
        territory=province.pk,
        receiving_from="2026-12-10T08:00",
        receiving_until="2026-12-01T17:00",
        scoring_until="2026-11-25T17:00",
    )
    assert errors == {
        "receiving_until": ["Hạn nhận hồ sơ phải sau ngày bắt đầu nhận."],
        "scoring_until": ["Hạn nộp phiếu chấm phải sau hạn nhận hồ sơ."],
    }


@pytest.mark.parametrize("field", ["quorum", "quota"])
def test_a_number_of_none_is_told(field, desk, province):
    assert opening(desk, territory=province.pk, **{field: 0}) == {field: ["Số này phải từ 1 trở lên."]}


def test_units_of_other_provinces_receive_no_dossiers_here(desk, province, other_province):
    own = Organisation.objects.create(name="Trung tâm Khuyến công mẫu", kind="extension_centre", territory=province)
    Organisation.objects.create(name="Trung tâm nơi khác", kind="extension_centre", territory=other_province)
    choices = desk.get(page("round_add")).context["adminform"].form.fields["receiving_unit"].queryset
    assert list(choices.exclude(territory=None)) == [own, *choices.exclude(territory=None).exclude(pk=own.pk)]
    assert not choices.filter(territory=other_province).exists()


def test_a_round_that_is_settled_offers_no_saving(desk, province, officer, leader):
    round_ = helpers.submitted_round(province, officer, leader)
    assert 'name="_save"' not in desk.get(page("round_settings", round_.pk)).content.decode()


def act(client, dossier, name, **data):
    typed = {(key if key in {"revision", "target"} else f"{name}-{key}"): value for key, value in data.items()}
    return client.post(page("dossier_act", dossier.pk), {"act": name, **typed})


def test_an_act_on_a_paper_that_is_not_there_says_so(desk, province, officer):
    dossier = helpers.submitted(helpers.receiving_round(province, officer), officer)
    response = act(desk, dossier, "needs_fix", target="abc", remark="Thiếu chữ ký.")
    assert response.status_code == 409
    assert "Hồ sơ không có giấy tờ này." in response.content.decode()


def test_an_act_on_a_dossier_that_moved_on_meanwhile_is_not_done(desk, province, officer):
    round_ = helpers.receiving_round(province, officer)
    dossier = helpers.submitted(round_, officer)
    dossier.refresh_from_db()
    seen = dossier.revision
    helpers.hand_in_papers(dossier, officer)
    dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    response = act(desk, dossier, "reject", reason="Ảnh mờ.", revision=seen)
    assert response.status_code == 409
    body = response.content.decode()
    assert "Kết luận hồ sơ 001 đủ điều kiện." in body
    assert "Ảnh mờ." in body
    assert Dossier.objects.get().state == DossierState.ELIGIBLE


def test_the_signing_authority_is_offered_with_the_kind_of_its_province(
    client, province, officer, leader, time_machine
):
    time_machine.move_to(helpers.AFTER, tick=False)
    round_ = helpers.submitted_round(province, officer, leader)
    client.force_login(leader)
    form = client.get(page("round_decision", round_.pk)).context["form"]
    assert form["issuer"].value() == "Ủy ban nhân dân tỉnh Thái Nguyên"


def test_a_decision_sent_as_a_step_is_told_where_it_is_recorded(client, province, officer, leader, time_machine):
    time_machine.move_to(helpers.AFTER, tick=False)
    round_ = helpers.submitted_round(province, officer, leader)
    client.force_login(leader)
    response = client.post(page("round_step", round_.pk), {"to": "decided"})
    assert (response.status_code, "Hãy ghi quyết định công nhận đã ký" in response.content.decode()) == (409, True)


def test_a_day_that_is_none_is_told_with_an_example(desk, province, officer, leader):
    dossier = helpers.submitted(helpers.receiving_round(province, officer), officer)
    response = act(desk, dossier, "request_supplement", until="mai", request="Thêm ảnh.")
    assert "Ngày giờ chưa đúng. Hãy nhập như 21/11/2026 17:00." in response.content.decode()


def test_rows_of_a_template_can_be_edited_beside_each_other(client, administrator):
    """Name and guidance in low boxes, points and parent within sight."""
    client.force_login(administrator)
    template = factories.CriteriaSetFactory()
    response = client.get(reverse("admin:rounds_criteriaset_change", args=[template.pk]))
    row = response.context["inline_admin_formsets"][0].formset.forms[0]
    assert list(row.fields)[:3] == ["code", "name", "max_points"]
    assert (row.fields["name"].widget.attrs["rows"], row.fields["guidance"].widget.attrs["rows"]) == (2, 2)


def test_who_may_not_open_the_register_gets_no_link_to_it(client, desk, province, officer):
    round_ = helpers.receiving_round(province, officer)
    dossier = helpers.submitted(round_, officer)
    link = reverse("admin:products_product_change", args=[dossier.product_id])
    assert link in desk.get(page("dossier_change", dossier.pk)).content.decode()
    helper = factories.SeatFactory(round=round_, body="support", role="support_lead").user
    client.force_login(helper)
    assert link not in client.get(page("dossier_change", dossier.pk)).content.decode()


@pytest.mark.parametrize(
    ("name", "back"),
    [
        ("round_step", "round_change"),
        ("round_criteria_copy", "round_criteria_sets"),
        ("round_establishing", "round_bodies"),
    ],
)
def test_who_logs_in_again_after_sending_a_form_is_led_to_its_page(name, back, desk, province):
    round_ = factories.RoundFactory(territory=province, year=2026)
    assert desk.get(page(name, round_.pk)).url == page(back, round_.pk)


def test_who_logs_in_again_after_sending_an_act_is_led_to_the_dossier(desk, province, officer):
    dossier = helpers.submitted(helpers.receiving_round(province, officer), officer)
    assert desk.get(page("dossier_act", dossier.pk)).url == page("dossier_change", dossier.pk)


def test_who_logs_in_again_after_sending_a_verdict_comes_to_the_dossier_on_the_board(desk, province, officer):
    dossier = helpers.scoring_round(province, officer, entries=1).dossiers.get()
    assert desk.get(page("round_verdict", dossier.round_id, dossier.pk)).status_code == 200


def test_only_rounds_whose_dossiers_one_receives_are_offered(client, desk, province, officer):
    """An extension centre is named by some rounds and not by others."""
    centre = factories.OrganisationFactory(kind="extension_centre", territory=province)
    mine = helpers.receiving_round(province, officer, receiving_unit=centre)
    theirs = helpers.receiving_round(province, officer, ordinal=2)
    assert set(desk.get(page("dossier_add")).context["rounds"]) == {mine, theirs}
    clerk = factories.staff("extension_officer", province)
    clerk.organisation = centre
    clerk.save()
    client.force_login(clerk)
    assert client.get(page("dossier_add")).context["round"] == mine
