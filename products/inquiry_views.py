"""Pages on which visitors write to the portal and to makers, and the sender's own page of a letter."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from facilities.models import Facility
from portal.territory.models import Territory
from portal.territory.queries import unit_today
from portal.text.clock import today

from . import inquiry_queries, robots
from .cards import facility_name
from .enums import InquiryKind, InquiryState
from .inquiry_form import ContactForm, ErrorForm, LetterForm, PurchaseForm, QuestionForm, SumForm
from .models import Inquiry, Product
from .services import inquiries as services

WRONG, TOO_MANY = 400, 429


@dataclass(frozen=True)
class About:
    """What a letter is about, to whom it goes, and the words of its page."""

    kind: str
    title: str
    lead: str
    act: str
    form: type[LetterForm]
    whom: str
    back: str
    back_words: str
    product: Product | None = None
    facility: Facility | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Whom many letters would burden: one maker, one product, one desk."""
        if self.facility:
            return f"facility:{self.facility.pk}"
        return f"product:{self.product.pk}" if self.product else self.kind

    @property
    def consent(self) -> str:
        return _("Tôi đồng ý để %(whom)s dùng các thông tin này để trả lời tôi.") % {"whom": self.whom}


def department(territory: Territory | None) -> str:
    """Who answers for a province today; without one whoever runs the portal."""
    if territory is None:
        return _("cơ quan quản lý cổng")
    return _("Sở Công Thương %(province)s") % {"province": unit_today(territory.pk).name}


# --- the five forms ---------------------------------------------------------------------------------------------


def _letter_page(about: Callable[..., About]) -> Callable[..., HttpResponse]:
    """The page of one form: what the letter is about is all that differs."""

    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(about)
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return _letter(request, about(request, **kwargs))

    return view


@_letter_page
def report_error(request: HttpRequest, slug: str) -> About:
    """What is wrong in a product's entry, for the province that keeps it."""
    product = _product_or_404(slug)
    return About(
        kind=InquiryKind.ERROR,
        title=_("Báo sai sót"),
        lead=_("Bạn thấy trang này ghi sai điều gì? Thư đến nơi giữ sổ của tỉnh để sửa."),
        act=_("Gửi báo sai sót"),
        form=ErrorForm,
        whom=department(product.territory),
        product=product,
        **_back_to_product(product),
    )


@_letter_page
def ask_maker(request: HttpRequest, slug: str) -> About:
    """A question about a product to who makes it."""
    product = _product_or_404(slug)
    return About(
        kind=InquiryKind.QUESTION,
        title=_("Hỏi cơ sở"),
        lead=_("Câu hỏi được chuyển cho cơ sở qua cổng. Chỉ người trả lời thấy tên và địa chỉ bạn ghi."),
        act=_("Gửi câu hỏi"),
        form=QuestionForm,
        **_of_maker(product),
    )


@_letter_page
def request_purchase(request: HttpRequest, slug: str) -> About:
    """What a buyer wants of a product, to who makes it."""
    product = _product_or_404(slug)
    return About(
        kind=InquiryKind.PURCHASE,
        title=_("Yêu cầu mua hàng"),
        lead=_("Yêu cầu được chuyển cho cơ sở để báo giá. Cổng không bán hàng và không thu tiền."),
        act=_("Gửi yêu cầu mua hàng"),
        form=PurchaseForm,
        facts={"on": today()},
        **_of_maker(product),
    )


@_letter_page
def write_facility(request: HttpRequest, slug: str) -> About:
    """A letter to a facility, whose address stays behind the portal."""
    facility = inquiry_queries.public_facility(slug, on=today())
    if facility is None:
        raise Http404
    return About(
        kind=InquiryKind.QUESTION,
        title=_("Liên hệ với cơ sở"),
        lead=_("Thư được chuyển cho cơ sở qua cổng. Chỉ người trả lời thấy tên và địa chỉ bạn ghi."),
        act=_("Gửi thư"),
        form=QuestionForm,
        whom=_maker_or_department(facility, facility.territory),
        facility=facility,
        back=reverse("facility", args=[facility.slug]),
        back_words=facility_name(facility),
    )


@_letter_page
def contact(request: HttpRequest) -> About:
    """A word to a province's department or to whoever runs the portal."""
    return About(
        kind=InquiryKind.CONTACT,
        title=_("Liên hệ"),
        lead=_("Góp ý, thắc mắc về cổng hoặc về việc bình chọn, công nhận của một tỉnh."),
        act=_("Gửi thư"),
        form=ContactForm,
        whom=_("nơi nhận thư"),
        back=reverse("home"),
        back_words=_("Trang chủ"),
        facts={"initial": {"territory": request.GET.get("province", "")[:60]}},
    )


def _product_or_404(slug: str) -> Product:
    product = inquiry_queries.public_product(slug, on=today())
    if product is None:
        raise Http404
    return product


def _back_to_product(product: Product) -> dict[str, Any]:
    return {"back": reverse("product", args=[product.slug]), "back_words": product.display_name}


def _of_maker(product: Product) -> dict[str, Any]:
    maker = product.facility
    return {
        "whom": _maker_or_department(maker, product.territory),
        "product": product,
        "facility": maker,
        **_back_to_product(product),
    }


