"""From orders to shipments: what goes to one address at one time."""
