"""Mail by SES: only where the stack has a domain and sends mails, by an account that may send from one address."""

import json
from typing import Any

import pytest
from deploy.aws.deployment import deploy, outputs
from deploy.aws.place import Clients
from deploy.aws.template import Template
from deploy.hosts.secrets import HostSecrets
from deploy.hosts.ses import smtp_password

from support.aws_account import AT_ONCE, put_up

KINDS = {
    "MailIdentity": "AWS::SES::EmailIdentity",
    "MailRules": "AWS::SES::ConfigurationSet",
    "MailUser": "AWS::IAM::User",
    "MailKey": "AWS::IAM::AccessKey",
    "MailSecret": "AWS::SecretsManager::Secret",
}


def resources(template: Template) -> dict[str, Any]:
    return {name: found for name, found in template["Resources"].items() if name in KINDS}


def test_everything_of_it_is_made_only_with_a_domain_and_on_request(template: Template) -> None:
    found = resources(template)
    assert {name: one["Type"] for name, one in found.items()} == KINDS
    assert {one["Condition"] for one in found.values()} == {"SendsMail"}
    assert "HasDomain" in json.dumps(template["Conditions"]["SendsMail"])
    records = [one for name, one in template["Outputs"].items() if name.startswith("DkimRecord")]
    assert [one["Condition"] for one in records] == ["SendsMail"] * 3
    assert template["Parameters"]["Mail"]["Default"] == "no"


def test_addresses_that_bounced_or_complained_are_not_written_to_again(template: Template) -> None:
    rules = resources(template)["MailRules"]["Properties"]
    assert rules["SuppressionOptions"]["SuppressedReasons"] == ["BOUNCE", "COMPLAINT"]
    assert rules["DeliveryOptions"]["TlsPolicy"] == "REQUIRE"


def test_the_account_may_send_from_one_address_and_nothing_else(template: Template) -> None:
    (policy,) = resources(template)["MailUser"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["ses:SendRawEmail"]
    assert "ses:FromAddress" in statement["Condition"]["StringEquals"]
    assert "*" not in json.dumps(statement)


def test_only_workers_read_its_key_and_reach_a_mail_server(template: Template) -> None:
    roles = {name: json.dumps(template["Resources"][f"{name}Role"]) for name in ("Web", "Worker", "File")}
    assert [name for name, role in roles.items() if "MailSecret" in role] == ["Worker"]
    open_to_mail = [
        name
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::EC2::SecurityGroup"
        and any(rule.get("FromPort") == 587 for rule in one["Properties"].get("SecurityGroupEgress", []))
    ]
    assert open_to_mail == ["WorkerGroup"]


def test_a_request_without_a_domain_is_refused(template: Template) -> None:
    rule = template["Rules"]["MailNeedsDomain"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Mail"}, "yes"]}
    (refusal,) = rule["Assertions"]
    assert refusal["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, ""]}]}


def made(aws: Clients) -> dict[str, list[Any]]:
    """Return what the stack made for mails."""
    return {
        "identities": aws("sesv2").list_email_identities()["EmailIdentities"],
        "rules": aws("sesv2").list_configuration_sets()["ConfigurationSets"],
        "users": aws("iam").list_users()["Users"],
        "secrets": [
            one["Name"] for one in aws("secretsmanager").list_secrets()["SecretList"] if one["Name"] == "anb/smtp"
        ],
        "records": [name for name in outputs(aws) if name.startswith("DkimRecord")],
    }


NONE: dict[str, list[Any]] = {"identities": [], "rules": [], "users": [], "secrets": [], "records": []}


def readable(aws: Clients) -> list[str]:
    """Return the secrets that the workers' role may read."""
    for role in aws("iam").list_roles()["Roles"]:
        for name in aws("iam").list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            policy = aws("iam").get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            if "backups/" in json.dumps(policy):
                (right,) = [one for one in policy["Statement"] if "secretsmanager:GetSecretValue" in one["Action"]]
                secrets = aws("secretsmanager")
                return [secrets.describe_secret(SecretId=arn)["Name"] for arn in right["Resource"]]
    raise AssertionError("no role writes backups")


class TestStack:
    @pytest.mark.parametrize("said", [{}, {"Domain": "anb.example"}, {"Mail": "yes"}], ids=str)
    def test_nothing_is_made_without_a_domain_and_a_request(
        self, template: Template, aws: Clients, said: dict[str, str]
    ) -> None:
        put_up(template, aws, **said)
        assert made(aws) == NONE
        assert readable(aws) == ["anb/vote-log-key", "anb/queue", "anb/database"]

    def test_workers_learn_an_account_that_sends_from_the_domain(self, template: Template, aws: Clients) -> None:
        said = put_up(template, aws, Domain="anb.example", Mail="yes")
        assert {kind: len(found) for kind, found in made(aws).items()} == {**dict.fromkeys(NONE, 1), "records": 3}
        assert readable(aws) == ["anb/vote-log-key", "anb/queue", "anb/database", "anb/smtp"]
        assert said["DkimRecord1"].count("._domainkey.anb.example CNAME ") == 1
        (user,) = aws("iam").list_users()["Users"]
        (key,) = aws("iam").list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        kept = json.loads(aws("secretsmanager").get_secret_value(SecretId="anb/smtp")["SecretString"])
        login = HostSecrets(aws("secretsmanager")).mail_server("us-east-1")
        assert login == {
            "username": key["AccessKeyId"],
            "password": smtp_password(kept["access_key"], "us-east-1"),
        }
        policy = aws("iam").get_user_policy(UserName=user["UserName"], PolicyName="mail")["PolicyDocument"]
        (statement,) = policy["Statement"]
        assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": "no-reply@anb.example"}}

    def test_a_stack_that_stands_sends_mails_from_the_next_change_on(self, template: Template, aws: Clients) -> None:
        first = put_up(template, aws, Domain="anb.example")
        networks = ",".join(one["SubnetId"] for one in aws("ec2").describe_subnets()["Subnets"][:2])
        deploy(template, {"Mail": "yes", "DatabaseSubnets": networks}, aws, poll=AT_ONCE)
        assert {kind: len(found) for kind, found in made(aws).items()} == {**dict.fromkeys(NONE, 1), "records": 3}
        assert first["WorkerId"] == outputs(aws)["WorkerId"]
