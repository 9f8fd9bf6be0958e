"""Places, ties and winners; what is signed, and what is not."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.results import exports
from anb.results.domain import (
    CountedPlayer,
    FinalPlace,
    Results,
    StatedSeason,
    canonical,
    commit,
    digest_of,
    note_text,
    rank,
    state,
)

SEASON = StatedSeason(
    slug="temporada-1",
    version=1,
    closed_at=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
    winners_per_city=2,
    origin="anb.example/log/temporada-1",
    log_size=9,
    log_root=bytes(32),
)


def counted(number: int, votes: int, index: int, city: str = "Bogotá", **more: Any) -> CountedPlayer:
    known: dict[str, Any] = {"name": f"Nombre {number}", "username": f"n{number}", "jury_votes": 0} | more
    return CountedPlayer(
        player_id=UUID(int=number), city=city, city_key=city.lower(), votes=votes, reached_index=index, **known
    )


@pytest.fixture
def places() -> list[FinalPlace]:
    return rank(
        [counted(1, 5, 40), counted(2, 5, 30), counted(3, 7, 50, "Cali"), counted(4, 1, 8), counted(5, 0, 2, "Cali")], 2
    )


def test_most_votes_first_and_of_a_tie_who_had_them_first_in_the_log(places: list[FinalPlace]) -> None:
    assert [place.player_id.int for place in places] == [3, 2, 1, 4, 5]
    assert [place.city_position for place in places] == [1, 1, 2, 3, 2]
    assert [place.tied for place in places] == [False, True, True, False, False]


def test_the_first_of_each_city_win_unless_nobody_voted_for_them(places: list[FinalPlace]) -> None:
    assert [place.player_id.int for place in places if place.is_winner] == [3, 2, 1]


def test_a_tie_of_two_cities_is_none_within_them() -> None:
    found = rank([counted(1, 5, 40), counted(2, 5, 30, "Cali")], 1)
    assert [(place.tied, place.city_tied, place.is_winner) for place in found] == [(True, False, True)] * 2


PLAYERS = st.lists(
    st.builds(counted, st.integers(1, 1000), st.integers(0, 3), st.integers(0, 9), st.sampled_from(["Cali", "Mitú"])),
    max_size=12,
    unique_by=lambda each: each.player_id,
)


@given(PLAYERS, st.integers(1, 3))
def test_places_are_whole_in_country_and_city_whatever_the_order_of_the_rows(
    players: list[CountedPlayer], winners: int
) -> None:
    found, again = rank(players, winners), rank(players[::-1], winners)
    assert [place.position for place in found] == list(range(1, len(players) + 1))
    assert [place.player_id for place in found] == [place.player_id for place in again]
    for city in {each.city_key for each in players}:
        own = [place for place in found if place.city_key == city]
        assert [place.city_position for place in own] == list(range(1, len(own) + 1))
        assert sum(place.is_winner for place in own) == min(winners, sum(place.votes > 0 for place in own))
        for place in own:
            assert place.city_tied == (sum(other.votes == place.votes for other in own) > 1)


def test_the_statement_holds_no_name_and_is_the_same_after_an_erasure(places: list[FinalPlace]) -> None:
    statement = state(SEASON, places)
    assert "Nombre" not in canonical(statement)
    erased = [replace(place, salt=None, name=None, username=None) for place in places]
    assert digest_of(state(SEASON, erased)) == digest_of(statement)


def test_any_other_number_or_place_is_another_statement(places: list[FinalPlace]) -> None:
    digest = digest_of(state(SEASON, places))
    for changed in (
        [replace(places[0], votes=8), *places[1:]],
        [*places[:2], replace(places[2], is_winner=False), *places[3:]],
        places[:-1],
        [replace(places[0], commitment=bytes(32)), *places[1:]],
    ):
        assert digest_of(state(SEASON, changed)) != digest
    assert digest_of(state(replace(SEASON, log_size=10), places)) != digest


def test_a_name_is_bound_until_it_is_erased(places: list[FinalPlace]) -> None:
    first = places[0]
    assert first.salt is not None
    assert first.commitment == commit(first.salt, "Nombre 3", "n3")
    assert first.commitment != commit(first.salt, "Nombre 4", "n3")
    assert len({place.commitment for place in places}) == len(places)


def test_an_erased_account_keeps_its_place_and_nothing_binds_a_name() -> None:
    [place] = rank([counted(1, 5, 40, name=None, username=None)], 1)
    assert (place.salt, place.name, exports.shown_name(place)) == (None, None, "Cuenta eliminada")


def test_the_note_is_no_checkpoint_and_names_version_log_and_hash() -> None:
    assert note_text(SEASON, sha256(b"x").digest()).splitlines()[:3] == [
        "anb.example/log/temporada-1",
        "results 1",
        "9",
    ]


EVIL = ["=1+1", "+57 300", "-1", "@sum(A1)", "\t=1", "\r=1", " =1", "＝1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("name", EVIL, ids=repr)
def test_no_name_is_a_formula_in_a_spreadsheet(name: str) -> None:
    found = rank([counted(1, 5, 40, name, name=name, username=name)], 1)
    header, row = list(csv.reader(io.StringIO(exports.to_csv(found).decode("utf-8-sig"), newline="")))
    for column in ("name", "username", "city"):
        assert row[header.index(column)] == f"'{name}"
    with ZipFile(io.BytesIO(exports.to_xlsx(found))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        links = [each for each in book.namelist() if "rels" in each and "sheet" in each]
    assert "<f>" not in sheet
    assert "inlineStr" in sheet
    assert links == []


def test_ordinary_names_are_written_as_they_are() -> None:
    found = rank([counted(1, 5, 40, name="Ana-María O'Neil", username="ana.1")], 1)
    assert "Ana-María O'Neil" in exports.to_csv(found).decode("utf-8-sig")


def test_the_json_can_be_checked_with_the_standard_library(places: list[FinalPlace]) -> None:
    known: Any = dict.fromkeys(("id", "season_id", "season", "due_at", "frozen_at"))
    results = Results(**vars(SEASON), **known, players=5, digest=b"", note="a note", is_superseded=False)
    whole = json.loads(exports.to_json(results, places))
    hashed = json.dumps(whole["results"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert sha256(hashed).digest() == digest_of(state(SEASON, places))
    names = {each["player_id"]: each for each in whole["names"]}
    for place in whole["results"]["places"]:
        known = names[place["player_id"]]
        said = json.dumps(
            {"name": known["name"], "username": known["username"]}, separators=(",", ":"), ensure_ascii=False
        )
        assert sha256(bytes.fromhex(known["salt"]) + said.encode()).hexdigest() == place["name_commitment"]
