"""A SIRET, held by one referencing request at most: two bodies never share one."""

from dataclasses import dataclass
from uuid import UUID

from services.registration.refusals import SIRET_TAKEN
from shared.events import Event
from shared.events.registration import SiretClaimed, SiretReleased
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused


@dataclass(frozen=True, slots=True)
class ClaimSiret:
    """A request is submitted with this SIRET."""

    siret: str
    request: UUID


@dataclass(frozen=True, slots=True)
class ReleaseSiret:
    """The request was rejected, or corrected to another SIRET."""

    siret: str
    request: UUID


Command = ClaimSiret | ReleaseSiret


@dataclass(frozen=True, slots=True)
class Holding:
    """Which request holds the SIRET; None: nobody."""

    request: UUID | None = None


def decide(holding: Holding, command: Command) -> list[Event]:
    """Raises `Refused` for a SIRET that another request holds."""
    match command:
        case ClaimSiret(siret, request):
            if holding.request is None:
                return [SiretClaimed(siret=siret, request_id=request)]
            if holding.request != request:
                reason = "déjà utilisé par un autre organisme"
                raise Refused(
                    SIRET_TAKEN, missing=[Missing("siret", "SIRET", "Identité", reason, "blue")], siret=siret
                )
        case ReleaseSiret(siret, request) if holding.request == request:
            return [SiretReleased(siret=siret, request_id=request)]
    return []


def evolve(holding: Holding, event: Event) -> Holding:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case SiretClaimed():
            return Holding(event.request_id)
        case SiretReleased():
            return Holding()
    return holding


DECIDER = Decider(Holding(), decide, evolve)
