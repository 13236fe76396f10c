"""Reading a paper of a dossier is an act: who read which, once a day. Photos looked at while scoring are not."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.audit.services import record_access

from .models import Dossier, DossierDocument


def record_download(request: HttpRequest, dossier: Dossier, document: DossierDocument) -> None:
    """Write the act, unless the file is a picture or this person read it earlier today. Two queries at most."""
    if request.method != "GET" or document.file is None or document.file.is_image:
        return
    record_access(
        request,
        action="document.read",
        sentence=_("Mở giấy tờ “%(paper)s” của hồ sơ %(code)s.")
        % {"paper": document, "code": dossier.entry_code or dossier.product.name},
        subject=document,
        territory=dossier.round.territory,
        data={"dossier": str(dossier.uuid), "sha256": document.file.sha256},
        once_a_day=True,
    )
