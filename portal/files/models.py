"""Files are immutable and keyed by their content; what links to a file says what it is."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


def storage_path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _path(instance: "StoredFile", filename: str) -> str:
    return storage_path(instance.sha256)


class StoredFile(models.Model):
    """One content, stored once. Never changed, never served by its original name."""

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    content_type = models.CharField(_("loại nội dung"), max_length=100)
    size = models.PositiveBigIntegerField(_("dung lượng (byte)"))
    width = models.PositiveIntegerField(_("rộng (điểm ảnh)"), null=True, blank=True)
    height = models.PositiveIntegerField(_("cao (điểm ảnh)"), null=True, blank=True)
    is_active = models.BooleanField(_("có phần tự chạy, chỉ tải về"), default=False)
    content = models.FileField(_("tệp"), upload_to=_path, max_length=120)
    created_at = models.DateTimeField(_("nhận lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("tệp")
        verbose_name_plural = _("tệp")

    def __str__(self) -> str:
        return f"{self.content_type} {self.sha256[:12]}"

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("A stored file is never deleted.")
