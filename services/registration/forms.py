"""The referencing form: a header and the tabs Identité, Informations légales, Activité, Contacts.  (R3)"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from shared.events import Clear
from shared.events.parts import Address, QualiopiCertificate
from shared.events.registration import (
    Contact,
    LegalRepresentative,
    ReferencingForm,
    TrainingBodyDetailsChanged,
)
from shared.runtime import form_kinds as kinds
from shared.runtime.form import TO_FILL_IN, Checked, Field, Form, Record, Rows, Tab, Values, each
from shared.runtime.refusal import Missing

HEADER = Tab(
    "En-tête",
    (
        Field("name", "Nom de l'organisme", kinds.line, "Institut Lire et Dire", mandatory=True),
        Field("perimeter", "Périmètre", kinds.one_of(("regional", "national")), "national", mandatory=True),
        Field("territory", "Association territoriale (périmètre régional)", kinds.line),
        Field(
            "kind", "Nature de l'organisme", kinds.one_of(("private", "public")), "private", mandatory=True
        ),
    ),
)
IDENTITY = Tab(
    "Identité",
    (
        Field("siret", "SIRET", kinds.siret, "73282932000074", mandatory=True, blue=True),
        Field("legal_name", "Raison sociale", kinds.line, "Institut Lire et Dire SAS", mandatory=True),
        Field("acronym", "Sigle", kinds.line),
        Field("legal_form", "Forme juridique", kinds.line, "SAS", mandatory=True),
        Field("address", "Adresse", kinds.line, "4 rue des Écoles", mandatory=True),
        Field("postcode", "Code postal", kinds.postcode, "75005", mandatory=True),
        Field("town", "Ville", kinds.line, "Paris", mandatory=True),
        Field("phone", "Téléphone", kinds.phone, "01 40 00 00 00", mandatory=True),
        Field("email", "E-mail", kinds.email, "contact@lire-et-dire.example", mandatory=True),
        Field("web_site", "Site internet", kinds.line),
    ),
)
QUALIOPI = (
    Field("number", "Numéro du certificat Qualiopi", kinds.line, "QUA-2025-0417", mandatory=True),
    Field("certifier", "Organisme certificateur", kinds.line, "Certif Europe", mandatory=True),
    Field(
        "categories", "Catégories d'actions certifiées", kinds.lines, ["actions de formation"], mandatory=True
    ),
    Field("valid_from", "Début de validité Qualiopi", kinds.day, "2025-01-15", mandatory=True),
    Field("valid_until", "Fin de validité Qualiopi", kinds.day, "2028-01-14", mandatory=True),
)
REPRESENTATIVE = (
    Field("name", "Nom du représentant légal", kinds.line, "Le Goff", mandatory=True),
    Field("first_name", "Prénom du représentant légal", kinds.line, "Anne", mandatory=True),
    Field("capacity", "Qualité du représentant légal", kinds.line, "présidente", mandatory=True),
)
LEGAL = Tab(
    "Informations légales",
    (
        Field("nda", "Numéro de déclaration d'activité (NDA)", kinds.nda, "11755555555", mandatory=True),
        Field("ape", "Code APE", kinds.text(10), "8559A", mandatory=True),
        Field("vat_regime", "Régime de TVA", kinds.one_of(("exempt", "liable")), "exempt", mandatory=True),
        Field("vat_number", "Numéro de TVA", kinds.text(20)),
        Field("qualiopi", "Certificat Qualiopi", Record(QUALIOPI), mandatory=True),
        Field("legal_representative", "Représentant légal", Record(REPRESENTATIVE), mandatory=True),
        Field("iban", "IBAN", kinds.iban, "FR7630006000011234567890189", mandatory=True),
        Field("bic", "BIC", kinds.bic),
    ),
)
ACTIVITY = Tab(
    "Activité",
    (
        Field(
            "domains", "Domaines de formation", kinds.lines, ["lecture", "expression orale"], mandatory=True
        ),
        Field("audiences", "Publics", kinds.lines, ["enseignants du premier degré"], mandatory=True),
        Field("regions", "Régions d'intervention", kinds.lines, ["Île-de-France"], mandatory=True),
        Field("trainers", "Nombre de formateurs", kinds.count, 6),
        Field("references", "Références", kinds.prose),
    ),
)
CONTACT = (
    Field("purpose", "Rôle du contact", kinds.one_of(("teaching", "administrative")), mandatory=True),
    Field("name", "Nom du contact", kinds.line, mandatory=True),
    Field("first_name", "Prénom du contact", kinds.line, mandatory=True),
    Field("function", "Fonction du contact", kinds.line),
    Field("email", "E-mail du contact", kinds.email, mandatory=True),
    Field("phone", "Téléphone du contact", kinds.phone),
)
_CONTACTS = [
    {"purpose": "teaching", "name": "Morel", "first_name": "Léa", "email": "lea.morel@lire-et-dire.example"},
    {
        "purpose": "administrative",
        "name": "Petit",
        "first_name": "Hugo",
        "email": "gestion@lire-et-dire.example",
    },
]
CONTACTS = Tab(
    "Contacts", (Field("contacts", "Contacts", Rows("contact", CONTACT, 50), _CONTACTS, mandatory=True),)
)


def territory_of_a_regional_body(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """A regional perimeter is that of a territory."""
    if values.get("perimeter") == "regional" and not values.get("territory"):
        yield "territory", TO_FILL_IN


def vat_number_of_a_liable_body(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """A body that is not exempt has a VAT number."""
    if values.get("vat_regime") == "liable" and not values.get("vat_number"):
        yield "vat_number", TO_FILL_IN


def qualiopi_is_valid(values: Values, today: date) -> Iterator[tuple[str, str]]:
    """The certificate is valid on the day."""
    certificate = values.get("qualiopi")
    if not certificate:
        return
    if certificate["valid_from"] > certificate["valid_until"]:
        yield "qualiopi.valid_until", "antérieure au début de validité"
    elif certificate["valid_until"] < today:
        yield "qualiopi.valid_until", f"certificat périmé depuis le {certificate['valid_until']:%d/%m/%Y}"
    elif certificate["valid_from"] > today:
        yield (
            "qualiopi.valid_from",
            f"certificat valable seulement à partir du {certificate['valid_from']:%d/%m/%Y}",
        )


def one_contact_for_each_purpose(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """At least one teaching contact and one administrative contact."""
    if "contacts" not in values:
        return
    purposes = {contact["purpose"] for _, contact in each(values, "contacts")}
    if "teaching" not in purposes:
        yield "contacts", "il manque un contact pédagogique"
    if "administrative" not in purposes:
        yield "contacts", "il manque un contact administratif"


FORM = Form(
    (HEADER, IDENTITY, LEGAL, ACTIVITY, CONTACTS),
    (
        territory_of_a_regional_body,
        vat_number_of_a_liable_body,
        qualiopi_is_valid,
        one_contact_for_each_purpose,
    ),
)

_AS_TYPED = (
    "name", "perimeter", "kind", "siret", "legal_name", "acronym", "legal_form", "phone", "email", "web_site", "nda",
    "ape", "vat_regime", "vat_number", "bic", "domains", "audiences", "regions", "trainers", "references",
)  # fmt: skip


def referencing_form(values: Values, request: UUID, territory: str | None) -> ReferencingForm:
    """The form as the event says it; persons are named after the request, so that a correction keeps them."""
    representative = values["legal_representative"]
    person = f"representative-{request}"
    return ReferencingForm(
        **{name: values[name] for name in _AS_TYPED if name in values},
        territory=territory,
        address=Address(street=values["address"], postcode=values["postcode"], town=values["town"]),
        qualiopi=QualiopiCertificate(**values["qualiopi"]),
        legal_representative=LegalRepresentative(
            name=Clear(person, representative["name"]),
            first_name=Clear(person, representative["first_name"]),
            capacity=representative["capacity"],
        ),
        iban=Clear(person, values["iban"]),
        contacts=tuple(_contact(contact, request, place) for place, contact in each(values, "contacts")),
    )


def _contact(contact: dict[str, Any], request: UUID, place: int) -> Contact:
    person = f"contact-{request}-{place + 1}"
    personal = {
        name: Clear(person, contact[name])
        for name in ("name", "first_name", "email", "phone")
        if name in contact
    }
    return Contact(purpose=contact["purpose"], function=contact.get("function"), **personal)


_CHANGEABLE = (
    "name", "legal_name", "phone", "email", "web_site", "nda", "vat_regime", "vat_number", "qualiopi",
)  # fmt: skip
_ADDRESS = ("address", "postcode", "town")


def check_details(typed: Values, today: date) -> Checked:
    """Some of the fields, once the body is referenced: each by its own rule, the three of an address together."""
    checked = FORM.check(typed, today)
    given = set(typed) | (set(_ADDRESS) if set(typed) & set(_ADDRESS) else set())
    faults = [fault for fault in checked.missing if fault.field.partition(".")[0] in given]
    fixed = sorted(set(checked.values) - set(_CHANGEABLE) - set(_ADDRESS))
    faults += [Missing(name, name, "", "ne se modifie pas ici") for name in fixed]
    return Checked(checked.values, tuple(faults))


def details_changed(values: Values, body: UUID, by: str) -> TrainingBodyDetailsChanged:
    """Only what changes, as the event says it."""
    changed = {name: values[name] for name in _CHANGEABLE if name in values}
    if "qualiopi" in changed:
        changed["qualiopi"] = QualiopiCertificate(**changed["qualiopi"])
    if "address" in values:
        changed["address"] = Address(
            street=values["address"], postcode=values["postcode"], town=values["town"]
        )
    return TrainingBodyDetailsChanged(body_id=body, changed_by=by, **changed)
