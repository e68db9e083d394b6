"""Products, their codes, components of sets, and what each delivery service may carry."""
