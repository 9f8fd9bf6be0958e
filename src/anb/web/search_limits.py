"""The limit of searches, which read more rows than lists do."""

from fastapi import Request

from anb.web.rate_limits import BlockLimited

count_search = BlockLimited("search", told=False)


def limit_search(request: Request) -> None:
    """Count a request for a list if it searches for words. Raises TooManyRequests."""
    if request.query_params.get("q"):
        count_search(request)
