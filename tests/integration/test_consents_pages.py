"""The pages of consent, without a script, and the endpoints that do the same for programs."""

import re
from collections.abc import Iterator

import pytest

from anb.consents import service as consents
from anb.consents.domain import ConsentStanding, GuardianNeeded
from anb.jobs.domain import JobState
from anb.privacy import erasure
from support.commands import Anb, anb_on
from support.consenting import MARTA, OURS, answer, ask_marta, job_state, newest_token, say, standing
from support.worlds import Player, World

FORM = {"version": "2026-11-30", "agree": "yes"}
GUARDIAN = {"guardian_name": "Marta", "guardian_email": MARTA}


@pytest.fixture
def minor(world: World) -> Player:
    world.season(asks_consent=True)
    world.change(rate_guardian="", rate_guardian_block="")
    player = world.player("Nina Menor")
    world.client.cookies.set("__Host-anb", player.headers["Authorization"].removeprefix("Bearer "))
    return player


def send(player: Player, form: dict[str, str], next_page: str = "") -> tuple[int, str]:
    """Send the form of the consent page; return the status, and the page or where it leads."""
    sent = player.world.client.post(
        "/account/consent", data=form | {"next": next_page}, headers=OURS, follow_redirects=False
    )
    return sent.status_code, sent.headers.get("location", sent.text)


