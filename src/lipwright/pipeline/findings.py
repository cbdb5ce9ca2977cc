"""Findings about a whole job: its settings, the combination of its inputs, and its result."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

NOT_READ = FindingType(
    "not-read",
    "warning",
    "the {engine} engine does not read {option}: it does nothing here",
    "leave it out, or use --engine {readers}",
    meaning="an option was given that the chosen engine does not read",
)
PREPARATION_NOT_READ = FindingType(
    "preparation-not-read",
    "warning",
    "--no-prepare takes the audio as it is: {options} has no effect",
    "leave out one or the other",
    meaning="`--no-prepare` was given together with an option of the preparation",
)
MANIFEST_OF_ANOTHER_VIDEO = FindingType(
    "manifest-of-another-video",
    "warning",
    "{name} does not describe this video: another file had its name when it was written",
    "a render was killed at its very end, or the video changed since: render it again. The manifest was not "
    "searched for causes",
    meaning="the manifest next to the video has another hash than the video",
)
DRIVER_LENGTH = FindingType(
    "driver-length",
    "warning",
    "the driver lasts {driver_seconds:.3f} s, the audio delivered {audio_seconds:.3f} s",
    "make both from the same timeline, or the lips will not fit what is heard",
    lip_sync_rule="AUDIO-2",
    meaning="the driver and the delivered audio differ by a frame or more",
)
MASTER_SHORTENED = FindingType(
    "master-shortened",
    "hint",
    "the delivered audio is {seconds:.2f} s shorter than the recording: its long pauses were cut to "
    "{pause_seconds:g} s, as --trim-silence asks",
    "the manifest's edits give the new positions; without --trim-silence it is delivered whole",
    lip_sync_rule="AUDIO-6",
    meaning="`--trim-silence` shortened the delivered audio",
)
FREEZE_OFF = FindingType(
    "freeze-off",
    "warning",
    "--no-freeze: the audio latent was sampled too, so the lips do not follow the audio",
    "leave --no-freeze out, unless this video is only for comparison",
    lip_sync_rule="FREEZE-1",
    meaning="the video was made with `--no-freeze`",
)
SYNC_UNMEASURED = FindingType(
    "sync-unmeasured",
    "warning",
    "the sync could not be measured: {reason}",
    "{remedy}",
    lip_sync_rule="CHECK-1",
    meaning="`--check` was asked for, and the check failed or was interrupted; the video is complete",
)
NEVER_DUCKED = FindingType(
    "never-ducked",
    "warning",
    "nobody speaks in VOICE: the music is never lowered",
    "give the dialogue as the first file and the music as the second",
    lip_sync_rule="AUDIO-7",
)
MUSIC_SHORT = FindingType(
    "music-short",
    "hint",
    "the music ends at {music_seconds:.1f} s, the voice at {voice_seconds:.1f} s",
    "give longer music, or loop it before",
    meaning="the music ends before the voice",
)
DRIVER_NOT_PREPARED = FindingType(
    "driver-not-prepared",
    "warning",
    "the recording itself drives the mouth, with its own level and noise; {crop_ms:.1f} ms of its start "
    "are cropped",
    "add --driver-out driver.wav, and copy that file to the server's input folder too",
    lip_sync_rule="FREEZE-5",
    meaning="`lipwright workflow` was given neither `--driver-out` nor `--driver`",
)
CHUNKS_KEPT = FindingType(
    "chunks-kept",
    "hint",
    "{count} chunks were kept from an earlier run of this job, and not sampled again",
    "add --fresh to sample all of them",
    meaning="a run went on where an earlier one of the same job had stopped, or made one chunk again",
)
KEPT_CHUNK_UNUSABLE = FindingType(
    "kept-chunk-unusable",
    "warning",
    "{count} kept chunks could not be used and were sampled again: {reason}",
    "nothing is lost; lipwright doctor tells where chunks are kept",
    meaning="a kept chunk was damaged or written by another version",
)
CHUNKS_NOT_KEPT = FindingType(
    "chunks-not-kept",
    "warning",
    "not all chunks could be kept: {reason}. A later run samples them again",
    "free some space in the cache folder that lipwright doctor names",
    meaning="the cache of chunks is full or cannot be written",
)
MEMORY_OF_CLIPS = FindingType(
    "memory-of-clips",
    "warning",
    "all images of the video are in the server's memory at the end: {frames:,} of {size} take about "
    "{gib:.0f} GiB",
    "make it smaller, or let lipwright render --engine comfyui send a job for each clip",
    lip_sync_rule="FRAMES-5",
    meaning="a graph of recipe extension takes more than 24 GiB of memory",
)
LONG_CLIP = FindingType(
    "long-clip",
    "warning",
    "{frames} frames in one clip; past {limit} the image decays",
    "cut the recording in a pause, or let lipwright render do it in chunks",
    lip_sync_rule="FRAMES-5",
    meaning="a workflow makes more than 257 frames in one clip",
)
