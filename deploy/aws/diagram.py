"""Draws the deployment in docs/deployment.md from the template, so that the drawing always matches it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.aws.template import Template

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"
BEGIN, END = "<!-- diagram: written by `python -m deploy.aws diagram` -->", "<!-- end of diagram -->"
WORDS = {22: "SSH", 80: "HTTP", 443: "HTTPS", 2049: "NFS", 6379: "Redis", 5432: "PostgreSQL"}
SOFTWARE = {"web": "nginx, FastAPI", "worker": "Celery, FFmpeg", "file": "NFS, Valkey"}

Resource = Mapping[str, Any]


def draw(template: Template) -> str:
    """Return a mermaid graph of hosts with sizes and arrows with ports, and a table of rights."""
    alarms = len(list(_of_kind(template, "AWS::CloudWatch::Alarm")))
    lines = [
        "```mermaid",
        "flowchart LR",
        "  client([client])",
        "  operator([operator])",
        '  subgraph vpc["VPC"]',
        *(f'    {host}["{label}"]' for host, label in _hosts(template)),
        "  end",
        *(f"  {asker} -->|{ports}| {asked}" for (asker, asked), ports in _arrows(template).items()),
        "```",
        "",
        "| host | reads the secrets | in the bucket | sends |",
        "|---|---|---|---|",
        *(f"| {host} | {' | '.join(rights)} |" for host, rights in _rights(template)),
        "",
        f"{alarms} alarms watch the figures and send mail to the contact.",
    ]
    return "\n".join(lines)


def filled(page: str, template: Template) -> str:
    """Return the page with the drawing between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{PAGE.name} has no place for the drawing")
    return f"{before}{BEGIN}\n\n{draw(template)}\n\n{END}{after}"


def _of_kind(template: Template, kind: str) -> Iterator[tuple[str, Resource]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


def _host(instance: Resource) -> str:
    name: str = next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "Name")
    return name.removeprefix("anb-")


def _hosts(template: Template) -> Iterator[tuple[str, str]]:
    for _, server in _of_kind(template, "AWS::EC2::Instance"):
        host, disk = _host(server), server["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"]
        more = "<br>more by launch template" if host in _moulds(template) else ""
        yield host, f"anb-{host}: {SOFTWARE[host]}<br>EC2 {server['InstanceType']}, {disk} GiB{more}"
    for _, found in _of_kind(template, "AWS::RDS::DBInstance"):
        size = f"{found['DBInstanceClass']}, {found['AllocatedStorage']} GiB"
        yield "rds", f"{found['DBInstanceIdentifier']}: PostgreSQL {found['EngineVersion']}<br>RDS {size}"


def _moulds(template: Template) -> set[str]:
    return {
        mould["LaunchTemplateName"].removeprefix("anb-") for _, mould in _of_kind(template, "AWS::EC2::LaunchTemplate")
    }


def _groups(template: Template) -> Mapping[str, str]:
    """Return the logical id of each group -> its host."""
    return {
        name: group["GroupName"].removeprefix("anb-").removesuffix("-sg")
        for name, group in _of_kind(template, "AWS::EC2::SecurityGroup")
    }


def _arrows(template: Template) -> Mapping[tuple[str, str], str]:
    """Return (source, target) -> ports, as the groups allow."""
    groups, found = _groups(template), dict[tuple[str, str], list[str]]()
    for name, group in _of_kind(template, "AWS::EC2::SecurityGroup"):
        for rule in group.get("SecurityGroupIngress", []):
            asker = "client" if rule["CidrIp"] == "0.0.0.0/0" else "operator"
            found.setdefault((asker, groups[name]), []).append(_port(rule))
    for _, rule in _of_kind(template, "AWS::EC2::SecurityGroupIngress"):
        asker, asked = (groups[rule[end]["Fn::GetAtt"][0]] for end in ("SourceSecurityGroupId", "GroupId"))
        found.setdefault((asker, asked), []).append(_port(rule))
    return {who: ", ".join(ports) for who, ports in found.items()}


def _port(rule: Resource) -> str:
    first, last = rule["FromPort"], rule["ToPort"]
    return f"{WORDS[first]} {first}" if first == last and first in WORDS else f"{first}-{last}"


def _rights(template: Template) -> Iterator[tuple[str, list[str]]]:
    """Yield the rights of each host outside the network, as the cells of a table."""
    names = {name: secret["Name"] for name, secret in _of_kind(template, "AWS::SecretsManager::Secret")}
    for role, properties in _of_kind(template, "AWS::IAM::Role"):
        host = role.removesuffix("Role").lower()
        if host in SOFTWARE:
            (policy,) = properties["Policies"]
            rights: dict[str, list[str]] = {"secrets": [], "bucket": [], "figures": []}
            for statement in policy["PolicyDocument"]["Statement"]:
                service, what = _right(statement, names)
                rights.get(service, []).append(what)
            yield host, [", ".join(words) for words in rights.values()]


def _right(statement: Resource, names: Mapping[str, str]) -> tuple[str, str]:
    """Return (service, right), or nothing for rights that the drawing leaves out."""
    action, resources = statement["Action"][0], statement["Resource"]
    match action:
        case "secretsmanager:GetSecretValue":
            return "secrets", ", ".join(_secret(one, names) for one in resources)
        case "cloudwatch:PutMetricData":
            return "figures", "figures"
        case "s3:GetObject":
            return "bucket", f"reads `{_folder(resources)}`"
        case "s3:AbortMultipartUpload":
            return "bucket", f"writes `{_folder(resources)}`"
        case _:
            return "", ""


def _secret(resource: Resource, names: Mapping[str, str]) -> str:
    if "Fn::If" in resource:
        _, one, _ = resource["Fn::If"]
        return f"`{names[one['Ref']]}` (if the stack sends mails)"
    return f"`{names[resource['Ref']]}`"


def _folder(resources: list[Any]) -> str:
    return str(resources[0]["Fn::Join"][1][-1]).removesuffix("*").removeprefix("/")
