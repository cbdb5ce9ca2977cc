"""All texts of the page in one module, so that they can be translated.

The texts of findings are in each package's `findings.py`, and those of settings in `domain/settings`. The
words inside Gradio's own controls come from Gradio, in the browser's language.
"""

from __future__ import annotations

from collections.abc import Mapping

TITLE = "lipwright studio"
TAGLINE = "A voice and an image in, a lip-synced video out."

TAB_MAKE, TAB_JUDGE, TAB_KEEP = "Make", "Judge", "Keep"

# --- Start --------------------------------------------------------------------------------------------

VOICE, IMAGE, PROMPT = "Voice", "Image", "Prompt"
EXAMPLE = "Try the example"
EXAMPLE_PROMPT = (
    "Close-up of a woman in an orange suit, lips slightly parted, soft studio lighting, warm colors."
)
DROP_VOICE = "Drop a recording, or choose one"
RECORD = "Record with the microphone"
REMOVE = "Remove"
DROP_IMAGE = "Drop a portrait, or choose one"
CAMERA = "Take a photo, or paste one"
PROMPT_PLACEHOLDER = "How the person looks, the light and the background. The voice determines what is said."
SCENARIO = "Start from a scene"
NO_SCENARIO = "none"

LIGHT_WORDS: Mapping[str, str] = {
    "off": "missing",
    "green": "ready",
    "amber": "check it",
    "red": "cannot be used",
}
"""Word shown with each status light in addition to its color."""
NO_VOICE = "No voice yet."
NO_PROMPT = "An empty prompt is fine: the image shows how the person looks."
PROMPT_GOOD = "Nothing in this prompt competes with the voice."
READS_MOOD = "The portrait engine reads only the mood of a prompt; ltx and comfyui read all of it."

VOICE_GOOD = "Nothing to fix: this recording can drive a video as it is."
IMAGE_GOOD = "A good portrait: one face, sharp, upright and large enough."
HANDLED = "Handled for you"
WHAT_TO_DO = "What to do"
PREPARATION = "Changes to the copy that drives the model; the video contains your own recording"
SPEECH, PAUSE, CUT = "speech", "pause", "chunk begins"
WAVEFORM = "Waveform of the recording; click it to listen from there"
PLAN = "Plan"
PLAN_WORDS = "{frames} frames at {rate} fps, {seconds:.2f} s, made in {chunks}"
PLAN_PADDED = "; {seconds:.2f} s of room tone are added at the end"
PLAN_CUT = "; {seconds:.2f} s are cut off the end"
IMAGE_WORDS = "{size} pixels; the video is {video}"
TURNED = ", turned upright"
FACE_NUMBER = "Face {number} of {count}"
FACE_BOX, CROP_BOX = "face", "suggested crop"
USE_CROP = "Crop to head and shoulders"
SPEAKS = "speaks"
CHOOSE_FACE = "Several faces: choose who speaks."
USE_PROMPT = "Use this instead"
NOTHING_LEFT = "Without these words, the prompt is empty: describe how the person looks."

ACTIONS: Mapping[str, str] = {
    "mono": "mixed {amount:.0f} channels to one",
    "resample": "resampled from {amount:.0f} Hz to 24,000 Hz",
    "dc": "took out a DC offset of {amount:.0f} dBFS",
    "rumble": "filtered out rumble ({amount:+.0f} dB)",
    "hum": "notched out mains hum ({amount:+.0f} dB)",
    "declip": "restored {amount:.0f} clipped samples, in {places}",
    "declick": "repaired clicks, in {places}",
    "denoise": "reduced noise ({amount:+.0f} dB)",
    "plosives": "softened plosives ({amount:+.0f} dB), in {places}",
    "deess": "softened sharp s sounds ({amount:+.0f} dB), in {places}",
    "breaths": "turned down breaths ({amount:+.0f} dB), in {places}",
    "quiet": "raised quiet passages ({amount:+.0f} dB), in {places}",
    "shorten": "shortened pauses by {amount:.1f} s, in {places}",
    "trim": "cut {amount:.2f} s at the end to fit the frames",
    "pad": "added {amount:.2f} s of room tone to fit the frames",
    "fade": "faded in and out",
    "gain": "changed the level by {amount:+.1f} dB",
    "limit": "limited peaks ({amount:+.1f} dB), in {places}",
    "noise": "added faint noise at {amount:.0f} dBFS",
    "dither": "dithered to {amount:.0f} bits",
}
"""Text for each preparation step. `amount` is `Action.amount`; for seconds, it is the absolute value."""

HANDLED_BY: Mapping[str, str] = {
    "clipped": "declip",
    "quiet": "gain",
    "quiet-passage": "quiet",
    "hum": "hum",
    "rumble": "rumble",
    "dc-offset": "dc",
    "clicks": "declick",
    "plosive": "plosives",
    "breath": "breaths",
    "sibilance": "deess",
    "noisy": "denoise",
    "dead-channel": "mono",
    "dual-mono": "mono",
    "inverted-channel": "mono",
    "hard-cut": "fade",
    "long-silence": "shorten",
}
"""Name of the preparation step that repairs a finding, by the finding's id."""

# --- Make ---------------------------------------------------------------------------------------------

