"""The sub-commands of `soegaki`; each module has a `register(cli)` and a line in app/cli.py."""
