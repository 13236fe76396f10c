"""What becomes of readers' letters: where they go, who may act, how they are erased."""

import datetime as dt
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.urls import reverse

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.models import AuditEntry
from portal.notices import faults
from portal.notices.enums import FaultKind, NoticeState
from portal.notices.models import AddressFault, Notice
from portal.pages.todo.inquiries import inquiry_tasks
from portal.text.errors import Refusal
from portal.text.workdays import after_working_days
from products import inquiry_letters, inquiry_queries, inquiry_rules
from products.enums import InquiryKind, InquiryState
from products.inquiry_states import ANSWER_DAYS, TRANSITIONS, may_become
from products.models import Inquiry, PageRating
from products.services import inquiries as services
from products.services import ratings
from products.services.inquiries import Words, months_before
from tests.factories import (
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    RepresentativeFactory,
    SuccessionFactory,
    TerritoryFactory,
    staff,
)

pytestmark = pytest.mark.django_db
VN = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 2, 9, tzinfo=VN)
S = InquiryState
WORDS = Words(message="Có giao đi Huế không?", name="Người hỏi mẫu", email="hoi@example.vn", phone="0912345678")
MADE_UP = ("Người hỏi mẫu", "hoi@example.vn", "0912345678", "Huế")


@pytest.fixture
def product():
    maker = FacilityFactory(name="Cơ sở mẫu An Bình")
    made = ProductFactory(name="Sản phẩm mẫu Mỳ Chũ", facility=maker, territory=maker.territory)
    RecognitionFactory(product=made, territory=maker.territory)
    return made


@pytest.fixture
def speaker(product):
    return RepresentativeFactory(facility=product.facility, territory=product.territory).user


def sent(product=None, kind=InquiryKind.QUESTION, words=WORDS, now=NOW, **more):
    facility = product.facility if product and kind != InquiryKind.ERROR else None
    return services.send_inquiry(
        uuid=uuid4(), kind=kind, words=words, now=now, product=product, facility=facility, **more
    )


def tasks_of(user, on=None):
    on = on or NOW.date()
    return [(task.what, task.due) for task in inquiry_tasks(staff_reach(user, on), on)]


# --- where letters go -------------------------------------------------------------------------------------------


def test_an_error_waits_for_the_officers_of_the_unit_of_today(product):
    today_unit = TerritoryFactory()
    SuccessionFactory(predecessor=product.territory, successor=today_unit)
    officer = staff(Role.OFFICER, today_unit)
    letter = sent(product, InquiryKind.ERROR)
    assert letter.territory == today_unit
    assert tasks_of(officer) == [("Xem 1 báo sai sót", after_working_days(NOW.date(), ANSWER_DAYS))]
    assert inquiry_rules.may_handle(officer, letter)
    assert not inquiry_rules.may_handle(staff(Role.OFFICER, TerritoryFactory()), letter)


def test_a_letter_of_before_a_merger_is_reached_after_it(product):
    letter = sent(product, InquiryKind.ERROR)
    today_unit = TerritoryFactory()
    SuccessionFactory(predecessor=product.territory, successor=today_unit)
    officer = staff(Role.OFFICER, today_unit)
    assert list(Inquiry.objects.visible_to(officer)) == [letter]
    assert tasks_of(officer)


