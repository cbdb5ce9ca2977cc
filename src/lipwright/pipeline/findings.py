"""Findings about a whole job: its settings, the combination of its inputs, and its result."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

NOT_READ = FindingType(
    "not-read",
    "warning",
    "the {engine} engine does not use {option}, so the option has no effect",
    "leave out {option}, or use --engine {readers}",
    meaning="an option was given that the chosen engine does not use",
)
PREPARATION_NOT_READ = FindingType(
    "preparation-not-read",
    "warning",
    "--no-prepare skips the preparation of the audio, so these options have no effect: {options}",
    "leave out --no-prepare, or leave out these options",
    meaning="`--no-prepare` was given together with an option of the preparation",
)
MANIFEST_OF_ANOTHER_VIDEO = FindingType(
    "manifest-of-another-video",
    "warning",
    "{name} describes another version of this video, so the settings in {name} were not considered as causes "
    "of sync problems",
    "render the video again: its last render was killed at the very end, or the file was changed since",
    meaning="the hash in the manifest next to the video is not that of the video",
)
DRIVER_LENGTH = FindingType(
    "driver-length",
    "warning",
    "the driver (--driver) lasts {driver_seconds:.3f} s, but the delivered audio lasts {audio_seconds:.3f} s",
    "make driver and audio from the same timeline; otherwise the lips are not in sync with the audio",
    lip_sync_rule="AUDIO-2",
    meaning="the lengths of driver and delivered audio differ by at least a frame",
)
MASTER_SHORTENED = FindingType(
    "master-shortened",
    "hint",
    "the delivered audio is {seconds:.2f} s shorter than the recording, because --trim-silence cut long "
    "pauses to {pause_seconds:g} s",
    "`edits` in the manifest gives the times of each kept section in the recording and in the delivered "
    "audio; without --trim-silence the whole recording is delivered",
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
    meaning="`--check` was given, and the check failed or was interrupted; the video is complete",
)
NEVER_DUCKED = FindingType(
    "never-ducked",
    "warning",
    "nobody speaks in VOICE, so the music is not lowered anywhere",
    "give the dialogue as the first file and the music as the second",
    lip_sync_rule="AUDIO-7",
)
MUSIC_SHORT = FindingType(
    "music-short",
    "hint",
    "the music ends at {music_seconds:.1f} s, the voice at {voice_seconds:.1f} s",
    "give longer music, or repeat it before the mix",
    meaning="the music ends before the voice",
)
DRIVER_NOT_PREPARED = FindingType(
    "driver-not-prepared",
    "warning",
    "the recording drives the model unprepared: its level and noise are unchanged, and ComfyUI crops the "
    "first {crop_ms:.1f} ms",
    "add --driver-out driver.wav, and copy that file to the server's input folder too",
    lip_sync_rule="FREEZE-5",
    meaning="`lipwright workflow` was given neither `--driver-out` nor `--driver`",
)
CHUNKS_KEPT = FindingType(
    "chunks-kept",
    "hint",
    "reused {chunks} from an earlier run of this job instead of sampling again",
    "nothing needs to be done; to sample all chunks again, add --fresh",
    meaning="a run continued where an earlier run of the same job had stopped, or sampled one chunk again",
)
KEPT_CHUNK_UNUSABLE = FindingType(
    "kept-chunk-unusable",
    "warning",
    "{count} of the stored chunks could not be used and were sampled again: {reason}",
    "nothing needs to be done; `lipwright doctor` shows where chunks are stored",
    meaning="a stored chunk was damaged or written by another version",
)
CHUNKS_NOT_KEPT = FindingType(
    "chunks-not-kept",
    "warning",
    "some chunks could not be stored, so a later run must sample them again: {reason}",
    "free some space in the cache folder, which `lipwright doctor` shows",
    meaning="the cache of chunks is full or cannot be written",
)
MEMORY_OF_CLIPS = FindingType(
    "memory-of-clips",
    "warning",
    "at the end of the job, the server holds all frames of the video in memory: {frames:,} frames of {size} "
    "take about {gib:.0f} GiB",
    "choose a smaller --size, or use `lipwright render --engine comfyui`, which sends one job per clip",
    lip_sync_rule="FRAMES-5",
    meaning="a graph of the recipe `extension` takes more than 24 GiB of memory",
)
LONG_CLIP = FindingType(
    "long-clip",
    "warning",
    "the clip has {frames} frames; beyond {limit} frames the quality decays",
    "cut the recording in a pause, or use `lipwright render`, which works in chunks",
    lip_sync_rule="FRAMES-5",
    meaning="a workflow makes more than 257 frames in one clip",
)
