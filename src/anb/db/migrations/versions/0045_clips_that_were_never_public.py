"""A clip that is taken down before it was ever public awaits no log: the log has not opened it."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

GONE = "if new.withdrawn_at is not null and (tg_op = 'INSERT' or old.withdrawn_at is null) then\n        what := 5;"
GONE_IF_OPENED = GONE.replace("what := 5;", "what := case when new.first_published_at is not null then 5 end;")
CHANGE = """
do $$ begin
    execute replace(pg_get_functiondef('videos_await_log'::regproc), %s, %s);
end $$
"""


def upgrade() -> None:
    op.execute(CHANGE % (_quoted(GONE), _quoted(GONE_IF_OPENED)))


def downgrade() -> None:
    op.execute(CHANGE % (_quoted(GONE_IF_OPENED), _quoted(GONE)))


def _quoted(words: str) -> str:
    return f"$words${words}$words$"
