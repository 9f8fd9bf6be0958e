"""Players with public clips by the thousand, made by SQL: what a list or a ranking of a whole country reads."""

from sqlalchemy import text

from anb.db.session import UnitOfWork
from support.worlds import World

# Player 7 is "Ana Siete 7" of Ciudad 7 % cities; their clips are public at different seconds.
_PLAYERS = """
insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
select 'p' || n || '@example.com', 'jugador' || n, 'Jugadora', 'Número ' || n,
    'Ciudad ' || n % :cities, 'ciudad ' || n % :cities, 'Colombia', '-'
from generate_series(1, :players) n
"""
_CLIPS = """
insert into videos (owner_id, season_id, title, status, original_key, original_bytes, original_sha256,
    duration_seconds, processed_at, published_at)
select users.id, (select id from seasons where closed_at is null),
    'Jugada ' || n || case when n % 1000 = 0 then ' muy rara' else '' end,
    'processed', 'originals/crowd-' || username || '-' || n, 1, '-', 22, now(), now() - make_interval(secs => n)
from users, generate_series(1, :each) n where username like 'jugador%'
"""
_FILES = """
insert into renditions (video_id, kind, key, bytes, sha256, media_type, recipe, seconds)
select id, 'processed', 'processed/' || id, 1, '-', 'video/mp4', 1, 22 from videos
"""
# Filling by the thousand takes longer than a request may.
PATIENT = "set local statement_timeout = 0"


def fill(world: World, players: int, each: int = 1, cities: int = 5) -> None:
    """Add players, each with the same number of public clips."""
    with world.uow() as uow:
        fill_database(uow, players, each, cities)
    with world.uow() as uow:
        uow.execute(text(PATIENT))
        for table in ("users", "videos", "renditions", "listed_clips"):
            uow.execute(text(f"analyze {table}"))


def fill_database(uow: UnitOfWork, players: int, each: int, cities: int = 5) -> None:
    """Add players and clips to the open season of a database."""
    uow.execute(text(PATIENT))
    uow.execute(text(_PLAYERS), {"players": players, "cities": cities})
    uow.execute(text(_CLIPS), {"each": each})
    uow.execute(text(_FILES))
