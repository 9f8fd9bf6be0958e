"""Mail by SES, if the stack has a domain and sends mails: identity, DKIM, suppression list, and an account for SMTP.

The account may send from one address only. Its key is in a secret that only workers read; they compute the password
of SMTP from it (deploy.hosts.ses).
"""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses

from deploy.aws.parameters import Given
from deploy.hosts.application import SES_SENDER
from deploy.hosts.secrets import SMTP

RECORDS = 3  # of DKIM


def declare(scope: cdk.Stack, given: Given) -> str:
    """Declare everything; return the ARN of the secret."""
    rules = ses.CfnConfigurationSet(
        scope,
        "MailRules",
        name="anb",
        suppression_options=ses.CfnConfigurationSet.SuppressionOptionsProperty(
            suppressed_reasons=["BOUNCE", "COMPLAINT"]
        ),
        delivery_options=ses.CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="REQUIRE"),
        reputation_options=ses.CfnConfigurationSet.ReputationOptionsProperty(reputation_metrics_enabled=True),
    )
    identity = ses.CfnEmailIdentity(
        scope,
        "MailIdentity",
        email_identity=given.domain,
        configuration_set_attributes=ses.CfnEmailIdentity.ConfigurationSetAttributesProperty(
            configuration_set_name=rules.ref
        ),
        dkim_signing_attributes=ses.CfnEmailIdentity.DkimSigningAttributesProperty(
            next_signing_key_length="RSA_2048_BIT"
        ),
    )
    key, secret = _account(scope, given)
    for one in (rules, identity, *key, secret):
        one.cfn_options.condition = given.sends_mail
    for number in range(1, RECORDS + 1):
        name, value = (getattr(identity, f"attr_dkim_dns_token_{what}{number}") for what in ("name", "value"))
        record = cdk.CfnOutput(
            scope, f"DkimRecord{number}", value=f"{name} CNAME {value}", description="A record that the domain needs"
        )
        record.condition = given.sends_mail
    return str(secret.ref)


def _account(scope: cdk.Stack, given: Given) -> tuple[tuple[Any, ...], Any]:
    own = f"arn:{cdk.Aws.PARTITION}:ses:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    statement = {
        "Effect": "Allow",
        "Action": ["ses:SendRawEmail"],
        "Resource": [f"{own}:identity/{given.domain}", f"{own}:configuration-set/anb"],
        "Condition": {"StringEquals": {"ses:FromAddress": f"{SES_SENDER}@{given.domain}"}},
    }
    user = iam.CfnUser(
        scope,
        "MailUser",
        policies=[
            iam.CfnUser.PolicyProperty(
                policy_name="mail", policy_document={"Version": "2012-10-17", "Statement": [statement]}
            )
        ],
    )
    key = iam.CfnAccessKey(scope, "MailKey", user_name=user.ref)
    text = cdk.Fn.sub(
        '{"username": "${Id}", "access_key": "${Key}"}', {"Id": key.ref, "Key": str(key.attr_secret_access_key)}
    )
    secret = secretsmanager.CfnSecret(
        scope, "MailSecret", name=SMTP, description="ANB Rising Stars: Sends mails by SES", secret_string=text
    )
    return (user, key), secret
