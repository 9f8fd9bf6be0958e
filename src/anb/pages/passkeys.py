"""What the pages with passkeys share: where they work, and the answer that a script hands to the browser."""

from fastapi import Request, Response

from anb.errors import Refusal
from anb.factors.domain import Ceremony, RelyingParty
from anb.factors.service import CEREMONY_SECONDS
from anb.pages import begun
from anb.pages.relying_party import party_of
from anb.pages.view import View


class PasskeysElsewhere(Refusal):
    """Passkeys work at the public address of this site, over https, and not at this one."""

    code = "passkeys-elsewhere"


def party_here(request: Request, view: View) -> RelyingParty:
    """Return what passkeys are bound to at this address. Raises PasskeysElsewhere."""
    party = party_of(request, view.settings)
    if party is None:
        raise PasskeysElsewhere
    return party


def options_answer(request: Request, ceremony: Ceremony) -> Response:
    """Answer with the options of a ceremony, and bind it to this browser."""
    answer = Response(ceremony.options, media_type="application/json", headers={"Cache-Control": "private, no-store"})
    begun.keep(request, answer, "passkey", ceremony.token, CEREMONY_SECONDS)
    return answer
