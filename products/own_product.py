"""What a maker tells buyers of one of its products: the page of whoever speaks for the facility. Thin."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from facilities.representing import represented
from portal.text.clock import today
from portal.text.errors import Refusal

from .models import Product, TradeFacts
from .services.trade import FACTS, OWN_WORDS, tell_of_product
from .trade_forms import TradeForm, WordsForm

# The page in parts: what a buyer asks first comes first.
PARTS = (
    (("gtin", "hs_code"), "codes"),
    (("pack", "shelf_life_days", "storage"), "goods"),
    (("capacity", "capacity_unit", "capacity_period", "minimum_order", "lead_time_days"), "supply"),
    (("export_ready", "export_markets"), "export"),
)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_product(request: HttpRequest, product_uuid: UUID) -> HttpResponse:
    """Facts for buyers and the product's words; a product of another facility does not exist."""
    mine = Product.objects.standing().filter(facility__in=represented(request.user), uuid=product_uuid)
    product = mine.select_related("facility").first()
    if product is None:
        raise Http404
    facts = TradeFacts.objects.filter(product=product).first() or TradeFacts(product=product)
    trade, words = TradeForm(request.POST or None, instance=facts), WordsForm(request.POST or None, instance=product)
    if request.method == "POST" and trade.is_valid() and words.is_valid() and _told(request, product, trade, words):
        messages.success(request, _("Đã lưu. Người mua thấy thông tin này ngay trên trang sản phẩm."))
        return redirect("own_product", product.uuid)
    context = {
        "product": product,
        "trade": trade,
        "words": words,
        "parts": [(name, [trade[field] for field in fields]) for fields, name in PARTS],
        "vietnamese": [words[name] for name in ("summary", "story")],
        "english": [words["name_en"], words["summary_en"], words["story_en"], trade["pack_en"], trade["storage_en"]],
        "declared_on": facts.declared_on if facts.pk else None,
        "nav": "facility",
    }
    wrong = bool(trade.errors or words.errors)
    return render(request, "applicant/product_facts.html", context, status=400 if wrong else 200)


def _told(request: HttpRequest, product: Product, trade: TradeForm, words: WordsForm) -> bool:
    try:
        tell_of_product(
            product=product,
            actor=request.user,
            on=today(),
            words={name: words.cleaned_data[name] for name in OWN_WORDS},
            facts={name: trade.cleaned_data[name] for name in FACTS},
        )
    except Refusal as refusal:
        trade.add_error(refusal.field if refusal.field in trade.fields else None, str(refusal))
        return False
    return True
