"""`lipwright comfyui`, and `render --engine comfyui` as a user meets them."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest
from running import start as start_command
from running import wait_for

import lipwright.nodes
from lipwright.workflow.recipe_inputs import STAGE_ONE_STRENGTH

PACK = Path(lipwright.nodes.__file__).parent


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    """A folder that looks like ComfyUI."""
    folder = tmp_path / "ComfyUI"
    (folder / "custom_nodes").mkdir(parents=True)
    (folder / "main.py").touch()
    return folder


def test_the_pack_is_linked_once(cli, comfyui: Path) -> None:
    done = cli("comfyui", "install", comfyui, "--json")
    assert done.code == 0
    link = comfyui / "custom_nodes" / "lipwright-nodes"
    assert done.json == {"path": str(link), "target": str(PACK), "how": "link", "changed": True}
    assert link.resolve() == PACK
    again = cli("comfyui", "install", comfyui, "--json")
    assert again.json == done.json | {"changed": False}
    portable = comfyui.parent
    assert cli("comfyui", "install", portable, "--json").json["path"] == str(link)


def test_a_base_directory_without_the_program_is_accepted(cli, tmp_path: Path) -> None:
    """As the desktop build and --base-directory have it."""
    (tmp_path / "custom_nodes").mkdir()
    assert cli("comfyui", "install", tmp_path).code == 0
    assert (tmp_path / "custom_nodes" / "lipwright-nodes").resolve() == PACK


def test_a_link_of_an_older_lipwright_is_renewed(cli, comfyui: Path, tmp_path: Path) -> None:
    link = comfyui / "custom_nodes" / "lipwright-nodes"
    link.symlink_to(tmp_path / "gone" / "lipwright" / "nodes")
    assert cli("comfyui", "install", comfyui, "--json").json["changed"] is True
    assert link.resolve() == PACK


def test_foreign_files_are_left_alone(cli, comfyui: Path, tmp_path: Path) -> None:
    link = comfyui / "custom_nodes" / "lipwright-nodes"
    link.mkdir()
    (link / "__init__.py").write_text("NODE_CLASS_MAPPINGS = {}")
    done = cli("comfyui", "install", comfyui)
    assert done.code == 3
    assert "already exists, and is not a link to lipwright" in done.stderr
    assert (link / "__init__.py").read_text() == "NODE_CLASS_MAPPINGS = {}"
    shutil.rmtree(link)
    link.symlink_to(tmp_path)
    assert cli("comfyui", "install", comfyui).code == 3
    assert link.resolve() == tmp_path


def test_a_folder_that_is_not_a_comfyui_is_refused(cli, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        done = cli("comfyui", "install", path)
        assert done.code == 3
        assert "main.py" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_server_that_has_everything_is_ready(cli, start) -> None:
    server = start()
    (state,) = cli("comfyui", "status", "--server", server.url, "--json").json["servers"]
    assert state["reachable"] is True
    assert state["comfyui"] == "0.26.0"
    assert state["recipes"]["guide"]["ready"] is True
    assert state["recipes"]["official"]["ready"] is True
    assert state["packs"]["lipwright"] is True
    assert "ready" in cli("comfyui", "status", "--server", server.url).stdout


def test_status_lists_what_is_missing(cli, start) -> None:
    server = start("--lacks", "MultimodalGuider", "--fault", "missing-model", "--no-pack")
    (state,) = cli("comfyui", "status", "--server", server.url, "--json").json["servers"]
    guide, official = state["recipes"]["guide"], state["recipes"]["official"]
    assert guide["ready"] is False
    assert guide["missing_nodes"] == ["MultimodalGuider"]
    assert official["missing_nodes"] == []
    assert official["missing_files"][0].startswith("models/text_encoders/")
    assert state["packs"]["lipwright"] is False


def test_status_reports_a_server_that_does_not_answer(cli, start) -> None:
    done = cli("comfyui", "status", "--server", "http://127.0.0.1:9", "--json")
    assert done.code == 5
    assert "no server answers" in done.json["error"]
    both = cli("comfyui", "status", "--server", "http://127.0.0.1:9", "--server", start().url, "--json")
    assert both.code == 0
    assert [state["reachable"] for state in both.json["servers"]] == [False, True]


def test_render_makes_a_video_on_a_server(cli, start, voice: Path, portrait: Path, tmp_path: Path) -> None:
    server = start("--require", "X-Key=hush-hush")
    servers = tmp_path / "servers.txt"
    servers.write_text(f"{server.url} X-Key: hush-hush\n")
    out = tmp_path / "video.mp4"
    done = cli(
        "render",
        voice,
        "--image",
        portrait,
        "--engine",
        "comfyui",
        "--server",
        f"@{servers}",
        "--size",
        "64x64",
        "--steps",
        "8",
        "-o",
        out,
        "--json",
    )
    assert done.code == 0, done.stderr
    assert done.json["frozen"] is True
    assert done.json["engine"]["settings"]["servers"] == [server.url]
    assert done.json["audio"]["offset_samples"] == 0
    assert "hush" not in done.stdout + done.stderr + out.with_suffix(".json").read_text()


def test_two_stages_hold_the_image_as_the_template_does_unless_told(
    cli, start, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    server = start()
    words = ["render", voice, "--image", portrait, "--engine", "comfyui", "--server", server.url]
    words += ["--size", "128x128", "--preset", "official-distilled", "-o", tmp_path / "video.mp4", "--json"]
    for more, strength in (([], 0.7), (["--image-strength", "1"], 1.0)):
        done = cli(*words, *more)
        assert done.code == 0, done.stderr
        assert done.json["job"]["image_strength"] == strength
        graph = server.seen("/prompt")[-1]["json"]["prompt"]
        held = [n["inputs"]["strength"] for n in graph.values() if n["class_type"] == "LTXVImgToVideoInplace"]
        assert held == [strength, 1.0]


def test_the_image_strength_depends_on_the_stages_not_on_the_preset(
    cli, start, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    server, video, graph = start(), tmp_path / "video.mp4", tmp_path / "wf.json"
    with_image = [voice, "--image", portrait, "--size", "128x128", "--preset", "guide", "--json"]
    render = ["render", *with_image, "--engine", "comfyui", "--server", server.url, "--stages", "2"]
    assert cli(*render, "-o", video).json["job"]["image_strength"] == STAGE_ONE_STRENGTH
    workflow = cli("workflow", *with_image, "--recipe", "official", "-o", graph)
    assert workflow.code == 0, workflow.stderr
    nodes = json.loads(graph.read_text("utf-8")).values()
    held = [node["inputs"]["strength"] for node in nodes if node["class_type"] == "LTXVImgToVideoInplace"]
    assert held[0] == STAGE_ONE_STRENGTH


def test_workflow_builds_for_the_nodes_of_a_server(cli, start, voice: Path, tmp_path: Path) -> None:
    path = tmp_path / "wf.json"
    words = ["workflow", voice, "--fps", "5", "-o", path, "--json"]
    asked = start("--require", "X-Key=hush-hush")
    done = cli(*words, "--server", asked.url, "--header", "X-Key: hush-hush")
    assert done.code == 0, done.stderr
    assert "norming-left-out" not in {finding["rule"] for finding in done.json["findings"]}
    classes = {node["class_type"] for node in json.loads(path.read_text("utf-8")).values()}
    assert "LipwrightNorming" in classes
    assert cli("workflow", "--lint", path, "--server", asked.url, "--header", "X-Key: hush-hush").code == 0
    bare = cli(*words, "--server", start("--no-pack").url)
    assert "norming-left-out" in {finding["rule"] for finding in bare.json["findings"]}


@pytest.mark.parametrize(
    ("fault", "lacks"),
    [("--lacks=LTXVNormalizingSampler", "LTXVNormalizingSampler"), ("--fault=missing-model", "gemma")],
)
def test_workflow_refuses_a_graph_that_the_server_cannot_run(
    cli, start, voice: Path, fault: str, lacks: str
) -> None:
    done = cli("workflow", voice, "--server", start(fault).url, "-o", "wf.json")
    assert done.code == 5
    assert lacks in done.stderr
    assert not Path("wf.json").exists()


def test_workflow_fails_if_no_server_lists_its_nodes(cli, start, voice: Path, tmp_path: Path) -> None:
    path, gone = tmp_path / "wf.json", "http://127.0.0.1:9"
    assert cli("workflow", voice, "--server", gone, "-o", path).code == 5
    assert cli("workflow", voice, "--server", gone, "--object-info", "x.json", "-o", path).code == 2
    assert cli("workflow", voice, "--server", gone, "--server", "http://127.0.0.1:10", "-o", path).code == 2
    assert cli("workflow", voice, "--header", "not_comfyui", "-o", path).code == 2
    assert not path.exists()


def test_interrupting_the_command_cancels_the_job(start, voice: Path, portrait: Path, tmp_path: Path) -> None:
    server = start("--step-seconds", "0.2", "--steps", "500")
    words = [
        "render",
        voice,
        "--image",
        portrait,
        "--engine",
        "comfyui",
        "--server",
        server.url,
        "--size",
        "64x64",
        "-o",
        "video.mp4",
    ]
    with start_command(*words, cwd=tmp_path) as running:
        wait_for(running, "sample")
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130, stderr
    assert "Traceback" not in stderr
    job = server.seen("/prompt")[0]["json"]["prompt_id"]
    assert [request["json"] for request in server.seen("/interrupt")] == [{"prompt_id": job}]
    assert not list(tmp_path.glob("*video*"))


def test_failures_reveal_no_secret(cli, start, voice: Path, portrait: Path, tmp_path: Path) -> None:
    server = start("--require", "token=hush-hush", "--fault", "413")
    done = cli(
        "render",
        voice,
        "--image",
        portrait,
        "--engine",
        "comfyui",
        "--server",
        f"{server.url}?token=hush-hush",
        "--size",
        "64x64",
        "-o",
        tmp_path / "video.mp4",
        "--json",
        "--debug",
    )
    assert done.code == 5
    assert "hush" not in done.stdout + done.stderr
    assert json.loads(done.stdout)["exit_code"] == 5
    assert not list(tmp_path.iterdir())
