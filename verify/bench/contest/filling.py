"""A generated contest in a platform's database: players, clips, votes, their log with its tree, and the tallies.

SQL writes the rows without triggers, and the product's own tree and key make the log of them. The part `rebuild` ends
with the product's comparison of rows, tallies and log, so a mistake of this file is found.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import psycopg

from anb.contest import rank_upkeep
from anb.db.session import connect
from anb.votelog import service as votelog
from anb.votelog.merkle import grow, leaf_hash, root
from anb.votelog.notes import Checkpoint
from verify.bench.bench_platform import Rig

CITIES = (
    "Bogotá", "Medellín", "Cali", "Barranquilla", "Cartagena", "Cúcuta", "Bucaramanga", "Pereira", "Santa Marta",
    "Ibagué", "Pasto", "Manizales", "Neiva", "Villavicencio", "Armenia", "Valledupar", "Montería", "Sincelejo",
    "Popayán", "Tunja",
)  # fmt: skip
STEP = 20_000  # leaves whose hashes are kept at a time
VOTES_EACH = 100


@dataclass(frozen=True)
class ContestSize:
    """How large a contest is: 100 votes of each voter, spread over clips of very different popularity."""

    players: int
    clips: int  # of `players`, in turns; a multiple of the square of the votes of each voter
    voters: int
    each: int = VOTES_EACH  # votes of a voter
    spare: int = 2000  # people who have not voted yet

    @property
    def votes(self) -> int:
        """How many votes there are."""
        return self.voters * self.each

    @classmethod
    def of(cls, votes: int) -> "ContestSize":
        """Return a contest with this many votes, of 100,000 players and 200,000 clips."""
        return cls(100_000, 200_000, votes // VOTES_EACH)


SMALL = ContestSize(500, 1000, voters=100, each=10)  # what each figure is compared with: 1,000 clips and 1,000 votes

PEOPLE = """
INSERT INTO users (id, email, username, first_name, last_name, city, city_key, country, password_hash, created_at)
SELECT md5('u' || n)::uuid, 'p' || n || '@example.com', 'jugador' || n, 'Lucía ' || n, 'Ríos',
    cities[1 + mod(n, {cities})], keys[1 + mod(n, {cities})], 'Colombia', '-', now() - interval '30 days'
FROM generate_series(1, {people}) AS n, (SELECT %s::text[] AS cities, %s::text[] AS keys) AS known
"""
CLIPS = """
INSERT INTO videos (id, owner_id, season_id, title, status, original_key, original_bytes, original_sha256,
    duration_seconds, uploaded_at, processed_at, published_at, first_published_at)
SELECT md5('v' || n)::uuid, md5('u' || 1 + n % {players})::uuid, season.id, 'Mi mejor triple ' || n, 'processed',
    'originals/' || n, 1, '-', 22, at, at, at, at
FROM (SELECT n, now() - interval '20 days' + make_interval(secs => n) AS at FROM generate_series(0, {clips} - 1) AS n)
    AS clips, (SELECT id FROM seasons LIMIT 1) AS season;

INSERT INTO renditions (video_id, kind, key, bytes, sha256, media_type, recipe, seconds)
SELECT id, 'processed', 'edits/' || id, 1, '-', 'video/mp4', 3, 27 FROM videos;

SELECT count(list_clip(videos)) FROM videos;

INSERT INTO log_leaves (season_id, index, entry)
SELECT season_id, row_number() OVER (ORDER BY published_at, videos.id) - 1, '\\x01'::bytea
    || int4send((extract(epoch FROM published_at) / 60)::int) || uuid_send(videos.id) || uuid_send(owner_id)
    || convert_to(city, 'UTF8')
FROM videos JOIN users ON users.id = owner_id;
"""
# A round for each vote of a voter, so that all clips gather votes at the same time. The strata of a voter's votes are
# squares, so no clip comes twice, and the first clip of 200,000 has 200 times the votes of the last one.
VOTES = """
INSERT INTO voter_pseudonyms (season_id, voter_id, pseudonym)
SELECT seasons.id, md5('u' || {players} + n)::uuid, md5('s' || {players} + n)::uuid
FROM generate_series(1, {voters}) AS n, seasons;

INSERT INTO votes (voter_id, video_id, season_id, jury, cast_at)
SELECT md5('u' || {players} + n)::uuid, md5('v' || floor({stratum} * (place + random()) ^ 2)::int)::uuid, season.id,
    false, now() - interval '10 days' + make_interval(secs => round * 1000.0 + n * 1000.0 / {voters})
