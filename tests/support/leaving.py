"""What tests of withdrawal and of leaving do and look at."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import text

from anb.accounts import links
from anb.contest import service as contest
from anb.db.columns import metadata
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail, Recipient
from anb.privacy import erasure
from anb.sessions import store as sessions
from anb.sessions.domain import SessionClient, SessionKind
from support.browser_client import published
from support.worlds import OPERATOR, Player, World


def withdraw(world: World, player: Player, video: UUID) -> tuple[int, dict[str, Any]]:
    answer = world.client.post(f"/api/videos/{video}/withdraw", headers=player.headers)
    return answer.status_code, answer.json()


def vote(world: World, voter: Player, video: UUID) -> int:
    return world.client.post(f"/api/public/videos/{video}/vote", headers=voter.headers).status_code


def close(world: World) -> None:
    with world.uow() as uow:
        contest.close_season(uow, OPERATOR)


def votes_of(world: World, video: UUID) -> list[tuple[bool, str | None]]:
    with world.uow() as uow:
        rows = uow.execute(text("select voided_at, void_reason from votes where video_id = :v"), {"v": video}).all()
    return [(row.voided_at is not None, row.void_reason) for row in rows]


def ranked(world: World) -> list[tuple[str, int]]:
    return [(rank["username"], rank["votes"]) for rank in world.client.get("/api/public/rankings").json()]


FACTORS = (
    "insert into passkeys (account_id, credential_id, public_key, name) values (:account, 'x', 'x', 'Lucía')",
    "insert into totp_secrets (account_id, sealed, confirmed_at) values (:account, 'x', now())",
    "insert into factor_challenges select 'x', 'second_step', :account, null, 0, now(), now()",
    "update users set birth_year = 2010 where id = :account",
    "insert into guardians (account_id, name, email, language) values (:account, 'Marta', 'marta@example.com', 'es')",
    "insert into signals (account_id, act, device, block) values (:account, 'vote', 'x', 'x')",
    "insert into mailboxes (account_id, mark) values (:account, 'x')",
    "insert into mail_choices (account_id, kind) values (:account, 'results')",
)
NAME = ("Lucía", "Ríos")


def ask(world: World, player: Player, by: str = "operator") -> UUID:
    with world.uow() as uow:
        return erasure.ask(uow, world.ports, world.settings, player.id, by=by).id


def erase(world: World, player: Player) -> None:
    ask(world, player)
    assert erasure.run_due(world.database, world.ports) == 1


def send_mails(world: World, address: str) -> list[str]:
    """Send every mail, and return the kinds of those to an address."""
    sent = "state = 'sent', address = null, name = null, facts = '{}', ended_at = now()"
    with world.uow() as uow:
        rows = uow.execute(text("select kind, address from mails where address is not null")).all()
        uow.execute(text(f"update mails set {sent} where state = 'queued'"))  # noqa: S608
    return [row.kind for row in rows if row.address == address]


def everywhere(world: World) -> str:
    """Return every value of every column of every table, and every file's path and content below the data folder."""
    said = []
    with world.uow() as uow:
        for table in metadata.sorted_tables:
            said += [f"{table.name}: {row!s}" for row in uow.execute(text(f'select t::text from "{table.name}" t'))]  # noqa: S608
    root = world.settings.media_root.parent
    said += [f"{path} {path.read_bytes()!r}" for path in root.rglob("*") if path.is_file()]
    return "\n".join(said)


def lived(world: World) -> Player:
    """Return a player who did everything that leaves traces."""
    player = world.player()
    published(world, player, "El triple de Lucía Ríos")
    player.upload("Otra de Lucía")
    key = {"Idempotency-Key": '"once"'}
    files = {"video_file": ("Lucia.mp4", b"\0\0\0\x18ftypisom Luc\xc3\xada R\xc3\xados", "video/mp4")}
    form = {"title": "Lucía una vez"}
    assert (
        world.client.post("/api/videos/upload", files=files, data=form, headers=player.headers | key).status_code == 201
    )
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "100", "Upload-Metadata": "title THVjw61hIFLDrW9z"}
    opened = world.client.post("/api/uploads", headers=player.headers | tus)
    assert opened.status_code == 201, opened.text
    piece = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    sent = world.client.patch(
        opened.headers["location"], content=b"\0\0\0\x18ftypisom Luc", headers=player.headers | piece
    )
    assert sent.status_code == 204, sent.text
    assert vote(world, player, published(world, world.player("Ana Paz", "Cali"))) == 200
    with world.uow() as uow:
        to = Recipient(player.id, player.email, "Lucía Ríos", "es")
        mail.post(uow, NewMail(MailKind.CONFIRM_EMAIL, to, {"link": "/x", "hours": 24}))
        mail.post(uow, NewMail(MailKind.RESET_PASSWORD, replace(to, account_id=None), {"link": "/x", "hours": 24}))
        links.make(uow, links.Purpose.CONFIRM, player.id, {"email": player.email}, 3600)
        links.make(uow, links.Purpose.INVITE, None, {"email": player.email}, 3600)
        browser = SessionClient(SessionKind.BROWSER, "El celular de Lucía", "a network")
        uow.execute(text("delete from sessions"))
        sessions.add(uow, player.id, browser, "a secret", world.ports.lifetimes, strong=False)
        for statement in FACTORS:
            uow.execute(text(statement), {"account": player.id})
    return player
