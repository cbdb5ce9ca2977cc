"""From audio and an image to the shape of a video: frames, chunks, size.

Exact arithmetic only: nothing here reads a file, hears a sample or knows a model.
"""

from __future__ import annotations

from lipwright.planning.chunks import lay_chunks
from lipwright.planning.frames import plan_frames, plan_seconds, plan_video
from lipwright.planning.size import SizeRules, snap_size

__all__ = ["SizeRules", "lay_chunks", "plan_frames", "plan_seconds", "plan_video", "snap_size"]
