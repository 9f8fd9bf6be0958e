"""Creates in moto what sends mails: SES's identity and rules, and the account with its key."""

import json
import secrets

from deploy.aws.moto_resources import Clients, MotoResource, Properties

RECORDS = 3  # of DKIM, which moto does not make


def rules(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a configuration set."""
    clients("sesv2").create_configuration_set(
        ConfigurationSetName=wanted["Name"],
        SuppressionOptions=wanted["SuppressionOptions"],
        DeliveryOptions=wanted["DeliveryOptions"],
        ReputationOptions=wanted["ReputationOptions"],
    )
    return MotoResource(wanted["Name"])


def identity(clients: Clients, wanted: Properties) -> MotoResource:
    """Make the identity of a domain."""
    domain = wanted["EmailIdentity"]
    clients("sesv2").create_email_identity(
        EmailIdentity=domain,
        DkimSigningAttributes=wanted["DkimSigningAttributes"],
        ConfigurationSetName=wanted["ConfigurationSetAttributes"]["ConfigurationSetName"],
    )
    tokens = {number: secrets.token_hex(16) for number in range(1, RECORDS + 1)}
    names = {f"DkimDNSTokenName{number}": f"{token}._domainkey.{domain}" for number, token in tokens.items()}
    values = {f"DkimDNSTokenValue{number}": f"{token}.dkim.amazonses.com" for number, token in tokens.items()}
    return MotoResource(domain, names | values)


def user(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a user with its rights (moto would store them as Python prints them, not as JSON)."""
    iam, name = clients("iam"), f"anb-{secrets.token_hex(6)}"
    iam.create_user(UserName=name)
    for policy in wanted["Policies"]:
        document = json.dumps(policy["PolicyDocument"])
        iam.put_user_policy(UserName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
    return MotoResource(name)


def access_key(clients: Clients, wanted: Properties) -> MotoResource:
    """Make an access key."""
    key = clients("iam").create_access_key(UserName=wanted["UserName"])["AccessKey"]
    return MotoResource(key["AccessKeyId"], {"SecretAccessKey": key["SecretAccessKey"]})
