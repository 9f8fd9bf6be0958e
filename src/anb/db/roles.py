"""Two database accounts: the owner, which migrates, and the application's, which only reads and writes rows.

An attacker who takes over one of our processes can then change the rows it could change anyway, but cannot drop a
table, create a function or disable a check of the database. See docs/decisions/0033.
"""

from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from anb.errors import AnbError

SCRAM = b"scram-sha-256"
# The only rights of `{app}`, also for tables that later migrations create.
RIGHTS = """
REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {app};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM {app};
GRANT USAGE ON SCHEMA public TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app};
REVOKE INSERT, UPDATE, DELETE ON TABLE alembic_version FROM {app};
REVOKE UPDATE, DELETE ON TABLE audit_entries FROM {app};
GRANT UPDATE (salt, name, reason) ON TABLE audit_entries TO {app};
REVOKE UPDATE, DELETE ON TABLE results, result_rows FROM {app};
GRANT UPDATE (salt, name, username) ON TABLE result_rows TO {app};
REVOKE UPDATE, DELETE ON TABLE log_leaves, log_hashes, log_checkpoints, promise_keys FROM {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app};
"""


WHO = (
    "SELECT current_user::text, current_database()::text, rolcreaterole OR rolsuper"
    " FROM pg_roles WHERE rolname = current_user"
)


class NoAccount(AnbError):
    """The application's account does not exist, and the owner may not create it."""


class DatabaseRole(NamedTuple):
    """A database account."""

    name: str
    password: str

    @classmethod
    def of(cls, url: str) -> "DatabaseRole":
        """Read an account from a database URL."""
        parts = make_url(url)
        return cls(parts.username or "", parts.password or "")


def admit(connection: Connection, app: DatabaseRole) -> None:
    """Give the application's account its rights; create it first if the owner may. Raises NoAccount.

    Runs as the owner, in a transaction of the caller's. Where both are the same account, nothing needs to be granted.
    """
    # The first statement runs through SQLAlchemy, which commits only transactions that it has seen begin.
    owner, database, may_make = connection.execute(text(WHO)).one()
    if app.name == owner:
        return
    driver: psycopg.Connection[Any] = connection.connection.dbapi_connection  # type: ignore[assignment]
    _make(driver, app, may_make=bool(may_make))
    names = {"database": sql.Identifier(database), "app": sql.Identifier(app.name)}
    driver.execute(sql.SQL(RIGHTS).format(**names))


def owned(connection: psycopg.Connection[Any]) -> int:
    """Count the tables that a connection's account owns; the application's account should own none."""
    found = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND pg_get_userbyid(relowner) = current_user"
    ).fetchone()
    return int(found[0]) if found else 0


def _make(driver: psycopg.Connection[Any], app: DatabaseRole, *, may_make: bool) -> None:
    """Create the account or set its password, as far as the owner may."""
    known = driver.execute(
        "SELECT pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION') FROM pg_roles WHERE rolname = %s", [app.name]
    ).fetchone()
    if known is None and not may_make:
        raise NoAccount(f"the account {app.name} of the application does not exist; a superuser must make it first")
    # As a verifier: the password itself would be in the server's log if the statement failed.
    verifier = driver.pgconn.encrypt_password(app.password.encode(), app.name.encode(), SCRAM).decode()
    words = {"app": sql.Identifier(app.name), "verifier": sql.Literal(verifier)}
    if known is None:
        driver.execute(sql.SQL("CREATE ROLE {app} LOGIN PASSWORD {verifier}").format(**words))
    elif known[0] and may_make:
        driver.execute(sql.SQL("ALTER ROLE {app} LOGIN PASSWORD {verifier}").format(**words))