FROM generate_series(0, {each} - 1) AS round CROSS JOIN generate_series(1, {voters}) AS n
    CROSS JOIN LATERAL (SELECT (round + n * 37) % {each} AS place) AS own
    CROSS JOIN (SELECT id FROM seasons LIMIT 1) AS season;

INSERT INTO log_leaves (season_id, index, vote_id, entry)
SELECT season_id, {clips} + votes.id - 1, votes.id, '\\x0600'::bytea
    || int4send((extract(epoch FROM cast_at) / 60)::int) || uuid_send(video_id) || uuid_send(pseudonym)
FROM votes JOIN voter_pseudonyms USING (season_id, voter_id) ORDER BY votes.id;
"""
TALLIES = """
INSERT INTO clip_tallies (video_id, season_id, player_id, city_key, opened_index, votes, last_index, is_open)
SELECT videos.id, season_id, owner_id, city_key,
    row_number() OVER (ORDER BY published_at, videos.id) - 1, coalesce(counted.votes, 0), last, true
FROM videos JOIN users ON users.id = owner_id LEFT JOIN (
    SELECT video_id, count(*) AS votes, max({clips} + id - 1) AS last FROM votes GROUP BY video_id
) AS counted ON counted.video_id = videos.id;

INSERT INTO player_tallies (season_id, player_id, city_key, city, votes, jury_votes, opened_index, last_index, clips)
SELECT season_id, player_id, users.city_key, city, sum(votes), 0, min(opened_index),
    coalesce(max(last_index), min(opened_index)), count(*)
FROM clip_tallies JOIN users ON users.id = player_id GROUP BY season_id, player_id, users.city_key, city;
"""


def fill(rig: Rig, size: ContestSize) -> UUID:
    """Fill an empty platform with a contest; return its season."""
    numbers = {
        "people": size.players + size.voters + size.spare, "players": size.players, "clips": size.clips,
        "voters": size.voters, "each": size.each, "cities": len(CITIES), "stratum": size.clips / size.each**2,
    }  # fmt: skip
    # Only the superuser may leave triggers out.
    with psycopg.connect(rig.plan.postgres.url(superuser=True), autocommit=True) as database:
        database.execute("SET session_replication_role = replica; SET synchronous_commit = off; SELECT setseed(0.5)")
        database.execute(PEOPLE.format(**numbers), [list(CITIES), [_key(city) for city in CITIES]])
        for statements in (CLIPS, VOTES, "ANALYZE", TALLIES):
            database.execute(statements.format(**numbers))
        season_id: UUID = database.execute("SELECT id FROM seasons LIMIT 1").fetchone()[0]  # type: ignore[index]  # it has one
        _seal(rig, database, season_id)
        database.execute("VACUUM (ANALYZE)")
    with closing(connect(rig.settings)) as pools, pools.transaction() as uow:
        rank_upkeep.space_anchors(uow)
        rank_upkeep.keep_places(uow)
    return season_id


def _seal(rig: Rig, database: psycopg.Connection, season_id: UUID) -> None:
    """Grow the tree above the leaves, and sign its head."""
    with closing(connect(rig.settings)) as pools, pools.transaction() as uow:
        signer = votelog.signer(uow, rig.settings, season_id)
    tree, leaves = grow(0, (), ()), _entries(database)
    with database.cursor() as cursor, cursor.copy("COPY log_hashes (season_id, level, index, hash) FROM STDIN") as rows:
        while step := list(islice(leaves, STEP)):
            tree = grow(tree.size, tree.edge, map(leaf_hash, step))
            for tile in tree.tiles:
                rows.write_row((season_id, tile.level, tile.index, tile.hash))
    checkpoint = Checkpoint(signer.verifier.name, tree.size, root(tree.edge))
    database.execute(
        "INSERT INTO log_heads (season_id, origin, public_key, size, edge, root, sealed_at, checkpoint)"
        " VALUES (%s, %s, %s, %s, %s, %s, now(), %s)",
        (season_id, checkpoint.origin, signer.verifier.public_key, tree.size, list(tree.edge), checkpoint.root,
         signer.sign(checkpoint.text)),
    )  # fmt: skip


def _entries(database: psycopg.Connection) -> Iterator[bytes]:
    """Return all leaves in order, from a connection of their own."""
    with psycopg.connect(database.info.dsn, password=database.info.password) as reader, reader.cursor("leaves") as rows:
        rows.itersize = STEP
        rows.execute("SELECT entry FROM log_leaves ORDER BY season_id, index")
        for (entry,) in rows:
            yield bytes(entry)


def _key(city: str) -> str:
    return city.casefold().translate(str.maketrans("áéíóú", "aeiou"))
