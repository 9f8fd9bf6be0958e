"""Every table: import the metadata from here to compare, draw or empty them all. A new module of tables adds a line."""

from anb.db import (
    tables,
    tables_accounts,
    tables_audit,
    tables_consents,
    tables_contest,
    tables_factors,
    tables_fraud,
    tables_identities,
    tables_lists,
    tables_mail,
    tables_photos,
    tables_privacy,
    tables_results,
    tables_seasons,
    tables_sessions,
    tables_storage,
    tables_votelog,
)
from anb.db.columns import metadata

__all__ = [
    "metadata",
    "tables",
    "tables_accounts",
    "tables_audit",
    "tables_consents",
    "tables_contest",
    "tables_factors",
    "tables_fraud",
    "tables_identities",
    "tables_lists",
    "tables_mail",
    "tables_photos",
    "tables_privacy",
    "tables_results",
    "tables_seasons",
    "tables_sessions",
    "tables_storage",
    "tables_votelog",
]
