"""The three servers: what each is told at its first boot, its disk, its way to the world; the mould of more workers."""

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
class Ground:
    """What every server stands on."""

    scope: cdk.Stack
    given: Given
    groups: Groups
    profiles: Mapping[str, str]
    bucket: str
    shared: str  # what the user data of all hosts share


@dataclass(frozen=True)
class FileServer:
    """The file server, and the address that stays when it is made anew."""

    address: str
    zone: str
    id: str


def file_server(ground: Ground) -> FileServer:
    """Declare the file server on a network interface of its own. Its disk stays when it is gone."""
    interface = ec2.CfnNetworkInterface(
        ground.scope,
        "FileInterface",
        description="Address of the file server",
        subnet_id=ground.given.host_subnet,
        group_set=[ground.groups.file],
        tags=[cdk.CfnTag(key="Name", value="anb-file")],
    )
    # An interface that was there before its server gets no public address by itself; the server's way out needs one.
    way_out = _address(ground.scope, "File")
    reachable = ec2.CfnEIPAssociation(
        ground.scope,
        "FileAddressAtInterface",
        allocation_id=way_out.attr_allocation_id,
        network_interface_id=interface.ref,
    )
    facts = _facts(ground, "file", str(interface.attr_primary_private_ip_address), "")
    existing = ec2.CfnInstance.NetworkInterfaceProperty(device_index="0", network_interface_id=interface.ref)
    made = _instance(ground, "file", facts, existing)
    made.image_id = ground.given.file_image
    made.disable_api_termination = True
    made.add_dependency(reachable)
    return FileServer(facts.file_host, str(made.attr_availability_zone), str(made.ref))


def web_server(ground: Ground, file: FileServer, database: str) -> tuple[str, str]:
    """Declare the web server. Return its id and its public address."""
    facts = _facts(ground, "web", file.address, database)
    made = _instance(ground, "web", facts, _new_interface(ground, ground.groups.web))
    elastic = _address(ground.scope, "Web")
    at_web = ec2.CfnEIPAssociation(
        ground.scope, "WebAddressAtServer", allocation_id=elastic.attr_allocation_id, instance_id=made.ref
    )
    for optional in (elastic, at_web):
        optional.cfn_options.condition = ground.given.elastic
    address = cdk.Fn.condition_if(ground.given.elastic.logical_id, elastic.ref, made.attr_public_ip)
    return str(made.ref), str(address.to_string())


def worker(ground: Ground, file: FileServer, database: str) -> str:
    """Declare the worker, and the launch template that makes further ones. Return its id."""
    facts = _facts(ground, "worker", file.address, database)
    _mould(ground, facts)
    return str(_instance(ground, "worker", facts, _new_interface(ground, ground.groups.worker)).ref)


def _facts(ground: Ground, role: Role, file: str, database: str) -> Facts:
    given = ground.given
    return Facts(
        role=role,
        bucket=ground.bucket,
        region=cdk.Aws.REGION,
        file_host=file,
        database_host=database,
        public_url=given.public_url,
        domain=given.domain,
        contact=given.contact,
        ssm_agent=True,
    )


def same_for_all(scope: cdk.Stack) -> str:
    """Declare, once, what the user data of all hosts share, and return a reference to it.

    A template that is sent as it is may have 51,200 bytes; with a copy for each host it would not fit.
    """
    shared = user_data(Facts(role="file", bucket="", region="", file_host="", database_host="")).partition(AFTER_FACTS)
    cdk.CfnMapping(scope, "UserData", mapping={"AllHosts": {"Shared": "".join(shared[1:])}})
    return str(cdk.Fn.find_in_map("UserData", "AllHosts", "Shared"))


def _told(ground: Ground, facts: Facts) -> str:
    """Return the user data. Two facts are no strings, so CDK's placeholders cannot be given as facts."""
    given = ground.given
    text, mark, _ = user_data(facts).partition(AFTER_FACTS)
    if not mark:
        raise ValueError("the user data does not tell its facts first")
    for fact, value in (('"ssm_agent": true', given.session_manager), ('"settings": {}', given.settings)):
        name = fact.partition(":")[0]
        if text.count(fact) != 1:
            raise ValueError(f"the user data of {facts.role} does not hold {fact} once")
        text = text.replace(fact, f"{name}: {value}")
    return str(cdk.Fn.base64(text + ground.shared))


def _instance(
    ground: Ground, host: Role, facts: Facts, interface: ec2.CfnInstance.NetworkInterfaceProperty
) -> ec2.CfnInstance:
    return ec2.CfnInstance(
        ground.scope,
        f"{host.title()}Server",
        image_id=ground.given.image,
        instance_type=TYPE,
        key_name=ground.given.key_name,
        iam_instance_profile=ground.profiles[host],
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
        user_data=_told(ground, facts),
        tags=[cdk.CfnTag(key="Name", value=f"anb-{host}")],
    )


def _mould(ground: Ground, facts: Facts) -> None:
    data = ec2.CfnLaunchTemplate
    tags = [cdk.CfnTag(key="Name", value="anb-worker")]
    data_of_it = data.LaunchTemplateDataProperty(
        image_id=ground.given.image,
        instance_type=TYPE,
        key_name=ground.given.key_name,
        iam_instance_profile=data.IamInstanceProfileProperty(name=ground.profiles["worker"]),
        network_interfaces=[
            data.NetworkInterfaceProperty(
                device_index=0,
                subnet_id=ground.given.host_subnet,
                groups=[ground.groups.worker],
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
        user_data=_told(ground, facts),
        tag_specifications=[
            data.TagSpecificationProperty(resource_type=kind, tags=tags) for kind in ("instance", "volume")
        ],
    )
    ec2.CfnLaunchTemplate(ground.scope, "WorkerMould", launch_template_name=MOULD, launch_template_data=data_of_it)


def _new_interface(ground: Ground, group: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return ec2.CfnInstance.NetworkInterfaceProperty(
        device_index="0",
        subnet_id=ground.given.host_subnet,
        group_set=[group],
        associate_public_ip_address=True,
        delete_on_termination=True,
    )


def _address(scope: cdk.Stack, host: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return ec2.CfnEIP(
        scope, f"{host}ElasticAddress", domain="vpc", tags=[cdk.CfnTag(key="Name", value=f"anb-{host.lower()}")]
    )
