"""Takes the stack down, and says what remains of it: what players gave us is never removed by one command."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy.aws.deployment import POLL, STACK, failures
from deploy.aws.place import Cannot, Clients

DATABASE = "anb"


def destroy(clients: Clients, *, poll: Mapping[str, int] = POLL) -> list[str]:
    """Lift what protects, delete the stack, and return what remains, each with how to remove it. Raises Cannot."""
    cloudformation = clients("cloudformation")
    before = _resources(cloudformation)
    _lift(clients, before)
    _end_further_workers(clients("ec2"), before, poll)
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=STACK)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=dict(poll))
    except WaiterError as error:
        raise Cannot("\n".join(["AWS did not remove all of it:", *failures(cloudformation)])) from error
    return list(_remains(clients, before))


def _resources(cloudformation: Any) -> Mapping[str, str]:  # noqa: ANN401 - boto3 has no types
    """Return the physical id of each resource that is there. Raises Cannot without a stack."""
    try:
        pages = list(cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK))
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise Cannot(f"there is no stack {STACK} in this region") from error
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
    }


def _lift(clients: Clients, there: Mapping[str, str]) -> None:
    """The database and the file server refuse to be deleted until somebody says so."""
    if "Database" in there:
        clients("rds").modify_db_instance(
            DBInstanceIdentifier=DATABASE, DeletionProtection=False, ApplyImmediately=True
        )
    if "FileServer" in there:
        clients("ec2").modify_instance_attribute(InstanceId=there["FileServer"], DisableApiTermination={"Value": False})


def _end_further_workers(ec2: Any, there: Mapping[str, str], poll: Mapping[str, int]) -> None:  # noqa: ANN401
    """End the workers that the launch template made: the stack does not know them, and they hold its group."""
    living = [
        {"Name": "tag:Name", "Values": ["anb-worker"]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
    ]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=living)
    found = [one["InstanceId"] for page in pages for group in page["Reservations"] for one in group["Instances"]]
    further = [one for one in found if one != there.get("WorkerServer")]
    if further:
        ec2.terminate_instances(InstanceIds=further)
        ec2.get_waiter("instance_terminated").wait(InstanceIds=further, WaiterConfig=dict(poll))


def _remains(clients: Clients, before: Mapping[str, str]) -> list[str]:
    """Say what is left, and the command that removes it."""
    left = []
    if "Bucket" in before:
        bucket = before["Bucket"]
        left.append(f"bucket {bucket}: releases and backups. All versions of all of it go by its page in the console")
    ec2, rds = clients("ec2"), clients("rds")
    mark = [{"Name": "tag:Name", "Values": ["anb-file"]}]
    for volume in ec2.describe_volumes(Filters=mark)["Volumes"]:
        name = volume["VolumeId"]
        left.append(f"disk {name} of the file server: aws ec2 delete-volume --volume-id {name}")
    for snapshot in ec2.describe_snapshots(Filters=mark, OwnerIds=["self"])["Snapshots"]:
        name = snapshot["SnapshotId"]
        left.append(f"snapshot {name} of that disk: aws ec2 delete-snapshot --snapshot-id {name}")
    left.append("automatic backups of the database, for 14 days: they go by themselves")
    for kept in rds.describe_db_snapshots(DBInstanceIdentifier=DATABASE, SnapshotType="manual")["DBSnapshots"]:
        name = kept["DBSnapshotIdentifier"]
        left.append(f"snapshot {name} of the database: aws rds delete-db-snapshot --db-snapshot-identifier {name}")
    return left
