"""Daily snapshots of the file server's disk, kept for a week."""

import aws_cdk as cdk
from aws_cdk import aws_dlm as dlm
from aws_cdk import aws_iam as iam

from deploy.aws.roles import trust

KEPT = 7
AT = "08:00"  # UTC: night in Colombia


def declare(scope: cdk.Stack) -> None:
    """Declare the policy and the role that AWS uses for it."""
    role = iam.CfnRole(
        scope,
        "SnapshotRole",
        description="Makes and ages the snapshots of the file server's disk",
        assume_role_policy_document=trust("dlm.amazonaws.com"),
        policies=[iam.CfnRole.PolicyProperty(policy_name="snapshots", policy_document=_rights())],
    )
    dlm.CfnLifecyclePolicy(
        scope,
        "Snapshots",
        description="Daily snapshots of the file server of ANB Rising Stars",
        execution_role_arn=role.attr_arn,
        state="ENABLED",
        policy_details=dlm.CfnLifecyclePolicy.PolicyDetailsProperty(
            resource_types=["VOLUME"],
            target_tags=[cdk.CfnTag(key="Name", value="anb-file")],
            schedules=[
                dlm.CfnLifecyclePolicy.ScheduleProperty(
                    name="daily",
                    copy_tags=True,
                    create_rule=dlm.CfnLifecyclePolicy.CreateRuleProperty(
                        interval=24, interval_unit="HOURS", times=[AT]
                    ),
                    retain_rule=dlm.CfnLifecyclePolicy.RetainRuleProperty(count=KEPT),
                )
            ],
        ),
    )


def _rights() -> dict[str, object]:
    """List volumes, make snapshots, and delete only the snapshots of such a policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"],
                "Resource": ["*"],
            },
            {
                "Effect": "Allow",
                "Action": ["ec2:CreateSnapshot", "ec2:CreateSnapshots"],
                "Resource": [_any("volume"), _any("snapshot"), _any("instance")],
            },
            {"Effect": "Allow", "Action": ["ec2:CreateTags"], "Resource": [_any("snapshot")]},
            {
                "Effect": "Allow",
                "Action": ["ec2:DeleteSnapshot"],
                "Resource": [_any("snapshot")],
                "Condition": {"StringLike": {"ec2:ResourceTag/aws:dlm:lifecycle-policy-id": "*"}},
            },
        ],
    }


def _any(kind: str) -> str:
    return (
        f"arn:{cdk.Aws.PARTITION}:ec2:*:*:{kind}/*"
        if kind != "snapshot"
        else f"arn:{cdk.Aws.PARTITION}:ec2:*::snapshot/*"
    )
