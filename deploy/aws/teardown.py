"""Removes the stack and lists the remaining resources: no single command removes players' data."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy.aws.deployment import POLL, STACK, failures
from deploy.aws.place import Clients, DeploymentError

DATABASE = "anb"


def destroy(clients: Clients, *, poll: Mapping[str, int] = POLL) -> list[str]:
    """Lift the protection, delete the stack, and return the remaining resources, each with how to remove it.

    Raises DeploymentError.
    """
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
        raise DeploymentError("\n".join(["AWS did not remove every resource:", *failures(cloudformation)])) from error
    return list(_remains(clients, before))


def _resources(cloudformation: Any) -> Mapping[str, str]:  # noqa: ANN401 - boto3 has no types
    """Return the physical id of each existing resource. Raises DeploymentError without a stack."""
    try:
        pages = list(cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK))
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise DeploymentError(f"there is no stack {STACK} in this region") from error
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
    }


def _lift(clients: Clients, there: Mapping[str, str]) -> None:
    """Remove the protection of the database and the file server against deletion."""
    if "Database" in there:
        clients("rds").modify_db_instance(
            DBInstanceIdentifier=DATABASE, DeletionProtection=False, ApplyImmediately=True
        )
    if "FileServer" in there:
        clients("ec2").modify_instance_attribute(InstanceId=there["FileServer"], DisableApiTermination={"Value": False})


def _end_further_workers(ec2: Any, there: Mapping[str, str], poll: Mapping[str, int]) -> None:  # noqa: ANN401
    """End the workers made from the launch template: the stack does not know them, and they use its group."""
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
    """List the remaining resources, each with the command that removes it."""
    remaining = []
    if "Bucket" in before:
        bucket = before["Bucket"]
        remaining.append(f"bucket {bucket}: releases and backups. Delete all its versions and then it in the console")
    ec2, rds = clients("ec2"), clients("rds")
    mark = [{"Name": "tag:Name", "Values": ["anb-file"]}]
    for volume in ec2.describe_volumes(Filters=mark)["Volumes"]:
        name = volume["VolumeId"]
        remaining.append(f"disk {name} of the file server: aws ec2 delete-volume --volume-id {name}")
    for snapshot in ec2.describe_snapshots(Filters=mark, OwnerIds=["self"])["Snapshots"]:
        name = snapshot["SnapshotId"]
        remaining.append(f"snapshot {name} of that disk: aws ec2 delete-snapshot --snapshot-id {name}")
    remaining.append("automatic backups of the database, for 14 days: AWS removes them")
    for kept in rds.describe_db_snapshots(DBInstanceIdentifier=DATABASE, SnapshotType="manual")["DBSnapshots"]:
        name = kept["DBSnapshotIdentifier"]
        remaining.append(f"snapshot {name} of the database: aws rds delete-db-snapshot --db-snapshot-identifier {name}")
    return remaining
