"""Arrays that grow: one block of memory each, so that what is read chunk by chunk leaves no holes behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Growing:
    """Array that is appended to, and read once at the end.

    Parameters
    ----------
    dtype : type
        Of its entries.
    """

    __slots__ = ("_bytes", "_dtype")

    def __init__(self, dtype: npt.DTypeLike) -> None:
        # Many small pieces would be given back to the allocator but not to the system: twice the memory stays in use.
        self._bytes = bytearray()
        self._dtype = np.dtype(dtype)

    def add(self, entries: npt.NDArray[Any]) -> None:
        """Append these entries."""
        self._bytes += entries.astype(self._dtype, copy=False).tobytes()

    def finish(self) -> npt.NDArray[Any]:
        """Read-only array of all entries; empty afterwards."""
        kept, self._bytes = bytes(self._bytes), bytearray()
        return np.frombuffer(kept, dtype=self._dtype)

    def finish_offsets(self) -> npt.NDArray[np.int64]:
        """Where each of the parts begins whose sizes these are, and where the last ends; empty afterwards."""
        sizes = self.finish()
        offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        return offsets
