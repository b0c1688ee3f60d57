"""Who may do what, exhaustively: every operation, by every role, with every set of rights.  (domain.md)"""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import get_args

import pytest

from shared.runtime.auth import Principal
from shared.runtime.rights import ALL_RIGHTS, ANYONE, OPERATIONS, Permission, Right, Role

ROLES: tuple[Role, ...] = get_args(Role)
SETS_OF_RIGHTS = [
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(sorted(ALL_RIGHTS), size) for size in range(5))
]
OPERATION = [
    (f"{context} {operation}", permission)
    for context, operations in OPERATIONS.items()
    for operation, permission in operations.items()
]
every_operation = pytest.mark.parametrize(
    ("operation", "permission"), OPERATION, ids=[operation for operation, _ in OPERATION]
)

OPEN_TO_ANYONE = {
    "registration GET /territories",
    "registration GET /offices/{territory}",
    "registration GET /assistance-hours",
    "registration GET /forms/referencing",
    "offerings GET /forms/offering",
    "registration GET /receipts/{partition}/{sequence}",
    "offerings GET /receipts/{partition}/{sequence}",
    "attendance GET /receipts/{partition}/{sequence}",
    "invoicing GET /receipts/{partition}/{sequence}",
    "registration POST /referencing-requests",
    "registration POST /accounts/activation",
    "registration POST /tokens",
    "registration POST /password-resets",
    "registration POST /password-resets/{id}/completion",
    "registration POST /accounts/{id}/email-undo",
    "registration POST /assistance-requests",
    "registration GET /assistance-requests/{id}/progress",
    "notifications GET /faq",
    "notifications GET /preferences/switch/{token}",
    "notifications POST /preferences/switch/{token}",
}
SIGNING_OUT = "registration POST /sessions/end"
"""Ends one's own sessions, whoever one is."""
SEALING = "notifications POST /dossiers/{id}/extracts"
"""Keeps that an auditor took a proof away; the dossier stays as it is."""
UPLOADING = "GET /documents/parts/{upload}"
"""How far one's own upload is: an auditor has none."""
CHANGED_BY_ASSISTANCE = {
    SIGNING_OUT,
    "registration POST /assistance-requests/{id}/checks",
    "registration POST /assistance-requests/{id}/resolution",
    "notifications POST /alerts/{id}/read",
    "notifications POST /dossiers/{id}/messages",
    "notifications PUT /preferences",
}
DECISIONS = (
    "/proposal", "/decision", "/suspension", "/reinstatement", "/assignments", "/assignments.csv", "/order",
    "/signature-refusal", "/orders/{id}/cancellation", "/validation", "/rejection", "/amendment-decision", "/payment",
)  # fmt: skip
"""Formiris decides: no body does it for itself."""
COMMITS: Mapping[Right, tuple[str, ...]] = {
    "sign": ("/submission", "POST /offerings", "/withdrawal", "/signed-document"),
    "invoice": ("POST /invoices", "/amendment-requests", "/correction", "/credit-note"),
    "administer": ("PATCH /training-bodies/{id}",),
}
"""What binds the body asks for the right of that name."""


def reads(operation: str) -> bool:
    """Whether it changes nothing."""
    return " GET " in operation


def those(*endings: str) -> Iterator[tuple[str, Permission]]:
    """The commands whose address ends so; each ending must have one."""
    for ending in endings:
        found = [each for each in OPERATION if each[0].endswith(ending) and not reads(each[0])]
        assert found, ending
        yield from found


@every_operation
def test_a_role_is_let_through_by_the_table_alone(operation: str, permission: Permission) -> None:
    """Rights are those of a body's user: they open nothing to another role, and their lack closes nothing to it."""
    for role in ROLES:
        for rights in SETS_OF_RIGHTS:
            may = permission.given_to(role, rights)
            if role == "body":
                wanted = role in permission.roles and {permission.right} - {None} <= rights
            else:
                wanted = role in permission.roles
            assert may == wanted, f"{role} with {sorted(rights)}"


@every_operation
def test_more_rights_never_allow_less(operation: str, permission: Permission) -> None:
    """What is allowed with some rights is allowed with all of them."""
    for role in ROLES:
        allowed = {rights for rights in SETS_OF_RIGHTS if permission.given_to(role, rights)}
        assert all(more in allowed for rights in allowed for more in SETS_OF_RIGHTS if rights <= more)


def test_what_anyone_may_do_is_known_by_name() -> None:
    """Nothing is open to those who are not signed in but what is listed here."""
    assert {operation for operation, permission in OPERATION if permission == ANYONE} == OPEN_TO_ANYONE


@every_operation
def test_an_auditor_changes_nothing(operation: str, permission: Permission) -> None:
    """It reads everything, and that is all; what it takes away is kept."""
    if "auditor" in permission.roles:
        assert reads(operation) or operation in (SIGNING_OUT, SEALING)


@every_operation
def test_an_auditor_reads_what_formiris_reads(operation: str, permission: Permission) -> None:
    """Whatever a manager or Assistance may read."""
    if (
        reads(operation)
        and not operation.endswith(UPLOADING)
        and permission.roles & {"manager", "assistance"}
    ):
        assert "auditor" in permission.roles


@every_operation
def test_a_subscriber_touches_no_dossier(operation: str, permission: Permission) -> None:
    """A system gets the topics and feeds that it was granted, and no operation meant for people."""
    if "subscriber" in permission.roles:
        assert permission.roles == {"subscriber"}
        assert "/feeds" in operation


def test_assistance_changes_only_what_is_its_task() -> None:
    """It helps with accounts; dossiers are the body's and the manager's."""
    changed = {
        operation
        for operation, permission in OPERATION
        if "assistance" in permission.roles and not reads(operation)
    }
    assert changed == CHANGED_BY_ASSISTANCE


@pytest.mark.parametrize("ending", DECISIONS)
def test_a_decision_is_a_managers(ending: str) -> None:
    """Nobody else takes it, with whatever rights."""
    for operation, permission in those(ending):
        assert permission.roles == {"manager"}, operation


@pytest.mark.parametrize("right", COMMITS)
def test_what_binds_a_body_asks_for_its_right(right: Right) -> None:
    """It is done by a user of the body with that right, and by nobody for it."""
    for operation, permission in those(*COMMITS[right]):
        assert permission == Permission(frozenset({"body"}), right), operation


@pytest.mark.parametrize("role", ROLES)
def test_whose_dossiers_a_role_sees(role: Role) -> None:
    """A body its own; a manager its territory's, a national one all; Assistance and auditors all."""
    own, other = "body-1", "body-2"
    at_home = Principal("someone", role, body=own, territory="bretagne")
    seen = {
        (body, territory)
        for body in (own, other)
        for territory in ("bretagne", "normandie", None)
        if at_home.sees(body, territory)
    }
    everything = {(body, territory) for body in (own, other) for territory in ("bretagne", "normandie", None)}
    match role:
        case "body":
            assert seen == {(body, territory) for body, territory in everything if body == own}
        case "manager":
            assert seen == {(body, territory) for body, territory in everything if territory == "bretagne"}
            assert all(Principal("someone", role).sees(*dossier) for dossier in everything)
        case "subscriber":
            assert seen == set()
        case _:
            assert seen == everything
