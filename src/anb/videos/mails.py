"""The mails to the owner of a clip, once per clip, each posted in the transaction that is its reason."""

from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Account, recipient
from anb.db.session import UnitOfWork
from anb.mail import service as mail
from anb.mail.domain import Facts, MailKind, NewMail
from anb.sentences import DEFAULT, Sentence, catalogues


def tell_ready(uow: UnitOfWork, video_id: UUID, owner_id: UUID, title: str) -> None:
    """Tell the owner that the edit is ready."""
    facts: Facts = {"title": title, "link": f"/videos/{video_id}"}
    _tell(uow, MailKind.VIDEO_READY, video_id, accounts.who(uow, owner_id), facts)


def tell_refused(uow: UnitOfWork, video_id: UUID, owner_id: UUID, title: str, reason: Sentence) -> None:
    """Tell the owner why the clip was not edited."""
    owner = accounts.who(uow, owner_id)
    said = reason.text(owner.language if owner.language in catalogues() else DEFAULT)
    _tell(uow, MailKind.VIDEO_REFUSED, video_id, owner, {"title": title, "reason": said, "link": "/me"})


def _tell(uow: UnitOfWork, kind: MailKind, video_id: UUID, owner: Account, facts: Facts) -> None:
    """Post a mail to a confirmed address only: by its title a clip could carry anything to a stranger's."""
    if owner.is_confirmed:
        mail.post(uow, NewMail(kind, recipient(owner), facts, once=f"{kind}:{video_id}"))
