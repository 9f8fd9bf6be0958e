"""The three servers: user data, disks and network; the launch template of further workers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from deploy.aws.groups import Groups
from deploy.aws.parameters import Given
from deploy.aws.sizes import DISK_GIB, ROOT_DEVICE, TYPE
from deploy.hosts.cloudinit import PROGRAM, user_data
from deploy.hosts.facts import Facts, Role

MOULD = "anb-worker"
AFTER_FACTS = f"- path: {PROGRAM}\n"


@dataclass(frozen=True)
class StackContext:
    """What all servers need."""

    scope: cdk.Stack
    given: Given
    groups: Groups
    profiles: Mapping[str, str]
    bucket: str
    shared: str  # the part of the user data that all hosts share


@dataclass(frozen=True)
class FileServer:
    """The file server, and its address, which stays the same when the server is replaced."""

    address: str
    zone: str
    id: str


def file_server(context: StackContext) -> FileServer:
    """Declare the file server on its own network interface. Its disk outlives it."""
    interface = ec2.CfnNetworkInterface(
        context.scope,
        "FileInterface",
        description="Address of the file server",
        subnet_id=context.given.host_subnet,
        group_set=[context.groups.file],
        tags=[cdk.CfnTag(key="Name", value="anb-file")],
    )
    # An interface declared before its server gets no public address, which the server needs to reach the internet.
    way_out = _address(context.scope, "File")
    reachable = ec2.CfnEIPAssociation(
        context.scope,
        "FileAddressAtInterface",
        allocation_id=way_out.attr_allocation_id,
        network_interface_id=interface.ref,
    )
    facts = _facts(context, "file", str(interface.attr_primary_private_ip_address), "")
    existing = ec2.CfnInstance.NetworkInterfaceProperty(device_index="0", network_interface_id=interface.ref)
    server = _instance(context, "file", facts, existing)
    server.image_id = context.given.file_image
    server.disable_api_termination = True
    server.add_dependency(reachable)
    return FileServer(facts.file_host, str(server.attr_availability_zone), str(server.ref))


def web_server(context: StackContext, file: FileServer, database: str) -> tuple[str, str]:
    """Declare the web server. Return its id and its public address."""
    facts = _facts(context, "web", file.address, database)
    server = _instance(context, "web", facts, _new_interface(context, context.groups.web))
    elastic = _address(context.scope, "Web")
    at_web = ec2.CfnEIPAssociation(
        context.scope, "WebAddressAtServer", allocation_id=elastic.attr_allocation_id, instance_id=server.ref
    )
    for optional in (elastic, at_web):
        optional.cfn_options.condition = context.given.elastic
    address = cdk.Fn.condition_if(context.given.elastic.logical_id, elastic.ref, server.attr_public_ip)
    return str(server.ref), str(address.to_string())


def worker(context: StackContext, file: FileServer, database: str) -> str:
    """Declare the worker, and the launch template of further workers. Return its id."""
    facts = _facts(context, "worker", file.address, database)
    _mould(context, facts)
    return str(_instance(context, "worker", facts, _new_interface(context, context.groups.worker)).ref)


def _facts(context: StackContext, role: Role, file: str, database: str) -> Facts:
    given = context.given
    return Facts(
        role=role,
        bucket=context.bucket,
        region=cdk.Aws.REGION,
        file_host=file,
        database_host=database,
        public_url=given.public_url,
        domain=given.domain,
        contact=given.contact,
        ssm_agent=True,
        ses=True,
    )


def same_for_all(scope: cdk.Stack) -> str:
    """Declare once the user data that all hosts share, and return a reference to it.

    A template sent inline may have 51,200 bytes; with a copy for each host it would not fit.
    """
    shared = user_data(Facts(role="file", bucket="", region="", file_host="", database_host="")).partition(AFTER_FACTS)
    cdk.CfnMapping(scope, "UserData", mapping={"AllHosts": {"Shared": "".join(shared[1:])}})
    return str(cdk.Fn.find_in_map("UserData", "AllHosts", "Shared"))


def _told(context: StackContext, facts: Facts) -> str:
    """Return the user data. Three facts are not strings, so CDK's placeholders cannot be passed as facts."""
    given = context.given
    text, mark, _ = user_data(facts).partition(AFTER_FACTS)
    if not mark:
        raise ValueError("the user data does not begin with its facts")
    facts_of_parameters = {
        '"ssm_agent": true': given.session_manager,
        '"ses": true': given.mail,
        '"settings": {}': given.settings,
    }
    for fact, value in facts_of_parameters.items():
        name = fact.partition(":")[0]
        if text.count(fact) != 1:
            raise ValueError(f"the user data of {facts.role} does not contain {fact} exactly once")
        text = text.replace(fact, f"{name}: {value}")
    return str(cdk.Fn.base64(text + context.shared))


