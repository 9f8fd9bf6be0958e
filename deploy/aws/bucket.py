"""The bucket of releases and backups: private, encrypted, versioned, over TLS alone; it outlives the stack."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

OLD_VERSION_DAYS = 30


def declare(scope: cdk.Stack) -> s3.CfnBucket:
    """Declare the bucket and who may not touch it."""
    bucket = s3.CfnBucket(
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
    bucket.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    s3.CfnBucketPolicy(scope, "BucketPolicy", bucket=bucket.ref, policy_document=_only_tls(bucket))
    return bucket


def _lifecycle() -> list[s3.CfnBucket.RuleProperty]:
    """What is deleted or written over can be brought back for a while; which backups are kept, the worker knows."""
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
