"""The offering form: a header and the tabs Pédagogie, Inscription, Synthèse, Description, Session.  (R5)"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from shared.events import Clear
from shared.events.offerings import OfferingSubmitted, Session, TeachingUnit
from shared.runtime import form_kinds as kinds
from shared.runtime.form import TO_FILL_IN, Field, Form, Rows, Tab, Values, each

PERIMETERS = {"regional": "régional", "national": "national"}
KINDS = {
    "inter-school": "inter-établissements",
    "intra-school": "intra-établissement",
    "individual": "individuelle",
}
MODES = {"on-site": "en présence", "remote": "à distance", "hybrid": "en présence et à distance"}
COST_TYPES = {
    "per-session": "par session",
    "per-trainee": "par stagiaire",
    "per-trainee-hour": "par heure et par stagiaire",
}

HEADER = Tab(
    "En-tête",
    (
        Field(
            "title",
            "Intitulé",
            kinds.line,
            "Lire à voix haute : du souffle au sens",
            mandatory=True,
            help="Tel qu'il figurera sur le bon de commande, les attestations et la facture.",
        ),
        Field(
            "perimeter",
            "Périmètre",
            kinds.one_of(PERIMETERS),
            "national",
            mandatory=True,
            help="Régional : l'association territoriale dont dépend votre organisme décide ; national : le siège.",
        ),
        Field(
            "territory",
            "Association territoriale (périmètre régional)",
            kinds.territory,
            help="Celle dont dépend votre organisme ; obligatoire quand le périmètre est régional.",
        ),
        Field("kind", "Nature", kinds.one_of(KINDS), "inter-school", mandatory=True),
    ),
)
PEDAGOGY = Tab(
    "Pédagogie",
    (
        Field(
            "objectives",
            "Objectifs",
            kinds.prose,
            "Lire un texte à voix haute avec justesse",
            mandatory=True,
            help="Ce que chaque stagiaire saura faire à la fin, en termes que l'on peut évaluer.",
        ),
        Field(
            "programme",
            "Programme",
            kinds.prose,
            "Souffle, voix, texte, mise en voix",
            mandatory=True,
            help="Le contenu, dans l'ordre où il est abordé.",
        ),
        Field("audience", "Public", kinds.prose, "Enseignants du premier degré", mandatory=True),
        Field(
            "prerequisites",
            "Prérequis",
            kinds.prose,
            "Aucun",
            mandatory=True,
            help="Écrivez « Aucun » s'il n'y en a pas.",
        ),
        Field(
            "methods",
            "Méthodes",
            kinds.prose,
            "Ateliers en petits groupes",
            mandatory=True,
            help="Les moyens pédagogiques et techniques.",
        ),
        Field(
            "assessment",
            "Évaluation",
            kinds.prose,
            "Lecture publique en fin de session",
            mandatory=True,
            help="Comment les acquis sont évalués, pendant et à la fin.",
        ),
        Field(
            "trainers",
            "Formateurs",
            kinds.prose,
            help="Noms et compétences ; lus par votre organisme et par Formiris seulement.",
        ),
    ),
)
REGISTRATION = Tab(
    "Inscription",
    (
        Field(
            "group_minimum",
            "Effectif minimal",
            kinds.count,
            6,
            mandatory=True,
            help="En dessous, la session peut être annulée.",
        ),
        Field("group_maximum", "Effectif maximal", kinds.count, 15, mandatory=True),
        Field(
            "registration_deadline",
            "Date limite d'inscription",
            kinds.day,
            "2027-02-01",
            mandatory=True,
            help="Au plus tard le jour où commence la dernière session.",
        ),
        Field("conditions", "Conditions d'inscription", kinds.prose),
    ),
)
SUMMARY = Tab(
    "Synthèse",
    (
        Field(
            "summary",
            "Résumé",
            kinds.prose,
            "Deux journées pour apprivoiser sa voix",
            mandatory=True,
            help="Deux ou trois phrases, pour qui parcourt l'offre.",
        ),
        Field(
            "total_hours",
            "Durée totale (heures)",
            kinds.hours,
            "12.50",
            mandatory=True,
            help="Pour chaque stagiaire ; les heures des unités pédagogiques d'une session s'y additionnent.",
        ),
        Field("keywords", "Mots-clés", kinds.lines),
    ),
)
DESCRIPTION = Tab(
    "Description",
    (
        Field(
            "description",
            "Description détaillée",
            kinds.prose,
            "La voix comme outil de la classe",
            mandatory=True,
        ),
        Field("mode", "Modalité", kinds.one_of(MODES), "on-site", mandatory=True),
        Field(
            "accessibility",
            "Accessibilité aux personnes handicapées",
            kinds.prose,
            "Salle accessible, supports adaptés sur demande",
            mandatory=True,
            help="Ce qui est prévu, et à qui s'adresser.",
        ),
    ),
)
UNIT = (
    Field(
        "code",
        "Code de l'unité pédagogique",
        kinds.unit_code,
        "1234",
        mandatory=True,
        help="Il figure sur les affectations et sur les attestations de présence.",
    ),
    Field("title", "Intitulé de l'unité pédagogique", kinds.line, "La voix et le corps", mandatory=True),
    Field("hours", "Heures de l'unité pédagogique", kinds.hours, "12.50", mandatory=True),
)
SESSION = (
    Field("starts_on", "Début de la session", kinds.day, "2027-03-04", mandatory=True),
    Field(
        "ends_on",
        "Fin de la session",
        kinds.day,
        "2027-03-05",
        mandatory=True,
        help="Le dernier jour, compris.",
    ),
    Field("place", "Lieu", kinds.line, "Lycée Sainte-Anne, Rennes", mandatory=True),
    Field("timetable", "Horaires", kinds.prose, "9h-12h30 et 14h-17h", mandatory=True),
    Field(
        "price",
        "Prix",
        kinds.money,
        "1250.00",
        mandatory=True,
        help="En euros, pour ce que dit le type de coût : la session, un stagiaire ou une heure de stagiaire.",
    ),
    Field("units", "Unités pédagogiques", Rows("unité", UNIT), mandatory=True),
)
SESSIONS = Tab(
    "Session",
    (
        Field(
            "cost_type", "Type de coût des sessions", kinds.one_of(COST_TYPES), "per-session", mandatory=True,
            blue=True, help="Obligatoire bien qu'il soit en bleu : ce que paie le prix de chaque session.",
        ),
        Field("sessions", "Sessions", Rows("session", SESSION), mandatory=True),
    ),
)  # fmt: skip


def territory_of_a_regional_offering(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """A regional perimeter is that of a territory."""
    if values.get("perimeter") == "regional" and not values.get("territory"):
        yield "territory", TO_FILL_IN


def group_in_order(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """The group's minimum is not above its maximum."""
    low, high = values.get("group_minimum"), values.get("group_maximum")
    if low is not None and high is not None and low > high:
        yield "group_maximum", "inférieur à l'effectif minimal"


