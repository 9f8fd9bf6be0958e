"""Sign-in of a browser, once its owner is known: a session in a cookie, or the second step before it."""

from dataclasses import replace

from fastapi import Request, Response

from anb.accounts.domain import NewAccount, SecondStep, SignedIn
from anb.factors.service import CEREMONY_SECONDS
from anb.pages import begun
from anb.pages.forms import place
from anb.pages.view import View, with_query
from anb.sessions.domain import SessionClient, SessionKind
from anb.signals.trace import trace_of
from anb.web.device import device_of
from anb.web.device_cookie import device_key, with_device
from anb.web.guesses import knows, remember
from anb.web.network import network_key


def traced(request: Request, new: NewAccount) -> NewAccount:
    """Return a new account with the device and network that it signs up from."""
    return replace(new, trace=trace_of(request))


def client_of(request: Request, email: str = "") -> SessionClient:
    """Return the browser for which a session is opened; with an e-mail, also whether it is known to that account."""
    is_known = not email or knows(request, email)
    return SessionClient(SessionKind.BROWSER, device_of(request), network_key(request), is_known, device_key(request))


def entered(
    request: Request, view: View, outcome: SignedIn | SecondStep, email: str, onward: str | None, otherwise: str = "/"
) -> Response:
    """Sign a browser in and continue at `onward`; or let it take the second step first."""
    if isinstance(outcome, SecondStep):
        response: Response = view.go(with_query("/login/second", next=place(onward, otherwise)))
        begun.keep(request, response, "step", outcome.token, CEREMONY_SECONDS)
        return response
    response = view.enter(outcome.session.secret, place(onward, otherwise))
    remember(request, response, email)
    with_device(request, response)
    for name in begun.NAMES:
        begun.drop(request, response, name)
    return response
