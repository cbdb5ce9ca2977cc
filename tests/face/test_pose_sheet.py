"""The kept command that draws sheets of poses."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from benchmarks.pose_sheet import POSES, main


@pytest.fixture(scope="module")
def portrait_file(astronaut, tmp_path_factory):
    path = tmp_path_factory.mktemp("sheet") / "portrait.png"
    assert cv2.imwrite(str(path), np.ascontiguousarray(astronaut.rgb[..., ::-1]))
    return path


@pytest.mark.parametrize("options", [[], ["--zoom", "mouth"], ["--zoom", "eyes"], ["--strip", "8"]])
def test_a_sheet_is_drawn(portrait_file, tmp_path, options):
    out = tmp_path / "sheet.png"
    assert main([str(portrait_file), str(out), "--height", "256", *options]) == 0
    sheet = cv2.imread(str(out))
    tiles = 8 if options[:1] == ["--strip"] else len(POSES)
    if "--zoom" not in options:
        assert sheet.shape == (256 * tiles // 4, 256 * 4, 3)
    first = sheet[: sheet.shape[0] * 4 // tiles, : sheet.shape[1] // 4]
    second = sheet[: first.shape[0], first.shape[1] : 2 * first.shape[1]]
    assert np.abs(first.astype(int) - second).max() > 20


def test_a_text_file_is_refused(tmp_path, capsys):
    path = tmp_path / "words.png"
    path.write_text("not an image")
    assert main([str(path), str(tmp_path / "out.png")]) == 3
    assert "hint:" in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_a_missing_folder_is_told(portrait_file, tmp_path, capsys):
    assert main([str(portrait_file), str(tmp_path / "nowhere" / "out.png"), "--height", "256"]) == 3
    assert "cannot be written" in capsys.readouterr().err
