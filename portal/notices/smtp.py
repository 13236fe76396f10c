"""Sending by SMTP, so that it is known whether a letter may have left when the line breaks."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class MayHaveLeft(Exception):
    """The line broke while the letter's text was under way: the server may have taken it."""


class _Careful(smtplib.SMTP):
    def data(self, msg: Any) -> Any:
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            # Not an SMTPException: Django's backend would otherwise take it for a plain refusal.
            raise MayHaveLeft(f"{type(error).__name__}: {error}") from error


class _CarefulSSL(smtplib.SMTP_SSL, _Careful):
    pass


class Backend(EmailBackend):
    """Django's own, with a line that tells the two kinds of breaking apart."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _CarefulSSL if self.use_ssl else _Careful
