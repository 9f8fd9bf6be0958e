"""With 20,000 players and 40,000 clips, pages of rankings and lists are read along indexes, a few rows each."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from anb.contest import list_store, rank_store, rank_upkeep, standings
from anb.contest.listing import ListOrder, WantedClips
from anb.contest.rank_store import Ranking
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from support.counting import seal
from support.crowd_of_clips import PATIENT, fill
from support.plans import GENERIC, called_for_each_row, explained, scans
from support.worlds import World

pytestmark = pytest.mark.slow

PLAYERS, CITY = 20_000, "ciudad 3"
BIG = {"player_tallies", "clip_tallies", "listed_clips", "users", "videos", "renditions", "former_places"}
VOTED = "update clip_tallies set votes = 1 + get_byte(uuid_send(video_id), 15), last_index = opened_index"
SUMMED = """
update player_tallies set votes = found.votes
from (select player_id, sum(votes) votes from clip_tallies group by 1) found
where found.player_id = player_tallies.player_id
"""
NEWEST, MOST = WantedClips(), WantedClips(order=ListOrder.VOTES)
OF_CITY = {"newest": WantedClips(city_key=CITY), "most": WantedClips(city_key=CITY, order=ListOrder.VOTES)}
SHUFFLED = WantedClips(order=ListOrder.SHUFFLE, seed="hoy")
DEEP = Page(limit=20, skip=PLAYERS // 2)


def twice(read: Callable[[Page], Listed[Any]]) -> None:
    """Read a first page, and the one after it by its key, as a cursor carries it."""
    key = read(Page(20)).next_after
    read(Page(20, after=tuple(json.loads(json.dumps(key, default=str)))))


READ: dict[str, tuple[Callable[[UnitOfWork], object], str]] = {
    "country": (lambda uow: twice(lambda page: rank_store.rank(uow, page, Ranking())), "player_tallies_rank_idx"),
    "place 10,000": (lambda uow: rank_store.rank(uow, DEEP, Ranking()), "player_tallies_rank_idx"),
    "city": (
        lambda uow: twice(lambda page: rank_store.rank(uow, page, Ranking(city_key=CITY))),
        "player_tallies_city_rank_idx",
    ),
    "one player": (
        lambda uow: standings.find_standing(
            uow, uow.execute(text("select id from users where username = 'jugador777'")).scalar_one()
        ),
        "player_tallies_rank_idx",
    ),
    "newest": (lambda uow: twice(lambda page: list_store.list_in_order(uow, page, NEWEST)), "listed_clips_newest_idx"),
    "newest of a city": (
        lambda uow: twice(lambda page: list_store.list_in_order(uow, page, OF_CITY["newest"])),
        "listed_clips_city_idx",
    ),
    "most voted": (lambda uow: twice(lambda page: list_store.list_in_order(uow, page, MOST)), "clip_tallies_most_idx"),
    "most voted of a city": (
        lambda uow: twice(lambda page: list_store.list_in_order(uow, page, OF_CITY["most"])),
        "clip_tallies_city_most_idx",
    ),
    "shuffle": (lambda uow: twice(lambda page: list_store.list_shuffled(uow, page, SHUFFLED)), "listed_clips_draw_idx"),
    "a common word": (
        lambda uow: list_store.search(uow, Page(20), WantedClips(words="jugada")),
        "listed_clips_newest_idx",
    ),
    "a rare name": (
        lambda uow: list_store.search(uow, Page(20), WantedClips(words="número 12345")),
        "listed_clips_words_idx",
    ),
}


def test_no_page_reads_a_whole_table_or_many_rows(world: World) -> None:
    fill(world, PLAYERS, each=2)
    seal(world)
    with world.uow() as uow:
        for statement in (PATIENT, VOTED, SUMMED):
            uow.execute(text(statement))
        rank_upkeep.space_anchors(uow)
        assert rank_upkeep.keep_places(uow)
    with world.uow() as uow:
        uow.execute(text(PATIENT))
        for table in BIG:
            uow.execute(text(f"analyze {table}"))
    wrong = []
    for name, (read, index) in READ.items():
        with world.uow() as uow:
            read(uow)  # counts the whole list, which is remembered for some seconds
            with explained(uow, "explain analyze") as plans:
                read(uow)
            with explained(uow, GENERIC) as generic:
                read(uow)
        found = scans(plans)
        if found.tables & BIG or index not in found.indexes or found.rows > list_store.WALK + 1:
            wrong.append(f"{name}: {found}\n" + "\n".join(plans))
        if index not in scans(generic).indexes or called_for_each_row(generic):
            wrong.append(f"{name}, for all parameters:\n" + "\n".join(generic))
    assert not wrong, "\n\n".join(wrong)
