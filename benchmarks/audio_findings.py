"""Measure how reliably faults of a recording are found: added at several strengths, in held-out voices.

    python -m benchmarks.audio_findings [--recordings FOLDER] [--rules RULE ...] [--show]

The voices are two neural ones (hibari, joe), each saying two texts with pauses between sentences, over faint
room tone. With --recordings the WAV, FLAC and other audio files of FOLDER are used instead: speech, clean as
far as is known. A finding in such a recording counts as a false alarm even if the recording really has that
fault, so look at --show before you trust that figure; a fault that is found in the original recording is not
added to it.

Recall counts the clear faults; that of mild ones is printed next to it. A fault at a place counts only if it
is found there.
"""

# ruff: noqa: PLC0415 - the voices are big libraries

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from training.held_out import joe

from benchmarks.made_videos import TEXTS
from benchmarks.measuring import Figure, present
from lipwright.audio.assessment import assess
from lipwright.audio.diagnosis import diagnose
from lipwright.audio.speech import find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.progress import no_progress
from lipwright.domain.time import Span
from lipwright.media.audio_reader import read_audio
from lipwright.pipeline.audio_input import load_audio

RATE_HZ = 48_000
RECALL, FALSE_ALARMS = 0.9, 0.1
"""Minimum recall of clear faults; maximum number of false findings per clean recording."""
NEAR_S = 0.15
"""Maximum distance of a finding from the place of the fault."""
ROOM_DBFS = -68.0
SUFFIXES = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus")

Samples = NDArray[np.float64]
Planter = Callable[["Voice", float, np.random.Generator], "Planted | None"]
"""None if there is no suitable place for the fault."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Clean speech."""

    name: str
    samples: Samples
    """Shape (n,), at RATE_HZ."""
    speech: tuple[Span, ...]
    power: float
    """Mean square of the speech."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Speech with a fault in it."""

    samples: Samples
    """Shape (channels, n)."""
    places: tuple[Span, ...] = ()
    """Place of the fault; empty if it is everywhere."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A fault and its strengths."""

    rule: str
    planter: Planter
    clear: tuple[float, ...]
    mild: tuple[float, ...] = ()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path, help="a folder of clean speech, instead of the voices")
    parser.add_argument("--show", action="store_true", help="print what is missed and every false alarm")
    parser.add_argument("--rules", nargs="+", metavar="RULE", help="plant these faults alone")
    options = parser.parse_args()
    voices = list(recordings(options.recordings) if options.recordings else made_voices())
    if not voices:
        parser.error(f"{options.recordings} holds no recording of speech")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audio.wav"
        before = {voice.name: examine(path, voice.samples[None]) for voice in voices}
        planted = [plant for plant in PLANTS if plant.rule in (options.rules or [plant.rule])]
        figures = [recall(plant, voices, before, path, options.show) for plant in planted]
    for rule in sorted({finding.id for findings in before.values() for finding in findings}):
        having = [name for name, findings in before.items() if rule in {finding.id for finding in findings}]
        figures.append([Figure(f"{rule}: unplanted, share of the recordings", len(having) / len(voices))])
        if options.show:
            for name in having:
                print(name, [(f.text, f.where) for f in before[name] if f.id == rule][:3])
    unasked = sum(map(len, before.values())) / len(voices)
    limit = None if options.recordings else FALSE_ALARMS  # of others' recordings some will be true
    figures.append([Figure("findings where nothing was planted, per recording", unasked, at_most=limit)])
    flat = [figure for some in figures for figure in some]
    seconds = sum(len(voice.samples) for voice in voices) / RATE_HZ
    return 0 if present(f"Faults planted in {len(voices)} recordings, {seconds:.0f} s", flat) else 1


