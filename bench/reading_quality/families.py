"""All families of specimens by name, and the specimen of a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from bench.reading_quality import around, clerks, mutations, scans, several, tables_across, tables_down, texts, traps, whose_and_when
from bench.reading_quality.house import units
from bench.reading_quality.specimen import Scene, Specimen, scene

FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    **tables_down.FAMILIES,
    **tables_across.FAMILIES,
    **texts.FAMILIES,
    **whose_and_when.FAMILIES,
    **traps.FAMILIES,
    **mutations.FAMILIES,
    **around.FAMILIES,
    **scans.FAMILIES,
    **several.FAMILIES,
    **clerks.FAMILIES,
}


def specimen(seed: int, only: Sequence[str] = ()) -> Specimen:
    """The specimen of a seed: always the same."""
    rng = random.Random(seed)
    name = rng.choice(list(only) or list(FAMILIES))
    return FAMILIES[name](scene(rng, units()))
