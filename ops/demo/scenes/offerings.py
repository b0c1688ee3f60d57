"""Prestation, affectations, bon de commande: from the offering's form to the order signed and returned.  (R5, R6)"""

from ops.demo.client import Someone
from ops.demo.play import Play
from ops.demo.plot import paper

BLUE = "cost_type"  # « Type de coût des sessions »: mandatory although it is blue


async def proposes(play: Play) -> None:
    """Submitted with the blue field missing: refused, and kept (R5). Then completed."""
    whole = play.plot.offering
    partly = {name: value for name, value in whole.items() if name != BLUE}
    await play.reads(play.body, "offerings", "/offerings")
    refused = await play.is_refused(
        play.body, "submits its offering without « Type de coût des sessions »", "offering-form-incomplete",
        "offerings", "POST", "/offerings", "offering-partly", json={"fields": partly},
    )  # fmt: skip
    play.check(any(item["field"] == BLUE for item in refused["missing"]), "the error names the blue field")
    answer = await play.does(
        play.body, "completes and submits it",
        "offerings", "POST", "/offerings", "offering", status=201, json={"fields": whole},
    )  # fmt: skip
    play.known["offering"] = answer["id"]
    page = await play.reads(play.manager, "offerings", f"/offerings/{answer['id']}")
    play.known["session"] = page["sessions"][0]["id"]
    await play.does(
        play.manager, f"accepts the offering « {whole['title']} »",
        "offerings", "POST", f"/offerings/{answer['id']}/decision", "offering-accept",
        json={"decision": "accept", "reasons": []},
    )  # fmt: skip


async def assigns_teachers(play: Play) -> None:
    """Assignments by CSV; the same file twice changes nothing."""
    path = session_path(play, "/assignments.csv")
    await play.reads(play.manager, "offerings", f"/offerings/{play.known['offering']}")
    content = {"content": play.plot.given["assignments"].encode(), "headers": {"Content-Type": "text/csv"}}
    first = await play.client.command("offerings", "PUT", path, play.manager, "assignments", **content)
    play.check(
        first.status == 200 and not first["refused"], f"the assignments are taken, and not {first.body}"
    )
    play.tell.step(
        play.manager.name, f"assigns teachers to the teaching units by CSV: {first['added']} assignments"
    )
    again = await play.client.command("offerings", "PUT", path, play.manager, "assignments-again", **content)
    play.check(again["added"] == 0, "the same CSV a second time changes nothing")


async def is_ordered(play: Play) -> None:
    """First step of R6: Formiris submits the order."""
    answer = await play.client.command(
        "offerings", "POST", session_path(play, "/order"), play.manager, "order"
    )
    play.check(answer.status == 201, f"the order is issued, and not {answer.body}")
    play.known["order"] = answer["id"]
    play.tell.step(
        play.manager.name,
        f"issues the purchase order {answer['number']}, {answer['amount']} EUR, for stamp and signature",
    )


async def returns_the_order(play: Play) -> None:
    """Second step of R6: signed, stamped, returned."""
    await returns(
        play, "order-signed.pdf", "returns the order signed and stamped, scanned as PDF", "order-signed"
    )


async def returns_it_unstamped_first(play: Play) -> None:
    """A copy without stamp is refused with its reason (R6); the body returns another."""
    await returns(
        play, "order-without-stamp.pdf", "returns the order signed, but without its stamp", "order-unstamped"
    )
    await play.reads(play.manager, "offerings", order_path(play))
    reason = "Le cachet de l'organisme manque."
    await play.does(
        play.manager, f"refuses the signed order: « {reason} »",
        "offerings", "POST", order_path(play, "/signature-refusal"), "signature-refusal", json={"reasons": [reason]},
    )  # fmt: skip


async def returns(play: Play, document: str, what: str, key: str) -> None:
    sha256 = await deposits(play, "offerings", play.body, document)
    await play.reads(play.body, "offerings", order_path(play))
    signatory = {"name": "Anne Le Goff", "capacity": "directrice"}
    await play.does(
        play.body, what, "offerings", "POST", order_path(play, "/signed-document"), key,
        json={"document": sha256, "signatory": signatory},
    )  # fmt: skip


async def deposits(play: Play, service: str, by: Someone, document: str) -> str:
    """Uploads a paper; its sha256."""
    files = {"file": (document, paper(document), "application/pdf")}
    answer = await play.client.command(
        service, "POST", "/documents", by, f"{service}-{document}", files=files
    )
    play.check(answer.status < 300, f"{document} is taken, and not {answer.body}")
    sha256: str = answer["sha256"]
    return sha256


def session_path(play: Play, rest: str) -> str:
    return f"/sessions/{play.known['session']}{rest}"


def order_path(play: Play, rest: str = "") -> str:
    return f"/orders/{play.known['order']}{rest}"
