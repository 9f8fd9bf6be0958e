"""Which mails a person gets: switches for an account, and one click for a mail, without signing in."""

from fastapi import APIRouter, Response

from anb.accounts import profile
from anb.accounts import service as accounts
from anb.mail import service as mail
from anb.mail.domain import OPTIONAL, MailKind
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import private
from anb.pages.view import ViewDep
from anb.sentences import catalogues
from anb.web.deps import CallerId, UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)


@router.api_route("/account/mail", methods=["GET", "HEAD"])
def show_choices(view: ViewDep, caller: CallerId, uow: UowDep, done: str = "") -> Response:
    """Show which mails the caller gets, and in which language."""
    languages = {language: each.locale.get_language_name() for language, each in catalogues().items()}
    return view.show(
        "account_mail.html",
        kinds=OPTIONAL,
        off=mail.switched_off(uow, caller),
        languages=languages,
        chosen=accounts.who(uow, caller).language,
        said=view.t("account_mail.saved") if done else "",
    )


@router.post("/account/mail", dependencies=[FromOurPages, limited("change")])
def choose(view: ViewDep, caller: CallerId, uow: UowDep, form: Typed) -> Response:
    """Switch on the kinds that are checked, and off the others; choose the language of all mails."""
    language = form.get("language", "")
    if language in catalogues():
        profile.choose_language(uow, caller, language)
    mail.choose(uow, caller, {kind for kind in OPTIONAL if form.get(kind) == "on"})
    return view.go("/account/mail?done=saved")


@router.api_route("/mail/stop", methods=["GET", "HEAD"])
def show_stop(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the button that switches off the kind of a mail: opening a link, as scanners do, changes nothing."""
    return _show(view, mail.kind_to_stop(uow, token), token)


# A mail service sends this for its user, without cookies and from no page (RFC 8058); the token is the proof.
@router.post("/mail/stop", dependencies=[limited(block="read")])
def stop(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Switch off the kind of the mail whose token this is."""
    return _show(view, mail.stop(uow, token), token, stopped=True)


def _show(view: ViewDep, kind: MailKind | None, token: str, *, stopped: bool = False) -> Response:
    return private(view.show("mail_stop.html", 404 if kind is None else 200, kind=kind, token=token, stopped=stopped))
