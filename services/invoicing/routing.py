"""To whom a change of a submitted invoice is asked.  (R11)"""

from datetime import date

from services.invoicing.refusals import INVOICE_SUBMITTED
from shared.events.invoicing import InvoiceSubmitted
from shared.events.parts import Office
from shared.events.values import Perimeter
from shared.runtime.contacts import MANAGEMENT, Contact
from shared.runtime.refusal import Refused
from shared.runtime.territories import Territories

MANAGEMENT_OFFICE = Office(name=MANAGEMENT.name, email=MANAGEMENT.email)


def office_for(perimeter: Perimeter, territory: str | None, known: Territories, day: date) -> Office:
    """Regional: the proximity site that answers for the training's region that day; national: the management desk."""
    if perimeter == "national" or territory is None:
        return MANAGEMENT_OFFICE
    site = known.office(territory, day)
    return Office(name=site.name, email=site.email, phone=site.phone)


def submitted_stays(invoice: InvoiceSubmitted, office: Office) -> Refused:
    """The answer to whoever would edit a submitted invoice, in the words of R11."""
    whom = {
        "regional": f"Votre formation est de périmètre régional : contactez le site de proximité de votre région, "
        f"{office.name} ({office.email}).",
        "national": f"Votre formation est de périmètre national : contactez le service gestion à {office.email}.",
    }[invoice.perimeter]
    contact = Contact(office.name, office.email, office.phone)
    return Refused(INVOICE_SUBMITTED, contact=contact, number=invoice.number, whom=whom)
