"""Clusters do not depend on the order in which signals come, nor on when a search runs between them."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from support.signalling import MORNING, NOTE, clusters, people, search, share_mailbox
from support.worlds import World

PEOPLE = 9
LIMITS = {"mailbox_accounts": 2, "device_accounts": 3, "burst_accounts": 3, "burst_minutes": 30}

Signal = tuple[int, str, str, str, int]  # person, act, device, block, minute
devices, blocks = st.sampled_from(["", "d1", "d2", "d3"]), st.sampled_from(["", "b1", "b2"])
minutes = st.integers(0, 120)
sign_ups = st.lists(st.tuples(st.just("sign-up"), devices, blocks, minutes), min_size=PEOPLE, max_size=PEOPLE)
later = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(["sign-in", "vote"]), devices, blocks, minutes), max_size=8
)
mails = st.dictionaries(st.integers(0, PEOPLE - 1), st.sampled_from(["m1", "m2"]), max_size=5)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), new=sign_ups, later=later, mails=mails)
def test_neither_the_order_of_signals_nor_searches_between_them_change_the_clusters(
    world: World, data: st.DataObject, new: list[Any], later: list[Signal], mails: dict[int, str]
) -> None:
    events: list[Any] = [(person, *signal) for person, signal in enumerate(new)] + later + [*mails.items()]
    at_once = outcome(world, events, set())
    order = data.draw(st.permutations(events))
    searches = data.draw(st.sets(st.integers(0, len(order)), max_size=4))
    assert outcome(world, order, searches) == at_once


def outcome(world: World, events: list[Any], searches: set[int]) -> object:
    """Let signals come in this order, with searches before some of them; return clusters and reasons at the end."""
    with world.uow() as uow:
        for table in ("cluster_members", "cluster_evidence", "clusters", "signals", "mailboxes", "users"):
            uow.execute(text(f"delete from {table}"))  # noqa: S608
    who = people(world, PEOPLE)
    for number, event in enumerate(events):
        if number in searches:
            search(world, **LIMITS)
        if len(event) == 2:
            share_mailbox(world, [who[event[0]]], event[1])
        elif event[2] or event[3]:
            person, act, device, block, minute = event
            at = MORNING + timedelta(minutes=minute)
            with world.uow() as uow:
                uow.execute(NOTE, {"who": who[person], "act": act, "device": device, "block": block, "at": at})
    search(world, **LIMITS)
    columns = "kind, marks, accounts, case when kind <> 'mailbox' then first_seen end, case when kind <> 'mailbox' then last_seen end"  # noqa: E501
    said = {}
    for cluster_id, members in clusters(world).items():
        with world.uow() as uow:
            rows = uow.execute(
                text(f"select {columns} from cluster_reasons where cluster_id = :id order by kind"),  # noqa: S608
                {"id": cluster_id},
            ).all()
        said[frozenset(map(who.index, members))] = [tuple(row) for row in rows]
    return said
