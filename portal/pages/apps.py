from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "portal.pages"
    label = "pages"
    verbose_name = _("Trang chung")

    def ready(self) -> None:
        from extension.models import (
            Beneficiary,
            Call,
            Fair,
            Listing,
            NormItem,
            Outlet,
            Participation,
            Programme,
            Project,
            StepDone,
            SupportNorm,
            Workflow,
            WorkflowStep,
        )
        from portal.accounts.models import Organisation
        from portal.text import pagination
        from products import register
        from rounds.models import Round

        from . import ahead, api_manners, desk_words

        desk_words.install()
        pagination.count_by(api_manners.kept_count)
        # The home page shows recent rounds, the pages of products and facilities the support received.
        register.watch(Round, Programme, Project, Beneficiary, Organisation, Fair, Participation, Outlet, Listing)
        register.watch(NormItem, SupportNorm, Call, Workflow, WorkflowStep, StepDone)
        register.follow(ahead.make_ready)
