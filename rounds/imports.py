"""Dossiers of a round as the sheet of the receiving office lists them: facility, product, dossier in one row."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.imports.enums import Verdict
from portal.imports.journal import Undoing
from portal.imports.registry import Column, Context, Judged, Option, Scope, Writing, register
from portal.text.cells import day_of, short, yes_of
from portal.text.errors import Refusal
from portal.text.fields import label
from portal.text.folding import fold, name_key
from portal.text.formats import day
from portal.text.tables import Row
from products.imports import goods
from products.imports.importer import FILL_DOWN, GOODS_COLUMNS, YES_NO, Judge, ProductImporter
from products.models import Product

from . import rules
from .enums import DossierState, Origin
from .models import Dossier, DossierVersion, Round
from .services import dossiers, receiving
from .services.freezing import freeze
from .states import CHECKING, OPEN

BOOTH, STATEMENT = 20, 20_000
SUBMIT = "submit"
DOSSIER, VERSION = Dossier._meta.label_lower, DossierVersion._meta.label_lower
# How officers say where a dossier came from; only what was handed over on paper or elsewhere is typed in.
ORIGINS = {
    fold(words): origin
    for origin, names in {
        Origin.PAPER: ("", "giấy", "hồ sơ giấy", "trực tiếp", "nộp trực tiếp", "bưu điện", "bưu chính"),
        Origin.PUBLIC_SERVICE: ("dịch vụ công", "cổng dịch vụ công", "dvc", "trực tuyến qua dịch vụ công"),
        Origin.COMMUNE: ("xã", "xã nộp thay", "ubnd xã", "qua xã"),
    }.items()
    for words in names
}
ORIGIN_WORDS = (Origin.PAPER.label, Origin.PUBLIC_SERVICE.label, Origin.COMMUNE.label)
COLUMNS = (
    Column("booth", gettext_lazy("Gian trưng bày"), ("Gian", "Gian hàng", "Số gian", "Vị trí trưng bày"), example="A12", width=14),
    Column("received_on", gettext_lazy("Ngày nhận"), ("Ngày nhận hồ sơ", "Ngày nộp", "Ngày tiếp nhận"), example="12/03/2023", width=16),
    Column("origin", gettext_lazy("Nguồn nộp"), ("Hình thức nộp", "Nguồn"), example="Hồ sơ giấy", choices=ORIGIN_WORDS, width=18),
    Column("first_time", gettext_lazy("Tham gia lần đầu"), ("Lần đầu", "Sản phẩm mới", "Mới", "Tham gia lần đầu (x)"), example="có", choices=YES_NO, width=14),
    Column("statement", gettext_lazy("Thuyết minh"), ("Nội dung thuyết minh", "Mô tả sản phẩm", "Mô tả"), width=40),
)  # fmt: skip


class DossierImporter(ProductImporter):
    kind = "dossiers"
    label = gettext_lazy("Hồ sơ của kỳ bình chọn")
    scope_label = gettext_lazy("Kỳ bình chọn")
    columns = GOODS_COLUMNS + COLUMNS
    fill_down = FILL_DOWN
    section = "group"
    options = (
        Option(
            SUBMIT,
            gettext_lazy("Ghi các hồ sơ là đã nộp và cấp số"),
            gettext_lazy("Bỏ chọn thì hồ sơ mới ở trạng thái đang lập."),
        ),
    )

    def scopes(self, user: Any) -> list[tuple[str, str]]:
        rounds = Round.objects.visible_to(user).filter(state__in=CHECKING).select_related("territory")
        open_ = rounds.order_by("-year", "-pk")[:50]
        return [(str(found.uuid), found.title) for found in open_ if rules.may_receive(user, found)]

    def scope(self, value: str, user: Any) -> Scope:
        found = Round.objects.visible_to(user).select_related("territory").filter(uuid=_uuid(value)).first()
        if found is None or not rules.may_receive(user, found):
            raise Refusal("scope_unknown", _("Hãy chọn kỳ bình chọn mà đơn vị bạn đang nhận hồ sơ."), field="scope")
        return Scope(str(found.uuid), found.title, found.territory, found)

    def judge(self, context: Context) -> Callable[[Sequence[Row]], list[Judged]]:
        return DossierJudge(context)

    def lock(self, scope: Scope) -> None:
        super().lock(scope)
        Round.objects.select_for_update().get(pk=scope.subject.pk)

    def write(self, context: Context) -> Writing:
        reader = goods.Reader(context)

        def write(row: Row) -> None:
            one, _notes = reader.read(row)
            product = goods.enter(one, context.actor)
            _enter(product, _facts(row), context)

        return Writing(write)

    def spare(self, undoing: Undoing) -> None:
        """What was submitted once stays on record: of a dossier that goes on, no version is removed."""
        for (name, pk), version in list(undoing.objects.items()):
            if name == VERSION and (DOSSIER, str(version.dossier_id)) not in undoing.created:  # type: ignore[attr-defined]
                undoing.created.pop((name, pk), None)
        for (name, _pk), fields in undoing.changed.items():
            if name == DOSSIER:
                fields.pop("version", None)

    def undo(self, undoing: Undoing, context: Context) -> tuple[int, int]:
        """New dossiers become drafts again and go; those that were changed get what stands again as a new version."""
        created = [pk for name, pk in undoing.created if name == DOSSIER]
        Dossier.objects.filter(pk__in=created).update(state=DossierState.DRAFT)
        counts = super().undo(undoing, context)
        for key in undoing.changed:
            found = undoing.objects[key]
            if isinstance(found, Dossier) and found.state == DossierState.SUBMITTED and freeze(found):
                found.save()
        return counts


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        return UUID(int=0)


def _facts(row: Row) -> dict[str, Any]:
    """What the row says of the dossier itself; None and "" where it says nothing. Raises Refusal."""
    origin = ORIGINS.get(fold(row["origin"])) or next(
        (o for o in Origin if fold(str(o.label)) == fold(row["origin"])), None
    )
    if origin is None or origin == Origin.ONLINE:
        raise Refusal(
            "bad_origin",
            _("Nguồn nộp “%(text)s” không nhập được. Hãy ghi một trong: %(known)s.")
            % {"text": row["origin"][:60], "known": "; ".join(map(str, ORIGIN_WORDS))},
        )
    return {
        "origin": origin,
        "received_on": day_of(row["received_on"], _("Ngày nhận")),
        "booth": short(row["booth"], _("Gian trưng bày"), BOOTH),
        "first_time": yes_of(row["first_time"], _("Cột tham gia lần đầu")),
        "statement": short(row["statement"], _("Thuyết minh"), STATEMENT),
    }


class DossierJudge(Judge):
    """A row is new when the product has no dossier in the round; else it changes what it says otherwise."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._round: Round = context.scope.subject
        self._dossiers: dict[int, Dossier] = {}

    def prepare(self, ready: Sequence[goods.Goods]) -> None:
        products = set()
        for one in ready:
            try:
                met = self.known.meet(one)
            except Refusal:
                continue
            if met.product is not None:
                products.add(met.product.pk)
        found = Dossier.objects.filter(round=self._round, product__in=products)
        self._dossiers = {dossier.product_id: dossier for dossier in found}

    def further(self, row: Row, one: goods.Goods, met: goods.Met) -> tuple[Verdict, list[list[str]], list[str]]:
        facts = _facts(row)
        diff = goods.differences(one, met)
        dossier = self._dossiers.get(met.product.pk) if met.product else None
        if dossier is None:
            self._refuse_new(one, met, facts)
            return Verdict.NEW, diff, []
        changed = _changes(dossier, facts)
        if changed and dossier.state not in OPEN:
            raise Refusal(
                "dossier_closed",
                _("Hồ sơ %(code)s đã ở trạng thái “%(state)s” nên không sửa được. Hãy bỏ dòng này.")
                % {"code": dossier.entry_code, "state": dossier.get_state_display()},
            )
        if "received_on" in changed:
            receiving.refuse_wrong_day(self._round, changed["received_on"], self.context.today)
        diff += [[label(Dossier, name), _said(getattr(dossier, name)), _said(value)] for name, value in changed.items()]
        return (Verdict.CHANGED if diff else Verdict.SAME), diff, []

    def _refuse_new(self, one: goods.Goods, met: goods.Met, facts: dict[str, Any]) -> None:
        """What the services would refuse: the round's state, its place, its deadline."""
        receiving.refuse_not_receiving(self._round, facts["origin"])
        territory = met.facility.territory if met.facility else one.territory
        receiving.refuse_outside(self._round, Product(territory=territory))
        if SUBMIT in self.context.options:
            draft = Dossier(round=self._round, origin=facts["origin"])
            receiving.day_of_receipt(draft, self.context.now, facts["received_on"])
            if met.product is not None and met.product.is_set and not (met.product.members.all() or one.members):
                raise Refusal("set_without_members", _("Bộ sản phẩm trong sổ chưa có thành phần. Hãy ghi thành phần."))


