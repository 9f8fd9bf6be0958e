"""The password of SES's SMTP servers, which AWS computes from an access key like this."""

import base64
import hashlib
import hmac

_VERSION = b"\x04"


def smtp_password(access_key: str, region: str) -> str:
    """Return the password that belongs to the secret part of an access key, in one region."""
    signature = f"AWS4{access_key}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(_VERSION + signature).decode()


def smtp_url(region: str) -> str:
    """Return the mail server of a region, with STARTTLS."""
    return f"smtp://email-smtp.{region}.amazonaws.com:587"
