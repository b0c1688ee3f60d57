"""The account of somebody of Formiris: how it signs in, and whom to ask for a change.  (L3)"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.forms import SignedIn
from services.extranet.render import page
from services.extranet.roles import only_for
from shared.runtime.contacts import HEAD_OFFICE

router = APIRouter(prefix="/compte", route_class=only_for("manager", "assistance", "auditor"))


@router.get("")
async def account(request: Request, visitor: SignedIn) -> Response:
    """Whether signing in takes a code besides the password: what this session began with."""
    return await page(
        request, "compte-formiris.html", second_step=visitor.session.second_step, contact=HEAD_OFFICE
    )