def dates_in_order(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """A session does not end before it starts, nor do registrations close after the first one has started."""
    for place, session in each(values, "sessions"):
        if session["ends_on"] < session["starts_on"]:
            yield f"sessions.{place}.ends_on", "antérieure au début de la session"
    starts = [session["starts_on"] for _, session in each(values, "sessions")]
    if "registration_deadline" in values and starts and values["registration_deadline"] > max(starts):
        yield "registration_deadline", "postérieure au début de la dernière session"


def units_add_up(values: Values, _today: date) -> Iterator[tuple[str, str]]:
    """The hours of a session's units add up to the total; a code names one unit."""
    for place, session in each(values, "sessions"):
        units = session["units"]
        hours = sum((unit["hours"] for unit in units), Decimal(0))
        if "total_hours" in values and hours != values["total_hours"]:
            yield (
                f"sessions.{place}.units",
                f"{hours} heures au lieu des {values['total_hours']} de la durée totale",
            )
        if len({unit["code"] for unit in units}) < len(units):
            yield f"sessions.{place}.units", "un même code désigne deux unités"


EMPTIED_BY_A_COPY = ("registration_deadline", "starts_on", "ends_on", "price")
"""What another year asks for anew (F10)."""


FORM = Form(
    (HEADER, PEDAGOGY, REGISTRATION, SUMMARY, DESCRIPTION, SESSIONS),
    (territory_of_a_regional_offering, group_in_order, dates_in_order, units_add_up),
)


def deadline(values: Values) -> date | None:
    """The first day that a draft names, among the end of registration and the starts of its sessions (F6)."""
    sessions = values.get("sessions")
    rows = [row for row in sessions if isinstance(row, Mapping)] if isinstance(sessions, list) else []
    typed = [values.get("registration_deadline"), *(row.get("starts_on") for row in rows)]
    return min(filter(None, map(_day, typed)), default=None)


def _day(raw: object) -> date | None:
    try:
        found: date = kinds.day(raw)
    except ValueError:
        return None
    return found


_APART = ("sessions", "trainers", "territory")


def offering_submitted(values: Values, offering: UUID, body: UUID, body_name: str) -> OfferingSubmitted:
    """The form as the event says it; a session keeps its id from one submission to the next, by its place."""
    regional = values["perimeter"] == "regional"
    return OfferingSubmitted(
        offering_id=offering,
        body_id=body,
        body_name=body_name,
        revision=1,
        territory=values["territory"] if regional else None,
        trainers=Clear(f"trainers-{offering}", values["trainers"]) if "trainers" in values else None,
        sessions=tuple(_session(session, offering, place) for place, session in each(values, "sessions")),
        **{name: value for name, value in values.items() if name not in _APART},
    )


def _session(session: dict[str, Any], offering: UUID, place: int) -> Session:
    units = tuple(TeachingUnit(**unit) for unit in session["units"])
    return Session(**{**session, "units": units}, session_id=uuid5(offering, f"session {place + 1}"))


def as_typed(form: OfferingSubmitted, trainers: str | None) -> Values:
    """The form as a person would fill it in again; `trainers` as revealed, None when they are not known."""
    said = form.model_dump(mode="json", exclude_none=True, exclude={"trainers", "sessions"})
    sessions = [
        session.model_dump(mode="json", exclude_none=True, exclude={"session_id"})
        for session in form.sessions
    ]
    known = {name: value for name, value in said.items() if FORM.field(name)}
    return known | {"sessions": sessions} | ({"trainers": trainers} if trainers else {})


def copied(fields: Values) -> Values:
    """The same offering to be given again: its dates and prices are emptied, all else stays (F10)."""
    sessions = [_emptied(session) for session in fields["sessions"]]
    return _emptied(fields) | {"sessions": sessions}


def _emptied(fields: Values) -> Values:
    return {name: value for name, value in fields.items() if name not in EMPTIED_BY_A_COPY}
