"""For work that makes a great many objects and keeps nearly all of them: the search for garbage cycles waits until it is done."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def keeping_everything() -> Iterator[None]:
    """Within, the cyclic garbage collector rests; also a decorator. A digest of 5,000 units spent a third of its time on it.

    One for the whole process: should two overlap, the first to end lets it work again, which costs time and nothing else.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
