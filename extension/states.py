"""The legal transitions of a project, literally. Guards live in `services`."""

from .enums import ProjectState as P

PROJECT_TRANSITIONS: dict[P, tuple[P, ...]] = {
    P.REGISTERED: (P.APPROVED, P.STOPPED),
    P.APPROVED: (P.RUNNING, P.STOPPED),
    P.RUNNING: (P.ACCEPTED, P.STOPPED),
    P.ACCEPTED: (P.LIQUIDATED,),
    P.LIQUIDATED: (),
    P.STOPPED: (),
}
# A registered project only asks for money, a stopped one gave it up: neither counts as support.
GRANTED = (P.APPROVED, P.RUNNING, P.ACCEPTED, P.LIQUIDATED)
SEALED = (P.LIQUIDATED, P.STOPPED)
