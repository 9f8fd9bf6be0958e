"""Synthesises the stack: `python -m deploy.aws.stack FOLDER [--nag]`, run by `template` with Node on the PATH."""

import sys

import aws_cdk as cdk

from deploy.aws import alarms, bucket, database, groups, machines, mail, parameters, passwords, roles, snapshots

NAME = "anb"


def build(scope: cdk.Stack) -> None:
    """Declare everything. The file server's zone decides the database's; the others need the addresses of both."""
    given = parameters.declare(scope)
    security_groups = groups.declare(scope, given)
    secrets = passwords.declare(scope)
    store = bucket.declare(scope, given)
    profiles = roles.declare(scope, store, secrets, given, mail.declare(scope, given))
    context = machines.StackContext(scope, given, security_groups, profiles, store.name, machines.same_for_all(scope))
    file = machines.file_server(context)
    data = database.declare(scope, given, security_groups, secrets, file.zone)
    address_of_data = str(data.attr_endpoint_address)
    web, public = machines.web_server(context, file, address_of_data)
    worker = machines.worker(context, file, address_of_data)
    snapshots.declare(scope)
    alarms.declare(scope, given, {"web": web, "worker": worker, "file": file.id}, str(data.ref))
    outputs = {
        "WebAddress": public,
        "BucketName": context.bucket,
        "FileAddress": file.address,
        "DatabaseAddress": address_of_data,
        "WebServerId": web,
        "WorkerId": worker,
        "FileServerId": file.id,
    }
    for name, value in outputs.items():
        cdk.CfnOutput(scope, name, value=value)


def main(folder: str, *options: str) -> None:
    """Write the cloud assembly."""
    app = cdk.App(outdir=folder, analytics_reporting=False)
    synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    stack = cdk.Stack(app, NAME, synthesizer=synthesizer, description="ANB Rising Stars: three servers and a database")
    build(stack)
    if "--nag" in options:
        from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415 - a check's import, which takes seconds

        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
