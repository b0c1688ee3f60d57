"""What is known of a referenced body beyond its views: people and bank details, as given and as changed since."""

from typing import Any

from services.registration.dossiers import reveal
from services.registration.referencing import Request
from services.registration.training_body import Body
from shared.events import AnyPersonal, Clear
from shared.events.registration import Contact, ReferencingForm, TrainingBodyDetailsChanged
from shared.runtime.service import Runtime


async def as_known(runtime: Runtime, form: ReferencingForm | None, body: Body) -> dict[str, Any]:
    """The contacts and the legal representative, in clear; None for who was erased."""
    contacts = body.contacts or (form.contacts if form else None) or ()
    representative = body.representative or (form.legal_representative if form else None)
    people = [value for each in contacts for value in _personal(each)]
    if representative:
        people += [representative.name, representative.first_name]
    clear = await reveal(runtime, *people)
    return {
        "contacts": [
            {
                "purpose": each.purpose,
                "function": each.function,
                **dict(zip(_OF_A_CONTACT, clear[4 * place : 4 * place + 4], strict=True)),
            }
            for place, each in enumerate(contacts)
        ],
        "legal_representative": representative
        and {"name": clear[-2], "first_name": clear[-1], "capacity": representative.capacity},
    }


_OF_A_CONTACT = ("name", "first_name", "email", "phone")


def _personal(contact: Contact) -> list[AnyPersonal | None]:
    return [getattr(contact, name) for name in _OF_A_CONTACT]


async def bank_details(
    runtime: Runtime, form: ReferencingForm | None, body: Body, *, whole: bool
) -> dict[str, Any]:
    """IBAN and BIC as they are now; its last four characters only for who has nothing to pay or to check."""
    (iban,) = await reveal(runtime, body.iban or (form.iban if form else None))
    shown = iban if whole or iban is None else f"•••• {iban[-4:]}"
    return {"iban": shown, "bic": body.bic or (form.bic if form else None)}


async def told_of_a_new_iban(
    runtime: Runtime, changed: TrainingBodyDetailsChanged, request: Request, body: Body
) -> AnyPersonal | None:
    """Whoever answered for the IBAN so far, when this changes it; None when it stays the same, or all were erased."""
    if not isinstance(changed.iban, Clear):
        return None
    known = body.iban or (request.form.iban if request.form else None)
    (before,) = await reveal(runtime, known)
    if before == changed.iban.value or request.asked is None:
        return None
    contacts = body.contacts or (request.form.contacts if request.form else None) or ()
    administrative = [each.email for each in contacts if each.purpose == "administrative"]
    candidates = [*administrative, request.asked.contact_email]
    addresses = await reveal(runtime, *candidates)
    return next((each for each, address in zip(candidates, addresses, strict=True) if address), None)
