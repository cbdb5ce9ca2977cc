"""The plan of a video: frame count, chunks, size.

Exact arithmetic only: nothing here reads files, audio or models.
"""

from __future__ import annotations

from lipwright.planning.chunk_layout import lay_chunks
from lipwright.planning.frames import plan_frames, plan_seconds, plan_video
from lipwright.planning.size import SizeRules, snap_size

__all__ = ["SizeRules", "lay_chunks", "plan_frames", "plan_seconds", "plan_video", "snap_size"]