class TestConsentPage:
    def test_the_upload_page_leads_to_it_and_it_leads_back(self, minor: Player) -> None:
        page = minor.world.client.get("/upload", headers=OURS, follow_redirects=False)
        assert (page.status_code, page.headers["location"]) == (303, "/account/consent?next=%2Fupload")
        assert send(minor, FORM | GUARDIAN, "/upload") == (303, "/account/consent?next=%2Fupload")
        shown = minor.world.client.get("/account/consent?next=/upload", headers=OURS).text
        assert 'href="/upload">Continuar' in shown
        assert "Marta" in shown
        assert minor.world.client.get("/upload", headers=OURS).status_code == 200

    def test_it_holds_the_whole_policy_and_a_link_to_nowhere_else(self, minor: Player) -> None:
        shown = minor.world.client.get("/account/consent", headers=OURS).text
        assert "Ley 1581 de 2012" in shown
        assert 'name="birth_year"' in shown
        assert 'name="guardian_email"' in shown
        elsewhere = minor.world.client.get("/account/consent?next=https://elsewhere.example", headers=OURS).text
        # The form of languages leads back to this address.
        assert "elsewhere" not in re.sub(r'<form class="languages".*?</form>', "", elsewhere, flags=re.DOTALL)

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"version": "2026-11-30"} | GUARDIAN, "Marca la casilla"),
            (FORM, "escribe el nombre y el correo"),
            (FORM | {"birth_year": "2014"}, "escribe el nombre y el correo"),
            (FORM | {"birth_year": "2014", "guardian_name": "Marta"}, "Escribe el nombre y el correo."),
            (FORM | {"birth_year": "1800"}, 'aria-invalid="true"'),
            (FORM | {"birth_year": "2199"} | GUARDIAN, "Ese año todavía no llega"),
            (FORM | {"birth_year": "hace mucho"}, 'aria-invalid="true"'),
            (FORM | GUARDIAN | {"guardian_email": "marta"}, 'aria-invalid="true"'),
            (FORM | GUARDIAN | {"guardian_email": "nina.menor.bogot@example.com"}, "Ese es tu propio correo"),
            (FORM | GUARDIAN | {"version": "2020-01-01"}, "La política de datos cambió"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_kept(self, minor: Player, form: dict[str, str], said: str) -> None:
        status, page = send(minor, form)
        assert status == 400
        assert said in page
        if form.get("guardian_name"):
            assert 'value="Marta"' in page
        assert standing(minor) is ConsentStanding.PLAYER
        with minor.world.uow() as uow:
            known = consents.known_of(uow, minor.id)
        assert (known.birth_year, known.guardian) == (None, None)

    def test_an_adult_is_asked_for_no_guardian(self, minor: Player) -> None:
        clip = minor.upload()
        assert send(minor, FORM | {"birth_year": "1990"})[0] == 303
        assert job_state(minor, clip.task_id) is JobState.QUEUED
        assert "guardian_email" not in minor.world.client.get("/account/consent", headers=OURS).text

    def test_my_clips_and_the_clip_say_what_is_missing(self, minor: Player) -> None:
        clip = minor.upload()
        send(minor, FORM | GUARDIAN)
        for path in ("/me", f"/videos/{clip.video_id}"):
            page = minor.world.client.get(path, headers=OURS).text
            assert "Esperamos la respuesta de tu madre, padre o representante" in page
            assert 'href="/account/consent"' in page
            assert 'data-live="/api' not in page

    def test_a_guardian_is_asked_again_from_the_page(self, minor: Player) -> None:
        send(minor, FORM | GUARDIAN)
        first = newest_token(minor.world)
        page = minor.world.client.get("/account/consent", headers=OURS).text
        assert "Pedir el permiso" in page
        assert 'name="agree"' not in page
        assert send(minor, {"version": "2026-11-30"} | GUARDIAN)[0] == 303
        assert newest_token(minor.world) != first

    def test_mails_to_guardians_are_limited(self, minor: Player) -> None:
        minor.world.change(rate_guardian="2/hour", rate_exempt_networks="")
        assert [send(minor, FORM | GUARDIAN)[0] for _ in range(3)] == [303, 303, 429]


class TestGuardianPage:
    @pytest.mark.parametrize(("language", "yes"), [("es", "Sí, doy mi permiso"), ("en", "Yes, I give my permission")])
    def test_it_needs_no_account_and_speaks_the_readers_language(self, minor: Player, language: str, yes: str) -> None:
        token = ask_marta(minor)
        minor.world.client.cookies.clear()
        page = minor.world.client.get(f"/guardian?token={token}", headers=OURS | {"Accept-Language": language}).text
        assert yes in page
        assert "Nina Menor" in page

    @pytest.mark.parametrize("path", ["/guardian", "/guardian?token=wrong"])
    def test_a_wrong_link_is_not_found(self, minor: Player, path: str) -> None:
        assert minor.world.client.get(path, headers=OURS).status_code == 404

    def test_an_answer_to_an_earlier_policy_shows_the_one_in_force(self, minor: Player) -> None:
        form = {"token": ask_marta(minor), "version": "2020-01-01", "answer": "given"}
        page = minor.world.client.post("/guardian", data=form, headers=OURS)
        assert page.status_code == 400
        assert "La política de datos cambió" in page.text
        assert standing(minor) is ConsentStanding.GUARDIAN_ASKED

    @pytest.mark.parametrize("said", [{}, {"answer": ""}, {"answer": "maybe"}])
    def test_silence_is_no_answer(self, minor: Player, said: dict[str, str]) -> None:
        form = {"token": ask_marta(minor), "version": "2026-11-30"} | said
        page = minor.world.client.post("/guardian", data=form, headers=OURS)
        assert page.status_code == 400
        assert "Elige una de las dos respuestas." in page.text
        assert standing(minor) is ConsentStanding.GUARDIAN_ASKED

    def test_another_site_cannot_answer(self, minor: Player) -> None:
        form = {"token": ask_marta(minor), "version": "2026-11-30", "answer": "given"}
        foreign = {"Origin": "https://elsewhere.example"}
        assert minor.world.client.post("/guardian", data=form, headers=foreign).status_code == 403
        assert standing(minor) is ConsentStanding.GUARDIAN_ASKED


class TestPolicyPage:
    @pytest.mark.parametrize("path", ["/privacy/policy", "/privacy/policy/2026-11-30"])
    @pytest.mark.parametrize(("language", "title"), [("es", "Política de tratamiento"), ("en", "Personal data policy")])
    def test_everyone_may_read_it(self, world: World, path: str, language: str, title: str) -> None:
        page = world.client.get(path, headers={"Accept-Language": language})
        assert page.status_code == 200
        assert title in page.text

    def test_a_version_that_never_was_is_not_found(self, world: World) -> None:
        assert world.client.get("/privacy/policy/2020-01-01").status_code == 404
        assert world.client.get("/privacy/policy/..%2f").status_code == 404


class TestEndpoints:
    def test_what_is_known_is_shown(self, minor: Player) -> None:
        ask_marta(minor, birth_year=2014)
        shown = minor.world.client.get("/api/account/consent", headers=minor.headers).json()
        asked = shown.pop("guardian")
        assert (asked["name"], asked["email"], asked["answer"]) == ("Marta", MARTA, None)
        assert shown == {
            "standing": "guardian_asked",
            "version": "2026-11-30",
            "policy_url": "https://testserver/privacy/policy/2026-11-30",
            "agreed_version": "2026-11-30",
            "birth_year": 2014,
        }

    def test_a_year_that_is_known_is_not_changed_here(self, minor: Player) -> None:
        ask_marta(minor, birth_year=2014)
        body = {"version": "2026-11-30", "birth_year": 1990}
        refused = minor.world.client.post("/api/account/consent", json=body, headers=minor.headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "birth-year-known")
        assert say(minor, birth_year=2014) is ConsentStanding.GUARDIAN_ASKED

    def test_half_a_guardian_is_refused(self, minor: Player) -> None:
        body = {"version": "2026-11-30", "guardian_name": "Marta"}
        assert minor.world.client.post("/api/account/consent", json=body, headers=minor.headers).status_code == 400

    def test_it_needs_a_token(self, world: World) -> None:
        assert world.client.get("/api/account/consent").status_code == 401


class TestSignIn:
    def enter(self, player: Player, onward: str = "") -> str:
        player.world.client.cookies.clear()
        form = {"email": player.email, "password": "balon-naranja-7", "next": onward}
        entered = player.world.client.post("/login", data=form, headers=OURS, follow_redirects=False)
        assert entered.status_code == 303, entered.text
        return entered.headers["location"]

    def test_a_person_is_asked_once_and_again_for_a_new_version(
        self, minor: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert self.enter(minor, "/ranking") == "/account/consent?next=%2Franking"
        page = minor.world.client.get("/account/consent?next=/ranking", headers=OURS).text
        assert 'href="/ranking">Ahora no' in page
        say(minor, birth_year=1990)
        assert self.enter(minor, "/ranking") == "/ranking"
        monkeypatch.setattr(consents, "current_version", lambda: "2027-01-01")
        assert self.enter(minor) == "/account/consent?next=%2F"
        assert standing(minor) is ConsentStanding.GIVEN  # what was agreed before still counts

    def test_a_season_without_the_rule_asks_no_one(self, world: World) -> None:
        assert self.enter(world.player()) == "/"


class TestOperator:
    @pytest.fixture
    def anb(self, minor: Player, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
        monkeypatch.setenv("ANB_PUBLIC_URL", "https://anb.example")
        yield from anb_on(minor.world, monkeypatch)

    def test_a_guardians_link_is_printed_and_works(self, minor: Player, anb: Anb) -> None:
        refused = anb("user", "guardian", minor.email)
        assert isinstance(refused.exception, GuardianNeeded)
        ask_marta(minor)
        printed = anb("user", "guardian", minor.email)
        assert printed.exit_code == 0, printed.output
        site, _, token = printed.stdout.strip().rpartition("/guardian?token=")
        assert site == "https://anb.example"
        assert answer(minor.world, token) == 200
        assert standing(minor) is ConsentStanding.GIVEN
        site, _, token = anb("user", "guardian", minor.email).stdout.strip().rpartition("/guardian/end?token=")
        assert minor.world.client.post("/guardian/end", data={"token": token}, headers=OURS).status_code == 200
        assert standing(minor) is ConsentStanding.REFUSED
        assert isinstance(anb("user", "guardian", minor.email).exception, GuardianNeeded)


def test_an_erased_account_keeps_what_was_answered_and_forgets_the_guardian(minor: Player) -> None:
    token = ask_marta(minor)
    world = minor.world
    with world.uow() as uow:
        erasure.ask(uow, world.ports, world.settings, minor.id, by="operator")
    assert erasure.run_due(world.database, world.ports) == 1
    with world.uow() as uow:
        known = consents.known_of(uow, minor.id)
        assert [one.who for one in consents.list_of(uow, minor.id)] == ["player"]
    assert known.guardian is not None
    assert (known.guardian.name, known.guardian.email) == ("", "")
    assert answer(world, token) == 404
