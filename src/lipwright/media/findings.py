"""Findings about media files. docs/findings.md is generated from these catalogs."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

MASTER_REENCODED = FindingType(
    "master-reencoded",
    "hint",
    "the delivered audio is encoded again: {changes}",
    "{advice}",
    lip_sync_rule="DELIVER-1",
    meaning="the delivered audio is not a copy of the recording's packets; the text says what changed. A "
    "warning where the source is lossy or channels are mixed",
)
NOT_BIT_EXACT = FindingType(
    "not-bit-exact",
    "hint",
    "the delivered ALAC holds the {what} {how}",
    "use integer audio of up to 24 bits, in a layout that ALAC has, if you need every bit",
    lip_sync_rule="DELIVER-1",
    meaning="ALAC was asked for, and the source (float, or more than 24 bits) had to be rounded to 24 "
    "bits, or channels were mixed",
)
MISSING_AUDIO = FindingType(
    "missing-audio",
    "warning",
    "packets of the audio are missing {where_in_text}: {seconds:.2f} s of silence were filled in, as "
    "players do",
    "export or record it again; what was said there is lost, and the mouth rests",
    lip_sync_rule="AUDIO-8",
    meaning="the timestamps of the file leave a hole. It is filled with silence, so that everything after "
    "it stays in time",
)
OTHER_AUDIO_TRACKS = FindingType(
    "other-audio-tracks",
    "warning",
    "the file has {tracks} audio tracks; track {track} is used",
    "if the speech is in another one, extract it: ffmpeg -i FILE -map 0:a:{other} -c copy OUT.mka",
    lip_sync_rule="AUDIO-7",
    meaning="the file has several audio tracks, of which one is used",
)