def test_a_question_goes_to_who_speaks_for_the_maker_and_mail_carries_none_of_its_words(
    product, speaker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        letter = sent(product)
    assert letter.state == S.PASSED_ON
    note = Notice.objects.get(kind=inquiry_letters.ASKED.code)
    assert note.user == speaker
    told = f"{note.title} {note.body} {''.join(str(one.message()) for one in mail.outbox)}"
    assert reverse("own_letter", args=[letter.uuid]) in note.body
    assert not any(word in told for word in MADE_UP)
    assert inquiry_letters.ASKED.link(speaker, letter.uuid) == reverse("own_letter", args=[letter.uuid])


def test_without_anybody_who_speaks_for_the_maker_it_waits_for_the_province(product):
    officer = staff(Role.OFFICER, product.territory)
    sent(product)
    sent(product, InquiryKind.PURCHASE)
    assert [what for what, _due in tasks_of(officer)] == [
        "Trả lời 1 câu hỏi gửi cơ sở",
        "Chuyển 1 yêu cầu mua hàng",
    ]


def test_what_the_maker_leaves_for_seven_working_days_waits_for_the_province(product, speaker):
    officer = staff(Role.OFFICER, product.territory)
    letter = sent(product)
    last = after_working_days(NOW.date(), ANSWER_DAYS)
    assert (tasks_of(officer, last), inquiry_rules.sees_sender(officer, letter, on=last)) == ([], False)
    late = last + dt.timedelta(days=1)
    assert tasks_of(officer, late) == [("Hỏi cơ sở về 1 thư chưa trả lời", late)]
    assert inquiry_rules.sees_sender(officer, letter, on=late)
    services.answer_inquiry(inquiry=letter, text="Có giao.", actor=speaker, now=NOW)
    assert tasks_of(officer, late) == []


@pytest.mark.parametrize("offset", range(12))
def test_the_two_ways_of_telling_what_is_overdue_agree(product, speaker, offset):
    letter = sent(product)
    on = NOW.date() + dt.timedelta(days=offset)
    assert inquiry_queries.is_overdue(letter, on=on) is (letter.passed_on_at < inquiry_queries.overdue_before(on))


def test_a_letter_to_the_portal_waits_for_who_runs_it(administrator, officer):
    sent(kind=InquiryKind.CONTACT)
    agency = staff(Role.AGENCY_NATIONAL)
    assert (
        [what for what, _due in tasks_of(administrator)]
        == ["Trả lời 1 thư liên hệ"]
        == [what for what, _due in tasks_of(agency)]
    )
    assert tasks_of(officer) == []


def test_a_burst_of_letters_tells_the_maker_a_few_times_and_all_of_them_stand_in_the_inbox(product, speaker):
    for _each in range(inquiry_letters.TOLD_A_DAY + 3):
        sent(product)
    assert Notice.objects.filter(user=speaker).count() == inquiry_letters.TOLD_A_DAY
    assert inquiry_queries.inbox(speaker).count() == inquiry_letters.TOLD_A_DAY + 3


# --- acts -------------------------------------------------------------------------------------------------------


def test_the_answer_is_mailed_in_the_language_of_the_letter(product, speaker, django_capture_on_commit_callbacks):
    letter = sent(product, words=Words(message="Do you ship?", email="Buyer@Example.org", language="en"))
    with django_capture_on_commit_callbacks(execute=True):
        services.answer_inquiry(inquiry=letter, text="Có, giao trong 5 ngày.", actor=speaker, now=NOW)
    letter.refresh_from_db()
    note = Notice.objects.get(recipient="buyer@example.org")
    assert (letter.state, note.kind, note.territory) == (S.ANSWERED, "inquiry_answer_en", None)
    assert "Có, giao trong 5 ngày." in note.body
    assert f"/en/thu/{letter.uuid}/" in note.body
    assert inquiry_queries.answered_by_maker(letter)


def test_without_an_address_the_answer_is_read_on_the_letters_own_page(product, officer):
    letter = sent(product, InquiryKind.ERROR, Words(message="Sai ảnh."))
    services.close_inquiry(inquiry=letter, note="Đã thay ảnh.", actor=officer, now=NOW)
    letter.refresh_from_db()
    assert (letter.state, letter.answer, Notice.objects.count()) == (S.CLOSED, "Đã thay ảnh.", 0)


def test_a_letter_is_passed_on_once_somebody_speaks_for_the_maker(product, officer):
    letter = sent(product)
    with pytest.raises(Refusal, match="Chưa có ai đại diện"):
        services.pass_to_maker(inquiry=letter, actor=officer, now=NOW)
    RepresentativeFactory(facility=product.facility, territory=product.territory)
    assert services.pass_to_maker(inquiry=letter, actor=officer, now=NOW).state == S.PASSED_ON


def test_a_letter_to_the_portal_is_handed_to_a_province(administrator, province):
    letter = sent(kind=InquiryKind.CONTACT)
    services.hand_over(inquiry=letter, territory=province, actor=administrator)
    letter.refresh_from_db()
    assert letter.territory == province
    with pytest.raises(Refusal, match="đang ở nơi này"):
        services.hand_over(inquiry=letter, territory=province, actor=administrator)


def test_spam_is_taken_back_and_waits_again(product, officer):
    letter = services.reject_inquiry(inquiry=sent(product), actor=officer, now=NOW)
    restored = services.restore_inquiry(inquiry=letter, actor=officer)
    assert (restored.state, restored.closed_at) == (S.NEW, None)


def test_every_act_keeps_to_the_table(product, officer):
    acts = {
        S.ANSWERED: lambda row: services.answer_inquiry(inquiry=row, text="x", actor=officer, now=NOW),
        S.CLOSED: lambda row: services.close_inquiry(inquiry=row, actor=officer, now=NOW),
        S.REJECTED: lambda row: services.reject_inquiry(inquiry=row, actor=officer, now=NOW),
        S.NEW: lambda row: services.restore_inquiry(inquiry=row, actor=officer),
    }
    for state in TRANSITIONS:
        for target, act in acts.items():
            row = sent(product)
            Inquiry.objects.filter(pk=row.pk).update(
                state=state, answered_at=NOW, closed_at=NOW, passed_on_at=NOW, answer="y"
            )
            if may_become(state, target):
                assert act(row).state == target
            else:
                with pytest.raises(Refusal):
                    act(row)


# --- erasing ----------------------------------------------------------------------------------------------------


def test_the_senders_data_goes_so_many_months_after_the_end_and_counts_stay(product, officer):
    letter = sent(product, InquiryKind.ERROR)
    services.answer_inquiry(inquiry=letter, text="Kính gửi Người hỏi mẫu, đã sửa.", actor=officer, now=NOW)
    year_later = dt.datetime(2027, 11, 2, 9, tzinfo=VN)
    assert services.erase_old(now=year_later, keep_months=12) == 0
    assert Notice.objects.filter(recipient="hoi@example.vn").exists()
    assert services.erase_old(now=year_later + dt.timedelta(minutes=1), keep_months=12) == 1
    letter.refresh_from_db()
    assert [getattr(letter, name) for name in services.PERSONAL] == [""] * len(services.PERSONAL)
    assert (letter.kind, letter.state, letter.product) == (InquiryKind.ERROR, S.ANSWERED, product)
    assert not Notice.objects.filter(recipient="hoi@example.vn").exists()
    assert services.erase_old(now=year_later + dt.timedelta(days=1), keep_months=12) == 0


def test_a_letter_nobody_settled_is_erased_after_twice_the_time(product):
    letter = sent(product)
    late = months_before(NOW, -24)
    assert services.erase_old(now=late, keep_months=12) == 0
    assert services.erase_old(now=late + dt.timedelta(minutes=1), keep_months=12) == 1
    letter.refresh_from_db()
    assert (letter.state, letter.message) == (S.CLOSED, "")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [((2026, 3, 31), 1, (2026, 2, 28)), ((2026, 1, 15), 1, (2025, 12, 15)), ((2028, 2, 29), 12, (2027, 2, 28))],
)
def test_months_are_counted_back_on_the_calendar(day, months, expected):
    found = months_before(dt.datetime(*day, 9, tzinfo=VN), months)
    assert (found.year, found.month, found.day) == expected