def recall(
    plant: Plant, voices: list[Voice], before: dict[str, list[Finding]], path: Path, show: bool
) -> list[Figure]:
    """Share of the added faults that were found, for clear and for mild strengths."""
    figures = []
    for strengths, kind in ((plant.clear, "clear"), (plant.mild, "mild")):
        hits, all_of_them = 0.0, 0
        for number, voice in enumerate(voices):
            if plant.rule in {finding.id for finding in before[voice.name]} and plant.rule not in PLACED:
                continue
            for strength in strengths:
                planted = plant.planter(voice, strength, np.random.default_rng(number))
                if planted is None:
                    continue
                found = [finding for finding in examine(path, planted.samples) if finding.id == plant.rule]
                share = found_there(found, planted.places)
                hits += share
                all_of_them += 1
                if show and share < 1 and kind == "clear":
                    print(
                        f"{plant.rule} {strength:g} in {voice.name}: {share:.2f} of {planted.places or 'it'}"
                    )
        if all_of_them:
            limit = RECALL if kind == "clear" else None
            figures.append(
                Figure(f"{plant.rule} ({plant.planter.__name__}), {kind}", hits / all_of_them, at_least=limit)
            )
    return figures


def found_there(found: list[Finding], places: tuple[Span, ...]) -> float:
    """Share of the fault's places that are found; for a fault that is everywhere, 1 if it is found."""
    if not places:
        return float(bool(found))
    told = [
        place
        for finding in found
        for place in finding.where.get("places", [(finding.where["start"], finding.where["end"])])
    ]
    return float(
        np.mean(
            [any(a < place.end + NEAR_S and b > place.start - NEAR_S for a, b in told) for place in places]
        )
    )


def examine(path: Path, samples: Samples) -> list[Finding]:
    """Return the findings of `lipwright audio`."""
    import av

    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples.T.reshape(1, -1), np.float32),
        "flt",
        "mono" if len(samples) == 1 else "stereo",
    )
    frame.sample_rate = RATE_HZ
    with av.open(str(path), "w", format="wav") as out:
        stream = out.add_stream("pcm_f32le", rate=RATE_HZ, layout=frame.layout.name)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    heard = load_audio(path, no_progress)
    mono = heard.audio.waveform
    return assess(diagnose(mono.samples[0], mono.rate_hz, heard.speech, heard.source))


def made_voices() -> Iterator[Voice]:
    """Two neural voices, two texts each, over faint room tone."""
    import hibari

    first = hibari.Hibari()
    second = joe()

    def hibari_says(text: str) -> tuple[Samples, int]:
        return np.asarray(first(text, seed=0), np.float64).ravel(), first.sample_rate

    def joe_says(text: str) -> tuple[Samples, int]:
        chunks = [chunk.audio_float_array for chunk in second.synthesize(text)]
        return np.concatenate(chunks).astype(np.float64), second.config.sample_rate

    rng = np.random.default_rng(4)
    for name, say in (("hibari", hibari_says), ("joe", joe_says)):
        for number in range(2):
            pieces = [silence(0.5)]
            for text in TEXTS[number::2][:3]:
                audio, frame_rate = say(text)
                pieces += [soxr.resample(audio, frame_rate, RATE_HZ), silence(rng.uniform(0.5, 1.1))]
            samples = np.concatenate([*pieces[:-1], silence(0.5)])
            samples = np.tanh(samples * 10 ** (-16 / 20) / loud(samples))  # no peak over full scale
            yield voice_of(f"{name} {number + 1}", samples + noise(len(samples), ROOM_DBFS, rng))


def recordings(folder: Path) -> Iterator[Voice]:
    """The first forty seconds of every recording with speech in a folder, mixed down to mono."""
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
        samples = read_audio(path, rate_hz=RATE_HZ).waveform.samples.mean(0).astype(np.float64)
        voice = voice_of(path.name, samples[: 40 * RATE_HZ])
        if voice.speech:
            yield voice
        else:
            print(f"{path.name}: nobody speaks")


def voice_of(name: str, samples: Samples) -> Voice:
    """A voice with its spans of speech."""
    speech = find_speech(Waveform(samples[None].astype(np.float32), RATE_HZ))
    return Voice(name, samples, speech, loud(samples) ** 2)


def silence(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * RATE_HZ))


