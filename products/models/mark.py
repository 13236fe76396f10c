from django.db import models
from django.utils.translation import gettext_lazy as _


class RegisterMark(models.Model):
    """One row whose word changes with every change of the register; see `products.register`."""

    word = models.CharField(_("dấu của sổ công nhận"), max_length=32)

    class Meta:
        verbose_name = _("dấu của sổ công nhận")
        verbose_name_plural = _("dấu của sổ công nhận")

    def __str__(self) -> str:
        return self.word
