from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.pages.invariants import CHECKS

SHOWN = 10


class Command(BaseCommand):
    help = _("Kiểm tra dữ liệu có nhất quán không. Mỗi điều một dòng; thoát với mã 1 nếu có điều sai.")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for check in CHECKS:
            breaches = check()
            first = list(islice(breaches, SHOWN))
            number = len(first) + sum(1 for _breach in breaches)
            if number:
                broken += 1
                more = ", …" if number > SHOWN else ""
                self.stdout.write(
                    _("SAI   %(name)s: %(number)s (%(first)s)")
                    % {"name": check.__name__, "number": number, "first": ", ".join(first) + more}
                )
            else:
                self.stdout.write(_("ĐÚNG  %(name)s") % {"name": check.__name__})
        if broken:
            raise CommandError(_("Có %(number)s điều không đúng. Hãy xem các dòng SAI ở trên.") % {"number": broken})
