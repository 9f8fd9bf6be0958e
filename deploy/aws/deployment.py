"""Puts the stack up, or changes it, by a change set: the same way on AWS and in a rehearsal."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy.aws import place
from deploy.aws.place import Cannot, Clients

STACK = "anb"
SECRETS = ("anb/secret-key", "anb/queue", "anb/database")
POLL = {"Delay": 15, "MaxAttempts": 240}  # an hour; a database takes some ten minutes
# What holds what players gave us is never made anew or removed by a change of the template.
GUARD = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": [
                f"LogicalResourceId/{name}"
                for name in ("FileServer", "FileInterface", "Database", "Bucket", "SigningKey", "DatabasePassword")
            ],
        },
    ]
}

NOTHING = "No updates are to be performed"

Outputs = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """What a change set would do to one resource. `replaced` is EC2's and CloudFormation's own word."""

    action: str
    name: str
    kind: str
    replaced: str

    def __str__(self) -> str:
        anew = {"True": ", made anew", "Conditional": ", perhaps made anew"}.get(self.replaced, "")
        return f"{self.action} {self.name} ({self.kind}{anew})"


def deploy(
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    clients: Clients,
    *,
    approve: Callable[[list[Change]], bool] = lambda _changes: True,
    poll: Mapping[str, int] = POLL,
) -> Outputs:
    """Make the stack, or change it, and wait until it stands. Return its outputs.

    Parameters that are not given are found (network, image) the first time, and keep their value later. Raises Cannot.
    """
    cloudformation = clients("cloudformation")
    existing = _existing(cloudformation)
    if existing is None:
        _no_secret_in_the_way(clients)
        said = [_parameter(name, value) for name, value in _first(template, parameters, clients).items()]
    else:
        said = _kept(template, existing, parameters)
    change_set = _propose(cloudformation, template, said, "UPDATE" if existing else "CREATE", poll)
    if change_set is not None:
        changes = list(_changes(cloudformation, change_set))
        if not approve(changes):
            cloudformation.delete_change_set(ChangeSetName=change_set)
            raise Cannot("not approved; nothing was changed")
        cloudformation.execute_change_set(ChangeSetName=change_set)
        _wait(cloudformation, "stack_update_complete" if existing else "stack_create_complete", poll)
    cloudformation.set_stack_policy(StackName=STACK, StackPolicyBody=json.dumps(GUARD))
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=True)
    return outputs(clients)


def outputs(clients: Clients) -> Outputs:
    """Return what the stack says of itself. Raises Cannot without a stack."""
    return {output["OutputKey"]: output["OutputValue"] for output in _standing(clients).get("Outputs", [])}


def parameters(clients: Clients) -> Mapping[str, str]:
    """Return what the stack was told. Raises Cannot without a stack."""
    return {one["ParameterKey"]: one["ParameterValue"] for one in _standing(clients)["Parameters"]}


def _standing(clients: Clients) -> Mapping[str, Any]:
    stack = _existing(clients("cloudformation"))
    if stack is None:
        raise Cannot(f"there is no stack {STACK} in this region; `make aws-deploy` makes it")
    return stack


def _existing(cloudformation: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - boto3 has no types
    """Return the stack, if it is there and can be changed. Raises Cannot for one that stands in the way."""
    try:
        stack: Mapping[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    status = stack["StackStatus"]
    if status == "REVIEW_IN_PROGRESS":  # proposed once, never made
        return None
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
        raise Cannot(f"stack {STACK} is {status}: it was never whole; `make aws-destroy` removes it, then deploy again")
    if status.endswith("_IN_PROGRESS"):
        raise Cannot(f"stack {STACK} is {status}: somebody is changing it; wait until that is done")
    return stack


def _no_secret_in_the_way(clients: Clients) -> None:
    """Raise Cannot if a secret of an earlier stack still holds its name."""
    keeper = clients("secretsmanager")
    listed = keeper.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
    names = {secret["Name"] for page in listed for secret in page["SecretList"]}
    left = [name for name in SECRETS if name in names]
    if left:
        removal = "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id"
        raise Cannot(f"secrets of an earlier stack are still there: {', '.join(left)}; remove each: {removal} NAME")


def _first(template: Mapping[str, Any], given: Mapping[str, str], clients: Clients) -> Mapping[str, str]:
    """Return the parameters of a new stack. Raises Cannot where one has no value."""
    whole = {**place.find(clients, given), **given}
    missing = [name for name, about in template["Parameters"].items() if "Default" not in about and name not in whole]
    if missing:
        raise Cannot(f"a new stack must be told {', '.join(missing)}: make aws-deploy SSH_RANGE=… CONTACT=…")
    return whole


def _parameter(name: str, value: str) -> dict[str, Any]:
    return {"ParameterKey": name, "ParameterValue": value}


def _kept(template: Mapping[str, Any], stack: Mapping[str, Any], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give what is given; what the stack knows keeps its value; what is new has a default."""
    known = {parameter["ParameterKey"] for parameter in stack.get("Parameters", [])}
    kept = [name for name in template["Parameters"] if name in known and name not in given]
    return [_parameter(name, value) for name, value in given.items()] + [
        {"ParameterKey": name, "UsePreviousValue": True} for name in kept
    ]


def _propose(
    cloudformation: Any,  # noqa: ANN401 - boto3 has no types
    template: Mapping[str, Any],
    said: list[dict[str, Any]],
    kind: str,
    poll: Mapping[str, int],
) -> str | None:
    """Return a change set that is ready, or None where there is nothing to change. Raises Cannot."""
    try:
        made: str = cloudformation.create_change_set(
            StackName=STACK,
            ChangeSetName=f"anb-{datetime.now(UTC):%Y%m%d-%H%M%S}",
            ChangeSetType=kind,
            TemplateBody=json.dumps(template, separators=(",", ":")),
            Parameters=said,
            Capabilities=["CAPABILITY_IAM"],
        )["Id"]
    except ClientError as error:
        if NOTHING in str(error):  # as moto says it
            return None
        raise
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=made, WaiterConfig=dict(poll))
    except WaiterError as error:
        why = cloudformation.describe_change_set(ChangeSetName=made).get("StatusReason", str(error))
        cloudformation.delete_change_set(ChangeSetName=made)
        if "didn't contain changes" in why or NOTHING in why:
            return None
        raise Cannot(f"AWS does not take the change: {why}") from error
    return made


def _changes(cloudformation: Any, change_set: str) -> Iterator[Change]:  # noqa: ANN401 - boto3 has no types
    for page in cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set):
        for one in page["Changes"]:
            change = one["ResourceChange"]
            yield Change(
                change["Action"], change["LogicalResourceId"], change["ResourceType"], change.get("Replacement", "")
            )


def _wait(cloudformation: Any, until: str, poll: Mapping[str, int]) -> None:  # noqa: ANN401 - boto3 has no types
    try:
        cloudformation.get_waiter(until).wait(StackName=STACK, WaiterConfig=dict(poll))
    except WaiterError as error:
        raise Cannot("\n".join(["AWS did not do it:", *failures(cloudformation)])) from error


def failures(cloudformation: Any) -> list[str]:  # noqa: ANN401 - boto3 has no types
    """Return what failed and why, the first first; what was only cancelled because of it is left out."""
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in event.get("ResourceStatusReason", "")
    ]
