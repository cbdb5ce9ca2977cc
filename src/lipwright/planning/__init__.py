"""From a sound and a picture to the shape of a film: frames, chunks, size.

Exact arithmetic only: nothing here reads a file, hears a sample or knows a model.
"""

from __future__ import annotations

from lipwright.planning.chunks import lay_chunks
from lipwright.planning.frames import plan_film, plan_frames, plan_seconds
from lipwright.planning.size import snap_size

__all__ = ["lay_chunks", "plan_film", "plan_frames", "plan_seconds", "snap_size"]
