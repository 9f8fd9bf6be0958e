"""The findings of cdk-nag's AwsSolutions in the stack, and the reason to accept each."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.aws.template import NotSynthesised, run_stack

Finding = tuple[str, str]  # (rule, resource)

_SSH = (
    "the rule cannot read a range that is a parameter; its pattern refuses all of IPv4, and tests read the groups back"
)
_PUBLIC = f"80 and 443 are open to everyone, as the document says. And {_SSH}"
_MOULD = "the rule fails if only some servers have a launch template; tests read every disk's encryption"
_COUNTED = "five-minute figures of EC2 are enough: hosts report waiting clips every minute"
_REPLACED = "not protected: its data is in the release and on the file server, and a new image replaces it"
_ROTATION = "hosts read it when they are created or updated; the how-to says how to change it by hand"
_BUCKET = 'arn:<AWS::Partition>:s3:::{"Fn::If":["MakesBucket",{"Ref":"Bucket"},{"Ref":"ExistingBucket"}]}'
_OWN = "a host reads its own folder of the bucket"
_NO_RESOURCE = "PutMetricData is bound to one namespace by a condition, Session Manager's actions take no resource"
_VOLUMES = "the disks do not exist yet at deployment; Data Lifecycle Manager chooses them by tag"
_READERS = "its readers are three hosts and the operator; CloudTrail records access"
_ONE_DATABASE = "the document has one database; a second doubles its price. Restore is the answer"
_PORT = "the document's arrow is 5432, and only two groups reach it"
_DESCRIBE = "lists disks and snapshots: EC2's Describe actions take no resource"

ACCEPTED: Mapping[Finding, str] = {
    ("AwsSolutions-EC23", "FileGroup"): _SSH,
    ("AwsSolutions-EC23", "WebGroup"): _PUBLIC,
    ("AwsSolutions-EC23", "WorkerGroup"): _SSH,
    **{("AwsSolutions-EC26", f"{host}Server"): _MOULD for host in ("File", "Web", "Worker")},
    **{("AwsSolutions-EC28", f"{host}Server"): _COUNTED for host in ("File", "Web", "Worker")},
    **{("AwsSolutions-EC29", f"{host}Server"): _REPLACED for host in ("Web", "Worker")},
    **{
        ("AwsSolutions-SMG4", name): _ROTATION
        for name in ("SigningKey", "VoteLogKey", "QueuePassword", "DatabasePassword", "MailSecret")
    },
    ("AwsSolutions-S1", "Bucket"): _READERS,
    ("AwsSolutions-RDS3", "Database"): _ONE_DATABASE,
    ("AwsSolutions-RDS11", "Database"): _PORT,
    **{
        (f"AwsSolutions-IAM5[Resource::{_BUCKET}/releases/*]", f"{host}Role"): _OWN
        for host in ("File", "Web", "Worker")
    },
    (f"AwsSolutions-IAM5[Resource::{_BUCKET}/backups/*]", "WorkerRole"): _OWN,
    **{("AwsSolutions-IAM5[Resource::*]", f"{host}Role"): _NO_RESOURCE for host in ("File", "Web", "Worker")},
    ("AwsSolutions-IAM5[Resource::*]", "SnapshotRole"): _DESCRIBE,
    **{
        (f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:*:{what}/*]", "SnapshotRole"): _VOLUMES
        for what in ("*:volume", "*:instance", ":snapshot")
    },
}


def findings() -> set[Finding]:
    """Return every finding, with nothing suppressed. Raises NotSynthesised without a report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "validation-report.json")
        try:
            run_stack(Path(folder), "--nag")
        except NotSynthesised:
            if not report.exists():
                raise
        plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else []
    return {
        (violation["ruleName"], construct["constructPath"].partition("/")[2])
        for plugin in plugins
        if plugin["pluginName"] == "AwsSolutions"
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }
