"""Registration over HTTP, on the real stack: R1 to R4, and whatever else people send."""

import asyncio
import base64
import json
import secrets
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest
from stdnum import luhn

from ops.databases import dsn_of
from services.registration.credentials import Credentials
from services.registration.refusals import FORM_INCOMPLETE
from shared.runtime.forwarded import HEADER, signed
from tests.integration.callers import PASSWORD, Newcomer, Scene, new_siret
from tests.second_step import WITH_A_CODE, the_code

REQUESTS = "registration/referencing-requests"
ASKED: dict[str, Any] = {
    "name": "Institut Lire et Dire",
    "kind": "private",
    "perimeter": "regional",
    "territory": "bretagne",
    "contact": {"name": "Anne Le Goff", "email": "anne@lire.example"},
}


async def test_a_request_is_routed_and_seen_by_its_office_only(scene: Scene) -> None:
    """Regional: the territory's association; its manager and the national one see it, and it says who acts (R1)."""
    public = scene.someone()
    made = await public.done("POST", REQUESTS, ASKED)
    assert made["office"]["email"] == "contact.bretagne@formiris.org"
    address = f"{REQUESTS}/{made['id']}"
    shown = await scene.desk("gestionnaire.bretagne", public.seen).done("GET", address)
    assert (shown["status"], shown["holder"]) == ("requested", "Bretagne")
    assert shown["contact"] == {"name": "Anne Le Goff", "email": "anne@lire.example"}
    national = await public.done("POST", REQUESTS, ASKED | {"perimeter": "national"})
    assert national["office"]["email"] == "prestataires@formiris.org"
    await scene.desk("gestionnaire.bretagne", public.seen).refused(
        "not-found", "GET", f"{REQUESTS}/{national['id']}"
    )
    listed = await scene.desk("gestionnaire.bretagne", public.seen).done("GET", f"{REQUESTS}?limit=100")
    ids = {item["id"] for item in listed["items"]}
    assert made["id"] in ids
    assert national["id"] not in ids


async def test_pages_follow_each_other(scene: Scene) -> None:
    """Newest first, every request once."""
    public = scene.someone()
    made = [(await public.done("POST", REQUESTS, ASKED))["id"] for _ in range(3)]
    found: list[str] = []
    after = ""
    for _ in range(3):
        page = await scene.desk(seen=public.seen).done("GET", f"{REQUESTS}?limit=1{after}")
        found += [item["id"] for item in page["items"]]
        after = f"&after={page['next']}"
    assert found == made[::-1]


async def test_a_body_becomes_referenced(scene: Scene) -> None:
    """Asked, proposed, filled in, submitted, accepted; each step says what follows."""
    body = await scene.newcomer()
    assert (await body.user.done("GET", body.request))["status"] == "proposed"
    await body.submit()
    assert (await body.user.done("GET", body.request))["status"] == "submitted"
    await body.desk.done("POST", f"{body.request}/decision", {"decision": "accept"})
    shown = await body.user.done("GET", f"registration/training-bodies/{body.id}")
    assert (shown["status"], shown["siret"]) == ("accepted", body.fields["siret"])


async def test_a_referenced_body_changes_its_details(scene: Scene) -> None:
    """Each by the form's own rule; what identifies it stays."""
    body = await scene.referenced()
    address = f"registration/training-bodies/{body.id}"
    wrong = {"fields": {"nda": "12", "siret": new_siret(), "town": "Rennes"}}
    problem = await body.user.refused("details-incorrect", "PATCH", address, wrong)
    assert {each["field"] for each in problem["missing"]} == {"nda", "siret", "address", "postcode"}
    await body.user.done("PATCH", address, {"fields": {"name": "Nouvel Institut", "phone": "02 99 11 22 33"}})
    moved = {"address": "1 place du Parlement", "postcode": "35000", "town": "Rennes"}
    problem = await body.user.refused("proof-missing", "PATCH", address, {"fields": moved})
    assert [each["label"] for each in problem["missing"]] == ["Adresse"]
    proof = await deposited(body)
    await body.user.done("PATCH", address, {"fields": moved, "proof": proof})
    iban = {"fields": {"iban": "FR14 2004 1010 0505 0001 3M02 606"}, "proof": proof}
    await body.user.done("PATCH", address, iban)
    shown = await body.user.done("GET", address)
    assert (shown["name"], shown["phone"], shown["address"]["town"]) == (
        "Nouvel Institut",
        "02 99 11 22 33",
        "Rennes",
    )
    assert shown["bank"]["iban"] == "FR1420041010050500013M02606"
    assert shown["contacts"][0]["name"] == body.fields["contacts"][0]["name"]
    seen_by_audit = await scene.desk("auditeur", body.user.seen).done("GET", address)
    assert seen_by_audit["bank"]["iban"] == "•••• 2606"
    kept = await body.desk("GET", f"{address}/documents/{proof}")
    assert (kept.headers["content-type"], kept.content[:5]) == ("application/pdf", b"%PDF-")
    await body.desk.refused("not-found", "GET", f"{address}/documents/{'0' * 64}")
    found = await body.desk.done("GET", "registration/training-bodies?search=NOUVEL+institut")
    assert body.id in [each["id"] for each in found["items"]]


async def deposited(body: Newcomer) -> str:
    """The sha256 of a PDF that the body deposited."""
    pdf = await body.user("GET", f"{body.request}/proposal.pdf")
    answer = await body.user("POST", "registration/documents", files={"file": ("preuve.pdf", pdf.content)})
    assert answer.is_success, answer.text
    return str(answer.json()["sha256"])


async def test_an_incomplete_form_is_kept_and_says_what_is_missing(scene: Scene) -> None:
    """Field, label, tab and colour; what was typed is there again (R3)."""
    body = await scene.newcomer()
    typed = body.fields | {"siret": "", "town": " ", "références": "gardé"}
    problem = await body.user.refused(FORM_INCOMPLETE.code, "PUT", f"{body.request}/form", {"fields": typed})
    assert [(each["field"], each["where"], each["colour"]) for each in problem["missing"]] == [
        ("siret", "Identité", "blue"), ("town", "Identité", "red"), ("références", "", None),
    ]  # fmt: skip
    assert problem["faq"]["link"] == "/aide#soumettre-referencement"
    assert (await body.user.done("GET", f"{body.request}/form"))["fields"] == typed
    await body.user.refused(FORM_INCOMPLETE.code, "POST", f"{body.request}/submission")


async def test_a_form_begins_with_what_the_request_said(scene: Scene) -> None:
    """Nobody types the name, the kind and the perimeter twice; the first word that is kept keeps them too."""
    body = await scene.newcomer()
    form = f"{body.request}/form"
    said = {name: body.fields[name] for name in ("name", "kind", "perimeter")}
    assert (await body.user.done("GET", form))["fields"] == said
    problem = await body.user.refused(
        FORM_INCOMPLETE.code, "PUT", form, {"fields": {"town": "Rennes"}, "revisions": {}}
    )
    assert problem["draft"]["fields"] == said | {"town": "Rennes"}
    assert "name" not in {each["field"] for each in problem["missing"]}


async def test_what_was_submitted_has_a_receipt_for_its_author(scene: Scene) -> None:
    """When, by whom, which event, and the hash that an auditor finds there; another body has none of it."""
    body, other = await scene.newcomer(), await scene.newcomer()
    await body.submit()
    (receipt,) = (await body.user.done("GET", f"{body.request}/submissions"))["items"]
    assert (receipt["revision"], receipt["by"]) == (1, f"body:{body.account}")
    history = await scene.desk("auditeur", body.user.seen).done(
        "GET", f"registration/dossiers/{body.id}/history"
    )
    event = next(each for each in history["items"] if each["hash"] == receipt["hash"])
    assert receipt["position"] == f"registration/{event['partition']}/{event['sequence']}"
    await other.user.refused("not-found", "GET", f"{body.request}/submissions")


async def test_two_people_at_one_form_never_lose_each_others_words(scene: Scene) -> None:
    """The second gets both values of the field they both changed; their other fields are kept."""
    body = await scene.newcomer()
    form = f"{body.request}/form"
    await body.user.done("PUT", form, {"fields": body.fields})
    read = (await body.user.done("GET", form))["revisions"]
    await body.user.done("PUT", form, {"fields": {"town": "Lyon"}, "revisions": read})
    given = {"fields": {"town": "Rennes", "acronym": "ILD"}, "revisions": read}
    problem = await body.user.refused("draft-conflict", "PUT", form, given)
    (conflict,) = problem["conflicts"]
    assert (conflict["field"], conflict["yours"], conflict["theirs"]) == ("town", "Rennes", "Lyon")
    kept = await body.user.done("GET", form)
    assert (kept["fields"]["town"], kept["fields"]["acronym"], kept["complete"]) == ("Lyon", "ILD", True)
    again = {"fields": {"town": "Rennes", "acronym": None}, "revisions": kept["revisions"]}
    await body.user.done("PUT", form, again)
    fields = (await body.user.done("GET", form))["fields"]
    assert (fields["town"], "acronym" in fields) == ("Rennes", False)


