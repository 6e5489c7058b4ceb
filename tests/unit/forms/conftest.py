"""The form that ships and the registry that a province would have, for tests of what documents say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from bench.reading_quality import house
from bench.reading_quality.paper import document
from mailbox_ingest import forms
from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms import UnitMatcher
from mailbox_ingest.model import Block, Reading

Values = dict[str, tuple[int | None, bool]]


@pytest.fixture
def form() -> FormConfig:
    return house.form()


@pytest.fixture
def matcher() -> UnitMatcher:
    return house.registry().matcher


@pytest.fixture
def read(form: FormConfig) -> Callable[[Sequence[Block]], tuple[Reading, ...]]:
    """The readings of a document of these blocks, in 2020."""
    return lambda blocks: forms.read(document(blocks), form, year=2020)


@pytest.fixture
def sure(read: Callable[[Sequence[Block]], tuple[Reading, ...]]) -> Callable[[Sequence[Block]], list[Mapping[str, int]]]:
    """For each reading: the values nobody needs to look at."""

    def sure_values(blocks: Sequence[Block]) -> list[Mapping[str, int]]:
        return [
            {f.field: f.value for f in reading.fields if f.value is not None and f.certain and f.problem is None}
            for reading in read(blocks)
        ]

    return sure_values
