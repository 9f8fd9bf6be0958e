"""The mail server: down, slow, refusing, silent, or taking a message and dropping the connection before it says so."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from verify.chaos.fault_context import FaultContext
from verify.chaos.faults.fault import Fault
from verify.chaos.mail_sink import Manner

STANDS = 6.0


def _behaving(manner: Manner) -> Callable[[FaultContext], AbstractContextManager[None]]:
    return lambda context: context.mail.behaving(manner)


def _down(context: FaultContext) -> AbstractContextManager[None]:
    return context.mail.down()


@contextmanager
def _sender_killed(context: FaultContext) -> Iterator[None]:
    """Kill the sender while the server keeps it waiting, so that it has a mail."""
    with context.mail.behaving("silent"):
        context.find("mail that is sent", lambda: context.site.query("SELECT 1 FROM mails WHERE state = 'sending'"))
        context.site.main("mail").kill()
    yield


FAULTS = (
    Fault("mail server down", _down, stands=STANDS),
    Fault("mail server slow", _behaving("slow"), stands=STANDS),
    Fault("mail server refusing for now", _behaving("refusing"), stands=STANDS),
    Fault("mail server silent", _behaving("silent"), stands=STANDS),
    Fault("mail server takes mails and hangs up", _behaving("forgetful"), stands=STANDS),
    Fault("mail sender killed with a mail", _sender_killed),
)
