"""Creates or changes the stack with a change set, on AWS and in tests alike."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy.aws import place
from deploy.aws.place import Clients, DeploymentError

STACK = "anb"
SECRETS = (
    "anb/secret-key",
    "anb/queue",
    "anb/database",
    "anb/vote-log-key",
    "anb/smtp",
)  # the last one only if the stack sends mails
POLL = {"Delay": 15, "MaxAttempts": 240}  # an hour; a database takes some ten minutes
# A change of the template never replaces or removes the resources that hold players' data.
GUARD = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": [
                f"LogicalResourceId/{name}"
                for name in (
                    "FileServer",
                    "FileInterface",
                    "Database",
                    "Bucket",
                    "SigningKey",
                    "DatabasePassword",
                    "VoteLogKey",
                )
            ],
        },
    ]
}

NOTHING = "No updates are to be performed"

Outputs = Mapping[str, str]


@dataclass(frozen=True)
class ResourceChange:
    """The effect of a change set on one resource. `replaced` has the values of CloudFormation's Replacement."""

    action: str
    name: str
    kind: str
    replaced: str

    def __str__(self) -> str:
        anew = {"True": ", replaced", "Conditional": ", perhaps replaced"}.get(self.replaced, "")
        return f"{self.action} {self.name} ({self.kind}{anew})"


def deploy(
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    clients: Clients,
    *,
    approve: Callable[[list[ResourceChange]], bool] = lambda _changes: True,
    poll: Mapping[str, int] = POLL,
) -> Outputs:
    """Create or change the stack, and wait until it is complete. Return its outputs.

    For a new stack, parameters that are not given (network, image) are looked up; later they keep their value.
    Raises DeploymentError.
    """
    cloudformation = clients("cloudformation")
    existing = _existing(cloudformation)
    if existing is None:
        _no_secret_in_the_way(clients, SECRETS if parameters.get("Mail") == "yes" else SECRETS[:-1])
        values = [_parameter(name, value) for name, value in _first(template, parameters, clients).items()]
    else:
        values = _kept(template, existing, parameters)
    change_set = _propose(cloudformation, template, values, "UPDATE" if existing else "CREATE", poll)
    if change_set is not None:
        changes = list(_changes(cloudformation, change_set))
        if not approve(changes):
            cloudformation.delete_change_set(ChangeSetName=change_set)
            raise DeploymentError("not approved; nothing was changed")
        cloudformation.execute_change_set(ChangeSetName=change_set)
        _wait(cloudformation, "stack_update_complete" if existing else "stack_create_complete", poll)
    cloudformation.set_stack_policy(StackName=STACK, StackPolicyBody=json.dumps(GUARD))
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=True)
    return outputs(clients)


def outputs(clients: Clients) -> Outputs:
    """Return the outputs of the stack. Raises DeploymentError without a stack."""
    return {output["OutputKey"]: output["OutputValue"] for output in _standing(clients).get("Outputs", [])}


def parameters(clients: Clients) -> Mapping[str, str]:
    """Return the parameters of the stack. Raises DeploymentError without a stack."""
    return {one["ParameterKey"]: one["ParameterValue"] for one in _standing(clients)["Parameters"]}


def _standing(clients: Clients) -> Mapping[str, Any]:
    stack = _existing(clients("cloudformation"))
    if stack is None:
        raise DeploymentError(f"there is no stack {STACK} in this region; `make aws-deploy` creates it")
    return stack


