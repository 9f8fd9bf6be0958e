"""The table of files that must be deleted."""

from sqlalchemy import Column, Index, Table, Text, Uuid

from anb.db.columns import metadata, time_column

# Written in the transaction that removes a file's last row, so that the file goes even if the process dies.
doomed_files = Table(
    "doomed_files",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account_id", Uuid),  # whose file it was; not a foreign key: the account may be deleted first
    time_column("since", needed=True, default=True),
    Index(None, "account_id"),
    Index(None, "since"),
)
