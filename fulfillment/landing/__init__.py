"""Where a printed code leads a customer's phone, and what is remembered of the visit."""
