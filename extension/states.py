"""The legal transitions of a project, literally. Guards live in `services`."""

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
SEALED = (P.REFUSED, P.LIQUIDATED, P.STOPPED)
