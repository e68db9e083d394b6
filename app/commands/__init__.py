"""The sub-commands of `soegaki`; each module has a `register(cli)`, and its commands a line in app/cli.py."""
