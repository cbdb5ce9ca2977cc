"""The node that checks a prompt, before rendering, for words about motion or speech."""

# ruff: noqa: PLC0415 - ComfyUI loads every pack before its page opens, so heavy modules are imported when a
# node runs

from __future__ import annotations

from comfy_api.latest import io

from lipwright.nodes.tensors import NodeError, format_findings, readable_errors


class CheckPrompt(io.ComfyNode):
    """The node LipwrightPromptCheck: finds words about motion or speech, which the audio controls."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the inputs and outputs of the node."""
        return io.Schema(
            node_id="LipwrightPromptCheck",
            display_name="Prompt check (lipwright)",
            category="lipwright/prompt",
            description="Finds words that compete with the audio. The audio controls the motion of the "
            "mouth, so the prompt should describe how the person looks, and leave out motion, timing and "
            "words to say.",
            inputs=[
                io.String.Input(
                    "prompt",
                    multiline=True,
                    default="",
                    tooltip="The prompt; link the output to CLIPTextEncode.",
                ),
                io.Combo.Input(
                    "if_wrong",
                    options=["stop", "fix", "report", "tell"],
                    default="report",
                    tooltip="What to do with words that compete with the audio. stop: refuse the prompt. "
                    "fix: remove the words. report: only report them. tell: the older name of report.",
                ),
                io.Float.Input(
                    "image_strength",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="How closely the first frame follows the image: 1 is exactly, 0 not at all. At "
                    "1, the prompt should say that the person talks.",
                ),
            ],
            outputs=[io.String.Output(display_name="prompt"), io.String.Output(display_name="report")],
        )

    @classmethod
    @readable_errors
    def execute(cls, prompt: str, if_wrong: str, image_strength: float) -> io.NodeOutput:
        """Return the prompt to use, and the findings as text."""
        from lipwright.prompt.fix import fix
        from lipwright.prompt.lint import errors, lint

        findings = lint(prompt, image_strength=image_strength, has_image=True) if prompt.strip() else ()
        refused = errors(findings)
        used = prompt
        if refused and if_wrong == "fix":
            used = fix(prompt)
        if refused and if_wrong == "stop":
            left = fix(prompt)
            advice = f"use: {left}" if left else "describe how the person looks"
            raise NodeError(
                "the prompt competes with the audio: "
                + "; ".join(finding.text for finding in refused)
                + f". What to do: {advice}"
            )
        text = format_findings(findings) or "nothing in the prompt competes with the audio"
        return io.NodeOutput(used, text, ui={"text": [text]})
