"""The database: RDS PostgreSQL, private, encrypted, with point-in-time recovery and protected from deletion."""

import aws_cdk as cdk
from aws_cdk import aws_rds as rds

from deploy.aws.arrows import POSTGRESQL
from deploy.aws.groups import Groups
from deploy.aws.parameters import Given
from deploy.aws.passwords import SecretArns
from deploy.aws.sizes import DATABASE_CLASS, DATABASE_GIB
from deploy.hosts.database import PARAMETERS, POSTGRES_MAJOR

KEPT_DAYS = 14
NAME = "anb"
# UTC, one after the other, at night in Colombia. A worker's backup is at 07:30, reboots are after 08:30.
BACKUP, MAINTENANCE = "06:30-07:00", "mon:09:30-mon:10:30"
WORDS = {"on": "1", "off": "0"}  # as RDS spells values for which PostgreSQL takes either form


def declare(scope: cdk.Stack, given: Given, groups: Groups, passwords: SecretArns, zone: str) -> rds.CfnDBInstance:
    """Declare the database in the zone of the servers, so that no query crosses zones."""
    instance = rds.CfnDBInstance(
        scope,
        "Database",
        db_instance_identifier=NAME,
        db_name=NAME,
        engine="postgres",
        engine_version=str(POSTGRES_MAJOR),
        auto_minor_version_upgrade=True,
        allow_major_version_upgrade=False,
        db_instance_class=DATABASE_CLASS,
        allocated_storage=str(DATABASE_GIB),
        storage_type="gp3",
        storage_encrypted=True,
        multi_az=False,
        availability_zone=zone,
        publicly_accessible=False,
        port=str(POSTGRESQL),
        db_subnet_group_name=_subnets(scope, given),
        vpc_security_groups=[groups.rds],
        db_parameter_group_name=_tuning(scope),
        master_username=NAME,
        master_user_password=f"{{{{resolve:secretsmanager:{passwords.database}:SecretString:password}}}}",
        backup_retention_period=KEPT_DAYS,
        preferred_backup_window=BACKUP,
        preferred_maintenance_window=MAINTENANCE,
        delete_automated_backups=False,
        copy_tags_to_snapshot=True,
        deletion_protection=True,
        tags=[cdk.CfnTag(key="Name", value="anb")],
    )
    instance.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)
    return instance


def _subnets(scope: cdk.Stack, given: Given) -> str:
    subnets = rds.CfnDBSubnetGroup(
        scope,
        "DatabaseSubnetGroup",
        db_subnet_group_description="Subnets of the database of ANB Rising Stars",
        subnet_ids=given.database_subnets,
    )
    return str(subnets.ref)


def _tuning(scope: cdk.Stack) -> str:
    group = rds.CfnDBParameterGroup(
        scope,
        "DatabaseParameters",
        description="PostgreSQL of ANB Rising Stars",
        family=f"postgres{POSTGRES_MAJOR}",
        parameters={name: WORDS.get(value, value) for name, value in PARAMETERS.items()} | {"rds.force_ssl": "1"},
    )
    return str(group.ref)
