"""Background work. A job is a row first, written in the transaction of its cause; the row lock is the claim."""
