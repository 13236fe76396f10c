from django.db import models
from django.utils.translation import gettext_lazy as _

from ..enums import ChangeKind


class RegisterMark(models.Model):
    """One row whose word changes with every change of the register; see `products.register`.

    `common` changes with all of them but those that only concern products which the change feed names.
    """

    word = models.CharField(_("dấu của sổ công nhận"), max_length=32)
    common = models.CharField(_("dấu của những gì chung"), max_length=32, default="", blank=True)
    number = models.PositiveBigIntegerField(_("số thay đổi cuối cùng"), default=0)

    class Meta:
        verbose_name = _("dấu của sổ công nhận")
        verbose_name_plural = _("dấu của sổ công nhận")

    def __str__(self) -> str:
        return self.word


class RegisterChange(models.Model):
    """One entry of the public change feed: which product's public entry changed, in an order without gaps.

    Written after the commit, under the lock of the mark's row: whoever has read number N has seen all before it.
    An entry without a product says that all of the register is to be read anew (a merger of units, a rule).
    """

    number = models.PositiveBigIntegerField(_("số thứ tự"), unique=True)
    at = models.DateTimeField(_("lúc"))
    kind = models.CharField(_("thay đổi"), max_length=9, choices=ChangeKind)
    product_id = models.PositiveBigIntegerField(_("sản phẩm"), null=True, blank=True)
    product_uuid = models.UUIDField(null=True, blank=True)
    slug = models.CharField(_("đường dẫn"), max_length=140, blank=True)

    class Meta:
        verbose_name = _("thay đổi của sổ công nhận")
        verbose_name_plural = _("thay đổi của sổ công nhận")
        ordering = ["number"]
        indexes = [models.Index(fields=["product_id", "number"], name="register_change_product")]

    def __str__(self) -> str:
        return f"{self.number}"
