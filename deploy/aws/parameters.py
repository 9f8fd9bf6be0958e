"""The parameters of the stack, such as network, SSH range and contact."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk

# Not 0.0.0.0/0, nor any range larger than a /8: SSH cannot be opened to the world.
SSH_RANGE = r"^(25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|[1-9])(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}/([89]|[12]\d|3[0-2])$"
E_MAIL = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)?$"
BUCKET = r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$"
# These values become a line of JSON on the hosts: no line end, nothing that a shell or YAML would interpret.
SETTINGS = r'^\{( *"ANB_[A-Z_]+": *"[^"\\\r\n]*" *,?)* *\}$'


@dataclass(frozen=True)
class Given:
    """References to the parameters, and the conditions that depend on them."""

    vpc: str
    host_subnet: str
    database_subnets: list[str]
    image: str
    file_image: str  # separate, so that a newer image for the others does not replace the disk with the clips
    ssh_range: str
    contact: str
    domain: str
    public_url: str
    key_name: str
    settings: str
    session_manager: str
    bucket: str  # one that an earlier stack left; empty: the stack creates its own
    mail: str  # "true" or "false"
    sends_mail: Any  # the condition of the same
    elastic: Any  # the condition that the web server has an elastic address


def declare(scope: cdk.Stack) -> Given:
    """Declare all parameters and conditions."""
    domain = _text(scope, "Domain", "Name of the site; its DNS record must lead to the address", DOMAIN, default="")
    key = _text(scope, "KeyName", "EC2 key pair for SSH; empty: Session Manager only", r"^[\w .-]*$", default="")
    bucket = _text(scope, "ExistingBucket", "A bucket that an earlier stack left, with its backups", BUCKET, default="")
    elastic = _choice(scope, "ElasticAddress", "An address that stays when the web server stops", ("no", "yes"))
    has_domain, has_key = _given(scope, "HasDomain", domain), _given(scope, "HasKey", key)
    mail = _choice(scope, "Mail", "Send mails by SES from the domain", ("no", "yes"))
    asked = cdk.Fn.condition_equals(mail, "yes")
    sends = cdk.CfnCondition(scope, "SendsMail", expression=cdk.Fn.condition_and(has_domain, asked))
    some_domain = cdk.Fn.condition_not(cdk.Fn.condition_equals(domain, ""))
    cdk.CfnRule(
        scope,
        "MailNeedsDomain",
        rule_condition=asked,
        assertions=[cdk.CfnRuleAssertion(assert_=some_domain, assert_description="Mails are sent from a domain")],
    )
    stays = cdk.Fn.condition_or(has_domain, cdk.Fn.condition_equals(elastic, "yes"))
    return Given(
        vpc=_typed(scope, "VpcId", "AWS::EC2::VPC::Id", "The VPC of the stack (the default one)").value_as_string,
        host_subnet=_typed(scope, "HostSubnet", "AWS::EC2::Subnet::Id", "Subnet of the servers").value_as_string,
        database_subnets=_typed(
            scope, "DatabaseSubnets", "List<AWS::EC2::Subnet::Id>", "Subnets of the database, in two zones or more"
        ).value_as_list,
        image=_typed(scope, "ImageId", "AWS::EC2::Image::Id", "Debian 13 for amd64").value_as_string,
        file_image=_typed(scope, "FileImageId", "AWS::EC2::Image::Id", "The same for the file server").value_as_string,
        ssh_range=_text(
            scope, "SshRange", "Who may reach port 22: a range such as 203.0.113.7/32, at most a /8", SSH_RANGE
        ),
        contact=_text(scope, "Contact", "E-mail address for alarms and the certificate authority", E_MAIL),
        domain=domain,
        public_url=cdk.Fn.condition_if("HasDomain", f"https://{domain}", "").to_string(),
        key_name=cdk.Fn.condition_if(has_key.logical_id, key, cdk.Aws.NO_VALUE).to_string(),
        settings=_text(scope, "Settings", "Further ANB_ settings of every host, as one line of JSON", SETTINGS, "{}"),
        session_manager=_choice(scope, "SessionManager", "Install Session Manager's agent", ("true", "false")),
        bucket=bucket,
        mail=cdk.Fn.condition_if(sends.logical_id, "true", "false").to_string(),
        sends_mail=sends,
        elastic=cdk.CfnCondition(scope, "HasElasticAddress", expression=stays),
    )


def _typed(scope: cdk.Stack, name: str, kind: str, description: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return cdk.CfnParameter(scope, name, type=kind, description=description)


def _text(scope: cdk.Stack, name: str, description: str, pattern: str, default: str | None = None) -> str:
    """Declare a text that must match a pattern, with our own message if it does not."""
    parameter = cdk.CfnParameter(
        scope,
        name,
        description=description,
        allowed_pattern=pattern,
        constraint_description=description,
        default=default,
    )
    return str(parameter.value_as_string)


def _choice(scope: cdk.Stack, name: str, description: str, choices: tuple[str, ...]) -> str:
    """Declare a choice. The first one is the default."""
    parameter = cdk.CfnParameter(scope, name, description=description, allowed_values=list(choices), default=choices[0])
    return str(parameter.value_as_string)


def _given(scope: cdk.Stack, name: str, value: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return cdk.CfnCondition(scope, name, expression=cdk.Fn.condition_not(cdk.Fn.condition_equals(value, "")))
