"""Many callers at once: nobody waits for somebody who waits for them."""

from concurrent.futures import ThreadPoolExecutor

from support.worlds import World


def test_more_callers_than_threads_and_connections_all_get_their_list(world: World) -> None:
    """A request that held a connection while it waited for a thread starved those who had one (64 callers hung)."""
    callers = 3 * (world.settings.web_threads + world.settings.database_pool)
    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(lambda _: world.client.get("/api/public/videos"), range(2 * callers)))
    assert {answer.status_code for answer in answers} == {200}
