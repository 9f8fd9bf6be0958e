"""Many callers at once: no request waits for another that waits for it."""

from concurrent.futures import ThreadPoolExecutor

from support.worlds import World


def test_more_callers_than_threads_and_connections_all_get_their_list(world: World) -> None:
    """Requests that held a connection while waiting for a thread starved those that had a thread (64 callers hung)."""
    callers = 3 * (world.settings.web_threads + world.settings.database_pool)
    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(lambda _: world.client.get("/api/public/videos"), range(callers)))
    assert {answer.status_code for answer in answers} == {200}
