"""Each table that names an account says what becomes of its rows in an erasure, and who tells the person of them."""

from pathlib import Path

from anb import pages
from anb.db.all_tables import metadata
from anb.privacy.archive import PARTS

# A new table that names an account adds a line here, and a step to privacy.erasure or a reason to stay.
ERASED = {
    "idempotency_keys": "deleted",
    "links": "deleted",
    "email_changes": "deleted",
    "consents": "stay as proof, by the account's id alone",
    "guardians": "stay, without names and addresses",
    "sessions": "ended and deleted",
    "signals": "deleted",
    "mailboxes": "deleted",
    "cluster_members": "deleted",
    "cluster_evidence": "deleted",
    "mails": "deleted",
    "mail_choices": "deleted",
    "passkeys": "deleted",
    "totp_secrets": "deleted",
    "recovery_codes": "deleted",
    "factor_challenges": "deleted",
    "identities": "deleted",
    "profile_changes": "deleted",
    "sign_in_attempts": "deleted",
    "uploads": "deleted",
    "videos": "deleted if never public; else withdrawn, without title and hash of the file",
    "votes": "stay, by the account's id alone",
    "season_jurors": "stay, by the account's id alone",
    "jury_scores": "marks stay, by the account's id alone; notes are deleted, also those on the person's clips",
    "jobs": "stay, by the account's id alone; the file's facts and the network are not in them",
    "reports": "stay, without their author and what they say; those about the person's clips are deleted",
    "exports": "deleted, with their files",
    "result_rows": "places stay, by the account's id alone; names and their salts are deleted",
    "photos": "deleted, with their files",
    "erasures": "stay: times and counts",
    "voter_pseudonyms": "deleted: the log names nobody then",
    "held_votes": "stay until they are settled, by the account's id alone",
}


# The part of the archive that tells a table's rows.
TOLD = {
    "consents": "consents",
    "guardians": "guardians",
    "sessions": "sessions",
    "signals": "signals",
    "mailboxes": "signals",
    "cluster_members": "signals",
    "mails": "mails",
    "mail_choices": "mails_switched_off",
    "passkeys": "second_factors",
    "totp_secrets": "second_factors",
    "recovery_codes": "second_factors",
    "identities": "identities",
    "profile_changes": "profile_changes",
    "email_changes": "account",
    "uploads": "uploads",
    "photos": "photo",
    "reports": "reports",
    "votes": "votes",
    "result_rows": "results",
    "jury_scores": "jury_scores",
    "videos": "clips",
}
# The audit trail names accounts too, without a foreign key: its chain outlives them.
TOLD_BY_ID = {"audit_entries": "acts"}
# Why the archive does not tell them.
UNTOLD = {
    "idempotency_keys": "answers that the person's program got, kept for a day",
    "links": "hashes of links; the mails that carried them are told",
    "factor_challenges": "numbers of a sign-in under way, kept for minutes",
    "sign_in_attempts": "numbers of a sign-in under way, kept for minutes",
    "cluster_evidence": "the marks of signals, which are told, that other people have too",
    "jobs": "the work of the platform on a clip; the clip is told",
    "exports": "the archive itself",
    "season_jurors": "a number that orders the queue; the scores are told",
    "erasures": "times and counts of a request; the archive goes with it",
    "voter_pseudonyms": "who the person is in the log: told with each vote by its promise",
    "held_votes": "votes, which are told, while they are reviewed",
}


def test_each_table_that_names_an_account_is_erased_or_stays_for_a_reason() -> None:
    assert naming() == set(ERASED)


def test_each_table_that_names_an_account_is_in_the_archive_or_left_out_for_a_reason() -> None:
    assert naming() == TOLD.keys() | UNTOLD.keys()
    assert not TOLD.keys() & UNTOLD.keys()


def test_each_part_of_the_archive_tells_a_table() -> None:
    assert {"account", *TOLD.values(), *TOLD_BY_ID.values()} == {"clips", *PARTS}


def test_the_page_states_each_part_of_the_archive() -> None:
    page = (Path(pages.__file__).parent / "templates/privacy.html").read_text(encoding="utf-8")
    for part in {"clips", *PARTS} - {"guardians", "mails_switched_off"}:  # in the sentences of consents and mails
        assert f'"privacy.{part}"' in page, part


def naming() -> set[str]:
    return {
        table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    }