def _existing(cloudformation: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - boto3 has no types
    """Return the stack if it exists. Raises DeploymentError if its state does not allow a change."""
    try:
        stack: Mapping[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    status = stack["StackStatus"]
    if status == "REVIEW_IN_PROGRESS":  # proposed once, never created
        return None
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
        raise DeploymentError(
            f"stack {STACK} is {status}: its creation failed; run `make aws-destroy`, then deploy again"
        )
    if status.endswith("_IN_PROGRESS"):
        raise DeploymentError(f"stack {STACK} is {status}: a change is under way; wait until it ends")
    return stack


def _no_secret_in_the_way(clients: Clients, wanted: Iterable[str]) -> None:
    """Raise DeploymentError if a secret of an earlier stack still has its name."""
    secrets_manager = clients("secretsmanager")
    listed = secrets_manager.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
    names = {secret["Name"] for page in listed for secret in page["SecretList"]}
    remaining = [name for name in wanted if name in names]
    if remaining:
        removal = "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id"
        raise DeploymentError(
            f"secrets of an earlier stack still exist: {', '.join(remaining)}; remove each: {removal} NAME"
        )


def _first(template: Mapping[str, Any], given: Mapping[str, str], clients: Clients) -> Mapping[str, str]:
    """Return the parameters of a new stack. Raises DeploymentError if one has no value."""
    whole = {**place.find(clients, given), **given}
    missing = [name for name, about in template["Parameters"].items() if "Default" not in about and name not in whole]
    if missing:
        raise DeploymentError(f"a new stack needs {', '.join(missing)}: make aws-deploy SSH_RANGE=… CONTACT=…")
    return whole


def _parameter(name: str, value: str) -> dict[str, Any]:
    return {"ParameterKey": name, "ParameterValue": value}


def _kept(template: Mapping[str, Any], stack: Mapping[str, Any], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return all parameters: given ones, the stack's own values, and defaults for new ones."""
    known = {parameter["ParameterKey"] for parameter in stack.get("Parameters", [])}
    kept = [name for name in template["Parameters"] if name in known and name not in given]
    return [_parameter(name, value) for name, value in given.items()] + [
        {"ParameterKey": name, "UsePreviousValue": True} for name in kept
    ]


def _propose(
    cloudformation: Any,  # noqa: ANN401 - boto3 has no types
    template: Mapping[str, Any],
    values: list[dict[str, Any]],
    kind: str,
    poll: Mapping[str, int],
) -> str | None:
    """Return a change set that is ready, or None if the stack would not change. Raises DeploymentError."""
    try:
        change_set: str = cloudformation.create_change_set(
            StackName=STACK,
            ChangeSetName=f"anb-{datetime.now(UTC):%Y%m%d-%H%M%S}",
            ChangeSetType=kind,
            TemplateBody=json.dumps(template, separators=(",", ":")),
            Parameters=values,
            Capabilities=["CAPABILITY_IAM"],
        )["Id"]
    except ClientError as error:
        if NOTHING in str(error):  # moto's message
            return None
        raise
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=change_set, WaiterConfig=dict(poll))
    except WaiterError as error:
        why = cloudformation.describe_change_set(ChangeSetName=change_set).get("StatusReason", str(error))
        cloudformation.delete_change_set(ChangeSetName=change_set)
        if "didn't contain changes" in why or NOTHING in why:
            return None
        raise DeploymentError(f"AWS refused the change: {why}") from error
    return change_set


def _changes(cloudformation: Any, change_set: str) -> Iterator[ResourceChange]:  # noqa: ANN401 - boto3 has no types
    for page in cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set):
        for one in page["Changes"]:
            change = one["ResourceChange"]
            yield ResourceChange(
                change["Action"], change["LogicalResourceId"], change["ResourceType"], change.get("Replacement", "")
            )


def _wait(cloudformation: Any, until: str, poll: Mapping[str, int]) -> None:  # noqa: ANN401 - boto3 has no types
    try:
        cloudformation.get_waiter(until).wait(StackName=STACK, WaiterConfig=dict(poll))
    except WaiterError as error:
        raise DeploymentError("\n".join(["AWS failed:", *failures(cloudformation)])) from error


def failures(cloudformation: Any) -> list[str]:  # noqa: ANN401 - boto3 has no types
    """Return the resources that failed and why, the first failure first, without those cancelled because of it."""
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in event.get("ResourceStatusReason", "")
    ]
