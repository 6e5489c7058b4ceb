"""Fixtures that every test may ask for; they live in `tests/servers/`."""

pytest_plugins = ["servers.stores", "servers.mail"]
