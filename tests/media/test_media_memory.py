"""Memory does not grow with length: each size is measured in a process of its own."""

from __future__ import annotations

import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

VIDEO = """
    import resource, sys
    import numpy as np
    from fractions import Fraction
    from pathlib import Path
    from lipwright.domain.media import FrameSize
    from lipwright.media.video_writer import write_video

    count = int(sys.argv[3])
    noise = np.random.default_rng(0).integers(0, 255, (9, 64, 64, 3), np.uint8)
    frames = (noise[n % 9] for n in range(count))
    write_video(Path(sys.argv[1]) / "video.mp4", frames, frame_rate=Fraction(25), size=FrameSize(64, 64),
               audio=Path(sys.argv[2]), frame_count=count)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

READ = """
    import resource, sys
    from pathlib import Path
    from lipwright.media.audio_reader import read_audio

    read_audio(Path(sys.argv[2]), rate_hz=24_000)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

CRAMPED = """
    import resource, sys
    from pathlib import Path
    from lipwright.errors import InputError
    from lipwright.media.audio_reader import read_audio

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 2**29, resource.RLIM_INFINITY))
    try:
        read_audio(Path(sys.argv[1]), rate_hz=24_000)
    except InputError as error:
        print(error.message, "/", error.hint)
"""


def peak_mib(program: str, *arguments: object) -> float:
    command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return int(done.stdout) / 1024


@pytest.fixture
def minute(tmp_path, encode, speech) -> Path:
    """A minute of eight channels at 48 kHz: 92 MiB once decoded to float."""
    voice = (np.tile(speech, 15) * 30_000).astype(np.int16)
    return encode(tmp_path / "minute.wav", "pcm_s16le", np.stack([voice] * 8))


@pytest.mark.parametrize("kind", ["encoded", "copied"])
def test_memory_does_not_grow_with_the_video(tmp_path, encode, speech, kind):
    codec, name = {"encoded": ("pcm_s16le", "a.wav"), "copied": ("aac", "a.m4a")}[kind]
    audio = encode(tmp_path / name, codec, np.tile(speech, 8))
    assert peak_mib(VIDEO, tmp_path, audio, 750) < 1.1 * peak_mib(VIDEO, tmp_path, audio, 250)


def test_only_the_mono_result_is_in_memory(tmp_path, encode, speech, minute):
    short = encode(tmp_path / "short.wav", "pcm_s16le", np.stack([speech] * 8))
    result_mib = 60 * 24_000 * 4 / 2**20
    assert peak_mib(READ, tmp_path, minute) - peak_mib(READ, tmp_path, short) < 4 * result_mib


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="a process' memory is limited on Linux")
def test_audio_too_large_for_memory_is_refused(tmp_path):
    long = tmp_path / "long.wav"
    size = 3 * 3600 * 8_000
    form = struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 8_000, 1, 8)
    with long.open("wb") as file:
        file.write(
            b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size)
        )
        file.truncate(file.tell() + size)  # sparse: it takes no room
    command = [sys.executable, "-c", textwrap.dedent(CRAMPED), str(long)]
    reported = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert reported.startswith(f"{long}: 180 minutes of audio need 1038 MB of memory")
    assert "cut the recording into parts" in reported
