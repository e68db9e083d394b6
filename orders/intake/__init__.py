"""The webhook door: deliveries verified, stored whole, answered at once, worked later."""
