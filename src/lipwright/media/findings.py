"""Findings about media files."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

MASTER_REENCODED = FindingType(
    "master-reencoded",
    "hint",
    "the audio of the video is encoded again: {changes}",
    "{advice}",
    lip_sync_rule="DELIVER-1",
    meaning="the audio of the video is not a copy of the recording's packets, but was encoded again. The "
    "severity is warning instead of hint if the recording is lossy or its channels are mixed to stereo",
)
NOT_BIT_EXACT = FindingType(
    "not-bit-exact",
    "hint",
    "the ALAC audio is not bit-exact: the recording ({what}) was {how}",
    "if you need every bit, use integer audio of up to 24 bits, in a channel layout that ALAC supports",
    lip_sync_rule="DELIVER-1",
    meaning="ALAC was requested, but the audio is not bit-exact: float samples, or samples of more than 24 "
    "bits, were rounded to 24 bits, or channels were mixed",
)
MISSING_AUDIO = FindingType(
    "missing-audio",
    "warning",
    "packets of the audio are missing {where_in_text}: {seconds:.2f} s of silence were inserted, as players "
    "do",
    "export or record the audio again; words spoken during this silence are lost, and the mouth is at rest",
    lip_sync_rule="AUDIO-8",
    meaning="the timestamps of the file have a gap. The gap is filled with silence, so that everything after "
    "it stays in sync",
)
OTHER_AUDIO_TRACKS = FindingType(
    "other-audio-tracks",
    "warning",
    "the file has {tracks} audio tracks; track {track} is used",
    "if the speech is in another track, extract that track: ffmpeg -i FILE -map 0:a:{other} -c copy OUT.mka",
    lip_sync_rule="AUDIO-7",
    meaning="the file has several audio tracks, of which one is used",
)
