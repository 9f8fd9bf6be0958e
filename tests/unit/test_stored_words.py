"""Words that rows hold and other people's programs read: none changes without a migration and an announcement."""

import pkgutil
import re
from enum import StrEnum
from importlib import import_module

import anb

ALONE = ("anb.__main__", "anb.adapters.media.probe_child", "anb.db.migrations")  # programs, and what Alembic loads
KNOWN = {
    "Act": "season_opened season_closed season_scheduled season_rescheduled season_ruled season_reopened "
    "person_invited invitation_accepted role_given email_confirmed factors_removed "
    "password_link_made guardian_link_made birth_year_corrected sessions_ended erasure_asked export_asked "
    "data_exported job_retried job_cancelled drain_started drain_ended mail_retried "
    "mail_dismissed edits_queued cluster_released "
    "votes_released votes_voided votes_restored "
    "clip_approved clip_hidden clip_restored clip_refused refusal_reversed clip_taken_down reports_dismissed "
    "photo_removed scores_set_aside scores_restored",
    "Answer": "confirmed refused replaced",
    "ConsentLoss": "public private",
    "Channel": "page api link",
    "CeremonyKind": "register sign_in second_step",
    "ClipState": "unedited failed waiting public hidden refused withdrawn taken-down",
    "ConsentStanding": "not_asked given player guardian_unnamed guardian_asked guardian_silent refused",
    "Doubt": "cluster pace device mailbox block program disposable burst",
    "EndReason": "signed-out signed-in-again signed-out-elsewhere refresh-reused surplus ended-by-operator "
    "role-changed password-changed email-changed unlocked account-removed",
    "JobState": "queued running done failed dead cancelled held",
    "Lane": "light heavy reedit suspect",
    "ListOrder": "newest votes shuffle",
    "MailKind": "confirm_email reset_password password_changed account_exists no_account factor_added factor_removed "
    "factors_unlocked new_device invitation email_change_old email_change_new guardian_consent "
    "guardian_thanked guardian_ended video_ready "
    "video_refused video_taken_down season_closes results account_erased export_ready",
    "MarkKind": "block program disposable",
    "MailState": "queued sending held sent unwanted dead",
    "Phase": "scheduled uploads open waiting votes counting over",
    "PhotoFault": "offensive not-theirs reveals-data asked",
    "PhotoSide": "large small",
    "RefusalReason": "no-basketball not-the-player other-people personal-data dangerous offensive copied "
    "advertising title hard-to-see rules",
    "Purpose": "confirm reset email_old email_new guardian guardian_end invite",
    "Rendition": "original processed light poster sprite thumbnails poster-320 poster-640 poster-960 poster-640-jpeg",
    "ReportOutcome": "dismissed acted",
    "ReportReason": "minor-at-risk other-people personal-data dangerous offensive copied advertising no-basketball "
    "other",
    "Role": "player juror organizer administrator",
    "SessionKind": "browser program",
    "SignalKind": "sign-up sign-in vote",
    "State": "open accepted refused",
    "Status": "uploaded processing processed failed",
    "TargetKind": "account cluster invitation job mail queue season video votes",
    "Tie": "mailbox device burst",
    "Used": "passkey totp recovery",
    "VoidReason": "withdrawn taken_down doubtful fraud other",
    "What": "queued sent begun retried lost handed_over done failed dead cancelled reopened held released",
    "Wrong": "unknown missing size checksum",
}


def test_each_word_is_the_one_that_rows_and_programs_know() -> None:
    for module in pkgutil.walk_packages(anb.__path__, "anb."):
        if not module.name.startswith(ALONE):
            import_module(module.name)
    ours = [each for each in StrEnum.__subclasses__() if each.__module__.startswith("anb.")]
    assert {each.__name__: " ".join(word.value.replace(" ", "_") for word in each) for each in ours} == KNOWN
    assert all(word.name == re.sub("[ -]", "_", word.value).upper() for each in ours for word in each)
