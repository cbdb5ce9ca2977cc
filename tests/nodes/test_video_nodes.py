"""Deliver, and the image of check sync."""

from __future__ import annotations

from pathlib import Path

import folder_paths
import numpy as np
import pytest
import torch
from tests.decoding import decode_audio

from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures, OffsetWindow, SyncReport
from lipwright.domain.time import Span
from lipwright.media.image_file import read_image
from lipwright.media.video_reader import read_video_frames
from lipwright.nodes.sync_image import draw_sync
from lipwright.nodes.tensors import NodeError
from lipwright.nodes.video import CheckSync, Deliver


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(folder_paths, "output", tmp_path)
    return tmp_path


def images(count: int) -> torch.Tensor:
    ramp = torch.linspace(0, 1, count)[:, None, None, None]
    return ramp.expand(count, 64, 64, 3).contiguous()


def test_delivers_images_and_master(output: Path, spoken) -> None:
    made = Deliver.execute(images(25), spoken, 25.0, "lipwright/video", "alac")
    path = Path(made[0])
    assert path.parent == output / "lipwright"
    assert made.ui["images"] == [{"filename": path.name, "subfolder": "lipwright", "type": "output"}]
    assert made.ui["animated"] == (True,)
    video = list(read_video_frames(path))
    assert len(video) == 25
    assert video[24][0] * 25 == 24
    assert video[24][1].mean() - video[0][1].mean() > 240
    audio, form = decode_audio(path)
    assert form.codec == "alac"
    wanted = np.rint(spoken["waveform"][0].numpy() * 2**23)
    assert np.array_equal((audio.astype(np.int64) >> 8)[:, :16_000], wanted[:, :16_000])


def test_a_second_video_does_not_replace_the_first(output: Path, spoken) -> None:
    names = {Deliver.execute(images(9), spoken, 25.0, "video", "aac")[0] for _ in range(2)}
    assert len(names) == 2


def test_undeliverable_inputs_are_refused(output: Path, spoken) -> None:
    with pytest.raises(NodeError, match="of even width and height"):
        Deliver.execute(images(9)[:, :63], spoken, 25.0, "video", "aac")
    surround = spoken | {"waveform": spoken["waveform"].repeat(1, 6, 1)}
    with pytest.raises(NodeError, match="mix the audio down to stereo"):
        Deliver.execute(images(9), surround, 25.0, "video", "aac")
    assert not list(output.glob("*.mp4"))


def test_the_image_shows_where_the_audio_is_late() -> None:
    def drawn(offset: float | None) -> np.ndarray:
        windows = tuple(OffsetWindow(Span(i, i + 1.0), offset, 0.9) for i in range(4))
        return draw_sync(
            SyncReport(
                "in-sync" if offset == 0 else "audio-late",
                offset,
                0.9,
                0.0,
                MouthMeasures(0.1, 0.0, 0.0),
                AudioMeasures(-1.0, -16.0, 0),
                windows,
            )
        )

    def bar(image: np.ndarray) -> float:
        """Middle row of the bars, by their color."""
        inked = (np.ptp(image[90:340, 85:925].astype(int), axis=2) > 60).nonzero()[0]
        return float(np.median(inked))

    good, late = drawn(0.0), drawn(200.0)
    assert good.shape == (400, 960, 3)
    assert bar(late) < bar(good) - 50  # later is higher
    assert drawn(None).shape == good.shape


def test_still_face_is_reported(output: Path, spoken, portrait: Path) -> None:
    face = torch.from_numpy(read_image(portrait).rgb.astype(np.float32) / 255)
    still = face[None].expand(49, *face.shape)
    out = CheckSync.execute(still, spoken, 25.0, False)
    offset, confidence, verdict, image, report = out.args
    assert verdict == "static"
    assert offset == 0.0
    assert 0 <= confidence <= 1
    assert image.shape == (1, 400, 960, 3)
    assert isinstance(image, torch.Tensor)
    assert verdict in report
    with pytest.raises(NodeError, match="not in sync"):
        CheckSync.execute(still, spoken, 25.0, True)


def test_images_without_a_face_cannot_be_judged(output: Path, spoken) -> None:
    passed = CheckSync.execute(images(25), spoken, 25.0, stop_if_out=False)
    assert passed[2] == "no-face"
    with pytest.raises(NodeError, match="cannot be checked for sync") as stopped:
        CheckSync.execute(images(25), spoken, 25.0, stop_if_out=True)
    assert "not in sync" not in str(stopped.value)
