"""Build what sends mails: `anb.bootstrap` for a process that needs one adapter, and not the libraries of all."""

from anb.adapters.mail.smtp import SmtpTransport
from anb.ports.mail import MailTransport
from anb.settings.mail import MailSettings


def build_mail_transport(settings: MailSettings) -> MailTransport:
    """Make a connection to the mail server, opened with the first mail."""
    return SmtpTransport(settings)
