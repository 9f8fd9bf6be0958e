"""The verifier checks signature, names and places of signed results, and recounts them from the log of votes."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from anb.results import exports
from anb.results.domain import CountedPlayer, JuryPlace, Results, digest_of, note_text, rank, state
from anb.votelog import domain, merkle, verifier
from anb.votelog.notes import NoteSigner
from support.published_log import MINUTE, ORIGIN, PLAYERS, SIGNER, PublishedLog, vote
from support.verifying import kept, published

__all__ = ["published"]  # a fixture

Whole = dict[str, Any]
Check = Callable[..., tuple[int, str]]
CLOSED_AT = datetime.fromtimestamp(60 * (MINUTE + 9), UTC)
COUNTED = [  # by hand: tests of the verifier say the same of this log
    CountedPlayer(PLAYERS[1], "Pasto", "pasto", 150, 0, 600, "Luz Rey", "luz.rey"),
    CountedPlayer(PLAYERS[2], "Bogotá", "bogota", 143, 6, 601, "Ana Paz", "ana.paz"),
]


def signed(log: PublishedLog, players: list[CountedPlayer], size: int = 614, version: int = 1) -> Whole:
    """Return results of these players over the first leaves of a log, as the site writes and signs them."""
    root = merkle.root(merkle.grow(0, (), log.hashes(size)).edge)
    places = rank(players, 1, {PLAYERS[1]: JuryPlace(1, 8000)})
    made = Results(
        slug="2026", version=version, closed_at=CLOSED_AT, winners_per_city=1, origin=ORIGIN, log_size=size,
        log_root=root, id=UUID(int=1), season_id=UUID(int=2), season="2026", due_at=CLOSED_AT, frozen_at=CLOSED_AT,
        players=len(players), digest=b"", note="", is_superseded=False,
    )  # fmt: skip
    digest = digest_of(state(made, places))
    made = replace(made, digest=digest, note=SIGNER.sign(note_text(made, digest)))
    whole: Whole = json.loads(exports.to_json(made, places))
    return whole


def resigned(whole: Whole) -> Whole:
    """Sign a changed statement again, as a dishonest site would."""
    said = whole["results"]
    digest = b64encode(digest_of(said)).decode()
    lines = [said["log"]["origin"], f"results {said['version']}", str(said["log"]["size"]), said["log"]["root"], digest]
    return whole | {"note": SIGNER.sign("".join(f"{line}\n" for line in lines))}


@pytest.fixture
def check(published: PublishedLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Verify results with the log, or with other options."""

    def verify(whole: object, *options: str) -> tuple[int, str]:
        file = kept(tmp_path, whole if isinstance(whole, str) else json.dumps(whole), "results.json")
        log = str(published.write(tmp_path / "site"))
        known = options or ("--log", log, "--no-ranking", "--folder", str(tmp_path / "kept"))
        code = verifier.main(["--results", file, *known])
        written = capsys.readouterr()
        return code, written.out + written.err

    return verify


class TestWhole:
    def test_signature_names_and_recount_are_right(self, check: Check, published: PublishedLog) -> None:
        code, said = check(signed(published, COUNTED))
        assert code == 0, said
        assert "Results of 2026, version 1: 2 places, 2 winners." in said
        assert "2 names are those that were signed" in said
        assert "what the first 614 leaves of the log say" in said

    def test_erased_names_are_missed_by_nobody(self, check: Check, published: PublishedLog) -> None:
        whole = signed(published, COUNTED)
        code, said = check(whole | {"names": whole["names"][:1]})
        assert (code, "1 names are those" in said) == (0, True), said

    def test_a_log_that_went_on_is_counted_up_to_the_results(self, check: Check, published: PublishedLog) -> None:
        whole = signed(published, COUNTED)
        published.entries += [domain.encode(vote(1, who)) for who in range(7000, 7300)]
        code, said = check(whole | {"superseded": True})
        assert code == 0, said
        assert "914 leaves" in said
        assert "they are not its last results" in said

    def test_two_results_of_one_bundle_are_each_counted_where_they_end(
        self, check: Check, published: PublishedLog
    ) -> None:
        published.entries += [
            domain.encode(leaf) for leaf in (vote(1, 7000), domain.CountClosed(MINUTE + 9, 60 * (MINUTE + 9)))
        ]
        later = [replace(COUNTED[0], votes=151, reached_index=614), COUNTED[1]]
        assert check(signed(published, COUNTED))[0] == 0
        assert check(signed(published, later, 616, version=2))[0] == 0

    def test_without_the_log_a_key_is_enough_for_signature_and_order(
        self, check: Check, published: PublishedLog
    ) -> None:
        code, said = check(signed(published, COUNTED), "--key", str(SIGNER.verifier))
        assert code == 0, said
        assert "The log was not read" in said

    def test_neither_log_nor_key_is_an_error_of_the_caller(self) -> None:
        with pytest.raises(SystemExit) as ended:
            verifier.main(["--results", "file"])
        assert ended.value.code == 2

    @pytest.mark.parametrize(
        ("place", "log"),
        [
            (
                "https://anb.example/api/public/seasons/t-2/results.json?version=1",
                "https://anb.example/api/public/log/t-2",
            ),
            ("results.json", None),
            ("https://anb.example/results.json", None),
        ],
    )
    def test_the_log_is_found_beside_results_of_a_site(self, place: str, log: str | None) -> None:
        assert verifier.log_of(place) == log


def place(whole: Whole, number: int) -> Whole:
    found: Whole = whole["results"]["places"][number]
    return found


def swapped(whole: Whole) -> None:
    places = whole["results"]["places"]
    places[0], places[1] = places[1], places[0]


CHANGES: dict[str, Callable[[Whole], object]] = {
    "votes": lambda whole: place(whole, 1).update(votes=144),
    "jury's votes": lambda whole: place(whole, 1).update(jury_votes=7),
    "city": lambda whole: place(whole, 1).update(city="Cali"),
    "winner": lambda whole: place(whole, 1).update(winner=False),
    "tie": lambda whole: place(whole, 1).update(tied=True),
    "tie in the city": lambda whole: place(whole, 1).update(city_tied=True),
    "place": lambda whole: place(whole, 1).update(position=3),
    "place in the city": lambda whole: place(whole, 1).update(city_position=2),
    "index": lambda whole: place(whole, 1).update(reached_index=7),
    "player": lambda whole: place(whole, 1).update(player_id=str(PLAYERS[0])),
    "order": swapped,
    "a place less": lambda whole: whole["results"]["places"].pop(),
    "a place more": lambda whole: whole["results"]["places"].append(dict(place(whole, 1))),
    "winners": lambda whole: whole["results"].update(winners_per_city=2) or place(whole, 0).update(winner=False),
    "close": lambda whole: whole["results"].update(closed_at="2025-01-01T00:00:00+00:00"),
    "size": lambda whole: whole["results"]["log"].update(size=613),
    "longer": lambda whole: whole["results"]["log"].update(size=615),
    "root": lambda whole: whole["results"]["log"].update(root=b64encode(bytes(32)).decode()),
    "log": lambda whole: whole["results"]["log"].update(origin="anb.example/log/other"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
class TestTampering:
    def test_a_changed_statement_is_found_by_its_signature(
        self, check: Check, published: PublishedLog, change: Callable[[Whole], object]
    ) -> None:
        whole = signed(published, COUNTED)
        change(whole)
        code, said = check(whole)
        assert code == 1
        assert "the results were changed: their note signs others" in said

    def test_one_that_was_signed_again_is_found_by_the_log(
        self, check: Check, published: PublishedLog, change: Callable[[Whole], object]
    ) -> None:
        whole = signed(published, COUNTED)
        change(whole)
        code, said = check(resigned(whole))
        assert code == 1
        assert "DIFFERS" in said


class TestOtherTampering:
    @pytest.mark.parametrize("part", ["name", "username", "salt", "player_id"])
    def test_a_name_that_was_not_signed_is_found(self, check: Check, published: PublishedLog, part: str) -> None:
        whole = signed(published, COUNTED)
        whole["names"][0][part] = whole["names"][1][part]
        code, said = check(whole)
        assert (code, "is not the one that was signed for the player" in said) == (1, True)

    def test_a_name_that_stands_twice_is_found(self, check: Check, published: PublishedLog) -> None:
        whole = signed(published, COUNTED)
        assert check(whole | {"names": whole["names"] * 2})[0] == 1

    def test_another_key_is_found(self, check: Check, published: PublishedLog) -> None:
        whole = signed(published, COUNTED)
        other = NoteSigner(ORIGIN, b"x" * 32)
        text, _, _ = whole["note"].rpartition("\n\n")
        code, said = check(whole | {"note": other.sign(text + "\n")})
        assert (code, f"the note of the results is not signed by {ORIGIN}" in said) == (1, True), said
        assert check(whole, "--key", str(other.verifier))[0] == 1

    def test_a_tally_that_contradicts_itself_is_found_without_the_log(
        self, check: Check, published: PublishedLog
    ) -> None:
        whole = signed(published, COUNTED)
        place(whole, 1)["winner"] = False
        code, said = check(resigned(whole), "--key", str(SIGNER.verifier))
        assert (code, "place 2 of the results: winner is False, and by the count True" in said) == (1, True), said

    @pytest.mark.parametrize(
        "broken",
        ["", "[]", "{}", '{"results": {}}', '{"results": {"log": {"origin": "a", "size": 0, "root": ""}}}'],
        ids=["nothing", "a list", "an object", "no log", "no close"],
    )
    def test_other_json_is_found(self, check: Check, broken: str) -> None:
        code, said = check(broken)
        assert (code, "are not of the form anb-results/1" in said) == (1, True), said

    @pytest.mark.parametrize(
        "change", [{"format": "anb-results/2"}, {"winners_per_city": 0}], ids=["format", "winners"]
    )
    def test_another_form_is_found(self, check: Check, published: PublishedLog, change: Whole) -> None:
        whole = signed(published, COUNTED)
        whole["results"] |= change
        code, said = check(resigned(whole))
        assert (code, "are not of the form anb-results/1" in said) == (1, True), said

    def test_a_file_that_is_not_there_is_no_difference(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert verifier.main(["--results", str(tmp_path / "none"), "--key", str(SIGNER.verifier)]) == 2
        assert "Could not verify" in capsys.readouterr().err


def test_players_of_the_log_are_those_that_were_counted_by_hand(published: PublishedLog) -> None:
    made = published.files()
    count, _ = verifier.replay([made[path] for path in sorted(made) if path.startswith("tile/")], 614)
    assert [(sums.player, sums.votes, sums.jury, sums.place[1]) for sums in count.standings()] == [
        (one.player_id.bytes, one.votes, one.jury_votes, one.reached_index) for one in COUNTED
    ]
