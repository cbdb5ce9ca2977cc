"""FFmpeg's audio filters, run over audio in memory."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

_BLOCK = 4096


def run_graph(samples: NDArray[np.float32], rate_hz: int, chain: str) -> NDArray[np.float32]:
    """Run a chain of filters.

    Args:
        samples: Mono, shape (n,).
        rate_hz: Its rate.
        chain: As FFmpeg writes it: "highpass=f=80,alimiter=limit=0.7".

    Returns:
        The output, shape (m,); filters may delay it, and m may differ from n.
    """
    return np.concatenate([np.zeros(0, np.float32), *_run(samples, rate_hz, chain)])


def _run(samples: NDArray[np.float32], rate_hz: int, chain: str) -> Iterator[NDArray[np.float32]]:
    graph = av.filter.Graph()
    last = graph.add_abuffer(
        format="fltp", sample_rate=rate_hz, layout="mono", time_base=Fraction(1, rate_hz)
    )
    for step in [*chain.split(","), "aformat=sample_fmts=fltp:channel_layouts=mono", "abuffersink"]:
        name, _, arguments = step.partition("=")
        node = graph.add(name, arguments or None)
        last.link_to(node)
        last = node
    graph.configure()
    for start in range(0, len(samples), _BLOCK):
        block = np.ascontiguousarray(samples[None, start : start + _BLOCK])
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start
        graph.push(frame)
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: av.filter.Graph) -> Iterator[NDArray[np.float32]]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(frame, AudioFrame):
            yield frame.to_ndarray()[0].astype(np.float32, copy=False)