LIGHTS = "Ready to go?"
MORE_SETTINGS = "All settings"
SAMPLING, AUDIO, VIDEO = "Sampling", "Audio", "Video"
TESTED = "{help} Tested from {low:g} to {high:g}."
NONE_GIVEN = "default"
LABELS: Mapping[str, str] = {
    "size": "Format",
    "frame_rate": "Frames per second",
    "cfg": "CFG",
    "stg": "STG",
    "deess": "De-ess",
    "kind": "Kind of audio",
    "negative": "Negative prompt",
    "fit": "Fit to frames",
    "prepare": "No preparation",
    "start_seconds": "Motion from",
    "end_seconds": "Motion to",
    "freeze_audio": "Do not freeze the audio",
    "allow_motion": "Allow motion in the prompt",
    "force": "Allow a CFG above 5",
    "retakes": "Retakes of poor chunks",
    "fresh": "Sample every chunk again",
    "redo_chunks": "Made again: chunk",
}
"""Label by setting name; a setting that is not listed is labeled with its option's name."""
CONTROLS: Mapping[str, str] = {"face": "a click on the face", "prompt": "the prompt"}
"""Where the user sets a setting that has no field in the form, by setting name."""
AS_PRESET: Mapping[str, str] = {"preset": "the engine's default"}
"""Label of the default in a setting's dropdown, by setting name; settings that are not listed show their
`default_text`."""
SIZES = [
    ("as the image", ""),
    ("480p", "480p"),
    ("720p", "720p"),
    ("1080p", "1080p"),
    ("512 × 512, square", "512x512"),
    ("448 × 832, upright", "448x832"),
]
PREVIEW, RENDER, TUNE = "Preview", "Render", "Tune"
OPTIONAL = "optional"
PROMPT_COMPETES = "competes with the voice"
ESTIMATE = "{name}: about {time}"
NO_ESTIMATE = "The duration is estimated after the first video."
QUEUE = "Queue"
NOTHING_QUEUED = "Nothing is being made. You can close this page at any time: queued jobs continue."
CLOSE_ANYTIME = "You can close this page: the job continues."
SECONDS, MINUTES, HOURS = "{n} s", "{n} min", "{h} h {m} min"
LEFT = "{time} left"
KINDS: Mapping[str, str] = {"render": "Video", "preview": "Preview", "tune": "Tuned video", "check": "Check"}
STATES: Mapping[str, str] = {
    "queued": "waiting",
    "running": "being made",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
STAGES: Mapping[str, str] = {
    "start": "starting",
    "read": "reading the files",
    "prepare": "preparing the voice",
    "load": "loading the engine",
    "sample": "finding the motion",
    "look": "tracking the lips",
    "compare": "comparing lips and voice",
    "video": "making the video",
}
FRAMES_SO_FAR = "frame {done} of {total}"
NEXT_IN_QUEUE, PLACE = "next in the queue", "number {n} in the queue"
CANCEL, RETRY, UP, DOWN, JUDGE = "Cancel", "Try again", "Earlier", "Later", "Judge"
PROGRESS_OF = "Progress of {title}"
FRAME_SO_FAR = "The latest frame"
NOT_MEASURED = "sync not measured"
ROUND, CHANGE, VERDICT, DECISION = "Round", "Change", "Verdict", "Decision"

# --- Judge --------------------------------------------------------------------------------------------

TAKES = "Takes of this voice and image, the best first"
PLAY_ALL = "Play all together"
NO_TAKES = "Nothing to compare yet."
JUDGED = "shown below"
NOTHING_TO_JUDGE = "Choose a take above, or make a video first; its sync check is shown here."
NOT_MEASURED_YET = "The sync of this video was not measured."
REPORT_OF = "Player, verdict and charts of {title}"
ROUNDS = "Rounds of the tuning"
NEXT_TAKE = "The next take"
NO_TAKE_CHOSEN = "No take is chosen."
NO_CAUSES = "Nothing was found that needs a change."
RENDER_IN_FULL = "Render the whole video"
ANOTHER_SEED = "Another seed"
MEASURE = "Measure the sync"
TUNE_MEANS = "Tune changes one setting per round, and keeps the changes that improve the sync."
NEXT_IS_QUEUED = "The next take is in the queue."
CHUNKS = "Make one chunk again"
CHUNK_AGAIN = "{number}, from {start:.1f} s"

# --- Keep ---------------------------------------------------------------------------------------------

DOWNLOAD = "Download"
MANIFEST, REPORT = "Manifest", "Report"
SHOTS_FILE, GRAPH = "SHOTS file", "ComfyUI graph"
SAVE = "Save {name}"
COMMAND = "Command line for this job"
COPY, COPIED = "Copy", "Copied"
NOTHING_TO_EXPORT = "there is no video to export"
MAKE_ONE_FIRST = "make a video first"
HISTORY = "History"
SEARCH = "Search by file name, prompt, verdict or error"
NOTHING_FOUND = "Nothing found."
NO_HISTORY = "Nothing has been made yet."
OPEN, USE_SETTINGS, DELETE = "Open", "Use these settings", "Delete"
REALLY_DELETE = "Delete {title} and all of its files? This cannot be undone."
MORE = "Show older jobs"
EXPORT_SHOWN = "Export these jobs as a SHOTS file"
RECOVER = "Settings from a manifest"
DROP_MANIFEST = "Drop a manifest (.json)"
IMPORT = "Queue a SHOTS file that this studio exported"
DROP_SHOTS = "Drop a .jsonl, .csv or .toml file"
RECOVERED = "The settings were applied."
NOT_USED, NOT_DONE = "Not used", "Not done"
QUOTED = "“{text}”"
IMPORTED = "{count} queued."