def test_nothing_of_the_sender_stands_in_the_audit(product, speaker):
    letter = sent(product)
    services.answer_inquiry(inquiry=letter, text="Chào Người hỏi mẫu", actor=speaker, now=NOW)
    services.take_back_inquiry(inquiry=letter, now=NOW)
    rows = AuditEntry.objects.filter(action__startswith="inquiry.")
    told = " ".join(f"{row.sentence} {row.subject_label} {row.reason} {row.data}" for row in rows)
    assert rows.count() == 3
    assert not any(word in told for word in MADE_UP)


def test_a_senders_address_that_takes_no_mail_is_kept_nowhere_else(product, officer):
    letter = sent(product, InquiryKind.ERROR)
    services.answer_inquiry(inquiry=letter, text="Đã sửa.", actor=officer, now=NOW)
    note = Notice.objects.get(recipient="hoi@example.vn")
    assert faults.note(notice=note, kind=FaultKind.HARD, diagnosis="550 unknown", at=NOW)
    note.refresh_from_db()
    assert (note.state, note.bounced_at) == (NoticeState.DROPPED, NOW)
    assert not AddressFault.objects.exists()
    assert "hoi@example.vn" not in str(note)


def test_remarks_on_pages_leave_after_their_time_and_votes_stay():
    row = ratings.rate_page(page="/", useful=False, language="vi", product=None, on=dt.date(2025, 1, 1))
    assert ratings.remark(rating=row, comment="Chữ nhỏ quá.")
    assert not ratings.remark(rating=row, comment="Lần nữa.")
    assert ratings.erase_old(now=NOW, keep_months=12) == 1
    assert PageRating.objects.get().comment == ""
