"""Which package may name which table: a feature's store names its own; each exception and its reason is listed here."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from anb.db.all_tables import metadata

OWNERS: Mapping[str, str] = {
    "users": "accounts",
    "audit_entries": "audit",
    "doomed_files": "storage",
    "erasures": "privacy",
    "exports": "privacy",
    "photos": "photos",
    "retention_runs": "privacy",
    "barred_voters": "contest",
    "links": "accounts",
    "email_changes": "accounts",
    "profile_changes": "accounts",
    "sessions": "sessions",
    "videos": "videos",
    "renditions": "videos",
    "poster_files": "videos",
    "jobs": "jobs",
    "job_events": "jobs",
    "switches": "jobs",
    "seasons": "contest",
    "season_jurors": "jury",
    "jury_scores": "jury",
    "votes": "contest",
    "listed_clips": "contest",
    "list_changes": "contest",
    "rank_anchors": "contest",
    "former_places": "contest",
    "place_days": "contest",
    "uploads": "resumable",
    "idempotency_keys": "db",
    "guardians": "consents",
    "consents": "consents",
    "passkeys": "factors",
    "totp_secrets": "factors",
    "recovery_codes": "factors",
    "factor_challenges": "factors",
    "mails": "mail",
    "mail_choices": "mail",
    "identities": "identities",
    "sign_in_attempts": "identities",
    "vouched_people": "identities",
    "signals": "signals",
    "mailboxes": "signals",
    "clusters": "fraud",
    "cluster_reasons": "fraud",
    "cluster_members": "fraud",
    "cluster_evidence": "fraud",
    "pending_entries": "votelog",
    "held_votes": "votelog",
    "log_leaves": "votelog",
    "voided_leaves": "votelog",
    "log_hashes": "votelog",
    "log_heads": "votelog",
    "log_checkpoints": "votelog",
    "count_comparisons": "votelog",
    "promise_keys": "votelog",
    "voter_pseudonyms": "votelog",
    "clip_tallies": "votelog",
    "player_tallies": "votelog",
    "clip_marks": "fraud",
    "clip_hours": "fraud",
    "released_votes": "fraud",
    "results": "results",
    "reports": "moderation",
    "report_cases": "moderation",
    "result_rows": "results",
    "result_stops": "results",
    "results_told": "results",
}
# Only reads: another feature's service decides what happens to that feature's rows.
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("contest", "users"): "the public list and the ranking name each player, and are one statement each",
    ("contest", "videos"): "the public list and the ranking are of public videos",
    ("contest", "clip_tallies"): "lists show the counts that the log gives, and are in their order",
    ("contest", "player_tallies"): "the ranking is in the order of the counts that the log gives",
    ("contest", "pending_entries"): "the page of a clip shows its reader's own vote at once",
    ("contest", "log_heads"): "the version of lists and ranking changes with each leaf of the log",
    ("contest", "renditions"): "the public list says how long each edit is",
    ("contest", "jury_scores"): "the jury is above it, and rules change only with a reason once a clip was scored",
    ("jury", "users"): "the queue is of other people's clips, and organizers read the names of jurors and players",
    ("jury", "videos"): "the queue and the standings are of public videos, and are one statement each",
    ("consents", "seasons"): "the contest is above it, and every upload asks whether the season asks for consent",
    ("videos", "seasons"): "the contest is above it, and every clip enters the season that awaits it",
    ("videos", "clip_tallies"): "an owner's videos show their votes, as the log counts them",
    ("sessions", "users"): "tokens without a session have only their account's row to be refused by",
    ("fraud", "users"): "a cluster's accounts are shown by name, and held against an erasure, in one statement each",
    ("fraud", "signals"): "groups are counted over all signals, by the database",
    ("fraud", "mailboxes"): "as above",
    ("fraud", "votes"): "a batch of votes is judged in one statement",
    ("moderation", "held_votes"): "held votes are shown with their clips and accounts, in one statement each",
    ("moderation", "cluster_members"): "as above",
    ("moderation", "player_tallies"): "as above",
    ("moderation", "clip_tallies"): "as above",
    ("moderation", "videos"): "as above",
    ("moderation", "users"): "as above",
    ("moderation", "votes"): "the votes of a cluster are found in one statement",
    ("moderation", "seasons"): "as above",
    ("moderation", "clip_hours"): "votes for a clip are shown with its views",
    ("fraud", "videos"): "views are counted of clips that still exist",
    ("storage", "videos"): "it compares the files of the share with every row that names one",
    ("storage", "renditions"): "as above",
    ("storage", "poster_files"): "as above",
    ("storage", "uploads"): "as above",
    ("storage", "exports"): "as above",
    ("storage", "photos"): "as above",
    (
        "results",
        "seasons",
    ): "which seasons have closed without results is one statement, and each version names its season",
    ("contest", "results"): "a vote of frozen results is not voided or restored any more",
    ("results", "users"): "places are frozen with their names, and an erasure waits for that",
    ("results", "player_tallies"): "they are what is frozen",
    ("db", "results"): "the application's account may only add to it",
    ("db", "result_rows"): "as above, and erase names",
    ("deploy", "users"): "a restore asks whether a database, which may have no tables yet, holds what people did",
    ("deploy", "videos"): "as above",
    ("db", "audit_entries"): "the application's account may only append to it",
    ("db", "log_leaves"): "as above",
    ("votelog", "votes"): "a held vote is voided together with its entry, and rows are compared with the log",
    ("votelog", "seasons"): "the contest is above it, and every log is of one season",
    ("votelog", "users"): "a leaf says the city in which a player lives when it is sealed",
}
# The exceptions that also write, each only the columns that it is for.
WRITERS = {("sessions", "users"), ("votelog", "votes")}
WRITES = {"insert", "upsert", "update", "delete"}
# The modules of a feature that hold SQL.
STORES = {
    "store", "publication", "transitions", "links", "removal", "voters", "profile", "figures", "season_store", "entry",
    "reminders", "directory", "email_changes", "consent_loss", "tallies", "recount", "list_store", "list_sources",
    "rank_store", "rank_upkeep", "reading", "promised", "comparisons", "file_store",
}  # fmt: skip
_IN_SQL = re.compile(
    rf'\b(?:from|join|into|update|truncate|table)\s+(?:only\s+)?"?({"|".join(OWNERS)})\b', re.IGNORECASE
)


def breaches(root: Path) -> Iterator[str]:
    """Yield statements that name another package's table, tables without an owner, and unused exceptions."""
    yield from (f"{table}: no package owns this table" for table in metadata.tables.keys() ^ OWNERS.keys())
    used: set[tuple[str, str]] = set()
    for package, path in _modules(root):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {table for node in ast.walk(tree) for table in _imported(node)}
        if imported and package != "db" and path.stem not in STORES:
            yield f"{path.relative_to(root)}: tables are for a store to name"
        for table in sorted({table for node in ast.walk(tree) for table in _written(node)}):
            if OWNERS[table] != package and (package, table) not in WRITERS:
                yield f"{path.relative_to(root)}: {package} writes to {table}, which is for {OWNERS[table]}"
        for table in sorted(imported | {table for text in _texts(tree) for table in _IN_SQL.findall(text.lower())}):
            if OWNERS[table] != package:
                used.add((package, table))
                if (package, table) not in EXCEPTIONS:
                    yield f"{path.relative_to(root)}: {package} names {table}, which is for {OWNERS[table]}"
    yield from (f"{package} does not name {table} any more" for package, table in sorted(EXCEPTIONS.keys() - used))


def _modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield each module of the product and of its deployment, with its package; migrations are records."""
    source = root / "src" / "anb"
    for path in sorted(source.rglob("*.py")):
        if "versions" not in path.parts:
            yield path.relative_to(source).parts[0], path
    for path in sorted((root / "deploy").rglob("*.py")):
        yield "deploy", path


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("anb.db.tables"):
        yield from (alias.name for alias in node.names if alias.name in OWNERS)


def _written(node: ast.AST) -> Iterator[str]:
    """Yield the table that a call such as `update(videos)` changes."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITES:
        yield from (word.id for word in node.args[:1] if isinstance(word, ast.Name) and word.id in OWNERS)


def _texts(tree: ast.AST) -> Iterator[str]:
    """Yield the strings of a module, except docstrings: those are for people."""
    spoken = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
            yield node.value
