"""The command that draws sheets of poses draws every pose, and refuses what is no image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from benchmarks.pose_sheet import main


@pytest.mark.parametrize("options", [[], ["--strip", "8", "--zoom", "mouth"]])
def test_neighboring_tiles_differ(astronaut, tmp_path, options):
    portrait, out = tmp_path / "portrait.png", tmp_path / "sheet.png"
    small = cv2.resize(astronaut.rgb[..., ::-1], (256, 256), interpolation=cv2.INTER_AREA)
    assert cv2.imwrite(str(portrait), small)
    assert main([str(portrait), str(out), *options]) == 0
    sheet = cv2.imread(str(out))
    width, height = sheet.shape[1] // 4, sheet.shape[0] // (2 if options else 4)
    first, second = sheet[:height, :width], sheet[:height, width : 2 * width]
    assert np.abs(first.astype(int) - second).max() > 20


def test_a_text_file_is_refused(tmp_path, capsys):
    path = tmp_path / "words.png"
    path.write_text("not an image")
    assert main([str(path), str(tmp_path / "out.png")]) == 3
    assert "hint:" in capsys.readouterr().err
