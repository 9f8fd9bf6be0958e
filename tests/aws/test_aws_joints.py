"""The stack and the hosts agree on the values that both use: figures, secrets, folders, ports."""

import re
from pathlib import Path
from typing import Any

from deploy.aws.template import Template
from deploy.hosts import backup_store, database, metrics, secrets
from deploy.hosts.definitions import HOSTS
from deploy.hosts.metrics import NAMESPACE
from deploy.hosts.publish import POINTER

HOSTS_SOURCE = Path(metrics.__file__).parent


def properties(template: Template, kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]


def test_every_figure_that_an_alarm_watches_is_sent_by_a_host(template: Template) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in HOSTS_SOURCE.glob("*.py"))
    sent = set(re.findall(r'Metric\("(\w+)"', source))
    alarms = properties(template, "AWS::CloudWatch::Alarm")
    assert {one["MetricName"] for one in alarms if one["Namespace"] == NAMESPACE} == sent
    assert metrics.NAMESPACE == NAMESPACE


def test_the_disk_of_every_role_that_sends_it_is_watched(template: Template) -> None:
    alarms = properties(template, "AWS::CloudWatch::Alarm")
    watched = {one["Dimensions"][0]["Value"] for one in alarms if one["MetricName"] == "DiskUsedPercent"}
    assert watched == set(HOSTS) - {"database"}  # the lab's substitute for RDS


def test_hosts_ask_for_the_secrets_that_the_stack_makes(template: Template) -> None:
    made = {one["Name"] for one in properties(template, "AWS::SecretsManager::Secret")}
    assert made == {
        secrets.SECRET_KEY,
        secrets.VOTE_LOG_KEY,
        secrets.QUEUE,
        secrets.DATABASE,
        secrets.SMTP,
    }


def test_releases_and_backups_lie_where_the_roles_may_reach() -> None:
    assert POINTER.startswith("releases/")
    assert {place.split("/")[0] for place in (backup_store.DATABASE, backup_store.SHARE, backup_store.MANIFESTS)} == {
        "backups"
    }


def test_the_groups_let_in_what_the_hosts_listen_to_and_ssh(template: Template) -> None:
    groups = {
        name: one["Properties"]
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::EC2::SecurityGroup"
    }
    let_in = {name: {rule["FromPort"] for rule in one.get("SecurityGroupIngress", [])} for name, one in groups.items()}
    for rule in properties(template, "AWS::EC2::SecurityGroupIngress"):
        let_in[rule["GroupId"]["Fn::GetAtt"][0]].add(rule["FromPort"])
    for role in ("web", "worker", "file"):
        assert let_in[f"{role.title()}Group"] == {22, *HOSTS[role].ports}
    assert let_in["RdsGroup"] == set(HOSTS["database"].ports)


def test_rds_is_the_postgresql_of_lab_and_laptop(template: Template) -> None:
    (made,) = properties(template, "AWS::RDS::DBInstance")
    assert made["EngineVersion"] == str(database.POSTGRES_MAJOR)
    assert (made["DBName"], made["MasterUsername"], made["Port"]) == (
        database.NAME,
        database.NAME,
        str(database.PORT),
    )
