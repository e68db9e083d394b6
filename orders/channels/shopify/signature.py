"""Shopify's signature: base64 of HMAC-SHA256 of the raw body under the app's client secret. Pure."""

import base64
import hmac


def compute_signature(secret: bytes, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret, body, "sha256"))
