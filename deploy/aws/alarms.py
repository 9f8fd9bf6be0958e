"""What wakes somebody: clips that wait, full disks, spent CPU credits, errors that visitors saw, backups not made."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from deploy.aws.parameters import Given
from deploy.aws.roles import NAMESPACE

QUEUE_SECONDS = 900  # a clip takes about half a minute: thirty are waiting, or nobody works
DISK_PERCENT = 85
SERVER_CREDITS = 60  # of the 576 that a t3.small saves up; one is a core for a minute
DATABASE_CREDITS = 30  # of the 288 of a db.t3.micro
ERRORS = 5  # in five minutes
DATABASE_FREE_BYTES = 10 * 1024**3
BACKUP_HOURS = 30  # a day, and six hours in which somebody may mend it

GREATER, LESS = "GreaterThanOrEqualToThreshold", "LessThanThreshold"


@dataclass(frozen=True)
class Watched:
    """One alarm: which figure, and when it is too much. `silence` says what a missing figure means."""

    name: str
    why: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    comparison: str
    threshold: float
    statistic: str = "Maximum"
    period: int = 60
    times: int = 5
    silence: str = "breaching"


def declare(scope: cdk.Stack, given: Given, servers: Mapping[str, str], database: str) -> None:
    """Declare the alarms and the topic that writes to the contact."""
    topic = sns.CfnTopic(scope, "Alarms", display_name="ANB Rising Stars")
    sns.CfnTopicPolicy(scope, "AlarmsPolicy", topics=[topic.ref], policy_document=_who_may_publish(topic.ref))
    sns.CfnSubscription(scope, "AlarmsToContact", topic_arn=topic.ref, protocol="email", endpoint=given.contact)
    for watched in [*_ours(), *_credits(servers, database), _database_disk(database)]:
        _alarm(scope, watched, topic.ref)


def _ours() -> list[Watched]:
    """Figures that the hosts themselves send; the last two come seldom or from a host that another alarm watches."""
    return [
        Watched(
            "QueueAge", "The oldest clip waits too long", NAMESPACE, "OldestQueuedSeconds", {}, GREATER, QUEUE_SECONDS
        ),
        *(
            Watched(
                f"Disk{host.title()}",
                f"The {host} host's disk is nearly full, or the host is silent",
                NAMESPACE,
                "DiskUsedPercent",
                {"Host": host},
                GREATER,
                DISK_PERCENT,
            )
            for host in ("web", "worker", "file")
        ),
        Watched(
            "Errors",
            "Visitors were answered with a 5xx",
            NAMESPACE,
            "Responses5xx",
            {},
            GREATER,
            ERRORS,
            statistic="Sum",
            period=300,
            times=1,
            silence="notBreaching",
        ),
        Watched(
            "BackupAge",
            "The last whole backup is too old",
            NAMESPACE,
            "BackupAgeHours",
            {},
            GREATER,
            BACKUP_HOURS,
            period=300,
            times=3,
            silence="notBreaching",
        ),
    ]


def _credits(servers: Mapping[str, str], database: str) -> list[Watched]:
    """AWS sends these every five minutes. A stopped server sends none: its disk's alarm tells that."""
    return [
        *(
            Watched(
                f"Credits{host.title()}",
                f"The {host} host has nearly spent its CPU credits; more are charged",
                "AWS/EC2",
                "CPUCreditBalance",
                {"InstanceId": server},
                LESS,
                SERVER_CREDITS,
                statistic="Minimum",
                period=300,
                times=3,
                silence="missing",
            )
            for host, server in servers.items()
        ),
        Watched(
            "CreditsDatabase",
            "The database has nearly spent its CPU credits; more are charged",
            "AWS/RDS",
            "CPUCreditBalance",
            {"DBInstanceIdentifier": database},
            LESS,
            DATABASE_CREDITS,
            statistic="Minimum",
            period=300,
            times=3,
            silence="missing",
        ),
    ]


def _database_disk(database: str) -> Watched:
    return Watched(
        "DatabaseDisk",
        "The database has little room left, or is silent",
        "AWS/RDS",
        "FreeStorageSpace",
        {"DBInstanceIdentifier": database},
        LESS,
        DATABASE_FREE_BYTES,
        statistic="Minimum",
        period=300,
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
    """This account's alarms; nobody without TLS."""
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