def loud(samples: Samples) -> float:
    """RMS of everything but the pauses."""
    rows = samples[: len(samples) // 480 * 480].reshape(-1, 480)
    power = (rows**2).mean(1)
    return float(np.sqrt(power[power > power.mean() / 10].mean()))


def noise(length: int, dbfs: float, rng: np.random.Generator) -> Samples:
    """Pink noise of that RMS."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    made = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), length)
    return np.asarray(made * 10 ** (dbfs / 20) / made.std())


def band_noise(length: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> Samples:
    """White noise between two frequencies, of RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / RATE_HZ)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0
    made = np.fft.irfft(spectrum, length)
    return made / made.std()


def relative(voice: Voice, made: Samples, db: float) -> Samples:
    """Scale audio of RMS 1 to a level relative to the speech, in dB."""
    return made * np.sqrt(voice.power) * 10 ** (db / 20)


def pauses(voice: Voice, longer_than_s: float) -> list[Span]:
    """Spans between the words."""
    return [
        Span(a.end, b.start)
        for a, b in zip(voice.speech, voice.speech[1:], strict=False)
        if b.start - a.end > longer_than_s
    ]


def added(voice: Voice, pieces: list[tuple[float, Samples]]) -> Samples:
    """Mix sounds into the speech at the given seconds."""
    samples = voice.samples.copy()
    for at, piece in pieces:
        first = round(at * RATE_HZ)
        part = piece[: len(samples) - first]
        samples[first : first + len(part)] += part
    return samples


