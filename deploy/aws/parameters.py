"""What the stack is told from outside: where to stand, who may come in by SSH, whom to tell."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk

# No 0.0.0.0/0, nor any range larger than a /8: an open SSH is not a choice.
SSH_RANGE = r"^(25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|[1-9])(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}/([89]|[12]\d|3[0-2])$"
E_MAIL = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)?$"
BUCKET = r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$"
# What lands in a line of JSON on the hosts: no line end, nothing a shell or YAML would read otherwise.
SETTINGS = r'^\{( *"ANB_[A-Z_]+": *"[^"\\\r\n]*" *,?)* *\}$'


@dataclass(frozen=True)
class Given:
    """References to the parameters, and the conditions that hang on them."""

    vpc: str
    host_subnet: str
    database_subnets: list[str]
    image: str
    file_image: str  # apart, so that a newer image for the others leaves the disk with the clips alone
    ssh_range: str
    contact: str
    domain: str
    public_url: str
    key_name: str
    settings: str
    session_manager: str
    bucket: str  # one that an earlier stack left; empty: the stack makes its own
    elastic: Any  # the condition that the web server has an address of its own


def declare(scope: cdk.Stack) -> Given:
    """Declare all parameters and conditions."""
    domain = _text(scope, "Domain", "Name that people type; its record must lead to the address", DOMAIN, default="")
    key = _text(scope, "KeyName", "EC2 key pair for SSH; empty: Session Manager alone", r"^[\w .-]*$", default="")
    bucket = _text(scope, "ExistingBucket", "A bucket that an earlier stack left, with its backups", BUCKET, default="")
    elastic = _choice(scope, "ElasticAddress", "An address that stays when the web server stops", ("no", "yes"))
    has_domain, has_key = _given(scope, "HasDomain", domain), _given(scope, "HasKey", key)
    stays = cdk.Fn.condition_or(has_domain, cdk.Fn.condition_equals(elastic, "yes"))
    return Given(
        vpc=_typed(scope, "VpcId", "AWS::EC2::VPC::Id", "The VPC to stand in (the default one)").value_as_string,
        host_subnet=_typed(scope, "HostSubnet", "AWS::EC2::Subnet::Id", "Subnet of the servers").value_as_string,
        database_subnets=_typed(
            scope, "DatabaseSubnets", "List<AWS::EC2::Subnet::Id>", "Subnets of the database, in two zones or more"
        ).value_as_list,
        image=_typed(scope, "ImageId", "AWS::EC2::Image::Id", "Debian 13 for amd64").value_as_string,
        file_image=_typed(scope, "FileImageId", "AWS::EC2::Image::Id", "The same for the file server").value_as_string,
        ssh_range=_text(
            scope, "SshRange", "Who may reach port 22: a range such as 203.0.113.7/32, at most a /8", SSH_RANGE
        ),
        contact=_text(scope, "Contact", "E-mail address that alarms and the certificate's authority write to", E_MAIL),
        domain=domain,
        public_url=cdk.Fn.condition_if("HasDomain", f"https://{domain}", "").to_string(),
        key_name=cdk.Fn.condition_if(has_key.logical_id, key, cdk.Aws.NO_VALUE).to_string(),
        settings=_text(scope, "Settings", "Further ANB_ settings of every host, as one line of JSON", SETTINGS, "{}"),
        session_manager=_choice(scope, "SessionManager", "Install Session Manager's agent", ("true", "false")),
        bucket=bucket,
        elastic=cdk.CfnCondition(scope, "HasElasticAddress", expression=stays),
    )


def _typed(scope: cdk.Stack, name: str, kind: str, description: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return cdk.CfnParameter(scope, name, type=kind, description=description)


def _text(scope: cdk.Stack, name: str, description: str, pattern: str, default: str | None = None) -> str:
    """Declare a text that AWS holds to a pattern, and complains of in our words."""
    made = cdk.CfnParameter(
        scope,
        name,
        description=description,
        allowed_pattern=pattern,
        constraint_description=description,
        default=default,
    )
    return str(made.value_as_string)


def _choice(scope: cdk.Stack, name: str, description: str, choices: tuple[str, ...]) -> str:
    """The first choice is the default."""
    made = cdk.CfnParameter(scope, name, description=description, allowed_values=list(choices), default=choices[0])
    return str(made.value_as_string)


def _given(scope: cdk.Stack, name: str, value: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return cdk.CfnCondition(scope, name, expression=cdk.Fn.condition_not(cdk.Fn.condition_equals(value, "")))
