"""Alarms: waiting clips and mails, late erasures, the count, full disks, CPU credits, errors of visitors, backups."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from anb.operators.limits import COMPARED_SECONDS, COUNT_SECONDS, RETENTION_HOURS
from deploy.aws.parameters import Given
from deploy.hosts.metrics import NAMESPACE

QUEUE_SECONDS = 900  # a clip takes about half a minute: thirty are waiting, or no worker works
DISK_PERCENT = 85
CREDITS_CHARGED = 1  # a core for a minute. New t3 start without credits, so a low balance means nothing
MOST_ERRORS = 5  # in five minutes
DATABASE_FREE_BYTES = 10 * 1024**3
BACKUP_HOURS = 30  # a day, and six hours to fix it
MAIL_SECONDS = 1800  # a link to set a password lasts an hour
MOST_DEAD_MAILS = 5  # in a day: a few are mistyped addresses

FIVE_MINUTES = 300
GREATER, LESS = "GreaterThanOrEqualToThreshold", "LessThanThreshold"


@dataclass(frozen=True)
class Watched:
    """One alarm: which figure, and its threshold. `silence` says what a missing figure means."""

    name: str
    why: str
    namespace: str
    metric: str
    comparison: str
    threshold: float
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Maximum"
    period: int = 60
    times: int = 5
    silence: str = "breaching"


def declare(scope: cdk.Stack, given: Given, servers: Mapping[str, str], database: str) -> None:
    """Declare the alarms and the topic that sends mail to the contact."""
    topic = sns.CfnTopic(scope, "Alarms", display_name="ANB Rising Stars")
    sns.CfnTopicPolicy(scope, "AlarmsPolicy", topics=[topic.ref], policy_document=_who_may_publish(topic.ref))
    sns.CfnSubscription(scope, "AlarmsToContact", topic_arn=topic.ref, protocol="email", endpoint=given.contact)
    disks = [_disk(host) for host in servers]
    spent = [_credits(host, "AWS/EC2", {"InstanceId": server}) for host, server in servers.items()]
    of_database = {"DBInstanceIdentifier": database}
    spent.append(_credits("database", "AWS/RDS", of_database))
    for watched in [QUEUE_AGE, *OF_BACKLOG, *disks, ERRORS, BACKUP_AGE, *spent, _database_disk(of_database)]:
        _alarm(scope, watched, topic.ref)


QUEUE_AGE = Watched(
    name="QueueAge",
    why="The oldest clip waits too long, or the web server is silent",
    namespace=NAMESPACE,
    metric="OldestQueuedSeconds",
    comparison=GREATER,
    threshold=QUEUE_SECONDS,
)
ERRORS = Watched(
    name="Errors",
    why="Visitors were answered with a 5xx",
    namespace=NAMESPACE,
    metric="Responses5xx",
    comparison=GREATER,
    threshold=MOST_ERRORS,
    statistic="Sum",
    period=FIVE_MINUTES,
    times=1,
    silence="notBreaching",  # the disk's alarm reports a silent web server
)
BACKUP_AGE = Watched(
    name="BackupAge",
    why="The last whole backup is too old",
    namespace=NAMESPACE,
    metric="BackupAgeHours",
    comparison=GREATER,
    threshold=BACKUP_HOURS,
    period=FIVE_MINUTES,
    times=3,
    silence="notBreaching",  # the disk's alarm reports a silent worker
)


def _reported(name: str, why: str, metric: str, threshold: float, period: int = 60, times: int = 5) -> Watched:
    """Watch a figure that the web server reports. Its silence is the alarm of the queue."""
    return Watched(name, why, NAMESPACE, metric, GREATER, threshold, period=period, times=times, silence="notBreaching")


OF_BACKLOG = (
    _reported("MailAge", "The oldest mail that a person waits for is not sent", "OldestMailSeconds", MAIL_SECONDS),
    _reported(
        "DeadMails", "Mails of the last day were refused for good, or tried too often", "DeadMails", MOST_DEAD_MAILS
    ),
    _reported(
        "ErasuresUnfinished",
        "The erasure of an account has not ended an hour after it should have begun",
        "ErasuresUnfinished",
        1,
    ),
    _reported(
        "ErasuresDueSoon",
        "The law's limit for the erasure of an account is over, or not three days away",
        "ErasuresDueSoon",
        1,
    ),
    _reported(
        "RetentionAge",
        "The last nightly removal of old data is too old",
        "RetentionAgeHours",
        RETENTION_HOURS,
        FIVE_MINUTES,
        3,
    ),
    _reported("CountAge", "Votes are accepted and not counted", "OldestUncountedSeconds", COUNT_SECONDS),
    _reported(
        "CountDiffers", "Rows of votes, tallies and the public log of a season differ", "CountsDiffering", 1, times=1
    ),
    _reported(
        "CountCompared",
        "Nobody has compared rows of votes, tallies and log for an hour",
        "CountComparedSeconds",
        COMPARED_SECONDS,
    ),
    _reported(
        "ResultsUnfrozen",
        "A season has closed and its results are not frozen: its counts differ, or the closing stands still",
        "ResultsUnfrozen",
        1,
        times=1,
    ),
)


def _disk(host: str) -> Watched:
    return Watched(
        name=f"Disk{host.title()}",
        why=f"The disk of the {host} host is nearly full, or the host is silent",
        namespace=NAMESPACE,
        metric="DiskUsedPercent",
        dimensions={"Host": host},
        comparison=GREATER,
        threshold=DISK_PERCENT,
    )


def _credits(host: str, namespace: str, dimensions: Mapping[str, str]) -> Watched:
    """Watch the charged credits: in unlimited mode, spent credits slow nothing down."""
    return Watched(
        name=f"Credits{host.title()}",
        why=f"The {host} was busy for so long that its CPU credits are spent and AWS charges for more",
        namespace=namespace,
        metric="CPUSurplusCreditsCharged",
        dimensions=dimensions,
        comparison=GREATER,
        threshold=CREDITS_CHARGED,
        period=FIVE_MINUTES,
        times=3,
        silence="missing",
    )


def _database_disk(dimensions: Mapping[str, str]) -> Watched:
    return Watched(
        name="DatabaseDisk",
        why="The database has little room left, or is silent",
        namespace="AWS/RDS",
        metric="FreeStorageSpace",
        dimensions=dimensions,
        comparison=LESS,
        threshold=DATABASE_FREE_BYTES,
        statistic="Minimum",
        period=FIVE_MINUTES,
        times=3,
    )


def _alarm(scope: cdk.Stack, watched: Watched, topic: str) -> None:
    cloudwatch.CfnAlarm(
        scope,
        f"{watched.name}Alarm",
        alarm_name=f"anb-{watched.name}",
        alarm_description=watched.why,
        namespace=watched.namespace,
        metric_name=watched.metric,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in watched.dimensions.items()
        ],
        statistic=watched.statistic,
        period=watched.period,
        evaluation_periods=watched.times,
        comparison_operator=watched.comparison,
        threshold=watched.threshold,
        treat_missing_data=watched.silence,
        alarm_actions=[topic],
        ok_actions=[topic],
    )


def _who_may_publish(topic: str) -> dict[str, object]:
    """Return the policy: alarms of this account may publish; every caller needs TLS."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            },
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