async def test_the_form_describes_itself(scene: Scene) -> None:
    """Tabs, labels, colours, help and choices, for whoever shows it; SIRET is mandatory and blue (R3)."""
    shown = await scene.someone().done("GET", "registration/forms/referencing")
    fields = {each["name"]: each for tab in shown["tabs"] for each in tab["fields"]}
    assert (fields["siret"]["mandatory"], fields["siret"]["colour"]) == (True, "blue")
    assert fields["siret"]["help"]
    assert [choice["value"] for choice in fields["vat_regime"]["choices"]] == ["exempt", "liable"]


async def test_a_form_is_not_submitted_before_the_proposal(scene: Scene) -> None:
    """Nobody has an account before: the request itself says that Formiris has the next step (R1)."""
    public = scene.someone()
    made = await public.done("POST", REQUESTS, ASKED)
    problem = await public.refused("not-signed-in", "POST", f"{REQUESTS}/{made['id']}/submission")
    assert problem["faq"]["link"] == "/aide#codes-de-connexion"


async def test_two_bodies_never_share_a_siret(scene: Scene) -> None:
    """Submitted at the same moment, one of them has it; a rejection lets go of it."""
    siret = new_siret()
    one, other = await scene.newcomer(siret=siret), await scene.newcomer(siret=siret)
    for body in (one, other):
        await body.user.done("PUT", f"{body.request}/form", {"fields": body.fields})
    answers = await asyncio.gather(
        *(body.user("POST", f"{body.request}/submission") for body in (one, other))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    first, second = (one, other) if answers[0].is_success else (other, one)
    await second.user.refused("siret-already-referenced", "POST", f"{second.request}/submission")
    rejection = {"decision": "reject", "reasons": ["SIRET d'un autre organisme."]}
    await first.desk.done("POST", f"{first.request}/decision", rejection)
    await second.user.done("POST", f"{second.request}/submission")


async def test_what_may_be_the_same_body_is_shown_to_formiris_alone(scene: Scene) -> None:
    """By address and name when it is asked for, by SIREN once its form says it; each is told with why (L4)."""
    known = await scene.referenced(name=f"Institut Éluard {secrets.token_hex(6)}")
    siren = known.fields["siret"][:9]
    contact = {"name": "Anne Le Goff", "email": known.email}
    named = ASKED | {"name": known.fields["name"].upper(), "perimeter": "national", "territory": None}
    again = await known.user.done("POST", REQUESTS, named | {"contact": contact})
    (found,) = (await known.desk.done("GET", f"{REQUESTS}/{again['id']}/alike"))["items"]
    told = {
        "id": known.id,
        "status": "accepted",
        "name": known.fields["name"],
        "siret": known.fields["siret"],
    }
    assert found == told | {"office": found["office"], "why": ["email", "name"], "yours": True}
    await known.user.refused("not-allowed", "GET", f"{known.request}/alike")
    second = await scene.newcomer(name=f"Autre nom {secrets.token_hex(6)}", siret=establishment(siren, 2))
    assert (await second.desk.done("GET", f"{second.request}/alike"))["items"] == []
    await second.submit()
    (found,) = (await second.desk.done("GET", f"{second.request}/alike"))["items"]
    assert (found["id"], found["why"]) == (known.id, ["siren"])
    other = await scene.newcomer(name=known.fields["name"])
    await other.submit()
    found = (await other.desk.done("GET", f"{other.request}/alike"))["items"]
    assert [(each["id"], each["why"]) for each in found] == [(again["id"], ["name"])]


async def test_a_second_record_is_merged_and_separated_again(scene: Scene) -> None:
    """Formiris alone; the body reads which one is used, and an unknown or merged one takes nobody in (L4)."""
    kept, second = await scene.newcomer(), await scene.newcomer()
    for each in (kept, second):
        await each.submit()
        await each.desk.done("POST", f"{each.request}/decision", {"decision": "accept"})
    page = f"registration/training-bodies/{second.id}"
    merge = {"reason": "Déjà référencé.", "merged_into": kept.id}
    await second.user.refused("not-allowed", "POST", f"{page}/suspension", merge)
    for wrong in (str(uuid4()), second.id):
        await second.desk.refused(
            "merger-impossible", "POST", f"{page}/suspension", merge | {"merged_into": wrong}
        )
    await second.desk.done("POST", f"{page}/suspension", merge)
    shown = await second.user.done("GET", page)
    assert shown["status"] == "suspended"
    assert shown["suspension"]["merged_into"] == {"id": kept.id, "name": kept.fields["name"]}
    other_way = f"registration/training-bodies/{kept.id}/suspension"
    await kept.desk.refused("merger-impossible", "POST", other_way, merge | {"merged_into": second.id})
    await second.desk.done("POST", f"{page}/reinstatement", {"reason": "Deux organismes."})
    assert (await second.user.done("GET", page))["status"] == "accepted"


def establishment(siren: str, number: int) -> str:
    """A SIRET of another place of the same body."""
    return f"{siren}{number:04}" + luhn.calc_check_digit(f"{siren}{number:04}")


async def test_a_rejection_carries_its_reasons_and_may_be_corrected(scene: Scene) -> None:
    """R2."""
    body = await scene.newcomer()
    await body.submit()
    await body.desk.refused("reasons-missing", "POST", f"{body.request}/decision", {"decision": "reject"})
    await body.desk.done(
        "POST", f"{body.request}/decision", {"decision": "reject", "reasons": ["Qualiopi illisible."]}
    )
    shown = await body.user.done("GET", body.request)
    assert (shown["status"], shown["reasons"][0]["text"]) == ("rejected", "Qualiopi illisible.")
    await body.submit()
    await body.desk.done("POST", f"{body.request}/decision", {"decision": "accept"})
    assert (await body.user.done("GET", body.request))["revision"] == 2


async def test_a_body_sees_its_own_dossier_only(scene: Scene) -> None:
    """Another's looks as if it did not exist."""
    one, other = await scene.newcomer(), await scene.newcomer()
    for path in ("", "/form"):
        await one.user.refused("not-found", "GET", f"{other.request}{path}")
    await one.user.refused("not-found", "PUT", f"{other.request}/form", {"fields": {}})
    await one.user.refused("not-allowed", "POST", f"{one.request}/decision", {"decision": "accept"})


async def test_an_unknown_login_is_answered_as_a_wrong_password_is(scene: Scene) -> None:
    """Until both are locked alike."""
    body = await scene.newcomer()
    public = scene.someone()
    for _ in range(10):
        problems = [
            await public.refused(
                "sign-in-refused", "POST", "registration/tokens", {"login": login, "password": "faux"}
            )
            for login in (body.email, "personne-" + body.email)
        ]
        assert problems[0] == problems[1]
    for login in (body.email, "personne-" + body.email):
        given = {"login": login, "password": PASSWORD}
        await public.refused("account-locked", "POST", "registration/tokens", given)


async def test_a_second_step_is_asked_for_once_the_password_is_right(scene: Scene) -> None:
    """A wrong password is answered alike; a code serves once, also at the same moment; refreshing asks for none."""
    public, address = scene.someone(), "registration/tokens"
    given = {"login": WITH_A_CODE.login, "password": WITH_A_CODE.password}
    wrong = given | {"password": "faux"}
    plain = await public.refused(
        "sign-in-refused", "POST", address, {"login": "personne", "password": "faux"}
    )
    for attempt in (wrong, wrong | {"code": the_code()}):
        assert await public.refused("sign-in-refused", "POST", address, attempt) == plain
    await public.refused("code-needed", "POST", address, given)
    await public.refused("code-refused", "POST", address, given | {"code": the_code(periods=-9)})
    with_code = given | {"code": f" {the_code()[:3]} {the_code()[3:]}"}
    answers = await asyncio.gather(*[public("POST", address, with_code) for _ in range(2)])
    assert sorted(each.status_code for each in answers) == [200, 401]
    (session,) = [each.json() for each in answers if each.is_success]
    assert session["role"] == "manager"
    await public.refused("code-refused", "POST", address, with_code)
    refresh = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
    await public.done("POST", address, refresh)


async def test_wrong_codes_lock_like_wrong_passwords(scene: Scene) -> None:
    """Whoever knows the password gets ten tries in all; the right code comes too late then."""
    public, address = scene.someone(), "registration/tokens"
    given = {"login": WITH_A_CODE.login, "password": WITH_A_CODE.password}
    await forget_tries(scene, WITH_A_CODE.login)
    for _ in range(5):
        await public.refused("code-needed", "POST", address, given)
        await public.refused("code-refused", "POST", address, given | {"code": "000"})
    await public.refused("account-locked", "POST", address, given | {"code": the_code(periods=1)})
    await forget_tries(scene, WITH_A_CODE.login)
    await public.done("POST", address, given | {"code": the_code(periods=1)})


async def forget_tries(scene: Scene, login: str) -> None:
    """As a quarter of an hour does, and codes that served like a minute."""
    key = Credentials(base64.b64decode(scene.stack.secrets.keyring)).login_key(login)
    connection = await asyncpg.connect(dsn_of(scene.stack.admin_dsn, "registration"))
    await connection.execute("delete from views.attempts where login_key = $1", key)
    await connection.execute("delete from views.second_steps where login_key = $1", key)
    await connection.close()


async def test_signing_out_ends_that_session_alone(scene: Scene) -> None:
    """The refresh token that is given serves no more, nor those that came from it; other sessions go on."""
    body = await scene.newcomer()
    public = scene.someone()
    given = {"login": body.email, "password": PASSWORD}
    here, elsewhere = [await public.done("POST", "registration/tokens", given) for _ in range(2)]
    ended = {"refresh_token": here["refresh_token"]}
    await body.user.done("POST", "registration/sessions/end", ended)
    grant = {"grant_type": "refresh_token"}
    await public.refused("session-over", "POST", "registration/tokens", grant | ended)
    await public.done("POST", "registration/tokens", grant | {"refresh_token": elsewhere["refresh_token"]})


async def test_an_address_that_fails_too_often_waits(scene: Scene) -> None:
    """Whoever it tries to be, until the next quarter of an hour; those who are signed in go on.

    The extranet's visitors each count for themselves, by the address that it signs; a header that anyone can write
    changes nothing.
    """
    body = await scene.newcomer()
    public = scene.someone()
    given = {"login": body.email, "password": PASSWORD}
    session = await public.done("POST", "registration/tokens", given)
    credentials = Credentials(base64.b64decode(scene.stack.secrets.keyring))
    address = credentials.tally_key("address", "127.0.0.1")
    connection = await asyncpg.connect(dsn_of(scene.stack.admin_dsn, "registration"))
    query = "insert into views.tallies select $1, date_bin('15 minutes', now() + d, 'epoch'), 100000"
    query += " from unnest(array['0 minutes', '15 minutes']::interval[]) d"
    query += " on conflict (key, quarter) do update set made = 100000"
    help_asked = {"email": body.email, "kind": "other", "message": "Mon document attend."}
    asked, key = "registration/assistance-requests", uuid4().hex
    ticket = await public.done("POST", asked, help_asked, key=key)
    await connection.execute(query, address)
    try:
        await public.refused("too-many-attempts", "POST", asked, help_asked)
        again = await public.done("POST", asked, help_asked, key=key)
        assert (again["id"], again["position"]) == (ticket["id"], ticket["position"])
        problem = await public.refused("too-many-attempts", "POST", "registration/tokens", given)
        assert "heure de Paris" in problem["detail"]
        refresh = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
        await public.done("POST", "registration/tokens", refresh)
        made_up = {HEADER: "203.0.113.7 made up"}
        await public.refused("too-many-attempts", "POST", "registration/tokens", given, headers=made_up)
        extranet = {HEADER: signed(scene.stack.secrets.forwarding.encode(), "203.0.113.7")}
        await public.done("POST", "registration/tokens", given, headers=extranet)
    finally:
        await connection.execute("delete from views.tallies where key = $1", address)
        await connection.close()


async def test_new_codes_unlock_an_account(scene: Scene) -> None:
    """Assistance checks who asks; the old password is void at once (R4)."""
    body = await scene.newcomer()
    for _ in range(11):
        await body.user("POST", "registration/tokens", {"login": body.email, "password": "faux"})
    lost = {"email": body.email, "kind": "lost-codes", "message": "Je n'ai plus mes codes."}
    asked = await body.user.done("POST", "registration/assistance-requests", lost)
    agent = scene.desk("assistance", body.user.seen)
    resolution = f"registration/assistance-requests/{asked['id']}/resolution"
    await agent.refused("checks-missing", "POST", resolution, {"action": "reissue-codes"})
    await agent.done(
        "POST", resolution, {"action": "reissue-codes", "checks": ["rappel au numéro du dossier"]}
    )
    given = {"login": body.email, "password": PASSWORD}
    await body.user.refused("sign-in-refused", "POST", "registration/tokens", given)
    await body.activate("une autre phrase à retenir")
    shown = await agent.done("GET", f"registration/assistance-requests/{asked['id']}")
    assert (shown["status"], shown["outcome"]) == ("resolved", "codes-reissued")


async def test_a_changed_address_signs_in(scene: Scene) -> None:
    """With codes of its own, the old one no more; which takes the change back while it can (R4)."""
    body = await scene.newcomer()
    new = "nouvelle-" + body.email
    lost = {"email": new, "kind": "email-changed", "message": "Mon adresse a changé."}
    asked = await body.user.done("POST", "registration/assistance-requests", lost)
    agent = scene.desk("assistance", body.user.seen)
    change = {"action": "change-email", "checks": ["SIRET confirmé"], "email": new}
    resolution = f"registration/assistance-requests/{asked['id']}/resolution"
    await agent.refused("account-unknown", "POST", resolution, change)
    await agent.done("POST", resolution, change | {"body": body.id})
    await body.user.refused(
        "sign-in-refused", "POST", "registration/tokens", {"login": body.email, "password": PASSWORD}
    )
    old, body.email = body.email, new
    await body.activate("une autre phrase à retenir")
    changed = await scene.event_with(body.account, "undo_code")
    undo, code = f"registration/accounts/{body.account}/email-undo", scene.code(uuid5(changed, "undo"))
    await body.user.refused("email-undo-refused", "POST", undo, {"code": "AAAA-BBBB-CCCC"})
    await body.user.done("POST", undo, {"code": code})
    await body.user.refused("email-undo-refused", "POST", undo, {"code": code})
    body.email = old
    await body.activate()


async def test_a_body_has_several_users_with_rights(scene: Scene) -> None:
    """Invited, activated, limited, promoted, closed; never without an administrator."""
    body = await scene.newcomer()
    accounts, colleague = "registration/accounts", f"c-{body.email}"
    invitation = {"email": colleague, "name": "Petit", "first_name": "Hugo", "rights": ["invoice"]}
    made = await body.user.done("POST", accounts, invitation)
    await body.user.refused("login-taken", "POST", accounts, invitation | {"name": "Autre"})
    other = Newcomer(
        scene, body.id, made["id"], colleague, body.fields, scene.someone(seen=body.user.seen), body.desk
    )
    await other.activate()
    assert (await other.user.done("GET", body.request))["status"] == "proposed"
    await other.user.refused("right-missing", "PUT", f"{body.request}/form", {"fields": {}})
    await other.user.refused("right-missing", "GET", accounts)
    named = (await other.user.done("GET", "registration/colleagues"))["items"]
    assert [(each["first_name"], each["administers"]) for each in named] == [(None, True), ("Hugo", False)]
    own = f"{accounts}/{body.account}"
    await body.user.refused("last-administrator", "PATCH", own, {"rights": ["sign"]})
    await body.user.refused("last-administrator", "DELETE", own)
    changed = await body.user.done(
        "PATCH", f"{accounts}/{other.account}", {"rights": ["administer", "prepare"]}
    )
    assert "une heure" in changed["effective"]
    other.user.token = await other.sign_in()
    listed = (await other.user.done("GET", accounts))["items"]
    assert [(each["email"], each["yours"]) for each in listed] == [(body.email, False), (colleague, True)]
    await other.user.done("DELETE", own)
    await body.user.refused("no-longer-administrator", "POST", accounts, invitation)
    await body.user.refused(
        "sign-in-refused", "POST", "registration/tokens", {"login": body.email, "password": PASSWORD}
    )
    stranger = await scene.newcomer()
    await stranger.user.refused("not-found", "DELETE", f"{accounts}/{other.account}")
    found = await scene.desk("assistance", other.user.seen).done("GET", f"{accounts}?search={colleague}")
    assert [each["rights"] for each in found["items"]] == [["administer", "prepare"]]


async def test_a_session_goes_on_by_tokens_used_once(scene: Scene) -> None:
    """Each refresh gives the next token; sessions ended everywhere, none goes on."""
    body = await scene.newcomer()
    public, tokens = scene.someone(seen=body.user.seen), "registration/tokens"
    first = await public.done("POST", tokens, {"login": body.email, "password": PASSWORD})
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await public.done("POST", tokens, refresh)
    assert second["refresh_token"] != first["refresh_token"]
    assert second["rights"] == ["administer", "invoice", "prepare", "sign"]
    await body.user.done("POST", "registration/sessions/end")
    await public.refused("session-over", "POST", tokens, refresh | {"refresh_token": second["refresh_token"]})
    missing = (await public.refused("invalid-request", "POST", tokens, {"login": "x"}))["missing"]
    assert [each["field"] for each in missing] == ["password"]


async def test_a_stolen_refresh_token_ends_its_session(scene: Scene) -> None:
    """Used again later than a lost answer explains: its whole family is over."""
    body = await scene.newcomer()
    public, tokens = scene.someone(), "registration/tokens"
    given = await public.done("POST", tokens, {"login": body.email, "password": PASSWORD})
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    following = await public.done("POST", tokens, refresh)
    assert (await public.done("POST", tokens, refresh))["refresh_token"]
    connection = await asyncpg.connect(dsn_of(scene.stack.admin_dsn, "registration"))
    await connection.execute("update views.refresh_tokens set used_at = used_at - interval '1 minute'")
    await connection.close()
    await public.refused("session-over", "POST", tokens, refresh)
    later = refresh | {"refresh_token": following["refresh_token"]}
    await public.refused("session-over", "POST", tokens, later)


async def test_a_forgotten_password_is_reset_by_e_mail(scene: Scene) -> None:
    """The same answer for an address that nobody has; the code works once, and ends what was signed in."""
    body = await scene.newcomer()
    public, resets = scene.someone(seen=body.user.seen), "registration/password-resets"
    session = await public.done("POST", "registration/tokens", {"login": body.email, "password": PASSWORD})
    known = await public.done("POST", resets, {"login": body.email})
    unknown = await public.done("POST", resets, {"login": "personne@lire.example"})
    assert known.keys() == unknown.keys()
    assert known["detail"] == unknown["detail"]
    completion = {"code": scene.code(UUID(known["id"])), "password": "une autre phrase à retenir"}
    wrong = completion | {"code": "AAAA-BBBB-CCCC"}
    for reset in (known, unknown):
        await public.refused("password-reset-refused", "POST", f"{resets}/{reset['id']}/completion", wrong)
    await public.done("POST", f"{resets}/{known['id']}/completion", completion)
    await public.refused("password-reset-refused", "POST", f"{resets}/{known['id']}/completion", completion)
    assert await body.sign_in("une autre phrase à retenir")
    refresh = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
    await public.refused("session-over", "POST", "registration/tokens", refresh)


async def test_assistance_says_when_it_answers_and_records_each_check(scene: Scene) -> None:
    """The ticket says where, when and by what its author was refused; an answer goes by e-mail (R4)."""
    public = scene.someone()
    open_to = await public.done("GET", "registration/assistance-hours")
    asked = {
        "email": "anne@lire.example", "kind": "no-assignment", "message": "L'enseignant 123456 est refusé.",
        "dossier": "/sessions/1", "refusal": "no-assignment", "happened_at": "2026-11-23T10:00:00+01:00",
    }  # fmt: skip
    made = await public.done("POST", "registration/assistance-requests", asked)
    assert {"open", "next_opening", "sentence"} <= open_to.keys() & made.keys()
    address = f"registration/assistance-requests/{made['id']}"
    agent = scene.desk("assistance", public.seen)
    await agent.done("POST", f"{address}/checks", {"check": "SIRET cité de mémoire", "passed": False})
    await agent.refused("answer-missing", "POST", f"{address}/resolution", {"action": "answer"})
    given = {"action": "answer", "answer": "L'affectation vient d'être créée."}
    await agent.done("POST", f"{address}/resolution", given)
    shown = await agent.done("GET", address)
    assert (shown["outcome"], shown["answer"]) == ("answered", given["answer"])
    assert (shown["dossier"], shown["refusal"]) == ("/sessions/1", "no-assignment")
    assert shown["happened_at"].startswith("2026-11-23T09:00")
    assert [(each["check"], each["passed"]) for each in shown["checks"]] == [("SIRET cité de mémoire", False)]


async def test_a_login_has_one_account(scene: Scene) -> None:
    """A second body with the same address is told so."""
    body = await scene.newcomer()
    asked = ASKED | {"contact": {"name": "Anne", "email": body.email}}
    made = await body.user.done("POST", REQUESTS, asked)
    await body.desk.refused("login-taken", "POST", f"{REQUESTS}/{made['id']}/proposal")


async def test_a_command_repeated_with_its_key_gets_its_first_answer(scene: Scene) -> None:
    """Whatever happened since; another body under the key is refused."""
    public, key = scene.someone(), uuid4().hex
    first = await public.done("POST", REQUESTS, ASKED, key=key)
    assert await public.done("POST", REQUESTS, ASKED, key=key) == first
    await public.refused("idempotency-key-reused", "POST", REQUESTS, ASKED | {"name": "Autre"}, key=key)
    desk, proposal = scene.desk(seen=public.seen), f"{REQUESTS}/{first['id']}/proposal"
    sent = await desk.done("POST", proposal, key=key)
    again = await asyncio.gather(*(desk.done("POST", proposal, key=key) for _ in range(5)))
    assert all(answer == sent for answer in again)


async def test_a_stale_version_is_refused(scene: Scene) -> None:
    """If-Match with the version that was read."""
    body = await scene.newcomer()
    await body.submit()
    decision = {"decision": "accept"}
    stale = {"If-Match": '"1"'}
    problem = await body.desk.refused(
        "version-mismatch", "POST", f"{body.request}/decision", decision, headers=stale
    )
    assert problem["status"] == 412
    current = (await body.desk("GET", body.request)).headers["etag"]
    await body.desk.done("POST", f"{body.request}/decision", decision, headers={"If-Match": current})


@pytest.mark.parametrize(
    "changes",
    [
        {"nom": "x"},
        {"name": ""},
        {"name": "x" * 501},
        {"name": 3},
        {"name": "a\u0000b"},
        {"name": None},
        {"perimeter": "mondial"},
        {"contact": {"name": "Anne", "email": "pas une adresse"}},
        {"contact": "Anne"},
        {"contact": {"name": "Anne", "email": "a\u0000@b.example"}},
    ],
)
async def test_bad_values_are_named_and_change_nothing(scene: Scene, changes: dict[str, Any]) -> None:
    """A problem names the field, never the value."""
    problem = await scene.someone().refused("invalid-request", "POST", REQUESTS, ASKED | changes)
    assert problem["missing"][0]["field"].split(".")[0] in changes


@pytest.mark.parametrize(
    "content", [b"{", b"", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000, b'"' + b"x" * 1000]
)
async def test_malformed_bodies_are_refused(scene: Scene, content: bytes) -> None:
    """Never an error of ours."""
    answer = await scene.someone()(
        "POST", REQUESTS, content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("malformed-request", "invalid-request")


async def test_ten_megabytes_are_refused(scene: Scene) -> None:
    """Before they are read."""
    answer = await scene.someone()("POST", REQUESTS, content=b"x" * 10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize(
    "fields",
    [
        '{"name": "a\\u0000b"}',
        '{"name": "\\ud800"}',
        '{"name": NaN}',
        '{"name": 1e999}',
        '{"\\u0000": 1}',
        '{"a":' * 9 + "1" + "}" * 9,
    ],
)
async def test_what_cannot_be_kept_is_refused_at_the_edge(scene: Scene, fields: str) -> None:
    """NUL, half characters, numbers that are none, deep nesting."""
    body = await scene.newcomer()
    content = f'{{"fields": {fields}}}'.encode()
    answer = await body.user(
        "PUT", f"{body.request}/form", content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_unknown_dossiers_and_addresses_are_refused(scene: Scene) -> None:
    """With a problem each."""
    desk = scene.desk()
    await desk.refused("not-found", "GET", f"{REQUESTS}/{uuid4()}")
    await desk.refused("not-found", "POST", f"{REQUESTS}/{uuid4()}/proposal")
    await desk.refused("not-found", "GET", f"registration/training-bodies/{uuid4()}")
    await desk.refused("invalid-request", "GET", f"{REQUESTS}/not-a-uuid")
    await desk.refused("no-such-page", "GET", "registration/nowhere")
    await desk.refused("method-not-allowed", "DELETE", REQUESTS)


async def test_an_unknown_territory_names_the_known_ones(scene: Scene) -> None:
    """R1."""
    problem = await scene.someone().refused(
        "territory-unknown", "POST", REQUESTS, ASKED | {"territory": "atlantide"}
    )
    assert "bretagne" in problem["missing"][0]["reason"]
    known = await scene.someone().done("GET", "registration/territories")
    assert len(known["items"]) == 13


async def test_no_personal_value_is_kept_in_clear(scene: Scene) -> None:
    """Neither in the history nor in a table: e-mail, names, IBAN, codes, passwords."""
    body = await scene.newcomer()
    await body.submit()
    code = await scene.code_of(body.account)
    wanted = [body.email, "Anne Le Goff", "FR7630006000011234567890189", "lea.morel@", code, PASSWORD]
    connection = await asyncpg.connect(dsn_of(scene.stack.admin_dsn, "registration"))
    try:
        tables = await connection.fetch(
            "select format('%I.%I', schemaname, tablename) as name from pg_tables"
            " where schemaname in ('views', 'messaging')"
        )
        for name in [*(row["name"] for row in tables), "ledger.readable"]:
            rows = f"select coalesce(string_agg(to_jsonb(t)::text, ''), '') from {name} t"  # noqa: S608 - of the catalogue
            text = await connection.fetchval(rows)
            assert not [value for value in wanted if value in text], name
    finally:
        await connection.close()


async def test_the_api_describes_itself_with_examples(scene: Scene) -> None:
    """OpenAPI: every request model shows one that is accepted."""
    answer = await scene.http.get(f"{scene.stack.endpoints.http['registration']}/openapi.json")
    models = json.loads(answer.text)["components"]["schemas"]
    assert all(
        models[name]["examples"] for name in ("RequestIn", "FormIn", "DecisionIn", "ActivationIn", "TokenIn")
    )
    shown = models["RequestIn"]["examples"][0]
    await scene.someone().done("POST", REQUESTS, shown)
