"""Where the files that travel with the package are: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource_dir(name: str) -> Path:
    """The folder 'templates' or 'migrations' of this installation.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for place in (_PACKAGE / f"_{name}", _PACKAGE.parents[1] / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {name!r} is missing from this installation of mailbox-ingest: install the wheel again")


def builtin_form(name: str) -> Path:
    """The TOML file of a form that ships."""
    return _PACKAGE / "builtin_forms" / f"{name}.toml"