def hum(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Add mains hum with its harmonics."""
    time = np.arange(len(voice.samples)) / RATE_HZ
    mains = rng.choice([49.9, 50.05, 59.95, 60.1])
    lines = [
        rng.uniform(0.2, 1) / k * np.sin(2 * np.pi * mains * k * time + rng.uniform(0, 6))
        for k in range(1, 8)
    ]
    made = np.sum(lines, axis=0)
    return Planted((voice.samples + relative(voice, made / made.std(), db))[None])


def clipping(voice: Voice, share: float, rng: np.random.Generator) -> Planted:
    """Clip the peaks so that this share of the samples is flat; then lower the level a little."""
    top = np.quantile(np.abs(voice.samples), 1 - share)
    return Planted(np.clip(voice.samples / top, -1, 1)[None] * 0.98)


def noisy(voice: Voice, snr_db: float, rng: np.random.Generator) -> Planted:
    """Add pink noise."""
    made = noise(len(voice.samples), 0, rng)
    return Planted((voice.samples + relative(voice, made, -snr_db))[None])


def dc(voice: Voice, offset: float, rng: np.random.Generator) -> Planted:
    """Add a DC offset."""
    return Planted((voice.samples + offset)[None])


def rumble(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Add rumble below 45 Hz."""
    return Planted((voice.samples + relative(voice, band_noise(len(voice.samples), 8, 40, rng), db))[None])


def wind(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Add gusts of wind: low noise that swells and fades."""
    made = band_noise(len(voice.samples), 5, 60, rng)
    gusts = np.abs(band_noise(len(voice.samples), 0, 0.7, rng)) + 0.3
    made *= gusts
    return Planted((voice.samples + relative(voice, made / made.std(), db))[None])


def sharp(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Raise s sounds above 5 kHz to a level relative to the speech, in dB."""
    from lipwright.audio.frame_features import frame_features
    from lipwright.audio.speech_events import sibilance_db

    mono = soxr.resample(voice.samples, RATE_HZ, 24_000).astype(np.float32)
    now = sibilance_db(frame_features(mono, 24_000, voice.speech)) or 0.0
    spectrum = np.fft.rfft(voice.samples)
    high = np.fft.rfftfreq(len(voice.samples), 1 / RATE_HZ) > 5000
    spectrum[high] *= 10 ** ((db - now) / 20)
    return Planted(np.fft.irfft(spectrum, len(voice.samples))[None])


def plosives(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Add bursts of air at the beginning of some words: a thump of 50 to 90 ms below 80 Hz."""
    pieces, places = [], []
    for span in voice.speech[:6]:
        length = rng.uniform(0.05, 0.09)
        time = np.arange(round(length * RATE_HZ)) / RATE_HZ
        thump = np.sin(2 * np.pi * rng.uniform(20, 45) * time) * np.hanning(len(time))
        pieces.append((span.start + 0.01, relative(voice, thump / np.sqrt((thump**2).mean()), db)))
        places.append(Span(span.start, span.start + length))
    return Planted(added(voice, pieces)[None], tuple(places))


def breaths(voice: Voice, db: float, rng: np.random.Generator) -> Planted | None:
    """Add breaths of 0.25 to 0.4 s in pauses."""
    pieces, places = [], []
    for pause in pauses(voice, 0.55):
        length = min(rng.uniform(0.25, 0.4), pause.seconds - 0.2)
        made = band_noise(round(length * RATE_HZ), 300, 7000, rng) * np.hanning(round(length * RATE_HZ))
        at = pause.end - length - 0.06
        pieces.append((at, relative(voice, made / made.std(), db)))
        places.append(Span(at, at + length))
    return Planted(added(voice, pieces)[None], tuple(places)) if places else None


def long_pause(voice: Voice, seconds: float, rng: np.random.Generator) -> Planted | None:
    """Add a pause in the middle, filled with room tone."""
    if not pauses(voice, 0.2):
        return None
    pause = max(pauses(voice, 0.2), key=lambda span: span.seconds)
    at = round((pause.start + pause.end) / 2 * RATE_HZ)
    room = noise(round(seconds * RATE_HZ), ROOM_DBFS, rng)
    samples = np.concatenate([voice.samples[:at], room, voice.samples[at:]])
    return Planted(samples[None], (Span(at / RATE_HZ, at / RATE_HZ + seconds),))


def cut_in(voice: Voice, share: float, rng: np.random.Generator) -> Planted:
    """Start in the middle of a word, where it is loud."""
    span = max(voice.speech[:4], key=lambda span: span.seconds)
    first, last = (round(edge * RATE_HZ) for edge in (span.start, span.end))
    rows = voice.samples[first : first + (last - first) // 480 * 480].reshape(-1, 480)
    loudest = np.flatnonzero((rows**2).mean(1) > voice.power * share)
    return Planted(voice.samples[first + int(loudest[len(loudest) // 2]) * 480 :][None], (Span(0, 0.01),))


def edge(voice: Voice, seconds: float, rng: np.random.Generator) -> Planted | None:
    """Add room tone before the first word."""
    lead = seconds - voice.speech[0].start
    if lead < 0.01:
        return None
    room = noise(round(lead * RATE_HZ), ROOM_DBFS, rng)
    return Planted(np.concatenate([room, voice.samples])[None], (Span(0, seconds),))


def music(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Add music from start to end: plucked chords, a bass and a melody with overtones."""
    made = np.zeros(len(voice.samples) + 2 * RATE_HZ)
    beat, chords = rng.uniform(0.35, 0.6), ((0, 4, 7), (-3, 0, 4), (5, 9, 12), (7, 11, 14))
    for number in range(int(len(voice.samples) / RATE_HZ / beat)):
        chord = chords[number // 4 % 4]
        notes = [*(220 * 2 ** (n / 12) for n in chord), 110 * 2 ** (chord[0] / 12)]
        notes.append(440 * 2 ** ((chord[number % 3] + rng.choice([0, 12])) / 12))
        time = np.arange(round(1.6 * RATE_HZ)) / RATE_HZ
        audio = sum(
            np.sin(2 * np.pi * note * k * time) / k**1.5 * np.exp(-time * (1.5 + 0.5 * k))
            for note in notes
            for k in range(1, 7)
        )
        first = round(number * beat * RATE_HZ)
        made[first : first + len(time)] += np.asarray(audio)[: len(made) - first]
    made = made[: len(voice.samples)]
    return Planted((voice.samples + relative(voice, made / made.std(), db))[None])


def fake_stereo(voice: Voice, gain_db: float, rng: np.random.Generator) -> Planted:
    """Stereo with the same audio on both sides, one slightly softer."""
    return Planted(np.stack([voice.samples, voice.samples * 10 ** (gain_db / 20)]))


def dead_side(voice: Voice, dbfs: float, rng: np.random.Generator) -> Planted:
    """Stereo with only converter noise on one side."""
    return Planted(np.stack([voice.samples, noise(len(voice.samples), dbfs, rng)]))


def inverted(voice: Voice, gain_db: float, rng: np.random.Generator) -> Planted:
    """Stereo with one side inverted."""
    return Planted(np.stack([voice.samples, -voice.samples * 10 ** (gain_db / 20)]))


def unheard(voice: Voice, share: float, rng: np.random.Generator) -> Planted:
    """Add audio above 8 kHz, as a share of the total power."""
    made = band_noise(len(voice.samples), 9000, 20_000, rng)
    made *= voice.samples.std() * np.sqrt(share / (1 - share))
    return Planted((voice.samples + made)[None])


def quiet(voice: Voice, db: float, rng: np.random.Generator) -> Planted:
    """Turn the recording down."""
    return Planted(voice.samples[None] * 10 ** (db / 20))


def quiet_passage(voice: Voice, db: float, rng: np.random.Generator) -> Planted | None:
    """Make a sentence quieter, from one pause to another."""
    gaps = pauses(voice, 0.45)
    if not gaps:
        return None
    first = gaps[0].end - 0.1
    last = next((gap.start + 0.1 for gap in gaps[1:] if gap.start - first > 0.9), voice.speech[-1].end)
    samples = voice.samples.copy()
    samples[round(first * RATE_HZ) : round(last * RATE_HZ)] *= 10 ** (db / 20)
    return Planted(samples[None], (Span(first, last),))


def clicks(voice: Voice, peak: float, rng: np.random.Generator) -> Planted:
    """Add five clicks of a single sample."""
    samples = voice.samples.copy()
    at = np.sort(rng.integers(RATE_HZ // 2, len(samples) - RATE_HZ // 2, 5))
    samples[at] += peak * rng.choice([-1, 1], 5)
    samples[at + 1] -= peak / 2 * rng.choice([-1, 1], 5)
    return Planted(samples[None], (Span(at[0] / RATE_HZ, at[-1] / RATE_HZ),))


def over(voice: Voice, peak: float, rng: np.random.Generator) -> Planted:
    """Exceed full scale, as a float file can."""
    return Planted(voice.samples[None] * peak / np.abs(voice.samples).max())


def nothing_recorded(voice: Voice, seconds: float, rng: np.random.Generator) -> Planted:
    """Digital silence before and after."""
    return Planted(np.concatenate([silence(seconds / 2), voice.samples, silence(seconds / 2)])[None])


PLANTS = (
    Plant("hum", hum, (-30, -40), (-50,)),
    Plant("clipped", clipping, (0.01, 0.002), (0.0003,)),
    Plant("noisy", noisy, (10, 20), (28,)),
    Plant("dc-offset", dc, (0.02, -0.006), (0.0035,)),
    Plant("rumble", rumble, (-10, -22), (-28,)),
    Plant("rumble", wind, (-6, -15), (-22,)),
    Plant("sibilance", sharp, (6, 3), (1.5,)),
    Plant("plosive", plosives, (9, 4), (-1,)),
    Plant("breath", breaths, (-22, -32), (-42,)),
    Plant("long-silence", long_pause, (4, 2.5), (1.9,)),
    Plant("hard-cut", cut_in, (0.5, 0.1), (0.03,)),
    Plant("edge-silence", edge, (1.8, 1.3), (1.05,)),
    Plant("music-under-speech", music, (-8, -18, -28), (-36,)),
    Plant("dual-mono", fake_stereo, (0, -3), (-10,)),
    Plant("dead-channel", dead_side, (-120, -85), (-72,)),
    Plant("inverted-channel", inverted, (0, -3), (-10,)),
    Plant("above-8-khz", unheard, (0.5, 0.2), (0.12,)),
    Plant("quiet", quiet, (-20, -10), (-6,)),
    Plant("quiet-passage", quiet_passage, (-24, -18), (-13,)),
    Plant("clicks", clicks, (0.7, 0.4), (0.15,)),
    Plant("over-full-scale", over, (2, 1.2), (1.02,)),
    Plant("digital-silence", nothing_recorded, (5, 3), ()),
)
PLACED = frozenset(
    {"plosive", "breath", "long-silence", "hard-cut", "edge-silence", "quiet-passage", "clicks"}
)
"""Rules whose findings have a place, so that an earlier finding does not hide the added fault."""

if __name__ == "__main__":
    sys.exit(main())
