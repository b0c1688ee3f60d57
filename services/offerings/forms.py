"""The offering form: a header and the tabs Pédagogie, Inscription, Synthèse, Description, Session.  (R5)"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from shared.events import Clear
from shared.events.offerings import OfferingSubmitted, Session, TeachingUnit
from shared.runtime import form_kinds as kinds
from shared.runtime.form import TO_FILL_IN, Field, Form, Rows, Tab, Values, each

HEADER = Tab(
    "En-tête",
    (
        Field("title", "Intitulé", kinds.line, "Lire à voix haute : du souffle au sens", mandatory=True),
        Field("perimeter", "Périmètre", kinds.one_of(("regional", "national")), "national", mandatory=True),
        Field("territory", "Association territoriale (périmètre régional)", kinds.territory),
        Field(
            "kind",
            "Nature",
            kinds.one_of(("inter-school", "intra-school", "individual")),
            "inter-school",
            mandatory=True,
        ),
    ),
)
PEDAGOGY = Tab(
    "Pédagogie",
    (
        Field(
            "objectives", "Objectifs", kinds.prose, "Lire un texte à voix haute avec justesse", mandatory=True
        ),
        Field("programme", "Programme", kinds.prose, "Souffle, voix, texte, mise en voix", mandatory=True),
        Field("audience", "Public", kinds.prose, "Enseignants du premier degré", mandatory=True),
        Field("prerequisites", "Prérequis", kinds.prose, "Aucun", mandatory=True),
        Field("methods", "Méthodes", kinds.prose, "Ateliers en petits groupes", mandatory=True),
        Field("assessment", "Évaluation", kinds.prose, "Lecture publique en fin de session", mandatory=True),
        Field("trainers", "Formateurs", kinds.prose),
    ),
)
REGISTRATION = Tab(
    "Inscription",
    (
        Field("group_minimum", "Effectif minimal", kinds.count, 6, mandatory=True),
        Field("group_maximum", "Effectif maximal", kinds.count, 15, mandatory=True),
        Field("registration_deadline", "Date limite d'inscription", kinds.day, "2027-02-01", mandatory=True),
        Field("conditions", "Conditions d'inscription", kinds.prose),
    ),
)
SUMMARY = Tab(
    "Synthèse",
    (
        Field("summary", "Résumé", kinds.prose, "Deux journées pour apprivoiser sa voix", mandatory=True),
        Field("total_hours", "Durée totale (heures)", kinds.hours, "12.50", mandatory=True),
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
        Field("mode", "Modalité", kinds.one_of(("on-site", "remote", "hybrid")), "on-site", mandatory=True),
        Field(
            "accessibility",
            "Accessibilité aux personnes handicapées",
            kinds.prose,
            "Salle accessible, supports adaptés sur demande",
            mandatory=True,
        ),
    ),
)
UNIT = (
    Field("code", "Code de l'unité pédagogique", kinds.unit_code, "1234", mandatory=True),
    Field("title", "Intitulé de l'unité pédagogique", kinds.line, "La voix et le corps", mandatory=True),
    Field("hours", "Heures de l'unité pédagogique", kinds.hours, "12.50", mandatory=True),
)
SESSION = (
    Field("starts_on", "Début de la session", kinds.day, "2027-03-04", mandatory=True),
    Field("ends_on", "Fin de la session", kinds.day, "2027-03-05", mandatory=True),
    Field("place", "Lieu", kinds.line, "Lycée Sainte-Anne, Rennes", mandatory=True),
    Field("timetable", "Horaires", kinds.prose, "9h-12h30 et 14h-17h", mandatory=True),
    Field("price", "Prix", kinds.money, "1250.00", mandatory=True),
    Field("units", "Unités pédagogiques", Rows("unité", UNIT), mandatory=True),
)
SESSIONS = Tab(
    "Session",
    (
        Field(
            "cost_type",
            "Type de coût des sessions",
            kinds.one_of(("per-session", "per-trainee", "per-trainee-hour")),
            "per-session",
            mandatory=True,
            blue=True,
        ),
        Field("sessions", "Sessions", Rows("session", SESSION), mandatory=True),
    ),
)


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


FORM = Form(
    (HEADER, PEDAGOGY, REGISTRATION, SUMMARY, DESCRIPTION, SESSIONS),
    (territory_of_a_regional_offering, group_in_order, dates_in_order, units_add_up),
)

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
