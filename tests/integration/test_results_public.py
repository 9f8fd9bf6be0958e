"""Results as the public, organizers and players meet them: at their second, in files, in mails, after an erasure."""

import csv
import io
import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from sqlalchemy import text

from anb.accounts import recovery
from anb.contest import seasons
from anb.mail import service as mail
from anb.results import checking, telling
from anb.votelog.notes import VerifierKey, open_note
from support.browser_client import browser_client, published
from support.closing import SLUG, move, settled, shown
from support.leaving import NAME, erase, everywhere, send_mails, vote
from support.worlds import OPERATOR, Player, World

PUBLIC = f"/api/public/seasons/{SLUG}/results"
ADMIN = f"/api/admin/seasons/{SLUG}/results"


@pytest.fixture
def players(world: World) -> list[Player]:
    """Return three players, with 1, 0 and 0 votes; the last one has not confirmed the e-mail."""
    found = [world.player(), world.player("Marta Gil"), world.player("Nora Paz", "Cali")]
    with world.uow() as uow:
        for player in found[:2]:
            recovery.confirm_by_operator(uow, player.email, OPERATOR)
    clips = [published(world, player) for player in found]
    assert vote(world, world.player("Ana Paz"), clips[0]) == 200
    return found


class TestWhen:
    def test_they_are_public_at_their_second_and_organizers_see_them_before(
        self, world: World, players: list[Player]
    ) -> None:
        move(world, closed_at=0, results_at=3600)
        settled(world, closes=False)
        refused = world.client.get(PUBLIC)
        assert (refused.status_code, refused.json()["code"]) == (404, "results-not-ready")
        organizer = world.organizer()
        early = world.client.get(ADMIN, headers=organizer.headers)
        assert (early.status_code, early.json()["version"]) == (200, 1)
        for form in ("csv", "xlsx", "json"):
            assert world.client.get(f"{PUBLIC}.{form}").status_code == 404
            assert world.client.get(f"{ADMIN}.{form}", headers=organizer.headers).status_code == 200
            assert world.client.get(f"{ADMIN}.{form}", headers=players[0].headers).status_code == 403

    def test_a_season_that_is_open_or_unknown_has_none(self, world: World) -> None:
        assert world.client.get(PUBLIC).json()["code"] == "results-not-ready"
        assert world.client.get("/api/public/seasons/none/results").json()["code"] == "season-not-found"


