"""The pages people see: server-rendered, in Spanish and English, better with a script but whole without it."""

from fastapi import FastAPI

from anb.pages import assets, clips, docs, entrance, mine, standings, trouble


def install(app: FastAPI) -> None:
    """Add the pages to the application, after the API and its problems."""
    for room in (assets, clips, docs, entrance, mine, standings):
        app.include_router(room.router)
    trouble.install(app)
