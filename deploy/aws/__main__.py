"""`python -m deploy.aws synth | deploy | release | check | destroy | diagram`: behind the make targets of AWS.

Options say what to deploy, or the variables that make passes on: SSH_RANGE, CONTACT, DOMAIN, SEND_MAIL,
KEY_NAME, ELASTIC_ADDRESS, SETTINGS, BUCKET, IMAGE. boto3 reads your credentials and region as usual: AWS_PROFILE,
AWS_REGION …
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws import deployment, teardown
from deploy.aws import diagram as drawing
from deploy.aws.arrows import allowed
from deploy.aws.deployment import STACK, ResourceChange
from deploy.aws.place import Clients, DeploymentError
from deploy.aws.reachability import OUTSIDERS, UnknownRule, reachability
from deploy.aws.sizes import SERVERS
from deploy.aws.template import NotSynthesised, synthesise
from deploy.hosts.bundle import CannotBundle, build
from deploy.hosts.publish import publish

OF_BOTO3 = (ClientError, BotoCoreError, Boto3Error)
# Variable -> parameter of the template
SAID = {
    "SSH_RANGE": "SshRange",
    "CONTACT": "Contact",
    "DOMAIN": "Domain",
    "SEND_MAIL": "Mail",
    "KEY_NAME": "KeyName",
    "ELASTIC_ADDRESS": "ElasticAddress",
    "SETTINGS": "Settings",
    "BUCKET": "ExistingBucket",
    "IMAGE": "ImageId",
}


def main(words: list[str]) -> int:
    """Run a command. Print an error as one line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.aws", description=__doc__)
    parser.add_argument("verb", choices=sorted(VERBS))
    parser.add_argument("--out", type=Path, default=Path("build/anb.template.json"), help="file that synth writes")
    parser.add_argument("--yes", action="store_true", help="change a stack without asking")
    options = parser.parse_args(words)
    try:
        VERBS[options.verb](options)
    except (DeploymentError, CannotBundle, NotSynthesised, UnknownRule, *OF_BOTO3) as error:
        print(f"aws-{options.verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\naws-{options.verb}: stopped watching; AWS continues with the change", file=sys.stderr)
        return 130
    return 0


def clients() -> Clients:
    """Return boto3's clients for your credentials. Raises DeploymentError without a region."""
    session = boto3.Session()
    if not session.region_name:
        raise DeploymentError("no region is chosen; set AWS_REGION, for example to us-east-1")
    client: Clients = session.client
    return client


def synth(options: argparse.Namespace) -> None:
    """Write the template."""
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(synthesise(), indent=1) + "\n", encoding="utf-8")
    print(f"Template written to {options.out}.")


def deploy(options: argparse.Namespace) -> None:
    """Create or update the stack, and publish this commit to it."""
    aws = clients()
    given = parameters(os.environ)
    print(f"Deploying stack {STACK}. The first time takes 15 minutes, most of them for the database …")
    outputs = deployment.deploy(synthesise(), given, aws, approve=lambda changes: approved(changes, sure=options.yes))
    release(options)
    print(f"The web server is at https://{given.get('Domain') or outputs['WebAddress']}/")
    for host in ("WebServer", "Worker", "FileServer"):
        print(f"  {host}: aws ssm start-session --target {outputs[host + 'Id']}")
    for name, record in outputs.items():
        if name.startswith("DkimRecord"):
            print(f"  Add this record to the domain: {record}")
    print("The hosts fetch the release and set themselves up. Wait ten minutes, then sign up.")


def release(_options: argparse.Namespace) -> None:
    """Build a bundle of this commit and publish it."""
    aws = clients()
    bucket = deployment.outputs(aws)["BucketName"]
    with tempfile.TemporaryDirectory() as folder:
        print("Building the release …")
        bundle = build(Path(folder))
        print(f"Publishing {bundle.release} ({bundle.path.stat().st_size / 1e6:.0f} MB) to {bucket} …")
        publish(bundle, bucket, aws("s3"))
    print(f"Release {bundle.release} is published. New hosts fetch it; run `sudo anb-host update` on running hosts.")


def destroy(_options: argparse.Namespace) -> None:
    """Remove the stack after the operator has typed its name."""
    aws = clients()
    print(f"This removes stack {STACK}: the site goes down, and its servers and database are deleted.")
    if ask(f"Type its name, {STACK}, to continue: ") != STACK:
        raise DeploymentError("the name was not typed; nothing was removed")
    print("Removing the stack. This takes ten minutes, most of them for the last snapshot of the database …")
    remaining = teardown.destroy(aws)
    print("The stack is removed. These resources remain and cost money; keep or remove them:")
    print("\n".join(f"  {line}" for line in remaining) or "  nothing")


def parameters(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that are set. An empty variable is left out, so the stack keeps its value."""
    return {parameter: environment[word] for word, parameter in SAID.items() if environment.get(word)}


def approved(changes: list[ResourceChange], *, sure: bool) -> bool:
    """Show the changes, and ask for approval unless they only add resources."""
    print("\n".join(f"  {change}" for change in changes))
    if sure or all(change.action == "Add" for change in changes):
        return True
    return ask("A changed server restarts. Apply the changes? [yes/no] ") == "yes"


def ask(question: str) -> str:
    """Return the typed answer, or an empty string without a terminal."""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def check(_options: argparse.Namespace) -> None:
    """Compare reachability in the account with the document. Raises DeploymentError with the differences."""
    aws = clients()
    range_of_ssh = deployment.parameters(aws)["SshRange"]
    operator = str(ip_network(range_of_ssh, strict=False)[0])
    arrows = reachability(aws("ec2"), {**OUTSIDERS, "operator": operator})
    ours, wanted = {*SERVERS, "rds"}, allowed(OUTSIDERS, ["operator"])
    # Any other host in this account counts as a client.
    others = {end for arrow in arrows for end in (arrow.source, arrow.target)} - ours - {*OUTSIDERS, "operator"}
    touching = {arrow for arrow in arrows if ours & {arrow.source, arrow.target}}
    differing = [f"not wanted: {arrow}" for arrow in sorted(touching - allowed({*OUTSIDERS, *others}, ["operator"]))]
    differing += [f"missing: {arrow}" for arrow in sorted(wanted - arrows)]
    if differing:
        raise DeploymentError("\n  ".join(["the account differs from the document:", *differing]))
    print(f"Hosts reach what the document says, and nothing more: {len(touching)} arrows.")


def diagram(_options: argparse.Namespace) -> None:
    """Draw the deployment again in docs/deployment.md."""
    drawing.PAGE.write_text(drawing.filled(drawing.PAGE.read_text(encoding="utf-8"), synthesise()), encoding="utf-8")
    print(f"The drawing in {drawing.PAGE} matches the template.")


VERBS = {"synth": synth, "check": check, "diagram": diagram, "deploy": deploy, "release": release, "destroy": destroy}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