def _maker_or_department(maker: Facility | None, territory: Territory) -> str:
    if maker is None:
        return department(territory)
    return _("%(maker)s và %(department)s") % {
        "maker": facility_name(maker),
        "department": department(territory),
    }


# --- one form ---------------------------------------------------------------------------------------------------


def _letter(request: HttpRequest, about: About) -> HttpResponse:
    """Show the form; take it in once; ask or let wait what looks like a program. Nothing typed is lost."""
    now = timezone.now()
    facts = {"consent": about.consent, **about.facts}
    if request.method != "POST":
        return _page(request, about, about.form(**facts), robots.new_ticket(now))
    ticket = robots.unsealed(request.POST.get(robots.SEAL, ""))
    if ticket is not None and Inquiry.objects.filter(uuid=ticket.uuid).exists():
        return redirect("inquiry_sent", ticket.uuid)
    form = about.form(request.POST, **facts)
    if not form.is_valid():
        return _page(request, about, form, ticket or robots.new_ticket(now), status=WRONG)
    words = form.words()
    verdict = robots.judge(request, ticket, text=_all_words(words), target=about.target, now=now)
    if ticket is None or not verdict.passes:
        return _asked_again(request, about, form, verdict, now)
    letter = _sent(about, form, ticket, words, now)
    return redirect("inquiry_sent", letter.uuid)


def _all_words(words: services.Words) -> str:
    return f"{words.message} {words.name} {words.organisation} {words.quantity} {words.destination}"


def _sent(about: About, form: LetterForm, ticket: robots.Ticket, words: services.Words, now: dt.datetime) -> Inquiry:
    return services.send_inquiry(
        uuid=ticket.uuid,
        kind=about.kind,
        words=words,
        now=now,
        product=about.product,
        facility=about.facility,
        territory=form.cleaned_data.get("territory"),
    )


def _asked_again(
    request: HttpRequest, about: About, form: LetterForm, verdict: robots.Verdict, now: dt.datetime
) -> HttpResponse:
    ticket = verdict.ticket or robots.new_ticket(now)
    status = TOO_MANY if verdict.wait else WRONG
    response = _page(request, about, form, ticket, status=status, why=verdict.why)
    if verdict.wait:
        response["Retry-After"] = str(verdict.wait)
    return response


def _page(
    request: HttpRequest, about: About, form: LetterForm, ticket: robots.Ticket, *, status: int = 200, why: str = ""
) -> HttpResponse:
    context = {
        "nav": "",
        "about": about,
        "form": form,
        "why": why,
        "sum": SumForm(ticket=ticket) if ticket.asks else None,
        "seal": robots.sealed(ticket),
        "seal_name": robots.SEAL,
        "keep_months": settings.INQUIRY_KEEP_MONTHS,
        "longest_months": 2 * settings.INQUIRY_KEEP_MONTHS,
    }
    return render(request, "inquiries/form.html", context, status=status)


# --- the sender's own page ----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where a letter stands, for whoever holds its address: the sender. A post erases the sender's words."""
    letter = get_object_or_404(Inquiry.objects.select_related("product", "facility", "territory"), uuid=uuid)
    if request.method == "POST":
        services.take_back_inquiry(inquiry=letter, now=timezone.now())
        return redirect("inquiry_sent", uuid)
    context = {
        "nav": "",
        "letter": letter,
        "what": letter.product.display_name if letter.product else facility_name(letter.facility),
        "link": _link(letter),
        "department": department(letter.territory),
        "state": _state_words(letter),
        "answerer": _answerer(letter),
        "address": settings.SITE_URL + request.path,
        "keep_months": settings.INQUIRY_KEEP_MONTHS,
    }
    response = render(request, "inquiries/sent.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _link(letter: Inquiry) -> str:
    """The public page that was written about, while there is one."""
    on = today()
    if letter.product:
        found = inquiry_queries.public_product(letter.product.slug, on=on)
        return reverse("product", args=[found.slug]) if found else ""
    maker = letter.facility and inquiry_queries.public_facility(letter.facility.slug, on=on)
    return reverse("facility", args=[maker.slug]) if maker else ""


def _answerer(letter: Inquiry) -> str:
    """Who answered, never by name of a person."""
    if not letter.answer:
        return ""
    if inquiry_queries.answered_by_maker(letter):
        return facility_name(letter.facility)
    return department(letter.territory)


def _state_words(letter: Inquiry) -> str:
    whom = {"department": department(letter.territory), "days": inquiry_queries.ANSWER_DAYS}
    if letter.state == InquiryState.NEW:
        return _("Đang chờ %(department)s xử lý.") % whom
    if letter.state == InquiryState.PASSED_ON and not inquiry_queries.is_overdue(letter, on=today()):
        return (
            _(
                "Đã chuyển cho cơ sở. Sau %(days)s ngày làm việc mà cơ sở chưa trả lời, thư được chuyển cho %(department)s."
            )
            % whom
        )
    if letter.state == InquiryState.PASSED_ON:
        return _("Cơ sở chưa trả lời. Thư đã chuyển cho %(department)s.") % whom
    return "" if letter.answer else _("Đã xem và xử lý xong.")
