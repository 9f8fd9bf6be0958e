"""Access to endpoints: the callers, what another player owns, and what an answer says about access."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, cast
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import insert, text

from anb.accounts import recovery
from anb.accounts.domain import Role
from anb.consents import service as consents
from anb.db.tables_factors import passkeys
from anb.db.tables_fraud import clusters
from anb.db.tables_identities import identities
from anb.jury.clip_names import name_of
from anb.mail import service as outbox
from anb.mail.domain import MailKind, NewMail, Recipient
from anb.privacy import export
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason, SessionKind
from anb.streams.description import router as streams
from support.closing import settled
from support.consenting import ask_marta, say
from support.leaving import erase
from support.photo_owner import hidden_photo
from support.publishing import publish
from support.sealed import small_log
from support.tus import TusSender
from support.worlds import NUMBERS, OPERATOR, Player, World

Headers = dict[str, str]
Endpoint = tuple[str, str]

# The tables that hold what the paths name, and the column that says whose it is. (A job belongs to its clip.)
OWNED = (
    ("videos", "owner_id"),
    ("uploads", "owner_id"),
    *((table, "account_id") for table in ("passkeys", "identities", "sessions", "photos")),
)
FORM = "application/x-www-form-urlencoded"


class Access(Enum):
    """What an answer says about access."""

    LET_IN = "let in"  # whatever it then says about the request itself
    SIGN_IN = "sign in"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    BROKEN = "broken"


def sort(status: int, headers: Mapping[str, str]) -> Access:
    """Sort an answer of the API, or of a page, which asks for more proof by redirects."""
    onward = headers.get("location", "") if status == 303 else ""
    if status == 401 or onward.startswith("/login?next="):
        return Access.SIGN_IN
    if status == 403 or onward.startswith(("/account/factor?next=", "/account/confirm-password?next=")):
        return Access.FORBIDDEN
    if status == 404:
        return Access.MISSING
    return Access.LET_IN if status < 429 else Access.BROKEN


def endpoints(world: World) -> Iterator[Endpoint]:
    """Return method and path of every endpoint, of the streams too; a HEAD that answers as GET does is one with it."""
    for route in iter_route_contexts([*cast("FastAPI", world.client.app).routes, *streams.routes]):
        methods = set(route.methods or ())
        for method in sorted(methods - {"HEAD"} if "GET" in methods else methods):
            yield method, str(route.path)


class Callers:
    """One caller in each state. Those who may sign in have a new session for each request, since some end sessions."""

    WEAK: ClassVar = "administrator without a second factor"
    DEAD: ClassVar = frozenset({
        "anonymous", "ended session", "stolen old cookie", "stolen older cookie", "removed account",
        "removed account, without a session",
    })  # fmt: skip

    def __init__(self, world: World) -> None:
        self._world = world
        self.owner = archived(agreed(world.player("Olivia Dueña")))
        self._alive = {
            "unconfirmed": world.player("Uma Nueva"),
            "player": agreed(world.player("Pablo Juega")),
            "guardian pending": confirmed(world.player("Gina Menor")),
            "juror": world.promoted(confirmed(world.player("Julia Jurado")), Role.JUROR),
            "organizer": world.promoted(confirmed(world.player("Olga Organiza")), Role.ORGANIZER),
            "administrator": world.promoted(confirmed(world.player("Ada Administra")), Role.ADMINISTRATOR),
            self.WEAK: world.promoted(confirmed(world.player("Alba Administra")), Role.ADMINISTRATOR),
        }
        self.juror = self._alive["juror"]
        ask_marta(self._alive["guardian pending"])
        self._dead: dict[str, Headers] = {"anonymous": {}} | ended(world) | removed(world)
        assert self._dead.keys() == self.DEAD

    def all(self) -> Iterator[tuple[str, Headers]]:
        """Return the name and the proof of each caller; the owner, who may end what others are refused, comes last."""
        yield from self._dead.items()
        for name, player in self._alive.items():
            yield name, strong(player) if name == "administrator" else self._world.bearer(player.id)
        yield "owner", self.owner.headers  # a new session too: see Things


def confirmed(player: Player) -> Player:
    with player.world.uow() as uow:
        recovery.confirm_by_operator(uow, player.email, OPERATOR)
    return player


def agreed(player: Player) -> Player:
    say(confirmed(player), birth_year=1990)
    return player


def strong(player: Player) -> Headers:
    """Sign in with a second factor, as an account with a passkey needs to for what matters."""
    world = player.world
    with world.uow() as uow:
        opened = sessions.open_session(
            uow, world.ports, player.id, kind=SessionKind.PROGRAM, device="", block=None, strong=True
        )
    return {"Authorization": f"Bearer {world.ports.tokens.issue(player.id, opened.id, strong=True)}"}


def archived(player: Player) -> Player:
    """Make the archive of a player's data."""
    world = player.world
    with world.uow() as uow:
        export.ask(uow, player.id)
    assert export.run_due(world.database, world.ports, world.settings) == 1
    return player


