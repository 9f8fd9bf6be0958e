"""The mails to the owner of a clip, each posted in the transaction that is its reason."""

from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Account, recipient
from anb.db.session import UnitOfWork
from anb.mail import service as mail
from anb.mail.domain import Facts, MailKind, NewMail
from anb.sentences import DEFAULT, Language, Sentence, catalogues
from anb.videos.domain import Video
from anb.videos.verdict import Verdict


def tell_ready(uow: UnitOfWork, video_id: UUID, owner_id: UUID, title: str) -> None:
    """Tell the owner that everyone may watch the clip."""
    facts: Facts = {"title": title, "link": f"/videos/{video_id}"}
    _tell(uow, MailKind.VIDEO_READY, video_id, accounts.who(uow, owner_id), facts)


def tell_refused(uow: UnitOfWork, video_id: UUID, owner_id: UUID, title: str, reason: Sentence) -> None:
    """Tell the owner why the clip was not edited."""
    owner = accounts.who(uow, owner_id)
    facts: Facts = {"title": title, "reason": reason.text(_language(owner)), "link": "/me"}
    _tell(uow, MailKind.VIDEO_REFUSED, video_id, owner, facts)


def tell_verdict(uow: UnitOfWork, kind: MailKind, video: Video, verdict: Verdict) -> None:
    """Tell the owner why organizers refused a clip or took it down: each time, since a refusal may be reversed."""
    owner = accounts.who(uow, video.owner_id)
    facts: Facts = {"title": video.title, "reason": verdict.said(_language(owner)), "link": "/me"}
    if owner.is_confirmed:
        mail.post(uow, NewMail(kind, recipient(owner), facts))


def _language(owner: Account) -> Language:
    return owner.language if owner.language in catalogues() else DEFAULT


def _tell(uow: UnitOfWork, kind: MailKind, video_id: UUID, owner: Account, facts: Facts) -> None:
    """Post a mail to a confirmed address only: by its title a clip could carry anything to a stranger's."""
    if owner.is_confirmed:
        mail.post(uow, NewMail(kind, recipient(owner), facts, once=f"{kind}:{video_id}"))