class TestFiles:
    @pytest.mark.usefixtures("players")
    def test_csv_and_workbook_hold_every_place(self, world: World) -> None:
        settled(world)
        answer = world.client.get(f"{PUBLIC}.csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [(row["position"], row["name"], row["votes"]) for row in rows] == [
            ("1", "Lucía Ríos", "1"), ("2", "Marta Gil", "0"), ("3", "Nora Paz", "0"),
        ]  # fmt: skip
        assert answer.headers["content-disposition"] == f'attachment; filename="{SLUG}-1.csv"'
        assert world.client.get(f"{PUBLIC}.xlsx").content.startswith(b"PK")

    @pytest.mark.usefixtures("players")
    @pytest.mark.usefixtures("players")
    def test_places_go_on_by_link(self, world: World) -> None:
        settled(world)
        first = world.client.get(f"{PUBLIC}?limit=2")
        onward = first.headers["link"].partition(">")[0].lstrip("<")
        pages = [first.json()["places"], world.client.get(onward).json()["places"]]
        assert [place["position"] for page in pages for place in page] == [1, 2, 3]

    def test_the_json_is_signed_by_the_key_of_the_log(self, world: World) -> None:
        settled(world)
        whole = json.loads(world.client.get(f"{PUBLIC}.json").content)
        with world.uow() as uow:
            head = uow.execute(text("select * from log_heads")).one()
        signed = open_note(whole["note"], [VerifierKey(head.origin, bytes(head.public_key))])
        hashed = json.dumps(whole["results"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert signed.splitlines() == [
            head.origin,
            "results 1",
            str(head.size),
            b64encode(bytes(head.root)).decode(),
            b64encode(sha256(hashed).digest()).decode(),
        ]
        assert "Lucía" not in json.dumps(whole["results"], ensure_ascii=False)

    @pytest.mark.usefixtures("players")
    def test_an_unchanged_list_is_not_sent_again(self, world: World) -> None:
        settled(world)
        tag = world.client.get(PUBLIC).headers["etag"]
        assert world.client.get(PUBLIC, headers={"If-None-Match": tag}).status_code == 304


class TestErasure:
    @pytest.mark.parametrize("moment", ["before the close", "after it"])
    def test_the_name_goes_and_the_place_stays(self, world: World, players: list[Player], moment: str) -> None:
        if moment == "before the close":
            move(world, closed_at=0)  # nothing is frozen yet, and the clips count already
            erase(world, players[0])
        settled(world, closes=moment != "before the close")
        if moment == "after it":
            assert NAME[0] in everywhere(world)
            erase(world, players[0])
        first = shown(world)["places"][0]
        assert (first["player"], first["username"], first["position"], first["votes"], first["winner"]) == (
            "Cuenta eliminada", None, 1, 1, True,
        )  # fmt: skip
        for form in ("csv", "json"):
            assert NAME[0] not in world.client.get(f"{PUBLIC}.{form}").content.decode()
        send_mails(world, "")
        for word in NAME:
            assert word not in everywhere(world)
        with world.uow() as uow:
            assert checking.compare(uow, seasons.show(uow, SLUG)) == []  # the signature still holds


def told(world: World) -> list[str]:
    with world.uow() as uow:
        return list(uow.execute(text("select address from mails where kind = 'results' order by address")).scalars())


class MailFailed(Exception):
    """The process ends in the middle of the mails."""


class TestMails:
    @pytest.mark.usefixtures("players")
    def test_each_player_is_told_once_when_they_are_public(self, world: World) -> None:
        move(world, closed_at=0, results_at=3600)
        settled(world, closes=False)
        assert told(world) == []
        with world.uow() as uow:
            uow.execute(text("update seasons set reopened_at = null"))
        assert telling.tell(world.database) == 0

    def test_nobody_is_told_twice(self, world: World, players: list[Player]) -> None:
        closer = settled(world)
        wanted = sorted(player.email for player in players[:2])
        assert told(world) == wanted
        closer.work()
        with world.uow() as uow:
            uow.execute(text("delete from results_told"))
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: telling.tell(world.database, 1), range(3)))
        assert told(world) == wanted
        with world.uow() as uow:
            facts = uow.execute(
                text("select facts from mails where kind = 'results' and address like 'luc%'")
            ).scalar_one()
        assert (facts["position"], facts["votes"], facts["link"]) == (1, 1, f"/results?season={SLUG}")
        assert facts["stop"]

    def test_who_dies_in_the_middle_is_followed_by_one_who_finishes(
        self, world: World, players: list[Player], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post, left = mail.post, iter(range(1))

        def dies(*what: object) -> object:
            if next(left, None) is None:
                raise MailFailed
            return post(*what)  # type: ignore[arg-type]

        with monkeypatch.context() as patched:
            patched.setattr(mail, "post", dies)
            with pytest.raises(MailFailed):
                settled(world)
        telling.tell(world.database, 1)
        assert told(world) == sorted(player.email for player in players[:2])

    @pytest.mark.usefixtures("players")
    def test_nobody_is_told_of_results_that_were_due_long_ago(self, world: World) -> None:
        with world.uow() as uow:
            past = "opened_at = now() - interval '90 days', closed_at = now() - interval '8 days'"
            uow.execute(text(f"update seasons set {past}"))  # noqa: S608 - our own words
        settled(world, closes=False)
        assert shown(world)["version"] == 1
        assert told(world) == []


class TestPage:
    @pytest.mark.usefixtures("players")
    def test_it_shows_winners_ranking_and_how_to_check(self, world: World) -> None:
        settled(world)
        with browser_client(world) as browser:
            for path in ("/results", f"/results?season={SLUG}", f"/results?season={SLUG}&city=cali"):
                page = browser.get(path)
                assert page.status_code == 200, page.text
                assert "Nora Paz" in page.text
                assert "anb verify" in page.text
                assert f'{PUBLIC}.json?version=1"</code>' in page.text

    def test_without_any_it_leads_to_the_ranking(self, world: World) -> None:
        with browser_client(world) as browser:
            page = browser.get("/results")
        assert page.status_code == 200
        assert 'href="/ranking"' in page.text
