"""The wheel alone is enough: installed into an empty environment with its declared dependencies only, it runs the demo's first step."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the wheel, and links to exactly the packages that the wheel says it needs: no index is asked, and a
    dependency that was forgotten in pyproject.toml is missing here."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for needed in closure(Distribution.at(next(site.glob("mailbox_ingest-*.dist-info"))), frozenset({"demo"})):
        link(needed, site)
    return folder


def closure(root: Distribution, extras: frozenset[str]) -> Iterator[Distribution]:
    """The distributions that `root` with `extras` needs, in turn with theirs."""
    seen: set[tuple[str, str]] = set()
    open_ends = [(root, extra) for extra in ("", *extras)]
    while open_ends:
        current, extra = open_ends.pop()
        for line in current.requires or ():
            requirement = Requirement(line)
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            found = distribution(requirement.name)
            for wanted in ("", *requirement.extras):
                key = (canonicalize_name(requirement.name), wanted)
                if key not in seen:
                    seen.add(key)
                    open_ends.append((found, wanted))
                    yield found


def link(needed: Distribution, site: Path) -> None:
    """Links a distribution's files below their first folder; folders that several distributions share are made, not linked."""
    for file in needed.files or ():
        source = Path(str(needed.locate_file(file)))
        if file.parts[0] == ".." or file.suffix == ".pyc" or not source.exists():
            continue
        target = site.joinpath(*file.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.symlink_to(source)


def test_templates_migrations_and_forms_travel_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, inside in (("templates", "mailbox_ingest/_templates"), ("migrations", "mailbox_ingest/_migrations")):
        files = {
            path.relative_to(ROOT / folder).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.suffix in {".html", ".txt", ".py", ".css", ".js", ".svg"}
        }
        assert files and {f"{inside}/{name}" for name in files} <= names
    assert "mailbox_ingest/builtin_forms/bluezone.toml" in names
    assert not any(name.startswith(("tests/", "bench/", "docs/")) for name in names)


def test_the_installed_wheel_runs_the_demos_first_step(environment: Path, tmp_path: Path) -> None:
    program = [str(environment / "bin" / "python"), "-I", "-c", "import sys; from mailbox_ingest.cli import main; sys.exit(main())"]
    whose = subprocess.run(
        [*program[:3], "import mailbox_ingest; print(mailbox_ingest.__file__)"], capture_output=True, text=True, check=True
    )
    assert whose.stdout.startswith(str(environment))

    command = [*program, "demo", "--weeks", "1", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 outcomes are not as the story has them" in done.stdout
    assert list((tmp_path / "out" / "digests").glob("*.html"))


def test_every_dependency_is_pinned_in_the_constraints(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [entry for entry in archive.namelist() if entry.endswith(".dist-info/METADATA")]
        lines = archive.read(name).decode().splitlines()
    needed = {canonicalize_name(Requirement(line.split(": ", 1)[1]).name) for line in lines if line.startswith("Requires-Dist: ")}
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {canonicalize_name(line.split("==")[0]) for line in text.splitlines() if "==" in line}
    assert needed <= pinned
    assert "://" not in text  # no index address: whoever installs says where from


def test_the_constraints_name_what_is_installed_here() -> None:
    """A pin nobody tested is worth nothing."""
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        if not version or line.startswith("#"):
            continue
        try:
            installed = distribution(name.strip()).version
        except PackageNotFoundError:
            continue  # of an extra that is not installed here
        assert installed == version.strip(), name
