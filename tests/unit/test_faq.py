"""The FAQ: whole, in the words of Formiris's own, and every link of it leads somewhere.  (R12)"""

import json
import re

from shared.runtime import faq


def said(entry: faq.FaqEntry) -> str:
    """An answer as one text."""
    (question,) = [each for theme in faq.themes() for each in theme["questions"] if each["id"] == entry.id]
    runs = [
        run
        for block in question["answer"]
        for text in block.get("items", [block.get("text", [])])
        for run in text
    ]
    return "".join(run["text"] for run in runs)


def test_the_menu_has_four_themes_in_order() -> None:
    """R12: the themes and their questions, as the FAQ has them."""
    assert [(theme["title"], len(theme["questions"])) for theme in faq.themes()] == [
        ("Référencement de votre organisme", 2),
        ("Connexion à votre compte FormElie", 1),
        ("Référencement d'une formation", 1),
        ("Gestion de vos formations", 3),
    ]
    assert faq.page()["back"] == "Retour au menu"
    assert "Cliquez sur la question qui vous concerne" in faq.page()["introduction"]


def test_each_answer_says_what_the_rule_says() -> None:
    """R1, R3, R4, R5, R7, R8, R9, R10 and R11, each in its own answer."""
    assert "prestataires@formiris.org" in said(faq.REFERENCING)
    assert "« SIRET » est obligatoire bien qu'il soit en bleu" in said(faq.REFERENCING_FORM)
    assert "« Type de coût des sessions » est obligatoire" in said(faq.OFFERING_FORM)
    assert "signé et renvoyé à Formiris" in said(faq.CERTIFICATES)
    assert "Aucune affectation trouvée pour l'enseignant" in said(faq.CERTIFICATES)
    assert "après la validation des attestations" in said(faq.INVOICE)
    assert "par notification dans votre extranet" in said(faq.INVOICE)
    assert "contact.gestion@formiris.org" in said(faq.INVOICE_CHANGE)


def test_assistance_is_reached_from_the_answer_about_lost_codes() -> None:
    """R4: hours, telephone and address are in the answer, and at an address of their own."""
    (theme,) = [each for each in faq.themes() if each["id"] == "connexion"]
    card = theme["questions"][0]["answer"][-1]
    assert card == {
        "kind": "contact",
        "name": "Assistance Formiris",
        "email": "contact.assistance@formiris.org",
        "phone": "01 58 45 10 20",
        "hours": "du lundi au vendredi, de 8h30 à 17h00",
    }
    assert faq.page()["assistance"]["link"] == "/aide#assistance"


def test_every_entry_that_a_refusal_may_name_is_in_the_faq() -> None:
    """No link leads to a question that is not there, and no two have the same address."""
    declared = {each for each in vars(faq).values() if isinstance(each, faq.FaqEntry)}
    assert declared == set(faq.entries())
    assert len({each.link for each in faq.entries()}) == len(faq.entries())


def test_every_mark_of_an_answer_is_understood() -> None:
    """What is written as a link, a list or a card is one; none of its marks is left in the words."""
    blocks = [block for theme in faq.themes() for each in theme["questions"] for block in each["answer"]]
    assert {block["kind"] for block in blocks} == {"heading", "paragraph", "notice", "items", "contact"}
    words = " ".join(said(entry) for entry in faq.entries() if entry != faq.HELP)
    assert set("[]{}#!") & set(words) == set()
    assert "\n" not in words
    assert json.dumps(blocks).count('"href"') == 4


def test_words_are_typographically_right() -> None:
    """Guillemets, ellipses and spaces as French has them; every text ends as a sentence or leads on."""
    text = json.dumps(faq.page(), ensure_ascii=False)
    assert re.findall(r"«\S|\S»|\.\.\.|  |\w[?!;]| ,", text) == []