def _instance(
    context: StackContext, host: Role, facts: Facts, interface: ec2.CfnInstance.NetworkInterfaceProperty
) -> ec2.CfnInstance:
    return ec2.CfnInstance(
        context.scope,
        f"{host.title()}Server",
        image_id=context.given.image,
        instance_type=TYPE,
        key_name=context.given.key_name,
        iam_instance_profile=context.profiles[host],
        network_interfaces=[interface],
        block_device_mappings=[
            ec2.CfnInstance.BlockDeviceMappingProperty(
                device_name=ROOT_DEVICE,
                ebs=ec2.CfnInstance.EbsProperty(
                    volume_size=DISK_GIB, volume_type="gp3", encrypted=True, delete_on_termination=host != "file"
                ),
            )
        ],
        metadata_options=ec2.CfnInstance.MetadataOptionsProperty(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        credit_specification=ec2.CfnInstance.CreditSpecificationProperty(cpu_credits="unlimited"),
        propagate_tags_to_volume_on_creation=True,
        user_data=_told(context, facts),
        tags=[cdk.CfnTag(key="Name", value=f"anb-{host}")],
    )


def _mould(context: StackContext, facts: Facts) -> None:
    data = ec2.CfnLaunchTemplate
    tags = [cdk.CfnTag(key="Name", value="anb-worker")]
    data_of_it = data.LaunchTemplateDataProperty(
        image_id=context.given.image,
        instance_type=TYPE,
        key_name=context.given.key_name,
        iam_instance_profile=data.IamInstanceProfileProperty(name=context.profiles["worker"]),
        network_interfaces=[
            data.NetworkInterfaceProperty(
                device_index=0,
                subnet_id=context.given.host_subnet,
                groups=[context.groups.worker],
                associate_public_ip_address=True,
                delete_on_termination=True,
            )
        ],
        block_device_mappings=[
            data.BlockDeviceMappingProperty(
                device_name=ROOT_DEVICE,
                ebs=data.EbsProperty(
                    volume_size=DISK_GIB, volume_type="gp3", encrypted=True, delete_on_termination=True
                ),
            )
        ],
        metadata_options=data.MetadataOptionsProperty(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        credit_specification=data.CreditSpecificationProperty(cpu_credits="unlimited"),
        user_data=_told(context, facts),
        tag_specifications=[
            data.TagSpecificationProperty(resource_type=kind, tags=tags) for kind in ("instance", "volume")
        ],
    )
    ec2.CfnLaunchTemplate(context.scope, "WorkerMould", launch_template_name=MOULD, launch_template_data=data_of_it)


def _new_interface(context: StackContext, group: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return ec2.CfnInstance.NetworkInterfaceProperty(
        device_index="0",
        subnet_id=context.given.host_subnet,
        group_set=[group],
        associate_public_ip_address=True,
        delete_on_termination=True,
    )


def _address(scope: cdk.Stack, host: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return ec2.CfnEIP(
        scope, f"{host}ElasticAddress", domain="vpc", tags=[cdk.CfnTag(key="Name", value=f"anb-{host.lower()}")]
    )
