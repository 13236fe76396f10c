from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = _("Quản trị")
    site_title = _("Quản trị")
    index_title = _("Việc chờ bạn")