def ended(world: World) -> dict[str, Headers]:
    """Return proofs that were good until their owner ended all sessions."""
    player = agreed(world.player("Elena Sale"))
    proofs = {
        "ended session": world.bearer(player.id),
        "stolen old cookie": {"Cookie": f"__Host-anb={world.open(player.id).secret}"},
        # as cookies were before there were sessions
        "stolen older cookie": {"Cookie": f"__Host-anb={world.ports.tokens.issue(player.id)}"},
    }
    assert all(is_good(world, proof) for proof in proofs.values())
    with world.uow() as uow:
        sessions.end_all(uow, player.id, EndReason.SIGNED_OUT_ELSEWHERE)
    return proofs


def removed(world: World) -> dict[str, Headers]:
    """Return proofs of an account that was erased."""
    player = agreed(world.player("Rita Borra"))
    token = world.bearer(player.id)
    assert is_good(world, token)
    erase(world, player)
    late = {"Authorization": f"Bearer {world.ports.tokens.issue(player.id)}"}
    return {"removed account": token, "removed account, without a session": late}


def is_good(world: World, proof: Headers) -> bool:
    return world.client.get("/api/me/sessions", headers=proof).status_code == 200


@dataclass
class Things:
    """What the owner has: new things for each endpoint, since some calls end them."""

    world: World
    owner: Player
    juror_id: UUID

    def fill(self, path: str, *, public: bool) -> str:
        """Put the ids of existing things into a path. An unknown parameter fails: say here what it may be."""
        self.owner.headers = strong(self.owner)  # an earlier call may have ended the owner's session
        names = re.findall(r"\{(\w+)", path)
        known: dict[str, object] = {
            "rendition": "original", "name": "site.css", "key": "google", "version": consents.current_version(),
            "account_id": self.owner.id, "player_id": self.owner.id,
            "slug": "temporada-de-prueba",  # a season that is over
        }  # fmt: skip
        known |= {"username": hidden_photo(self.world, self.owner)} if path.endswith("/photo") else {}
        acts = {"/rights/": "role", "/clusters/": "fine", "/jobs/": "cancel", "/acts/": "confirm", "/jurors/": "aside"}
        known["act"] = next((act for part, act in acts.items() if part in path), "")
        if "/results" in path:
            settled(self.world, closes=False)
        known |= {"account_id": self.juror_id} if "/jury/jurors/" in path else {}
        known |= {"slug": "otra-temporada"} if "/jurors/{account_id}/{act}" in path else {}  # the one with a jury
        known |= {"clip": self._queued(), "rendition": "processed"} if "{clip}" in path else {}
        known |= small_log(self.world, "temporada-de-prueba") if "/log/{slug}/" in path else {}
        if {"video_id", "task_id", "job_id", "player_id"} & set(names):
            known |= self._clip(public=public or "player_id" in names)
        made: dict[str, Callable[[], object]] = {
            "upload_id": self._upload, "session_id": lambda: self.world.open(self.owner.id).id,
            "passkey_id": self._passkey, "identity_id": self._identity, "cluster_id": self._cluster,
            "mail_id": self._mail,
        }  # fmt: skip
        known |= {name: made[name]() for name in names if name in made}
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(known[found[1]]), path)

    def standing(self) -> list[str]:
        """Return the state of everything that the owner has."""
        with self.world.uow() as uow:
            kept = [
                uow.execute(text(f"select t::text from {table} t where {whose} = :owner"), {"owner": self.owner.id})  # noqa: S608
                for table, whose in OWNED
            ]
            return sorted(str(row) for rows in kept for row in rows.scalars())

    def _clip(self, *, public: bool) -> dict[str, object]:
        clip = self.owner.upload()
        if public:
            publish(self.world, clip)
        return {"video_id": clip.video_id, "task_id": clip.task_id, "job_id": clip.task_id}

    def _queued(self) -> str:
        return name_of(self.world.ports, UUID(str(self._clip(public=True)["video_id"])))

    def _upload(self) -> str:
        return TusSender(self.owner).begin(100).rpartition("/")[2]

    def _passkey(self) -> UUID:
        return self._row(passkeys, credential_id=b"%d" % next(NUMBERS), public_key=b"x", name="x", sign_count=0)

    def _identity(self) -> UUID:
        return self._row(identities, key="google", issuer="https://issuer.example", subject=str(next(NUMBERS)))

    def _cluster(self) -> UUID:
        return self._added(clusters)

    def _mail(self) -> UUID:
        mail = NewMail(MailKind.PASSWORD_CHANGED, Recipient(self.owner.id, "x@example.com", "", "es"), {"link": "/"})
        with self.world.uow() as uow:
            made = outbox.post(uow, mail)
            uow.execute(text("update mails set state = 'dead', ended_at = now() where id = :id"), {"id": made})
        return made

    def _row(self, table: Any, **values: object) -> UUID:
        return self._added(table, account_id=self.owner.id, **values)

    def _added(self, table: Any, **values: object) -> UUID:
        with self.world.uow() as uow:
            return UUID(str(uow.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()))
