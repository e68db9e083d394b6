"""Our own plain JSON orders, signed as Standard Webhooks 1.0.0 says."""
