"""The main job: a portrait and a voice become a film, with its manifest beside it."""

from __future__ import annotations

from lipwright.domain.run import Report, silent
from lipwright.pipeline.manifest import Manifest
from lipwright.pipeline.request import RenderRequest


def render_film(request: RenderRequest, report: Report = silent) -> Manifest:
    """Make the film and its manifest.

    What can be refused is refused before any work. Film and manifest take their
    names together at the very end; until then, and on any failure, what lay there
    before stays as it was.

    Args:
        request: What is wanted.
        report: Told the steps of read, prepare, sample and frames; may raise Cancelled.

    Returns:
        The manifest, as written.

    Raises:
        LipwrightError: each branch as errors.py tells.
    """
    raise NotImplementedError
