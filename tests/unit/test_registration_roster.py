"""Where Formiris's own people are written to: what changed is an event, what did not is none.  (Notifications)"""

from uuid import UUID

import pytest
from pydantic import SecretStr, ValidationError

from services.registration import staff_roster
from services.registration.credentials import Credentials
from services.registration.staff import StaffAccount, roster
from services.registration.staff_roster import TellRoster
from shared.events import Clear
from shared.events.registration import StaffAddressGiven, StaffAddressWithdrawn
from tests.unit.given import specification

given = specification(staff_roster.DECIDER)
CREDENTIALS = Credentials(b"s" * 32)


def account(login: str, email: str | None, territory: str | None = "bretagne") -> StaffAccount:
    return StaffAccount(
        login=login, password=SecretStr("secret"), role="manager", territory=territory, email=email
    )


def told(*accounts: StaffAccount) -> TellRoster:
    return roster(accounts, CREDENTIALS)


DESK = account("desk", "desk@formiris.example")


def test_an_address_is_told_once() -> None:
    """The same at the next start is nothing new; who has none is not in it."""
    (event,) = given().when(told(DESK, account("other", None))).events()
    assert isinstance(event, StaffAddressGiven)
    assert (event.account, event.role, event.territory) == ("desk", "manager", "bretagne")
    assert isinstance(event.address, Clear)
    assert event.address.value == "desk@formiris.example"
    assert "@" not in event.address.person
    given(event).when(told(DESK)).then()


@pytest.mark.parametrize(
    "changed", [account("desk", "new@formiris.example"), account("desk", DESK.email, None)]
)
def test_what_changed_is_told(changed: StaffAccount) -> None:
    """Another address is another person's: the key of the old one can be destroyed alone."""
    (first,) = given().when(told(DESK)).events()
    (second,) = given(first).when(told(changed)).events()
    assert isinstance(first, StaffAddressGiven)
    assert isinstance(second, StaffAddressGiven)
    assert second.account_id == first.account_id
    assert (second.address.person == first.address.person) is (changed.email == DESK.email)
    given(first, second).when(told(changed)).then()


def test_who_left_is_written_to_no_more() -> None:
    """Gone from the environment, or without an address now; who comes back is told again."""
    (first,) = given().when(told(DESK)).events()
    for now in (told(), told(account("desk", None))):
        (gone,) = given(first).when(now).events()
        assert isinstance(gone, StaffAddressWithdrawn)
        assert gone.account == "desk"
        assert len(given(first, gone).when(told(DESK)).events()) == 1


def test_a_login_that_is_an_address_stays_out_of_the_history() -> None:
    """Its name is a hash, as for the actor of what the person does."""
    (event,) = given().when(told(account("anne@formiris.example", "anne@formiris.example"))).events()
    assert isinstance(event, StaffAddressGiven)
    assert event.account.startswith("staff-")
    assert UUID(event.address.person.removeprefix("staff-")[:36]) == event.account_id


def test_what_is_no_address_is_refused_at_the_start() -> None:
    """Not when the first e-mail is to leave."""
    with pytest.raises(ValidationError, match="email"):
        account("desk", "desk.formiris")
