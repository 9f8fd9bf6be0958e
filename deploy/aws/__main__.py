"""`python -m deploy.aws synth | deploy | release | check | destroy | diagram`: behind the make targets of AWS.

What to deploy is said by options, or by the variables that make hands over: SSH_RANGE, CONTACT, DOMAIN, KEY_NAME,
ELASTIC_ADDRESS, SETTINGS, BUCKET, IMAGE. Who you are is boto3's to know: AWS_PROFILE, AWS_REGION and the like.
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
from deploy.aws.deployment import STACK, Change
from deploy.aws.place import Cannot, Clients
from deploy.aws.reachability import OUTSIDERS, UnknownRule, reachability
from deploy.aws.sizes import SERVERS
from deploy.aws.template import NotSynthesised, synthesise
from deploy.hosts.bundle import CannotBundle, build
from deploy.hosts.publish import publish

OF_BOTO3 = (ClientError, BotoCoreError, Boto3Error)
# variable -> parameter of the template
SAID = {
    "SSH_RANGE": "SshRange",
    "CONTACT": "Contact",
    "DOMAIN": "Domain",
    "KEY_NAME": "KeyName",
    "ELASTIC_ADDRESS": "ElasticAddress",
    "SETTINGS": "Settings",
    "BUCKET": "ExistingBucket",
    "IMAGE": "ImageId",
}


def main(words: list[str]) -> int:
    """Take a command line; say errors in a line and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.aws", description=__doc__)
    parser.add_argument("verb", choices=sorted(VERBS))
    parser.add_argument("--out", type=Path, default=Path("build/anb.template.json"), help="where synth writes")
    parser.add_argument("--yes", action="store_true", help="change a stack without asking")
    options = parser.parse_args(words)
    try:
        VERBS[options.verb](options)
    except (Cannot, CannotBundle, NotSynthesised, UnknownRule, *OF_BOTO3) as error:
        print(f"aws-{options.verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\naws-{options.verb}: stopped watching; what AWS was asked to do, it goes on with", file=sys.stderr)
        return 130
    return 0


def clients() -> Clients:
    """Return boto3's clients of whoever is signed in. Raises Cannot without a region."""
    session = boto3.Session()
    if not session.region_name:
        raise Cannot("no region is chosen; set AWS_REGION, such as us-east-1")
    client: Clients = session.client
    return client


def synth(options: argparse.Namespace) -> None:
    """Write the template."""
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(synthesise(), indent=1) + "\n", encoding="utf-8")
    print(f"The template is in {options.out}.")


def deploy(options: argparse.Namespace) -> None:
    """Make or change the stack; publish this commit to it if nothing was published yet."""
    aws = clients()
    said = parameters(os.environ)
    print(f"Putting stack {STACK} up; a first time takes a quarter of an hour, most of it the database's …")
    made = deployment.deploy(synthesise(), said, aws, approve=lambda changes: approved(changes, sure=options.yes))
    release(options)
    print(f"The web server is at https://{said.get('Domain') or made['WebAddress']}/")
    for host in ("WebServer", "Worker", "FileServer"):
        print(f"  {host}: aws ssm start-session --target {made[host + 'Id']}")
    print("The hosts fetch the release and make themselves; give them ten minutes, then sign up.")


def release(_options: argparse.Namespace) -> None:
    """Build a bundle of this commit and publish it."""
    aws = clients()
    bucket = deployment.outputs(aws)["BucketName"]
    with tempfile.TemporaryDirectory() as folder:
        print("Building the release …")
        bundle = build(Path(folder))
        print(f"Publishing {bundle.release} ({bundle.path.stat().st_size / 1e6:.0f} MB) to {bucket} …")
        publish(bundle, bucket, aws("s3"))
    print(f"Release {bundle.release} is what new hosts fetch; on hosts that run, `sudo anb-host update` takes it.")


def destroy(_options: argparse.Namespace) -> None:
    """Remove the stack once its name is typed."""
    aws = clients()
    print(f"This removes stack {STACK}: the site goes down, and its servers and database are deleted.")
    if ask(f"Type its name, {STACK}, to go on: ") != STACK:
        raise Cannot("its name was not typed; nothing was removed")
    print("Removing; ten minutes, most of it the last snapshot of the database …")
    remains = teardown.destroy(aws)
    print("Gone. What remains, costs, and is yours to keep or remove:")
    print("\n".join(f"  {line}" for line in remains) or "  nothing")


def parameters(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what was said; an empty word says nothing, so a stack keeps what it knows."""
    return {parameter: environment[word] for word, parameter in SAID.items() if environment.get(word)}


def approved(changes: list[Change], *, sure: bool) -> bool:
    """Show what would change, and ask, unless all of it is new."""
    print("\n".join(f"  {change}" for change in changes))
    if sure or all(change.action == "Add" for change in changes):
        return True
    return ask("A changed server stops and starts. Do it? [yes/no] ") == "yes"


def ask(question: str) -> str:
    """Return what is typed; where nobody sits, nothing."""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def check(_options: argparse.Namespace) -> None:
    """Compare who reaches whom in the account with the document. Raises Cannot with what differs."""
    aws = clients()
    range_of_ssh = deployment.parameters(aws)["SshRange"]
    operator = str(ip_network(range_of_ssh, strict=False)[0])
    found = reachability(aws("ec2"), {**OUTSIDERS, "operator": operator})
    ours, wanted = {*SERVERS, "rds"}, allowed(OUTSIDERS, ["operator"])
    # What else runs in this account is a client like any other.
    others = {end for arrow in found for end in (arrow.source, arrow.target)} - ours - {*OUTSIDERS, "operator"}
    touching = {arrow for arrow in found if ours & {arrow.source, arrow.target}}
    differing = [f"not wanted: {arrow}" for arrow in sorted(touching - allowed({*OUTSIDERS, *others}, ["operator"]))]
    differing += [f"missing: {arrow}" for arrow in sorted(wanted - found)]
    if differing:
        raise Cannot("\n  ".join(["the account is not what the document says:", *differing]))
    print(f"Who reaches whom is what the document says, and nothing more: {len(touching)} arrows.")


def diagram(_options: argparse.Namespace) -> None:
    """Draw the deployment anew, in docs/deployment.md."""
    drawing.PAGE.write_text(drawing.filled(drawing.PAGE.read_text(encoding="utf-8"), synthesise()), encoding="utf-8")
    print(f"The drawing in {drawing.PAGE} is of today's template.")


VERBS = {"synth": synth, "check": check, "diagram": diagram, "deploy": deploy, "release": release, "destroy": destroy}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
