"""The referencing form: a header and the tabs Identité, Informations légales, Activité, Contacts.  (R3)"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.events import AnyPersonal, Clear
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

PERIMETERS = {"regional": "Régional", "national": "National"}
BODY_KINDS = {"private": "Privé", "public": "Public"}
VAT_REGIMES = {
    "exempt": "Exonéré au titre de la formation professionnelle",
    "liable": "Assujetti à la TVA",
}
PURPOSES = {"teaching": "Contact pédagogique", "administrative": "Contact administratif"}

HEADER = Tab(
    "En-tête",
    (
        Field(
            "name",
            "Nom de l'organisme",
            kinds.line,
            "Institut Lire et Dire",
            mandatory=True,
            help="Le nom sous lequel les établissements vous connaissent.",
        ),
        Field(
            "perimeter",
            "Périmètre",
            kinds.one_of(PERIMETERS),
            "national",
            mandatory=True,
            help="Régional : vos formations se font avec une seule association territoriale ; sinon, national.",
        ),
        Field(
            "territory",
            "Association territoriale (périmètre régional)",
            kinds.line,
            help="Celle dont dépend votre organisme ; à renseigner pour un périmètre régional.",
        ),
        Field("kind", "Nature de l'organisme", kinds.one_of(BODY_KINDS), "private", mandatory=True),
    ),
)
IDENTITY = Tab(
    "Identité",
    (
        Field(
            "siret",
            "SIRET",
            kinds.siret,
            "73282932000074",
            mandatory=True,
            blue=True,
            help="Obligatoire, bien qu'il soit en bleu : les 14 chiffres de l'établissement qui facture.",
        ),
        Field(
            "legal_name",
            "Raison sociale",
            kinds.line,
            "Institut Lire et Dire SAS",
            mandatory=True,
            help="Telle qu'elle figure au répertoire Sirene.",
        ),
        Field("acronym", "Sigle", kinds.line),
        Field(
            "legal_form",
            "Forme juridique",
            kinds.line,
            "SAS",
            mandatory=True,
            help="Par exemple association loi 1901, SAS, établissement public.",
        ),
        Field(
            "address",
            "Adresse",
            kinds.line,
            "4 rue des Écoles",
            mandatory=True,
            help="Numéro et voie du siège.",
        ),
        Field("postcode", "Code postal", kinds.postcode, "75005", mandatory=True),
        Field("town", "Ville", kinds.line, "Paris", mandatory=True),
        Field("phone", "Téléphone", kinds.phone, "01 40 00 00 00", mandatory=True),
        Field(
            "email",
            "E-mail",
            kinds.email,
            "contact@lire-et-dire.example",
            mandatory=True,
            help="L'adresse de l'organisme ; celles des personnes se donnent dans l'onglet Contacts.",
        ),
        Field("web_site", "Site internet", kinds.web_site),
    ),
)
QUALIOPI = (
    Field("number", "Numéro du certificat Qualiopi", kinds.line, "QUA-2025-0417", mandatory=True),
    Field("certifier", "Organisme certificateur", kinds.line, "Certif Europe", mandatory=True),
    Field(
        "categories",
        "Catégories d'actions certifiées",
        kinds.lines,
        ["actions de formation"],
        mandatory=True,
        help="Une par ligne, comme sur le certificat.",
    ),
    Field("valid_from", "Début de validité Qualiopi", kinds.day, "2025-01-15", mandatory=True),
    Field(
        "valid_until",
        "Fin de validité Qualiopi",
        kinds.day,
        "2028-01-14",
        mandatory=True,
        help="Passé ce jour, le référencement est suspendu tant qu'un nouveau certificat n'est pas accepté.",
    ),
)
REPRESENTATIVE = (
    Field("name", "Nom du représentant légal", kinds.line, "Le Goff", mandatory=True),
    Field("first_name", "Prénom du représentant légal", kinds.line, "Anne", mandatory=True),
    Field("capacity", "Qualité du représentant légal", kinds.line, "présidente", mandatory=True),
)
LEGAL = Tab(
    "Informations légales",
    (
        Field(
            "nda",
            "Numéro de déclaration d'activité (NDA)",
            kinds.nda,
            "11755555555",
            mandatory=True,
            help="Les 11 chiffres donnés par la préfecture de région.",
        ),
        Field(
            "ape",
            "Code APE",
            kinds.ape,
            "8559A",
            mandatory=True,
            help="Quatre chiffres et une lettre, par exemple 8559A.",
        ),
        Field(
            "vat_regime",
            "Régime de TVA",
            kinds.one_of(VAT_REGIMES),
            "exempt",
            mandatory=True,
            help="Exonéré, ou assujetti avec un numéro de TVA.",
        ),
        Field(
            "vat_number",
            "Numéro de TVA",
            kinds.vat_number,
            help="À renseigner si l'organisme est assujetti à la TVA.",
        ),
        Field("qualiopi", "Certificat Qualiopi", Record(QUALIOPI), mandatory=True),
        Field("legal_representative", "Représentant légal", Record(REPRESENTATIVE), mandatory=True),
        Field(
            "iban",
            "IBAN",
            kinds.iban,
            "FR7630006000011234567890189",
            mandatory=True,
            help="Le compte sur lequel vos factures sont payées ; les espaces ne comptent pas.",
        ),
        Field("bic", "BIC", kinds.bic, "AGRIFRPP"),
    ),
)
ACTIVITY = Tab(
    "Activité",
    (
        Field(
            "domains",
            "Domaines de formation",
            kinds.lines,
            ["lecture", "expression orale"],
            mandatory=True,
            help="Un par ligne.",
        ),
        Field(
            "audiences",
            "Publics",
            kinds.lines,
            ["enseignants du premier degré"],
            mandatory=True,
            help="Un par ligne.",
        ),
        Field(
            "regions",
            "Régions d'intervention",
            kinds.lines,
            ["Île-de-France"],
            mandatory=True,
            help="Une par ligne.",
        ),
        Field("trainers", "Nombre de formateurs", kinds.count, 6),
        Field(
            "references",
            "Références",
            kinds.prose,
            help="Vos formations récentes, et pour qui.",
        ),
    ),
)
CONTACT = (
    Field("purpose", "Rôle du contact", kinds.one_of(PURPOSES), mandatory=True),
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
    "Contacts",
    (
        Field(
            "contacts",
            "Contacts",
            Rows("contact", CONTACT, 50),
            _CONTACTS,
            mandatory=True,
            help="Au moins un contact pédagogique et un contact administratif.",
        ),
    ),
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
    return ReferencingForm(
        **{name: values[name] for name in _AS_TYPED if name in values},
        territory=territory,
        address=_address(values),
        qualiopi=QualiopiCertificate(**values["qualiopi"]),
        legal_representative=_representative(values["legal_representative"], request),
        iban=Clear(f"representative-{request}", values["iban"]),
        contacts=tuple(_contact(contact, request, place) for place, contact in each(values, "contacts")),
    )


def _address(values: Values) -> Address:
    return Address(street=values["address"], postcode=values["postcode"], town=values["town"])


def _representative(values: Values, request: UUID) -> LegalRepresentative:
    person = f"representative-{request}"
    return LegalRepresentative(
        name=Clear(person, values["name"]),
        first_name=Clear(person, values["first_name"]),
        capacity=values["capacity"],
    )


def _contact(contact: dict[str, Any], request: UUID, place: int) -> Contact:
    person = f"contact-{request}-{place + 1}"
    personal = {
        name: Clear(person, contact[name])
        for name in ("name", "first_name", "email", "phone")
        if name in contact
    }
    return Contact(purpose=contact["purpose"], function=contact.get("function"), **personal)


def as_typed(form: ReferencingForm) -> Values:
    """The form as a person would fill it in again, once revealed; what belongs to an erased person is left out."""
    said = form.model_dump(mode="json", exclude_none=True, include={*_AS_TYPED, "territory", "qualiopi"})
    if form.address:
        said |= {"address": form.address.street, "postcode": form.address.postcode, "town": form.address.town}
    if who := form.legal_representative:
        personal = _clear({"name": who.name, "first_name": who.first_name})
        said["legal_representative"] = personal | {"capacity": who.capacity}
    said["contacts"] = [_contact_typed(each) for each in form.contacts or ()]
    return said | _clear({"iban": form.iban})


def _contact_typed(contact: Contact) -> dict[str, Any]:
    personal = {name: getattr(contact, name) for name in ("name", "first_name", "email", "phone")}
    said = {"purpose": contact.purpose, "function": contact.function}
    return _clear(personal) | {name: value for name, value in said.items() if value}


def _clear(personal: Mapping[str, AnyPersonal | None]) -> dict[str, str]:
    return {name: value.value for name, value in personal.items() if isinstance(value, Clear)}


_CHANGEABLE = (
    "name", "legal_name", "acronym", "legal_form", "phone", "email", "web_site", "nda", "ape", "vat_regime",
    "vat_number", "bic",
)  # fmt: skip
_OTHERS = ("qualiopi", "legal_representative", "iban", "contacts")
_ADDRESS = ("address", "postcode", "town")
CHANGEABLE = (*_CHANGEABLE, *_OTHERS, *_ADDRESS)
"""What a referenced body changes by itself; its SIRET and its perimeter stay."""


def check_details(typed: Values, today: date) -> Checked:
    """Some of the fields, once the body is referenced: each by its own rule, the three of an address together."""
    checked = FORM.check(typed, today)
    given = set(typed) | (set(_ADDRESS) if set(typed) & set(_ADDRESS) else set())
    given |= {"vat_number"} if "vat_regime" in typed else set()
    faults = [fault for fault in checked.missing if fault.field.partition(".")[0] in given]
    fixed = sorted(set(checked.values) - set(_CHANGEABLE) - set(_OTHERS) - set(_ADDRESS))
    faults += [Missing(name, name, "", "ne se modifie pas ici") for name in fixed]
    return Checked(checked.values, tuple(faults))


def details_changed(values: Values, body: UUID, by: str) -> TrainingBodyDetailsChanged:
    """Only what changes, as the event says it."""
    changed: dict[str, Any] = {name: values[name] for name in _CHANGEABLE if name in values}
    if "qualiopi" in values:
        changed["qualiopi"] = QualiopiCertificate(**values["qualiopi"])
    if "address" in values:
        changed["address"] = _address(values)
    if "legal_representative" in values:
        changed["legal_representative"] = _representative(values["legal_representative"], body)
    if "iban" in values:
        changed["iban"] = Clear(f"representative-{body}", values["iban"])
    if "contacts" in values:
        changed["contacts"] = tuple(
            _contact(contact, body, place) for place, contact in each(values, "contacts")
        )
    return TrainingBodyDetailsChanged(body_id=body, changed_by=by, **changed)
