"""What a person sees of their data, and how they leave: pages and API."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from anb.privacy import erasure
from anb.settings.issuers import IssuerConfig
from support.browser_client import browser_client, form, published
from support.leaving import ask, close, vote, withdraw
from support.worlds import Player, World

WORD = "balon-naranja-7"


def signed_in(world: World) -> tuple[str, dict[str, str]]:
    """Sign a person up and in by the API; return their e-mail and the header of their token."""
    email = "ana@example.com"
    assert world.client.post("/api/auth/signup", json=form(email=email)).status_code == 201
    token = world.client.post("/api/auth/login", json={"email": email, "password": WORD}).json()["access_token"]
    return email, {"Authorization": f"Bearer {token}"}


def requests(world: World) -> list[str]:
    with world.uow() as uow:
        return [each.asked_by for each in erasure.list_requests(uow, 10, only_open=True)]


class TestPrivacyPage:
    def test_its_numbers_are_those_of_the_settings(self, world: World) -> None:
        numbers = {
            "unconfirmed_days": 1234, "originals_days": 2345, "session_days": 3456, "origin_days": 4567,
            "link_days": 5678, "proof_days": 6789, "erasure_grace_days": 13,
            "export_days": 7891, "mail_kept_days": 8912, "consent_wait_days": 9123,
        }  # fmt: skip
        world.change(**numbers)
        with browser_client(world) as visitor:
            page = visitor.get("/privacy").text
        for number in numbers.values():
            assert f"{number:,}".replace(",", ".") in page

    def test_rules_that_are_off_are_not_stated(self, world: World) -> None:
        world.change(unconfirmed_days=0, originals_days=0)
        with browser_client(world) as visitor:
            page = visitor.get("/privacy").text
        assert "sin correo confirmado" not in page
        assert "después del cierre de su temporada" not in page

    def test_issuers_are_stated_where_there_are_some(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert "/account/identities" not in visitor.get("/privacy").text
            issuer = IssuerConfig(
                key="work", name="Work", issuer="https://issuer.example", client_id="us", client_secret=SecretStr("x")
            )
            world.change(oidc_issuers=(issuer,))
            assert "/account/identities" in visitor.get("/privacy").text

    @pytest.mark.parametrize("language", ["es", "en", "pt"])
    def test_it_leads_to_what_it_names(self, world: World, language: str) -> None:
        with browser_client(world, world.player()) as browser:
            page = browser.get("/privacy", headers={"accept-language": language}).text
            for path in ("profile", "consent", "devices", "security", "mail", "export", "erase"):
                assert f'href="/account/{path}"' in page
                assert browser.get(f"/account/{path}").status_code in {200, 303}
        assert "privacy." not in page

    def test_every_page_leads_to_it(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert 'href="/privacy"' in visitor.get("/").text


class TestOwnVotes:
    def test_they_are_listed_newest_first_and_say_what_counts(self, world: World) -> None:
        voter, owner = world.player("Ana Paz"), world.player()
        first, second = published(world, owner, "Triple"), published(world, owner, "Bandeja")
        for clip in (first, second):
            assert vote(world, voter, clip) == 200
        withdraw(world, owner, first)
        listed = world.client.get("/api/me/votes", headers=voter.headers).json()
        assert [(each["title"], each["player"], each["counts"]) for each in listed] == [
            ("Bandeja", "Lucía Ríos", True),
            (None, None, False),
        ]
        with browser_client(world, voter) as browser:
            page = browser.get("/account/votes").text
        assert "Bandeja" in page
        assert "Triple" not in page
        assert "no cuenta: retiraron el clip" in page

    def test_a_vote_that_organizers_voided_is_told_apart_from_a_withdrawn_clip(self, world: World) -> None:
        voter, clip = world.player("Ana Paz"), published(world, world.player())
        assert vote(world, voter, clip) == 200
        with world.uow() as uow:
            uow.execute(text("update votes set voided_at = now(), void_reason = 'fraud'"))
        with browser_client(world, voter) as browser:
            assert "no cuenta: la organización lo anuló" in browser.get("/account/votes").text

    def test_a_player_is_under_the_name_that_they_chose(self, world: World) -> None:
        voter, owner = world.player("Ana Paz"), world.player()
        assert vote(world, voter, published(world, owner)) == 200
        with world.uow() as uow:
            uow.execute(text("update users set public_name = 'La Rayo' where id = :id"), {"id": owner.id})
        assert [each["player"] for each in world.client.get("/api/me/votes", headers=voter.headers).json()] == [
            "La Rayo"
        ]

    def test_pages_give_each_once_and_only_ones_own(self, world: World) -> None:
        voter, owner = world.player("Ana Paz"), world.player()
        clips = [published(world, owner) for _ in range(3)]
        for clip in clips:
            assert vote(world, voter, clip) == 200
        seen, path = [], "/api/me/votes?limit=2"
        while path:
            answer = world.client.get(path, headers=voter.headers)
            seen += [each["video_id"] for each in answer.json()]
            assert answer.headers["x-total-count"] == "3"
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert seen == [str(clip) for clip in clips[::-1]]
        assert world.client.get("/api/me/votes", headers=owner.headers).json() == []
        assert world.client.get("/api/me/votes?cursor=xx", headers=voter.headers).status_code == 400
        assert world.client.get("/api/me/votes").status_code == 401

    def test_who_has_not_voted_is_led_to_the_clips(self, world: World) -> None:
        with browser_client(world, world.player()) as browser:
            assert "Todavía no has votado" in browser.get("/account/votes").text


class TestLeaving:
    def test_by_the_api_the_sessions_end_and_the_times_are_told(self, world: World) -> None:
        _, token = signed_in(world)
        answer = world.client.post("/api/me/erasure", headers=token)
        assert answer.status_code == 202, answer.text
        assert set(answer.json()) == {"request_id", "asked_at", "starts_at", "due_at"}
        assert requests(world) == ["person"]
        world.clock.ahead = timedelta(seconds=2)  # other processes know it a second later
        assert world.client.get("/api/videos", headers=token).status_code == 401

    def test_an_old_sign_in_must_be_proved_again(self, world: World) -> None:
        _, token = signed_in(world)
        with world.uow() as uow:
            uow.execute(text("update sessions set authenticated_at = authenticated_at - interval '1 day'"))
        refused = world.client.post("/api/me/erasure", headers=token)
        assert (refused.status_code, refused.json()["code"]) == (403, "sign-in-again")
        assert requests(world) == []

    def test_the_page_says_what_it_means_and_signs_out(self, world: World) -> None:
        email, _ = signed_in(world)
        with browser_client(world) as browser:
            browser.post("/login", data={"email": email, "password": WORD})
            page = browser.get("/account/erase").text
            assert "no se puede deshacer" in page
            done = browser.post("/account/erase")
            assert done.headers["location"] == "/privacy?asked=1"
            assert "Recibimos tu solicitud" in browser.get("/privacy?asked=1").text
            assert browser.get("/account").status_code == 303
        assert requests(world) == ["person"]

    def test_signing_in_cancels_and_says_nothing_more(self, world: World) -> None:
        email, token = signed_in(world)
        assert world.client.post("/api/me/erasure", headers=token).status_code == 202
        with browser_client(world) as browser:
            browser.post("/login", data={"email": email, "password": WORD})
            assert 'action="/account/erase"' in browser.get("/account/erase").text

    @pytest.mark.parametrize("by", ["page", "api"])
    def test_a_request_of_an_operator_is_told_and_not_made_twice(self, world: World, by: str) -> None:
        email, token = signed_in(world)
        with world.uow() as uow:
            account = uow.execute(text("select id from users")).scalar_one()
        ask(world, Player(world, account, email, {}))
        if by == "api":
            refused = world.client.post("/api/me/erasure", headers=token)
            assert (refused.status_code, refused.json()["code"]) == (409, "erasure-asked")
            return
        with browser_client(world) as browser:
            browser.post("/login", data={"email": email, "password": WORD})
            assert browser.post("/account/erase").headers["location"] == "/account/erase"
            assert "a más tardar el" in browser.get("/account/erase").text

    def test_who_is_not_signed_in_signs_in_first(self, world: World) -> None:
        close(world)
        with browser_client(world) as visitor:
            assert visitor.get("/account/erase").headers["location"] == "/login?next=%2Faccount%2Ferase"
