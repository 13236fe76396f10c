from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What every page knows of the portal."""
    return {"SITE_URL": settings.SITE_URL, "DEMO": settings.DEMO}
