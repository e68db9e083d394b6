"""Choosing: what rules propose becomes a plan, or loses with a reason."""
