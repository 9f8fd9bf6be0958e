"""Other people's programs recognize a refusal by status and code: neither changes without an announcement."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import anb
from anb.errors import Refusal
from anb.sentences import DEFAULT, catalogues

ALONE = ("anb.__main__", "anb.adapters.media.probe_child", "anb.db.migrations")  # programs, and what Alembic loads
KNOWN = {
    400: (
        "attempt-invalid issuer-refused last-way-in",
        "abandoned already-voted clip-cut-off clip-damaged clip-protected clip-too-heavy clip-too-long",
        "clip-too-short clip-too-short-after-damage dolby-vision-alone email-taken form-too-large never-public",
        "incomplete-upload invalid-field invalid-list invalid-page job-not-retriable job-over no-picture not-a-video",
        "open-to-votes own-video passwords-differ rate-too-high refused resolution-too-high",
        "resolution-too-low season-closed season-open start-too-late too-many-bytes too-much-stored",
        "results-frozen",
        "invalid-calendar reason-needed same-file-again season-not-closed seasons-overlap too-many-clips",
        "too-many-votes-today uploads-closed uploads-not-open-yet votes-not-open-yet",
        "invalid-mark jury-closed own-clip",
        "two-recordings unsupported-codec",
        "last-administrator own-role",
        "mail-not-dead",
        "factor-missing last-factor passkey-refused passkeys-elsewhere sign-in-over too-many-passkeys totp-enrolled",
        "totp-not-begun",
        "photo-missing",
        "birth-year-by-organizers city-changes-used public-name-busy",
        "birth-year-known birth-year-wrong guardian-answered guardian-is-player guardian-needed policy-outdated",
    ),
    401: ("not-signed-in wrong-credentials", "wrong-code", "refresh-refused"),
    403: (
        "foreign-origin not-your-job not-your-video organizers-only voted-before",
        "second-factor-needed",
        "sign-in-again",
        "email-not-confirmed",
        "wrong-password",
        "administrators-only",
        "jurors-only scores-set-aside",
        "challenge-expired challenge-needed challenge-spent challenge-wrong",
    ),
    404: (
        "identity-not-found issuer-unknown",
        "account-not-found export-not-found job-not-found link-invalid not-found upload-not-found video-not-found",
        "passkey-not-found",
        "photo-not-found",
        "session-not-found",
        "policy-not-found",
        "mail-not-found",
        "season-not-found",
        "results-not-ready",
        "not-in-log",
        "cluster-not-found",
        "juror-not-found no-jury",
        "no-place",
    ),
    405: ("method-not-allowed",),
    408: ("upload-too-slow upload-took-too-long",),
    409: (
        "cluster-grew erasure-asked export-asked idempotency-key-in-use wrong-offset identity-taken nothing-to-publish",
        "clip-state-differs score-changed",
        "consent-taken-back",
    ),
    410: ("link-expired link-used upload-expired upload-video-deleted",),
    412: ("wrong-tus-version",),
    413: ("upload-too-large photo-too-many-bytes",),
    415: ("not-a-piece unknown-coding animated-photo not-a-photo",),
    422: (
        "idempotency-key-reused",
        "photo-cut-off photo-damaged photo-too-heavy photo-too-large photo-too-small",
    ),
    423: ("upload-busy upload-taken-over",),
    429: ("too-many-requests too-many-today too-many-uploads too-many-uploads-at-once too-many-waiting",),
    460: ("wrong-checksum",),
    500: ("internal",),
    501: ("concatenation-unsupported format-not-offered",),
    502: ("issuer-mistrusted",),
    503: ("issuer-unavailable", "not-ready too-many-sign-ins too-many-streams unavailable"),
    507: ("no-room",),
}
# Seconds after which a client that is told to wait may retry. All 503 refusals share a number (web.problems);
# a rate limit computes its own.
RETRY_AFTER = {
    "too-many-today": 3600,
    "too-many-uploads": 60,
    "too-many-uploads-at-once": 5,
    "too-many-waiting": 60,
    "upload-busy": 1,
    "upload-too-slow": 1,
    "upload-took-too-long": 1,
}


def everyone(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from everyone(each)


def all_of_ours() -> set[type[Refusal]]:
    for module in pkgutil.walk_packages(anb.__path__, "anb."):
        if not module.name.startswith(ALONE):
            import_module(module.name)
    return {each for each in everyone(Refusal) if each.__module__.startswith("anb.")}


def test_each_refusal_has_the_status_and_the_code_that_programs_know() -> None:
    ours = all_of_ours()
    known = {(status, code) for status, lines in KNOWN.items() for line in lines for code in line.split()}
    assert {(each.status, each.code) for each in ours} == known
    assert len(ours) == len(known), "two refusals share a status and a code"
    assert {each.code: each.retry_after for each in ours if each.retry_after is not None} == RETRY_AFTER


def test_each_code_has_its_sentence_and_no_sentence_is_left_over() -> None:
    sentences = {key for key in catalogues()[DEFAULT].sentences if key.startswith("refusal.")}
    assert {f"refusal.{each.code}" for each in all_of_ours() | {Refusal}} == sentences
