"""A form told to whoever shows it: the same declaration that checks what was typed."""

from datetime import date

from shared.runtime import form_kinds as kinds
from shared.runtime.form import Field, Form, Record, Rows, Tab

PLACE = (Field("town", "Ville", kinds.line, "Rennes", mandatory=True), Field("at", "Le", kinds.day))
FORM = Form(
    (
        Tab("En-tête", (Field("name", "Nom", kinds.line, "Institut", mandatory=True, help="Celui du dossier."),)),
        Tab(
            "Lieu",
            (
                Field("mode", "Modalité", kinds.one_of({"on-site": "En présence", "remote": "À distance"}), "remote"),
                Field("siret", "SIRET", kinds.siret, mandatory=True, blue=True),
                Field("seat", "Siège", Record(PLACE)),
                Field("sites", "Sites", Rows("site", PLACE, 3)),
            ),
        ),
    )
)  # fmt: skip


def test_the_schema_says_all_that_a_screen_shows() -> None:
    """Tabs in order; each field's label, colour, help, kind, choices, example, and the fields inside it."""
    header, place = FORM.schema()["tabs"]
    assert header == {
        "label": "En-tête",
        "fields": [
            {
                "name": "name", "label": "Nom", "mandatory": True, "colour": "red", "help": "Celui du dossier.",
                "example": "Institut", "kind": "line", "choices": [], "at_most": 500,
            }
        ],
    }  # fmt: skip
    mode, siret, seat, sites = place["fields"]
    assert mode["choices"] == [
        {"value": "on-site", "label": "En présence"},
        {"value": "remote", "label": "À distance"},
    ]
    assert (mode["kind"], mode["colour"]) == ("choice", "black")
    assert (siret["colour"], siret["mandatory"]) == ("blue", True)
    assert (seat["kind"], [each["name"] for each in seat["fields"]]) == ("record", ["town", "at"])
    assert (sites["kind"], sites["noun"], sites["at_most"]) == ("rows", "site", 3)
    assert sites["example"] == [{"town": "Rennes"}]


def test_a_group_that_is_empty_lacks_each_of_its_mandatory_fields() -> None:
    """Their number only falls while they are filled in; of a list, those of its first row are named."""
    whole = (
        Field("seat", "Siège", Record(PLACE), mandatory=True),
        Field("sites", "Sites", Rows("site", PLACE), mandatory=True),
    )
    form = Form((Tab("Lieu", whole),))
    named = [(each.field, each.label) for each in form.check({"sites": []}, date(2026, 11, 23)).missing]
    assert named == [("seat.town", "Ville"), ("sites.0.town", "Ville (site 1)")]


def test_a_siren_in_the_place_of_a_siret_is_named_as_such() -> None:
    """Nine digits, however they are spaced."""
    (fault,) = (
        each
        for each in FORM.check({"siret": "732 829 320"}, date(2026, 11, 23)).missing
        if each.field == "siret"
    )
    assert "SIREN" in fault.reason


def test_a_choice_may_be_typed_as_it_is_shown() -> None:
    """By its code or its label."""
    for typed in ("remote", "à distance"):
        assert FORM.check({"mode": typed}, date(2026, 11, 23)).values["mode"] == "remote"
