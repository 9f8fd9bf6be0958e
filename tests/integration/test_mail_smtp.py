"""The connection to a mail server, with real servers that are well, refuse, are silent, or hang up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from verify.kit.ports import free_port

from anb.adapters.mail.smtp import SmtpTransport
from anb.errors import Outage
from anb.ports.mail import MailDeferred, MailRefused
from anb.settings.mail import MailSettings
from support.mail_server import MailServer, certificate, mail_server

CONTENT = b"From: <no-reply@anb.example>\r\nSubject: x\r\n\r\nHola\r\n.\r\n.dots\r\n"
TO = "ana@example.com"


@contextmanager
def transport(
    port: int, scheme: str = "smtp+plain", host: str = "127.0.0.1", **more: object
) -> Iterator[SmtpTransport]:
    wanted = {"smtp_url": f"{scheme}://{host}:{port}", "mail_from": "no-reply@anb.example", "smtp_seconds": 5}
    with closing(SmtpTransport(MailSettings.model_validate(wanted | more))) as made:
        yield made


def send(to: SmtpTransport, recipient: str = TO) -> None:
    to.send("no-reply@anb.example", recipient, CONTENT)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as served:
        yield served


class TestAServerThatIsWell:
    def test_it_gets_the_message_as_written(self, server: MailServer) -> None:
        with transport(server.port) as smtp:
            send(smtp)
        (message,) = server.arrived
        assert message["Subject"] == "x"
        assert message.get_content().splitlines() == ["Hola", ".", ".dots"]
        assert server.recipients == [TO]

    def test_several_messages_share_a_connection(self, server: MailServer) -> None:
        with transport(server.port) as smtp:
            send(smtp)
            first = smtp._connection
            send(smtp)
            assert smtp._connection is first
        assert len(server.arrived) == 2

    def test_a_kept_connection_that_died_is_replaced(self, server: MailServer) -> None:
        with transport(server.port) as smtp:
            send(smtp)
            assert smtp._connection is not None
            assert smtp._connection.sock is not None
            smtp._connection.sock.shutdown(socket.SHUT_RDWR)
            send(smtp)
        assert len(server.arrived) == 2

    def test_an_address_that_is_not_ascii_is_sent_as_smtputf8(self) -> None:
        with mail_server(enable_SMTPUTF8=True) as served, transport(served.port) as smtp:
            send(smtp, "añá@example.com")
            assert served.recipients == ["añá@example.com"]

    def test_without_smtputf8_it_is_refused_for_good(self) -> None:
        with (
            mail_server(enable_SMTPUTF8=False) as served,
            transport(served.port) as smtp,
            pytest.raises(MailRefused, match="SMTPUTF8"),
        ):
            send(smtp, "añá@example.com")


class TestRefusals:
    def test_a_permanent_one_and_a_temporary_one_differ(self, server: MailServer) -> None:
        server.to_recipients = ["550 5.1.1 No such user", "450 4.2.1 Try later"]
        with transport(server.port) as smtp:
            with pytest.raises(MailRefused, match=r"550 5\.1\.1 No such user"):
                send(smtp)
            with pytest.raises(MailDeferred, match="450"):
                send(smtp)
            send(smtp)
        assert len(server.arrived) == 1

    def test_so_do_those_of_the_message(self, server: MailServer) -> None:
        server.to_messages = ["554 Rejected", "451 Local error"]
        with transport(server.port) as smtp:
            with pytest.raises(MailRefused, match="554"):
                send(smtp)
            with pytest.raises(MailDeferred, match="451"):
                send(smtp)
        assert server.arrived == []

    def test_a_message_that_is_too_large_is_refused_before_it_is_sent(self) -> None:
        with mail_server(data_size_limit=10) as served, transport(served.port) as smtp:
            with pytest.raises(MailRefused, match="552"):
                send(smtp)
            assert not served.begun.is_set()


class TestTrouble:
    def test_a_server_that_is_down_is_an_outage(self) -> None:
        with transport(free_port()) as smtp, pytest.raises(Outage, match="does not let us in"):
            send(smtp)

    def test_a_server_that_greets_nobody_is_an_outage_within_the_time_for_an_answer(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            port = mute.getsockname()[1]
            with transport(port, smtp_seconds=0.2) as smtp, pytest.raises(Outage, match="timed out"):
                send(smtp)

    def test_silence_after_the_message_is_a_failure_that_may_be_tried_again(self, server: MailServer) -> None:
        server.silent.set()
        with transport(server.port, smtp_seconds=0.3) as smtp, pytest.raises(MailDeferred, match="lost"):
            send(smtp)

    def test_so_is_a_connection_dropped_before_the_reply_although_the_message_arrived(self, server: MailServer) -> None:
        server.to_messages = ["drop"]
        with transport(server.port) as smtp:
            with pytest.raises(MailDeferred, match="lost"):
                send(smtp)
            assert len(server.arrived) == 1
            send(smtp)

    def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(self) -> None:
        with dribbling_server() as port, transport(port, mail_lease_seconds=1) as smtp, pytest.raises(MailDeferred):
            send(smtp)


class TestTls:
    def test_with_starttls_nothing_is_said_in_the_clear(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tls, trusted = certificate(tmp_path)
        with mail_server(tls_context=tls, require_starttls=True, auth_require_tls=True) as served:
            login = {"smtp_user": "anb", "smtp_password": "s3cret"}
            distrusting = transport(served.port, "smtp", "localhost", **login)
            with distrusting as smtp, pytest.raises(Outage, match="CERTIFICATE"):
                send(smtp)
            assert served.logins == []
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            with transport(served.port, "smtp", "localhost", **login) as smtp:
                send(smtp)
            assert served.logins == [("anb", "s3cret")]
            assert len(served.arrived) == 1

    def test_a_server_without_starttls_is_not_used(self, server: MailServer) -> None:
        with transport(server.port, "smtp") as smtp, pytest.raises(Outage, match="STARTTLS"):
            send(smtp)

    def test_tls_from_the_first_byte(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tls, trusted = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with mail_server(ssl_context=tls) as served, transport(served.port, "smtps", "localhost") as smtp:
            send(smtp)
            assert len(served.arrived) == 1

    def test_a_wrong_password_is_an_outage_not_the_fault_of_a_mail(self) -> None:
        login = {"smtp_user": "anb", "smtp_password": "wrong"}
        with mail_server(auth_require_tls=False) as served, transport(served.port, **login) as smtp:
            with pytest.raises(Outage, match="535"):
                send(smtp)
            assert served.logins[0] == ("anb", "wrong")


@contextmanager
def dribbling_server() -> Iterator[int]:
    """Run a server that is well until the message, which it answers with a letter at a time and never an end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()
        thread = threading.Thread(target=_dribble, args=(listener, stopped), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stopped.set()
        thread.join(5)
        assert not thread.is_alive()


def _dribble(listener: socket.socket, stopped: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 well\r\n")
        for line in lines:
            if line == b".\r\n":
                break
            if line.lower() == b"data\r\n":
                connection.sendall(b"354 go\r\n")
            elif line[:4].lower() in {b"ehlo", b"mail", b"rcpt"}:
                connection.sendall(b"250 fine\r\n")
        connection.sendall(b"250 ")
        with suppress(OSError):
            while not stopped.wait(0.05):
                connection.sendall(b"o")
