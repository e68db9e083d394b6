"""Shopify webhooks: signature, headers, and their order and refund bodies in our words."""
