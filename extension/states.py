"""The legal transitions of a project, literally. Guards live in `services`."""

from .enums import NeedState as N
from .enums import ProjectState as P

PROJECT_TRANSITIONS: dict[P, tuple[P, ...]] = {
    P.REGISTERED: (P.APPRAISING, P.APPROVED, P.REFUSED),
    P.APPRAISING: (P.REGISTERED, P.APPROVED, P.REFUSED),
    P.REFUSED: (),
    P.APPROVED: (P.RUNNING, P.STOPPED),
    P.RUNNING: (P.ACCEPTED, P.STOPPED),
    P.ACCEPTED: (P.SETTLED,),
    P.SETTLED: (P.LIQUIDATED,),
    P.LIQUIDATED: (),
    P.STOPPED: (),
}
# A registered project only asks for money, a stopped one gave it up: neither counts as support.
GRANTED = (P.APPROVED, P.RUNNING, P.ACCEPTED, P.SETTLED, P.LIQUIDATED)
CAME_TO_NOTHING = (P.REFUSED, P.STOPPED)
SEALED = (P.REFUSED, P.LIQUIDATED, P.STOPPED)
# A need of a project that was refused or stopped comes back to the shelf; a withdrawn one is its owner's last word.
NEED_TRANSITIONS: dict[N, tuple[N, ...]] = {
    N.REGISTERED: (N.SHELVED, N.DECLINED, N.WITHDRAWN),
    N.SHELVED: (N.REGISTERED, N.TURNED, N.DECLINED, N.WITHDRAWN),
    N.TURNED: (N.SHELVED,),
    N.DECLINED: (N.REGISTERED,),
    N.WITHDRAWN: (),
}
OPEN_NEEDS = (N.REGISTERED, N.SHELVED)
