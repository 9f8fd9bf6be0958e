"""The account's page: who I am, and a way to each part of the account."""

from typing import NamedTuple

from fastapi import APIRouter, Response

from anb.accounts import service as accounts
from anb.accounts.domain import Account
from anb.pages.view import ViewDep
from anb.photos import service as photos
from anb.settings import Settings
from anb.web.deps import CallerId, UowDep

router = APIRouter(include_in_schema=False)


class Entry(NamedTuple):
    """A part of the account: its page, and its sentences `account.entry_<key>` and `account.about_<key>`."""

    path: str
    key: str


ENTRIES = (
    Entry("/account/profile", "profile"),
    Entry("/account/password", "password"),
    Entry("/account/email", "email"),
    Entry("/account/identities", "identities"),  # where the settings name issuers
    Entry("/account/consent", "consent"),
    Entry("/account/security", "security"),
    Entry("/account/devices", "devices"),
    Entry("/account/mail", "mail"),
    Entry("/jury", "jury"),  # for jurors
    Entry("/account/votes", "votes"),
    Entry("/account/export", "export"),
    Entry("/account/erase", "erase"),
)
# What a page may say of what has just been done, by the word in its address.
SAID = {"sent": "told.sent", "email": "told.email_asked", "password": "told.password"}


@router.api_route("/account", methods=["GET", "HEAD"])
def show_account(view: ViewDep, caller: CallerId, uow: UowDep, done: str = "") -> Response:
    """Show the caller's account."""
    said = view.t(SAID[done]) if done in SAID else ""
    me = accounts.who(uow, caller)
    entries = [entry for entry in ENTRIES if _is_for(entry, me, view.settings)]
    return view.show("account.html", me=me, photo=photos.own(uow, caller), entries=entries, said=said)


def _is_for(entry: Entry, me: Account, settings: Settings) -> bool:
    if entry.key == "jury":
        return me.is_juror
    return entry.key != "identities" or bool(settings.oidc_issuers)
