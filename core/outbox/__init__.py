"""Messages to other systems: written in the transaction of their cause, delivered at least once."""
