"""What the open data tells: one module for each room's tables, from which files and dictionary are written."""

from django.utils.translation import gettext_noop as _

from ..table import DataSet
from .facilities import FACILITIES
from .figures import FIGURES
from .markets import FAIRS, LISTINGS, OUTLETS, PARTICIPANTS
from .products import PRODUCTS, PROPERTIES, SALES_LINKS, SET_MEMBERS, SHOPS, STANDARDS
from .projects import PROGRAMMES, PROJECTS, SUPPORT
from .recognitions import EVENTS, RECOGNITIONS, SUSPENSIONS
from .rounds import NOMINATIONS, ROUND_COUNTS, ROUNDS

# As the page and the dictionary list them.
GROUPS: tuple[tuple[str, tuple[DataSet, ...]], ...] = (
    (_("Sản phẩm và cơ sở"), (PRODUCTS, SET_MEMBERS, STANDARDS, PROPERTIES, SHOPS, SALES_LINKS, FACILITIES)),
    (_("Công nhận"), (RECOGNITIONS, SUSPENSIONS, EVENTS)),
    (_("Kỳ bình chọn"), (ROUNDS, ROUND_COUNTS, NOMINATIONS)),
    (_("Khuyến công"), (PROGRAMMES, PROJECTS, SUPPORT, FAIRS, PARTICIPANTS, OUTLETS, LISTINGS)),
    (_("Số liệu đã công bố"), (FIGURES,)),
)
DATA_SETS = tuple(one for _title, sets in GROUPS for one in sets)
