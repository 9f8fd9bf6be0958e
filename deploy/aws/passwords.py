"""The four secrets. The stack generates them; no template and no user data contains them."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager

LENGTH = 48  # letters and digits: some 285 bits, without characters that a database URL would escape


@dataclass(frozen=True)
class SecretArns:
    """The ARN of each secret."""

    signing: str
    queue: str
    database: str
    log: str


def declare(scope: cdk.Stack) -> SecretArns:
    """Declare both signing keys, the queue's password, and the database's user with its password."""
    return SecretArns(
        signing=_secret(scope, "SigningKey", "anb/secret-key", "Signs tokens and addresses"),
        queue=_secret(scope, "QueuePassword", "anb/queue", "Opens the queue"),
        database=_secret(scope, "DatabasePassword", "anb/database", "The database's user", '{"username": "anb"}'),
        log=_secret(scope, "VoteLogKey", "anb/vote-log-key", "Signs the log of votes"),
    )


def _secret(scope: cdk.Stack, logical: str, name: str, what: str, around: str | None = None) -> str:
    """Declare a secret: a plain string, or with `around` a JSON object to which `password` is added."""
    secret = secretsmanager.CfnSecret(
        scope,
        logical,
        name=name,
        description=f"ANB Rising Stars: {what}",
        generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
            password_length=LENGTH,
            exclude_punctuation=True,
            secret_string_template=around,
            generate_string_key="password" if around else None,
        ),
    )
    return str(secret.ref)
