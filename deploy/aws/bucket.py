"""The bucket of releases and backups: private, encrypted, versioned, over TLS only. It outlives the stack."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from deploy.aws.parameters import Given

OLD_VERSION_DAYS = 30


@dataclass(frozen=True)
class Store:
    """The bucket that hosts use: its name and its ARN."""

    name: str
    arn: str


def declare(scope: cdk.Stack, given: Given) -> Store:
    """Declare the bucket and its policy, unless the bucket of an earlier stack is given."""
    makes = cdk.CfnCondition(scope, "MakesBucket", expression=cdk.Fn.condition_equals(given.bucket, ""))
    bucket = _bucket(scope)
    policy = s3.CfnBucketPolicy(scope, "BucketPolicy", bucket=bucket.ref, policy_document=_only_tls(bucket))
    for resource in (bucket, policy):
        resource.cfn_options.condition = makes
        resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    name = str(cdk.Fn.condition_if(makes.logical_id, bucket.ref, given.bucket).to_string())
    return Store(name, f"arn:{cdk.Aws.PARTITION}:s3:::{name}")


def _bucket(scope: cdk.Stack) -> s3.CfnBucket:
    return s3.CfnBucket(
        scope,
        "Bucket",
        bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[
                s3.CfnBucket.ServerSideEncryptionRuleProperty(
                    server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                        sse_algorithm="AES256"
                    )
                )
            ]
        ),
        lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(rules=_lifecycle()),
        ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
            rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
        ),
        public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
            block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True
        ),
        versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
    )


def _lifecycle() -> list[s3.CfnBucket.RuleProperty]:
    """Keep deleted and overwritten versions for a while. The worker decides which backups are kept."""
    return [
        s3.CfnBucket.RuleProperty(
            id="leftovers",
            status="Enabled",
            noncurrent_version_expiration=s3.CfnBucket.NoncurrentVersionExpirationProperty(
                noncurrent_days=OLD_VERSION_DAYS
            ),
            expired_object_delete_marker=True,
            abort_incomplete_multipart_upload=s3.CfnBucket.AbortIncompleteMultipartUploadProperty(
                days_after_initiation=7
            ),
        ),
    ]


def _only_tls(bucket: s3.CfnBucket) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket.attr_arn, f"{bucket.attr_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
