"""To whom a change of a submitted invoice is asked.  (R11)"""

from services.invoicing.refusals import INVOICE_SUBMITTED
from shared.events.invoicing import InvoiceSubmitted
from shared.events.parts import Office
from shared.events.values import Perimeter
from shared.runtime.refusal import MANAGEMENT, Contact, Refused

MANAGEMENT_OFFICE = Office(name=MANAGEMENT.name, email=MANAGEMENT.email)


def office_for(perimeter: Perimeter, proximity_site: Office | None) -> Office:
    """Regional: the proximity site of the training's region; national, or no site known: the management desk."""
    return proximity_site if perimeter == "regional" and proximity_site else MANAGEMENT_OFFICE


def submitted_stays(invoice: InvoiceSubmitted, office: Office) -> Refused:
    """The answer to whoever would edit a submitted invoice, in the words of R11."""
    whom = {
        "regional": f"Votre formation est de périmètre régional : contactez le site de proximité de votre région, "
        f"{office.name} ({office.email}).",
        "national": f"Votre formation est de périmètre national : contactez le service gestion à {office.email}.",
    }[invoice.perimeter]
    contact = Contact(office.name, office.email, office.phone)
    return Refused(INVOICE_SUBMITTED, contact=contact, number=invoice.number, whom=whom)
