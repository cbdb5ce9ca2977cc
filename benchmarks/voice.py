"""Write the example's voice repeatedly, as a WAV of any length: python -m benchmarks.voice OUT SECONDS."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np

from benchmarks.measuring import EXAMPLES
from lipwright.media.audio_reader import read_audio

RATE_HZ = 48_000


def main() -> None:
    path, seconds = Path(sys.argv[1]), float(sys.argv[2])
    voice = read_audio(EXAMPLES / "voice.flac", rate_hz=RATE_HZ).waveform.mono
    pcm = np.round(voice * 32767).clip(-32768, 32767).astype("<i2").tobytes()
    left = round(seconds * RATE_HZ) * 2
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        while left > 0:
            out.writeframesraw(pcm[:left])
            left -= len(pcm)


if __name__ == "__main__":
    main()
