"""Upcasting, shown on an event that exists only here: a venue that learnt its town, then its floor."""

from typing import ClassVar
from uuid import UUID

import pytest

from shared.events import Catalogue, Event, UnknownType
from tests.unit.event_records import ABOUT, recorded


class VenueBookedV1(Event):
    """Version 1: one line of text."""

    wire: ClassVar[str] = "org.formiris.offerings.VenueBooked.v1"
    venue_id: UUID
    place: str


class VenueBookedV2(Event):
    """Version 2: the town apart."""

    wire: ClassVar[str] = "org.formiris.offerings.VenueBooked.v2"
    venue_id: UUID
    name: str
    town: str


class VenueBooked(Event):
    """Version 3: whether there are stairs."""

    wire: ClassVar[str] = "org.formiris.offerings.VenueBooked.v3"
    venue_id: UUID
    name: str
    town: str
    step_free: bool | None = None


def from_v1(old: VenueBookedV1) -> VenueBookedV2:
    name, _, town = old.place.rpartition(", ")
    return VenueBookedV2(venue_id=old.venue_id, name=name, town=town)


def from_v2(old: VenueBookedV2) -> VenueBooked:
    return VenueBooked(venue_id=old.venue_id, name=old.name, town=old.town)


CATALOGUE = Catalogue([VenueBooked], {VenueBookedV1: from_v1, VenueBookedV2: from_v2})
VENUE = UUID(int=4)
NEWEST = VenueBooked(venue_id=VENUE, name="Collège Sainte-Ursule", town="Vannes")


@pytest.mark.parametrize(
    "old",
    [
        VenueBookedV1(venue_id=VENUE, place="Collège Sainte-Ursule, Vannes"),
        VenueBookedV2(venue_id=VENUE, name="Collège Sainte-Ursule", town="Vannes"),
        NEWEST,
    ],
    ids=["v1", "v2", "v3"],
)
def test_a_record_of_any_version_reads_as_the_newest(old: Event) -> None:
    """v1 -> v2 -> v3: whoever reads knows one shape only; the rest of the envelope is as it was written."""
    envelope = CATALOGUE.decode(recorded(old))
    assert envelope.data == NEWEST
    assert envelope.type == VenueBooked.wire
    assert envelope.dataschema == "urn:formelie:offerings:VenueBooked:v3"
    assert (envelope.id, envelope.subject, envelope.streamversion) == (ABOUT["id"], ABOUT["stream"], 3)


def test_a_version_from_the_future_is_an_unknown_type() -> None:
    """An older reader ignores it by rule; it does not guess."""
    with pytest.raises(UnknownType):
        Catalogue([VenueBookedV1]).decode(recorded(NEWEST))
