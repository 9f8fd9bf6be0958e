"""cfn-lint finds nothing; cdk-nag finds only what is accepted, each with a reason."""

import json
from typing import Any

from cfnlint import api
from cfnlint.config import ManualArgs
from deploy.aws import nag
from deploy.aws.template import Template

REGIONS = ["us-east-1", "us-east-2", "sa-east-1", "eu-west-1"]
SECRET = "AWS::SecretsManager::Secret"


def complaints(template: dict[str, Any]) -> list[str]:
    return [str(match) for match in api.lint(json.dumps(template), config=ManualArgs(regions=REGIONS))]


def test_cfn_lint_finds_nothing(template: Template) -> None:
    assert complaints(template) == []


def test_cfn_lint_is_really_asked(template: Template) -> None:
    wrong = json.loads(json.dumps(template))
    wrong["Resources"]["WebServer"]["Properties"]["InstanceType"] = "t3.smol"
    assert complaints(wrong) != []


def test_cdk_nag_finds_what_is_accepted_and_nothing_else() -> None:
    assert nag.findings() == set(nag.ACCEPTED)


def test_each_acceptance_has_a_reason() -> None:
    assert [finding for finding, reason in nag.ACCEPTED.items() if len(reason.split()) < 8] == []


def test_the_template_can_be_sent_without_a_bucket(template: Template) -> None:
    assert len(json.dumps(template, separators=(",", ":")).encode()) <= 51_200


def test_nothing_in_it_was_looked_up_or_made_up(template: Template) -> None:
    text = json.dumps(template)
    for dummy in ("dummy", "1234567890", "000000000000", "us-east-1", "vpc-", "subnet-", "ami-"):
        assert dummy not in text, dummy


def test_no_secret_is_in_it(template: Template) -> None:
    found = {name: one["Properties"] for name, one in template["Resources"].items() if one["Type"] == SECRET}
    made = found.pop("MailSecret")["SecretString"]  # by AWS too: it refers to a key that the stack makes
    assert set(made) == {"Fn::Sub"}
    assert made["Fn::Sub"][1] == {"Id": {"Ref": "MailKey"}, "Key": {"Fn::GetAtt": ["MailKey", "SecretAccessKey"]}}
    assert [set(one) & {"SecretString"} for one in found.values()] == [set()] * 4
    password = template["Resources"]["Database"]["Properties"]["MasterUserPassword"]
    assert password["Fn::Join"][1][0] == "{{resolve:secretsmanager:"
