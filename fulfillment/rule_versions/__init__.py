"""Versions of rules to the outside: where personalization meets the templates and services of the shop."""
