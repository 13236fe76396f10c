"""The desk's page of the campaign of renewal, the acts on its rows, its file. Thin views."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.exports import as_xlsx
from portal.accounts.queries import own_province
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record
from portal.territory.models import Territory
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.formats import number as written
from portal.text.inputs import apply_refusal, status_of
from products import rules as product_rules
from products.campaign import Month, counts
from products.enums import Level
from products.models import Recognition
from products.renewal_forms import AnswerForm
from products.services import answer_renewal
from products.standing_levels import lines_of, lines_of_product
from rounds import renewing
from rounds.enums import Origin
from rounds.models import Round
from rounds.services.renewing import start

from . import campaign

ON_A_PAGE = 50
ORIGINS = (Origin.PAPER, Origin.PUBLIC_SERVICE)


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a month, a level, a filter. What it cannot mean falls back to everything."""

    month: Month
    level: str
    only: str

    def query(self, **changes: Any) -> str:
        facts = {"thang": str(self.month), "cap": self.level, "loc": self.only, **changes}
        return urlencode({name: str(value) for name, value in facts.items() if value})


@dataclass(frozen=True)
class Bound:
    """An answer that was typed and comes back with its errors."""

    pk: int
    form: AnswerForm


class EnterForm(forms.Form):
    """Into which round, and how the maker's word came in."""

    round = forms.ChoiceField(
        label=gettext_lazy("Kỳ bình chọn"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Hãy chọn kỳ bình chọn.")},
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Nguồn nộp"),
        choices=[(origin.value, origin.label) for origin in ORIGINS],
        initial=Origin.PAPER,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, rounds: list[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rounds = {str(row.pk): row for row in rounds}
        self.fields["round"].choices = [(key, row.title) for key, row in self.rounds.items()]  # type: ignore[attr-defined]
        if len(rounds) == 1:
            self.fields["round"].initial = str(rounds[0].pk)


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("dang-ky-lai/", guarded(page), name="campaign"),
        path("dang-ky-lai/tep/", guarded(export), name="campaign_export"),
        path("dang-ky-lai/<int:pk>/tra-loi/", guarded(answer), name="campaign_answer"),
        path("dang-ky-lai/<int:pk>/ho-so/", guarded(enter), name="campaign_enter"),
    ]


def asked_of(params: QueryDict) -> Asked:
    month = Month.read(params.get("thang", "")) or Month.of(today())
    level, only = params.get("cap", ""), params.get("loc", "")
    return Asked(month, level if level in Level.values else "", only if only in campaign.ONLY else "")


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """One month, with the strip of the next two years above it."""
    return _show(request, site)


def _show(request: HttpRequest, site: AdminSite, *, bound: Bound | None = None, status: int = 200) -> HttpResponse:
    """The page. Sixteen queries with session and reach, however many rows."""
    asked, on = asked_of(request.GET), today()
    rows = campaign.rows_of(request.user, level=asked.level)
    sums = campaign.totals(rows, asked.month, on=on)
    paginator: Paginator[Any] = Paginator(campaign.chosen(rows, asked.month, only=asked.only, on=on), ON_A_PAGE)
    paginator.count = sums.by_filter[asked.only]  # counted already
    found = paginator.get_page(request.GET.get("page"))
    shown = campaign.rows_shown(request.user, list(found.object_list), on=on, expiring_days=settings.EXPIRING_DAYS)
    context = {
        **site.each_context(request),
        "title": _("Đăng ký lại"),
        "asked": asked,
        "totals": sums,
        "page": found,
        "rows": [(one, _form(request, one, bound)) for one in shown],
        "strip": _strip(rows, asked, Month.of(on)),
        "before": asked.query(thang=asked.month.shifted(-1)),
        "after": asked.query(thang=asked.month.shifted(1)),
        "levels": [("", _("Mọi cấp"), asked.query(cap="")), *_levels(asked)],
        "filters": [(key, label, sums.by_filter[key], asked.query(loc=key)) for key, label in campaign.ONLY.items()],
    }
    return render(request, "admin/campaign/page.html", context, status=status)


def _levels(asked: Asked) -> list[tuple[str, Any, str]]:
    return [(level.value, level.label, asked.query(cap=level.value)) for level in Level]


def _strip(rows: Any, asked: Asked, since: Month) -> list[tuple[Month, int, str]]:
    """The next two years, each month with how many end in it and its address. One query."""
    found = counts(rows, since=since, months=campaign.STRIP_MONTHS)
    return [(month, n, asked.query(thang=month, loc="")) for month, n in found.items()]


def _form(request: HttpRequest, one: campaign.Row, bound: Bound | None) -> AnswerForm | None:
    """The form for a row of a province where the person may write."""
    if not product_rules.may_enter_product(request.user, one.row.territory_id):
        return None
    if bound is not None and bound.pk == one.row.pk:
        return bound.form
    return AnswerForm(auto_id=f"tra-loi-{one.row.pk}-%s")


def _recognition_or_404(request: HttpRequest, pk: int) -> Recognition:
    rows = Recognition.objects.published().visible_to(request.user)  # type: ignore[attr-defined]
    found = rows.select_related(
        "product__facility__commune", "product__facility__territory", "product__territory", "validity_rule"
    )
    row: Recognition | None = found.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def answer(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Write down what the maker said; the page comes back at its row."""
    row = _recognition_or_404(request, pk)
    back = f"{reverse('admin:campaign')}?{asked_of(request.GET).query()}"
    if request.method != "POST":
        return redirect(back)
    if not product_rules.may_enter_product(request.user, row.territory_id):
        raise PermissionDenied(_("Chỉ cán bộ của tỉnh được ghi trả lời của cơ sở."))
    form = AnswerForm(request.POST, auto_id=f"tra-loi-{pk}-%s")
    if not form.is_valid():
        return _show(request, site, bound=Bound(pk, form), status=400)
    try:
        answer_renewal(recognition=row, actor=request.user, now=timezone.now(), by_maker=False, **form.cleaned_data)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return _show(request, site, bound=Bound(pk, form), status=status_of(refusal))
    messages.success(request, _("Đã ghi trả lời cho “%(product)s”.") % {"product": row.product.name})
    return redirect(f"{back}#cong-nhan-{pk}")


def enter(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """A new dossier from the last one, for what came in on paper."""
    row = _recognition_or_404(request, pk)
    rounds = renewing.rounds_received_by(request.user, row)
    form = EnterForm(request.POST or None, rounds=rounds)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            dossier = start(
                recognition=row,
                round_=form.rounds[form.cleaned_data["round"]],
                actor=request.user,
                now=timezone.now(),
                origin=form.cleaned_data["origin"],
            )
        except Refusal as refusal:
            apply_refusal(form, refusal)
            status = status_of(refusal)
        else:
            return redirect(f"{reverse('admin:rounds_dossier_change', args=[dossier.pk])}?moi")
    elif request.method == "POST":
        status = 400
    return _entering(request, site, row, form, status)


def _entering(request: HttpRequest, site: AdminSite, row: Recognition, form: EnterForm, status: int) -> HttpResponse:
    on = today()
    levels = lines_of_product(row.product, on=on)
    held = [line.row for line in levels]
    cautions = [words for round_ in form.rounds.values() if (words := renewing.caution(round_, held))]
    context = {
        **site.each_context(request),
        "title": _("Lập hồ sơ đăng ký lại"),
        "row": row,
        "product": row.product,
        "line": lines_of([row], on=on, expiring_days=settings.EXPIRING_DAYS)[0],
        "levels": levels,
        "last": renewing.last_dossier(row.product),
        "form": form,
        "cautions": cautions,
        "month": Month.of(row.expires_on) if row.expires_on else None,
    }
    return render(request, "admin/campaign/enter.html", context, status=status)


def export(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """The month as a workbook, as filtered; taking it is noted."""
    asked, on = asked_of(request.GET), today()
    if request.method != "POST":
        return redirect(f"{reverse('admin:campaign')}?{asked.query()}")
    rows = campaign.rows_of(request.user, level=asked.level)
    found = list(campaign.chosen(rows, asked.month, only=asked.only, on=on))
    shown = campaign.rows_shown(request.user, found, on=on, expiring_days=settings.EXPIRING_DAYS)
    _note(request, asked, len(shown))
    now = timezone.localtime()
    about = _("Xuất lúc %(time)s ngày %(day)s, người xuất: %(who)s, %(total)s dòng.") % {
        "time": f"{now:%H:%M}",
        "day": day(now.date()),
        "who": request.user,
        "total": written(len(shown)),
    }
    title = _("Hết hiệu lực tháng %(month)s") % {"month": asked.month.words.replace("/", "-")}
    return as_xlsx(
        title,
        [str(heading) for heading in campaign.HEADINGS],
        campaign.cells(shown),
        file_name=f"{title}.xlsx",
        about=[about, _("Lọc theo: %(chosen)s.") % {"chosen": _chosen_words(asked)}],
        widths=campaign.WIDTHS,
    )


def _chosen_words(asked: Asked) -> str:
    level = str(Level(asked.level).label) if asked.level else _("Mọi cấp")
    return f"{level}; {campaign.ONLY[asked.only]}"


def _note(request: HttpRequest, asked: Asked, total: int) -> None:
    own = own_province(request.user)
    record(
        actor=request.user,
        action="campaign.export",
        sentence=_("Xuất danh sách giấy chứng nhận hết hiệu lực tháng %(month)s, %(total)s dòng, ra tệp xlsx.")
        % {"month": asked.month.words, "total": written(total)},
        subject=request.user,  # type: ignore[arg-type]
        territory=Territory.objects.get(pk=own) if own else None,
        data={"query": asked.query()},
    )