def _changes(dossier: Dossier, facts: dict[str, Any]) -> dict[str, Any]:
    """What the row says otherwise than the dossier; an empty cell says nothing."""
    said = {name: facts[name] for name in ("received_on", "booth", "first_time", "statement")}
    return {
        name: value
        for name, value in said.items()
        if value not in (None, "") and not _same(getattr(dossier, name), value)
    }


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, str):
        return before == after or (bool(after) and name_key(before) == name_key(after))
    return bool(before == after)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if value is None:
        return ""
    return value if isinstance(value, str) else day(value)


def _enter(product: Product, facts: dict[str, Any], context: Context) -> None:
    """Open and submit a new dossier, or change the one there is."""
    round_ = context.scope.subject
    dossier = Dossier.objects.filter(round=round_, product=product).first()
    if dossier is not None:
        if changed := _changes(dossier, facts):
            dossiers.update_dossier(dossier=dossier, actor=context.actor, now=context.now, **changed)
        return
    dossier = dossiers.create_dossier(round_=round_, product=product, actor=context.actor, now=context.now, **facts)
    if SUBMIT in context.options and dossier.state == DossierState.DRAFT:
        dossiers.submit(dossier=dossier, actor=context.actor, now=context.now, received_on=facts["received_on"])


register(DossierImporter())
