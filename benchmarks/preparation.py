"""Measure the preparation of a minute of speech on one core, next to FFmpeg's filters for the same purpose.

    python -m benchmarks.preparation [--hour [N]]

FFmpeg's chain (through PyAV, in this process): highpass, adeclick, adeclip, deesser, two-pass
loudness by ebur128 and volume, alimiter; its denoiser is afftdn, which works differently from ours.
Also printed: how much denoising improves noisy recordings of real readers, compared with the clean ones.
"""

# ruff: noqa: PLC0415 - libraries count the cores when they are imported: after the core was chosen

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, costing, lipwright, present, run_child, say_voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

DENOISED, PLAIN = 0.35, 0.1
"""Maximum CPU time, as a share of real time."""
HOUR_MB, FURTHER_MB = 600, 400
"""Maximum memory for the first hour and for each further one; the audio itself takes 346 MB an hour."""
READERS = Path("/usr/share/pocketsphinx/test/data/librivox")
SNRS_DB = (0, 5, 10, 15)
CHAIN = "highpass=f=55,adeclick=t=4:w=60,adeclip,deesser=i=0.4,alimiter=limit=0.668:level=0"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--hour",
        type=int,
        nargs="?",
        const=1,
        default=0,
        metavar="N",
        help="peak memory of N hours too (1): ten minutes each",
    )
    parser.add_argument("--runs", type=int, default=3, help="the fastest of so many counts")
    parser.add_argument(
        "--seconds", type=float, default=60, help="length of the speech, and maximum length of each reading"
    )
    parser.add_argument("--readers", type=int, default=5, help="how many real readers are denoised")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    with tempfile.TemporaryDirectory() as folder:
        voice = say_voice(Path(folder) / "voice.wav", options.seconds)
        figures = speed(voice, options.seconds, options.runs)
        if options.hour:
            figures += long_audio(Path(folder), options.hour)
    met = present(f"Preparation of {options.seconds:g} s of speech, one core", figures)
    present("Denoising of real readers in noise, SI-SDR", gains(options.readers, options.seconds))
    return 0 if met else 1


def speed(voice: Path, seconds: float, runs: int) -> list[Figure]:
    """Measure all of `lipwright audio -o`, including reading and writing, and FFmpeg's chains."""
    ours = {switch: min(prepare(voice, switch) for _ in range(runs)) for switch in ("on", "off")}
    chain = min(ffmpeg(voice, CHAIN) for _ in range(runs))
    with_denoiser = min(ffmpeg(voice, f"afftdn=nr=18,{CHAIN}") for _ in range(runs))
    return [
        Figure("with denoising, share of real time", ours["on"] / seconds, at_most=DENOISED),
        Figure("without", ours["off"] / seconds, at_most=PLAIN),
        Figure("FFmpeg's chain with afftdn", with_denoiser / seconds),
        Figure("FFmpeg's chain without", chain / seconds),
        Figure("ours over FFmpeg's, with denoising", ours["on"] / with_denoiser),
        Figure("ours over FFmpeg's, without", ours["off"] / chain),
    ]


def long_audio(folder: Path, hours: int) -> list[Figure]:
    """Measure peak memory for hours of audio, in separate processes: plain, denoised, with all options."""
    long = say_voice(folder / "long.wav", 3600 * hours)
    driver = ("audio", long, "-o", folder / "driver.wav", "--quiet")
    everything = ("--trim-silence", "--master-out", folder / "master.wav", "--report", folder / "page.html")
    limit_mb = HOUR_MB + (hours - 1) * FURTHER_MB
    length = "an hour" if hours == 1 else f"{hours} hours"
    figures = []
    for name, options in (
        ("without denoising", ("--denoise", "off")),
        ("with denoising", ("--denoise", "on")),
        ("pauses shortened, with the page", everything),
    ):
        child = run_child(lipwright(*driver, *options))
        peak_mb = child.peak_mib * 2**20 / 1e6
        figures.append(Figure(f"peak memory, {length}, {name}", peak_mb, "MB", at_most=limit_mb))
        figures.append(Figure("  takes", child.wall_s, "s"))
    return figures


def prepare(voice: Path, denoise: str) -> float:
    """Return the CPU seconds of the whole preparation, from file to file."""
    from lipwright.domain.settings import Preparation
    from lipwright.pipeline.audio import examine_audio

    with costing() as cost:
        examine_audio(
            voice,
            Fraction(25),
            driver=voice.with_name("driver.wav"),
            preparation=Preparation(denoise="on" if denoise == "on" else "off"),
        )
    return cost.cpu_s


def ffmpeg(voice: Path, chain: str) -> float:
    """Return the CPU seconds of FFmpeg for reading, measuring, filtering and measuring again."""
    from benchmarks.ffmpeg_filters import run_graph
    from lipwright.media.audio_reader import read_audio

    with costing() as cost:
        audio = read_audio(voice, rate_hz=24_000).waveform.samples[0]
        run_graph(audio, 24_000, "ebur128=peak=true")
        made = run_graph(audio, 24_000, chain)
        run_graph(made, 24_000, "ebur128=peak=true")
    return cost.cpu_s


def gains(count: int, seconds: float) -> list[Figure]:
    """Measure by how many dB denoising brings noisy speech closer to the clean recording.

    Args:
        count: How many readers.
        seconds: How much of each recording, at most.
    """
    import numpy as np

    from lipwright.audio.denoise import denoise_in_place
    from lipwright.media.audio_reader import read_audio

    readers = [
        read_audio(path, rate_hz=24_000).waveform.samples[0, : round(seconds * 24_000)]
        for path in sorted(READERS.glob("*.wav"))[:count]
    ]
    rng = np.random.default_rng(0)
    figures = []
    for snr_db in SNRS_DB:
        gained = []
        for clean in readers:
            # Pink, as rooms are.
            white = np.fft.rfft(rng.standard_normal(len(clean)))
            noise = np.fft.irfft(white / np.sqrt(np.maximum(1, np.arange(len(white)))), len(clean))
            noise *= clean.std() / noise.std() * 10 ** (-snr_db / 20)
            noisy = (clean + noise).astype(np.float32)
            before = si_sdr(noisy, clean)
            denoise_in_place(noisy, 24_000, 0.05 / float(clean.std()))
            gained.append(si_sdr(noisy, clean) - before)
        figures.append(Figure(f"gain at {snr_db} dB SNR", float(np.mean(gained)), "dB"))
    return figures


def si_sdr(ours: Samples, truth: Samples) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al., 2019)."""
    import numpy as np

    part = float(ours @ truth) / float(truth @ truth) * truth
    return float(10 * np.log10((part @ part) / ((ours - part) @ (ours - part))))


if __name__ == "__main__":
    sys.exit(main())
