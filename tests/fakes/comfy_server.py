"""A ComfyUI server in a process of its own: the real protocol, a real video, faults on demand.

It validates graphs as ComfyUI 0.26 does (execution.py), queues them, tells its progress, keeps a
history, renames uploads, serves ranges. What it "samples" is a bar that follows the level of the
uploaded driver over noise of the seed, in the size and length that the graph asks for.

    python comfy_server.py [--fault NAME] [--times N] [--step-seconds S] ...

prints its port. `GET /_test/seen` tells what it was asked; `POST /_test/hold` holds jobs in the queue.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import json
import os
import signal
import sys
import tempfile
import time
import tomllib
import wave
from pathlib import Path
from typing import Any, TextIO

from aiohttp import WSMsgType, web
from comfy_rules import link_of, validate_prompt

DATA = Path(__file__).parents[2] / "src/lipwright/workflow/data/nodes.json"
MODELS = DATA.with_name("models.toml")
PACK = DATA.with_name("pack.json")
OUTPUTS = {"VHS_VideoCombine", "SaveVideo", "SaveAudio"}


class Gone(Exception):
    """The job was interrupted."""


def object_info(options: argparse.Namespace) -> dict[str, Any]:
    """The nodes, with model files in the folders that list them."""
    nodes = json.loads(DATA.read_text(encoding="utf-8"))
    if not options.no_pack:
        nodes |= json.loads(PACK.read_text(encoding="utf-8"))
    models = tomllib.loads(MODELS.read_text(encoding="utf-8"))
    names = [name for name in models.values() if isinstance(name, str)]
    if options.fault == "missing-model":
        names.remove(models["text_encoder"])
    for name in options.lacks:
        del nodes[name]
    for name, node in nodes.items():
        node.setdefault("output_node", name in OUTPUTS)
        node.setdefault("name", name)
        for spec in (node["input"].get("required") or {}).values():
            if isinstance(spec[0], list) and not spec[0]:
                spec[0] = names
            elif spec[0] == "COMBO" and not spec[1].get("options") and not spec[1].get("audio_upload"):
                spec[1]["options"] = names
    return nodes


class FakeComfy:
    """One server's state and handlers."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.nodes = object_info(options)
        self.root = Path(options.folder or tempfile.mkdtemp(prefix="fake-comfy-"))
        for name in ("input", "output"):
            (self.root / name).mkdir(exist_ok=True)
        self.faults_left = options.times
        self.seen: list[dict[str, Any]] = []
        self.cache: dict[str, dict[str, Any]] = {}
        self.held = options.hold
        self.number = 0
        self.made = 0
        self.job_seconds: list[float] = []
        self.reset()

    def reset(self) -> None:
        """As after a start: no queue, no history, no sockets."""
        self.pending: list[tuple[float, str, dict[str, Any], str]] = []
        self.running: tuple[float, str, dict[str, Any], str] | None = None
        self.history: dict[str, Any] = {}
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.interrupted = False

    def fault(self, name: str) -> bool:
        """True if the fault is due; it then counts as used."""
        if self.options.fault != name or self.faults_left <= 0:
            return False
        self.faults_left -= 1
        return True

    # Requests

    @web.middleware
    async def watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Record the request; refuse, delay or break off as configured."""
        if not request.path.startswith("/_test"):
            body = await request.text() if request.content_type == "application/json" else ""
            self.seen.append(
                {
                    "method": request.method,
                    "path": request.path,
                    "query": dict(request.query),
                    "headers": dict(request.headers),
                    "json": json.loads(body) if body else None,
                }
            )
            if "Origin" in request.headers:
                return web.Response(status=403)
            if not self.allowed(request):
                return web.Response(status=401)
            if self.options.fault == "slow":
                await asyncio.sleep(0.15)
            if request.path != "/ws" and self.fault("502"):
                return web.Response(status=502, text="<html>Bad Gateway</html>")
        return await handler(request)

    def allowed(self, request: web.Request) -> bool:
        need = self.options.require
        if not need:
            return True
        kind, _, value = need.partition("=")
        if kind == "basic":
            wanted = f"Basic {base64.b64encode(value.encode()).decode()}"
            return request.headers.get("Authorization") == wanted
        if kind == "token":
            return request.query.get("token") == value
        return request.headers.get(kind) == value

    async def ws(self, request: web.Request) -> web.StreamResponse:
        if self.options.fault == "no-socket":
            return web.Response(status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sid = request.query.get("clientId", "")
        self.sockets.pop(sid, None)
        self.sockets[sid] = socket
        await self.send("status", {"status": {"exec_info": {"queue_remaining": 0}}, "sid": sid}, sid)
        try:
            async for message in socket:
                if message.type == WSMsgType.ERROR:
                    break
        finally:
            self.sockets.pop(sid, None)  # whoever took the same id over hears nothing either: as the real one
        return socket

    async def send(self, kind: str, data: dict[str, Any], sid: str) -> None:
        socket = self.sockets.get(sid)
        if socket is None or socket.closed or self.options.fault == "silent-socket":
            return
        await socket.send_str(json.dumps({"type": kind, "data": data}))
        if kind == "progress" and self.fault("dropped-socket"):
            await socket.close()

    async def upload(self, request: web.Request) -> web.StreamResponse:
        post = await request.post()
        image = post["image"]
        content = image.file.read()
        if self.options.fault == "413":
            return web.Response(status=413)
        stem, dot, suffix = Path(image.filename).name.rpartition(".")
        name, count = f"{stem}{dot}{suffix}", 0
        if self.options.fault == "duplicate-names":
            (self.root / "input" / name).write_bytes(b"somebody else's")
        while (path := self.root / "input" / name).exists() and path.read_bytes() != content:
            count += 1
            name = f"{stem} ({count}){dot}{suffix}"
        path.write_bytes(content)
        return web.json_response({"name": name, "subfolder": "", "type": post.get("type", "input")})

    async def prompt(self, request: web.Request) -> web.StreamResponse:
        value = await request.json()
        graph, job = value["prompt"], str(value["prompt_id"])
        error, node_errors = validate_prompt(graph, self.nodes)
        if error is not None:
            return web.json_response({"error": error, "node_errors": node_errors}, status=400)
        if self.options.fault == "node-errors":
            node = next(key for key, item in graph.items() if item["class_type"] == "LoadImage")
            node_errors = {
                node: {
                    "class_type": "LoadImage",
                    "dependent_outputs": [],
                    "errors": [
                        {
                            "type": "custom_validation_failed",
                            "message": "Custom validation failed for node",
                            "details": "image - Invalid image file",
                            "extra_info": {"input_name": "image"},
                        }
                    ],
                }
            }
        self.number += 1
        self.pending.append((self.number, job, graph, value.get("client_id", "")))
        if self.fault("lost-answer"):
            request.transport.close()
        return web.json_response({"prompt_id": job, "number": self.number, "node_errors": node_errors})

    async def queue(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            gone = set((await request.json()).get("delete", ()))
            self.pending = [item for item in self.pending if item[1] not in gone]
            return web.Response()

        def shown(item: Any) -> list[Any]:
            return [item[0], item[1], item[2], {"client_id": item[3]}, []]

        return web.json_response(
            {
                "queue_running": [shown(self.running)] if self.running else [],
                "queue_pending": [shown(item) for item in self.pending]
                + [[1000 + i, f"other-{i}", {}, {}, []] for i in range(self.options.busy)],
            }
        )

    async def interrupt(self, request: web.Request) -> web.StreamResponse:
        job = (await request.json()).get("prompt_id")
        if self.running and job in (None, self.running[1]):
            self.interrupted = True
        return web.Response()

    async def one_history(self, request: web.Request) -> web.StreamResponse:
        job = request.match_info["job"]
        if self.options.fault == "huge-answer":
            return web.json_response({"pad": "x" * (20 << 20)})
        if self.options.fault == "not-comfy":
            return web.Response(text="<html>hello</html>", content_type="text/html")
        return web.json_response({job: self.history[job]} if job in self.history else {})

    async def view(self, request: web.Request) -> web.StreamResponse:
        name = Path(request.query["filename"]).name
        path = self.root / "output" / name
        if not path.is_file():
            return web.Response(status=404)
        if self.options.fault == "endless":
            endless = web.StreamResponse()
            await endless.prepare(request)
            for _ in range(4000):
                await endless.write(b"\0" * (1 << 20))
            return endless
        content = path.read_bytes()
        if self.fault("half-file"):  # the server has not finished writing it
            return web.Response(body=content[: len(content) // 2])
        if self.fault("truncated"):
            start = int(request.headers.get("Range", "bytes=0-")[6:-1])
            cut = web.StreamResponse(status=206 if start else 200)
            cut.content_length = len(content) - start
            if start:
                cut.headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            await cut.prepare(request)
            await cut.write(content[start : start + (len(content) - start) // 2])
            request.transport.close()
            return cut
        return web.FileResponse(path)

    async def info(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.nodes)

    async def features(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {"max_upload_size": self.options.max_upload, "supports_preview_metadata": True}
        )

    async def stats(self, request: web.Request) -> web.StreamResponse:
        device = {"name": "cpu", "type": "cpu", "vram_total": 8 << 30, "vram_free": 7 << 30}
        return web.json_response(
            {
                "system": {"comfyui_version": "0.26.0", "python_version": "3.12", "os": "posix"},
                "devices": [device],
            }
        )

    async def free(self, request: web.Request) -> web.StreamResponse:
        self.cache.clear()
        return web.Response()

    async def told(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "seen": self.seen,
                "running": self.running and self.running[1],
                "job_seconds": self.job_seconds,
            }
        )

    async def hold(self, request: web.Request) -> web.StreamResponse:
        self.held = (await request.json())["hold"]
        return web.Response()

    def application(self) -> web.Application:
        application = web.Application(client_max_size=100 << 20, middlewares=[self.watch])
        application.add_routes(
            [
                web.get("/ws", self.ws),
                web.post("/upload/image", self.upload),
                web.post("/prompt", self.prompt),
                web.get("/queue", self.queue),
                web.post("/queue", self.queue),
                web.post("/interrupt", self.interrupt),
                web.get("/history/{job}", self.one_history),
                web.get("/view", self.view),
                web.get("/object_info", self.info),
                web.get("/features", self.features),
                web.get("/system_stats", self.stats),
                web.post("/free", self.free),
                web.get("/_test/seen", self.told),
                web.post("/_test/hold", self.hold),
            ]
        )
        return application

    # Jobs

    async def work(self) -> None:
        """Run one job after the other, forever."""
        while True:
            await asyncio.sleep(0.005)
            if self.held or not self.pending:
                continue
            if self.fault("deleted"):
                self.pending.pop(0)
                continue
            begin = time.perf_counter()
            self.running = self.pending.pop(0)
            _, job, graph, client = self.running
            self.interrupted = False
            await self.send("execution_start", {"prompt_id": job}, client)
            try:
                outputs = await self.execute(job, graph, client)
                final, status = (
                    "execution_success",
                    {"status_str": "success", "completed": True, "messages": []},
                )
            except Gone:
                final, outputs = "execution_interrupted", {}
                status = {
                    "status_str": "error",
                    "completed": False,
                    "messages": [["execution_interrupted", {"prompt_id": job, "node_id": "1"}]],
                }
            except RuntimeError as error:
                final, outputs = "execution_error", {}
                kind = "torch.OutOfMemoryError" if self.options.fault == "oom" else "builtins.RuntimeError"
                data = {
                    "prompt_id": job,
                    "node_id": "7",
                    "node_type": "SamplerCustomAdvanced",
                    "exception_type": kind,
                    "exception_message": str(error),
                    "traceback": [],
                }
                status = {"status_str": "error", "completed": False, "messages": [["execution_error", data]]}
            if self.running is None or self.running[1] != job:
                continue  # a restart came between
            self.running = None
            self.job_seconds.append(time.perf_counter() - begin)
            self.history[job] = {
                "prompt": [0, job, graph, {}, []],
                "outputs": outputs,
                "status": status,
                "meta": {},
            }
            await self.send(final, {"prompt_id": job}, client)
            await self.send("executing", {"node": None, "prompt_id": job}, client)

    async def execute(self, job: str, graph: dict[str, Any], client: str) -> dict[str, Any]:
        key = hashlib.sha256(json.dumps(graph, sort_keys=True).encode()).hexdigest()
        if key in self.cache:
            await self.send("execution_cached", {"nodes": list(graph), "prompt_id": job}, client)
            return self.cache[key]
        await self.send("execution_cached", {"nodes": [], "prompt_id": job}, client)
        for node, item in graph.items():
            await self.send("executing", {"node": node, "display_node": node, "prompt_id": job}, client)
            if item["class_type"] in ("SamplerCustomAdvanced", "LTXVNormalizingSampler"):
                await self.sample(job, node, graph, client)
        if self.options.fault in ("oom", "error"):
            raise RuntimeError(
                "Allocation on device" if self.options.fault == "oom" else "shapes do not match"
            )
        name = await asyncio.to_thread(self.video, graph)
        outputs: dict[str, Any] = {}
        for node, item in graph.items():
            if item["class_type"] in OUTPUTS:
                entry = {"filename": name, "subfolder": self.options.subfolder, "type": "output"}
                if item["class_type"] == "SaveVideo":
                    outputs[node] = {"images": [entry], "animated": [True]}
                else:
                    outputs[node] = {"gifs": [entry | {"format": "video/h264-mp4", "frame_rate": 25.0}]}
            elif item["class_type"] == "LipwrightVerifyFreeze":
                frozen = self.options.fault != "thawed"
                outputs[node] = {"lipwright_frozen": [{"frozen": frozen, "max_difference": 0.0}]}
            if item["class_type"] in OUTPUTS | {"LipwrightVerifyFreeze"}:
                await self.send("executed", {"node": node, "output": outputs[node], "prompt_id": job}, client)
        self.cache[key] = outputs
        return outputs

    async def sample(self, job: str, node: str, graph: dict[str, Any], client: str) -> None:
        steps = self.options.steps
        for step in range(1, steps + 1):
            await asyncio.sleep(self.options.step_seconds)
            if self.interrupted or self.options.fault == "interrupted":
                raise Gone
            if step == 2 and self.fault("restart"):
                self.restart()
                raise Gone
            if step == 2 and self.options.fault == "die":
                os._exit(1)
            state = {
                node: {"value": step, "max": steps, "state": "running", "node_id": node, "prompt_id": job}
            }
            await self.send("progress_state", {"prompt_id": job, "nodes": state}, client)
            await self.send("progress", {"value": step, "max": steps, "prompt_id": job, "node": node}, client)

    def restart(self) -> None:
        """Everything that a process forgets when it ends: queue, history, sockets; files stay."""
        sockets = list(self.sockets.values())
        self.reset()
        self.cache.clear()
        for socket in sockets:
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    def video(self, graph: dict[str, Any]) -> str:
        """Draw and encode what the graph asks for."""
        import av  # here and not above: many a server of these tests makes no video
        import numpy as np

        latent = next(n["inputs"] for n in graph.values() if n["class_type"] == "EmptyLTXVLatentVideo")
        doubled = any(n["class_type"] == "LTXVLatentUpsampler" for n in graph.values())
        width, height = (latent[side] * (2 if doubled else 1) for side in ("width", "height"))
        frames = latent["length"] + {"wrong-frames": -8, "more-frames": 8}.get(self.options.fault, 0)
        if self.options.fault == "wrong-size":
            width, height = width // 2, height // 2
        encoder = next(n for n in graph.values() if n["class_type"] == "LTXVAudioVAEEncode")
        seed = next(n["inputs"]["noise_seed"] for n in graph.values() if n["class_type"] == "RandomNoise")
        frame_rate = next(
            n["inputs"]["frame_rate"] for n in graph.values() if n["class_type"] == "LTXVConditioning"
        )
        with wave.open(io.BytesIO(self.loaded(graph, encoder).read_bytes())) as file:
            hz, count = file.getframerate(), file.getnframes()
            raw = np.frombuffer(file.readframes(count), np.uint8).reshape(count, file.getnchannels(), -1)
        level = np.abs(raw[:, 0, -1].astype(np.int8).astype(float)) / 128
        self.made += 1
        name = f"video_{self.made:05}.mp4"
        noise = np.random.default_rng(seed).integers(0, 40, (height, width, 3), np.uint8)
        with av.open(str(self.root / "output" / name), "w") as container:
            stream = container.add_stream("libx264", rate=round(frame_rate))
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.options = {"crf": "4", "preset": "ultrafast"}
            for index in range(frames):
                at = int(index / frame_rate * hz)
                loud = float(level[at : at + hz // 25].mean()) if at < count else 0.0
                image = noise.copy()
                image[height - 1 - int(min(loud * 4, 0.95) * height) :, width // 4 : width // 2] = 200
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
            container.mux(stream.encode())
        return name

    def loaded(self, graph: dict[str, Any], node: dict[str, Any]) -> Path:
        """The audio file that ends up in this node."""
        while node["class_type"] != "LoadAudio":
            node = graph[
                next(link for value in node["inputs"].values() if (link := link_of(value, graph, "AUDIO")))
            ]
        return self.root / "input" / node["inputs"]["audio"]


async def serve(options: argparse.Namespace, told: TextIO) -> None:
    fake = FakeComfy(options)
    runner = web.AppRunner(fake.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", options.port)
    await site.start()
    told.write(f"{runner.addresses[0][1]}\n")
    told.flush()
    await fake.work()


def breed() -> None:
    """Start a server for each line of options: a fork, for the imports take longer than most tests.

    Tells "pid port" for each, and ends with its input.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the ended ones leave nothing behind
    for line in sys.stdin:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as told:
                asyncio.run(serve(parser().parse_args(json.loads(line)), told))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as told:
            sys.stdout.write(f"{pid} {told.readline()}")
            sys.stdout.flush()


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--fault", default="")
    options.add_argument("--times", type=int, default=1)
    options.add_argument("--steps", type=int, default=4)
    options.add_argument("--step-seconds", type=float, default=0.01)
    options.add_argument("--busy", type=int, default=0)
    options.add_argument("--hold", action="store_true")
    options.add_argument("--require", default="")
    options.add_argument("--no-pack", action="store_true")
    options.add_argument("--lacks", action="append", default=[])
    options.add_argument("--subfolder", default="")
    options.add_argument("--folder", default="")
    options.add_argument("--max-upload", type=int, default=100 << 20)
    return options


if __name__ == "__main__":
    if sys.argv[1:] == ["--breed"]:
        breed()
    else:
        asyncio.run(serve(parser().parse_args(), sys.stdout))
