"""What a reading process sends back, taken apart here without running anything: plain values and our own nouns, never a callable it names.

A pickle may call whatever it names. The child reads what strangers send, so it is the one part of the house that may be taken over; what it
answers must not carry that across. Its answer may still be wrong, as a reading may be.
"""

from __future__ import annotations

import builtins
import io
import pickle
from dataclasses import is_dataclass
from enum import Enum
from importlib import import_module
from typing import Any

MOST_BYTES = 1_000_000_000  # an answer is a few megabytes; pages of pictures some tens
_OURS = tuple(f"mailbox_ingest.{room}." for room in ("model", "documents", "forms", "judgement", "message", "reading"))
_OUR_MODULES = frozenset({"mailbox_ingest.errors", "mailbox_ingest.periods", "mailbox_ingest.store.ledger.records"})
_PLAIN = frozenset(
    {
        *(("builtins", name) for name in ("set", "frozenset", "bytearray", "complex", "list", "dict", "tuple")),
        *(("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")),
        *(("collections", name) for name in ("OrderedDict", "Counter")),
        ("decimal", "Decimal"),
    }
)


class _Answer(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module == "builtins" and "." not in name:
            found = getattr(builtins, name, None)
            if isinstance(found, type) and issubclass(found, Exception):
                return found
        if (module.startswith(_OURS) or module in _OUR_MODULES) and "." not in name:
            found = getattr(import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module and _is_value(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of ours")


def taken_apart(data: bytes) -> tuple[bool, Any]:
    """(True, result) or (False, exception). Raises pickle.UnpicklingError for anything else."""
    try:
        succeeded, value = _Answer(io.BytesIO(data)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as problem:  # a child that was taken over writes what it likes: every way to fail is the same refusal
        raise pickle.UnpicklingError(f"not an answer: {problem!r}") from problem
    if not isinstance(succeeded, bool) or (not succeeded and not isinstance(value, Exception)):
        raise pickle.UnpicklingError("not an answer")
    return succeeded, value


def can_cross(problem: Exception) -> bool:
    """Whether an exception is one that the other side takes: a library's own is not."""
    kind = type(problem)
    return kind.__module__ == "builtins" or kind.__module__ in _OUR_MODULES


def _is_value(found: type) -> bool:
    """Dataclasses, enumerations, named tuples and exceptions do nothing when they are made."""
    return is_dataclass(found) or issubclass(found, Enum | Exception) or (issubclass(found, tuple) and hasattr(found, "_fields"))
