"""Odd values everywhere in the JSON of graphs, lists of nodes, manifests and lists of models."""

# ruff: noqa: S311 - noise that is the same each time

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.robustness import media
from tests.robustness.forked import Case

OK_OR_REFUSED = frozenset({0, 2, 3, 4})


def json_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


# --- JSON: graphs, schemas, manifests, model lists ------------------------------------------------

ODD_VALUES: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "minus one": -1,
    "a half": 0.5,
    "tiny": 5e-324,
    "large": 1e308,
    "400 digits": 10**400,
    "nan": float("nan"),
    "infinity": float("inf"),
    "an empty text": "",
    "a text": "x",
    "a number as text": "1e999999999",
    "control characters": "\x1b[31m\x07\x00",
    "a lone surrogate": "\ud800",
    "a long text": "x" * 50_000,
    "markup": "<script>alert(1)</script>",
    "an empty list": [],
    "a list": [1, None, "x", [], {}],
    "a deep list": json.loads("[" * 500 + "]" * 500),
    "an object": {"a": {"b": [1]}},
    "a link to nothing": ["nothing", 0],
    "a link to a far slot": ["1", 10**30],
}

RAW_JSON: Mapping[str, bytes] = {
    "null": b"null",
    "a number": b"5",
    "a text": b'"x"',
    "a list": b"[]",
    "an object": b"{}",
    "nested lists": b"[" * 100_000,
    "nested and closed lists": b"[" * 100_000 + b"]" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "5000 digits": b'{"1":{"class_type":"KSampler","inputs":{"steps":' + b"9" * 5000 + b"}}}",
    "another quote": b"{'1':{}}",
    "something after": b"{} x",
    "Latin-1": b'{"1":{"class_type":"\xe9"}}',
    "UTF-16": '{"1":{"class_type":"x"}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"1":{"class_type":"KSampler","inputs":{}}}',
    "a key twice": b'{"1":{"class_type":"A"},"1":{"class_type":"B"}}',
    "many numbers": b'{"1":{"class_type":"X","inputs":{"a":[' + b"1," * 1_000_000 + b"1]}}}",
    "a name of Python's": b'{"__class__":{"class_type":"__init__","inputs":{"__dict__":["__class__",0]}}}',
}

API_GRAPH: dict[str, Any] = {
    "1": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "ltx-2.3-22b-distilled.safetensors"},
    },
    "2": {"class_type": "LoadAudio", "inputs": {"audio": "voice.wav"}},
    "3": {"class_type": "LTXVAudioVAELoader", "inputs": {"ckpt_name": "ltx-2.3-22b-distilled.safetensors"}},
    "4": {"class_type": "LTXVAudioVAEEncode", "inputs": {"audio": ["2", 0], "audio_vae": ["3", 0]}},
    "5": {
        "class_type": "EmptyLTXVLatentVideo",
        "inputs": {"width": 832, "height": 448, "length": 121, "batch_size": 1},
    },
    "6": {"class_type": "SolidMask", "inputs": {"value": 0.0, "width": 512, "height": 512}},
    "7": {"class_type": "SetLatentNoiseMask", "inputs": {"samples": ["4", 0], "mask": ["6", 0]}},
    "8": {"class_type": "LTXVConcatAVLatent", "inputs": {"video_latent": ["5", 0], "audio_latent": ["7", 0]}},
    "9": {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "A woman talks to the camera", "clip": ["1", 1]},
    },
    "10": {
        "class_type": "LTXVConditioning",
        "inputs": {"positive": ["9", 0], "negative": ["9", 0], "frame_rate": 25.0},
    },
    "11": {
        "class_type": "CFGGuider",
        "inputs": {"model": ["1", 0], "positive": ["10", 0], "negative": ["10", 1], "cfg": 4.0},
    },
    "12": {
        "class_type": "LTXVScheduler",
        "inputs": {
            "steps": 40,
            "max_shift": 2.05,
            "base_shift": 0.95,
            "stretch": True,
            "terminal": 0.1,
            "latent": ["8", 0],
        },
    },
    "13": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {"guider": ["11", 0], "sigmas": ["12", 0], "latent_image": ["8", 0]},
    },
    "14": {"class_type": "LTXVSeparateAVLatent", "inputs": {"av_latent": ["13", 0]}},
    "15": {"class_type": "LoadImage", "inputs": {"image": "portrait.jpg"}},
}


def ui_graph() -> dict[str, Any]:
    """The same as the editor saves it."""
    nodes, links = [], []
    for name, node in API_GRAPH.items():
        inputs, widgets = [], []
        for key, value in node["inputs"].items():
            if isinstance(value, list):
                links.append([len(links) + 1, int(value[0]), value[1], int(name), len(inputs), "*"])
                inputs.append({"name": key, "type": "*", "link": len(links)})
            else:
                widgets.append(value)
        outputs = [{"name": "x", "type": "*", "links": []} for _ in range(2)]
        place = {"pos": [0, 0], "size": [200, 100], "order": 0, "mode": 0}
        nodes.append(
            {
                "id": int(name),
                "type": node["class_type"],
                "inputs": inputs,
                "outputs": outputs,
                "widgets_values": widgets,
            }
            | place
        )
    return {
        "nodes": nodes,
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
        "last_node_id": 15,
        "last_link_id": len(links),
    }


def graphs() -> Iterator[Case]:
    def case(name: str, graph: object) -> Case:
        data = graph if isinstance(graph, bytes) else json_bytes(graph)
        arguments = ("workflow", "--lint", "w.json", "--fix", "f.json", "--json")
        return Case(name, arguments, {"w.json": data}, ("f.json",), codes=frozenset({0, 2, 3, 6}))

    yield case("a whole graph", API_GRAPH)
    yield case("a whole graph of the editor", ui_graph())
    for name, raw in RAW_JSON.items():
        yield case(name, raw)
    for what, value in ODD_VALUES.items():
        for place in ("inputs", "class_type", "_meta"):
            yield case(f"{what} as {place}", {key: node | {place: value} for key, node in API_GRAPH.items()})
        yield case(
            f"{what} as every input",
            {key: node | {"inputs": dict.fromkeys(node["inputs"], value)} for key, node in API_GRAPH.items()},
        )
        yield case(f"{what} as a node", API_GRAPH | {"13": value})
        for place in (
            "id",
            "type",
            "inputs",
            "outputs",
            "widgets_values",
            "mode",
            "pos",
            "size",
            "order",
            "title",
            "properties",
        ):
            graph = ui_graph()
            for node in graph["nodes"]:
                node[place] = value
            yield case(f"{what} as {place} of the editor's nodes", graph)
        for place in ("nodes", "links", "groups", "extra", "version", "last_node_id", "definitions"):
            yield case(f"{what} as {place} of the editor's file", ui_graph() | {place: value})
        wires = ui_graph()
        for link in wires["links"]:
            link[1] = link[2] = value
        yield case(f"{what} as the source of links", wires)
    yield from _large_graphs(case)


def _large_graphs(case: Callable[[str, object], Case]) -> Iterator[Case]:
    kinds = (
        "SamplerCustomAdvanced",
        "CFGGuider",
        "LTXVConditioning",
        "LTXVConcatAVLatent",
        "SetLatentNoiseMask",
    )
    keys = (
        "latent_image",
        "guider",
        "positive",
        "negative",
        "model",
        "samples",
        "video_latent",
        "audio_latent",
        "mask",
    )
    for count in (100, 1500):
        mesh = {
            str(n): {
                "class_type": kinds[n % 5],
                "inputs": {key: [str(n + 1 + k), 0] for k, key in enumerate(keys) if n + 1 + k < count},
            }
            for n in range(count)
        }
        yield case(f"{count} nodes that all lead to the next nine", mesh)
    circle = {
        str(n): {"class_type": kinds[n % 5], "inputs": {key: [str((n + 1) % 10), 0] for key in keys}}
        for n in range(10)
    }
    yield case("a circle", circle)
    yield case(
        "a node that leads to itself",
        {"1": {"class_type": "SamplerCustomAdvanced", "inputs": {key: ["1", 0] for key in keys}}},
    )
    for count, readers in ((100, 1), (4900, 1), (4000, 1000)):
        nodes: list[dict[str, Any]] = [
            {
                "id": n,
                "type": "Reroute",
                "inputs": [{"name": "", "type": "*", "link": n if n > 1 else None}],
                "outputs": [{"type": "*", "links": [n + 1]}],
            }
            for n in range(1, count)
        ]
        nodes.append(
            {
                "id": count,
                "type": "KSampler",
                "inputs": [{"name": f"i{k}", "type": "*", "link": count} for k in range(readers)],
                "outputs": [],
            }
        )
        links = [[n, n - 1, 0, n, 0, "*"] for n in range(2, count + 1)]
        yield case(
            f"{count} reroutes in a row, {readers} readers", {"nodes": nodes, "links": links, "version": 0.4}
        )
    for depth in (2, 18, 40):
        subgraphs = [{"id": "S0", "nodes": [{"id": 1, "type": "KSampler"}], "links": []}]
        subgraphs += [
            {"id": f"S{n}", "nodes": [{"id": 1, "type": f"S{n - 1}"}] * 2, "links": []}
            for n in range(1, depth)
        ]
        yield case(
            f"subgraphs that double {depth} times",
            {
                "nodes": [{"id": 1, "type": f"S{depth - 1}"}],
                "links": [],
                "definitions": {"subgraphs": subgraphs},
            },
        )
    own = {"id": "S", "nodes": [{"id": 1, "type": "S"}], "links": []}
    yield case(
        "a subgraph in itself",
        {"nodes": [{"id": 1, "type": "S"}], "links": [], "definitions": {"subgraphs": [own]}},
    )
    for sentence in ("a ", "the camera zooms in and ", '"no" she says, '):
        graph = json.loads(json.dumps(API_GRAPH))
        graph["9"]["inputs"]["text"] = sentence * (300_000 // len(sentence))
        yield case(f"a prompt of 300,000 characters: {sentence!r}", graph)


NODE_SCHEMA: dict[str, Any] = {
    "input": {
        "required": {
            "steps": ["INT", {"default": 20, "min": 1, "max": 100, "step": 1}],
            "name": [["a", "b"], {}],
            "model": ["MODEL"],
        },
        "optional": {},
    },
    "input_order": {"required": ["steps", "name", "model"]},
    "output": ["LATENT"],
    "output_name": ["LATENT"],
    "python_module": "nodes",
    "display_name": "x",
}

OBJECT_INFO = dict.fromkeys(("KSampler", "LTXVScheduler", "CheckpointLoaderSimple"), NODE_SCHEMA)


def schemas() -> Iterator[Case]:
    """A server's answer of /object_info, with every part of the wrong type."""
    fitting = NODE_SCHEMA
    wrong: list[tuple[str, Any]] = [("root " + name, value) for name, value in ODD_VALUES.items()]
    for name, value in ODD_VALUES.items():
        wrong += [
            (f"{key}: {name}", {"KSampler": fitting | {key: value}})
            for key in ("input", "output", "output_name")
        ]
        for part in ("required", "optional"):
            wrong.append(
                (f"{part}: {name}", {"KSampler": fitting | {"input": fitting["input"] | {part: value}}})
            )
        wrong.append(
            (
                f"a specification: {name}",
                {"LTXVScheduler": fitting | {"input": {"required": {"steps": value}}}},
            )
        )
        wrong.append(
            (
                f"options: {name}",
                {"LTXVScheduler": fitting | {"input": {"required": {"steps": ["INT", value]}}}},
            )
        )
        wrong.append(
            (
                f"step and bounds: {name}",
                {
                    "LTXVScheduler": fitting
                    | {
                        "input": {
                            "required": {"steps": ["FLOAT", {"step": value, "min": value, "max": value}]}
                        }
                    }
                },
            )
        )
        wrong.append(
            (
                f"choices: {name}",
                {
                    "CheckpointLoaderSimple": fitting
                    | {"input": {"required": {"ckpt_name": ["COMBO", {"options": value}]}}}
                },
            )
        )
    for name, value in wrong:
        files = {"w.json": json_bytes(ui_graph()), "o.json": json_bytes(value)}
        yield Case(
            name,
            ("workflow", "--lint", "w.json", "--object-info", "o.json"),
            files,
            codes=frozenset({0, 3, 6}),
        )
    for name, raw in RAW_JSON.items():
        files = {"w.json": json_bytes(API_GRAPH), "o.json": raw}
        yield Case(
            name,
            ("workflow", "--lint", "w.json", "--object-info", "o.json"),
            files,
            codes=frozenset({0, 3, 6}),
        )


MANIFEST: dict[str, Any] = {
    "schema": 2,
    "lipwright": "0.1.0",
    "job": {
        "cfg": 4.0,
        "eta": 0.2,
        "norming_threshold": 0.3,
        "steps": 40,
        "image_strength": 0.9,
        "prompt": "a woman",
        "fps": "25",
        "preparation": {"denoise": "auto"},
    },
    "plan": {"frames": 25, "fps": "25", "seconds": 1.0},
    "findings": [{"rule": "quiet", "severity": "warning", "where": {}, "text": "x", "advice": ""}],
    "inputs": {"audio": {"path": "a.wav", "sha256": "0", "seconds": 1.0}},
    "engine": {"name": "ltx", "model": "x", "versions": {}},
    "frozen": True,
    "audio": {"codec": "aac", "copied": False},
    "edits": [],
    "timing": {},
    "sync": None,
    "video": None,
}


def manifests() -> Iterator[Case]:
    """The manifest beside a video says odd things."""
    paths = (
        [(key,) for key in MANIFEST]
        + [("job", key) for key in MANIFEST["job"]]
        + [("plan", "fps"), ("engine", "name")]
    )
    values = list(ODD_VALUES.items())
    contents: list[tuple[str, bytes]] = list(RAW_JSON.items())
    for number, path in enumerate(
        paths
    ):  # each place with a few of the values, so that each value has its turn
        for name, value in values[number % 9 :: 9]:
            changed = json.loads(json.dumps(MANIFEST))
            at = changed
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            contents.append((f"{'.'.join(path)}: {name}", json_bytes(changed)))
    video = media.video(frames=5, size=64)
    for name, raw in contents:
        yield Case(
            name, ("check", "v.mp4", "--json"), {"v.mp4": video, "v.json": raw}, codes=frozenset({0, 3})
        )


def model_lists() -> Iterator[Case]:
    files = {
        "nothing.toml": b"",
        "unknown key.toml": b"foo = 1",
        "not a number.toml": b"distilled_lora_strength = nan",
        "infinite.toml": b"distilled_lora_strength = inf",
        "400 digits.toml": b"distilled_lora_strength = 1" + b"0" * 400,
        "another folder.toml": b'distilled = "../../../etc/passwd"',
        "deep.toml": b"a = " + b"[" * 100_000,
        "dotted.toml": b".".join([b"a"] * 20_000) + b" = 1",
        "a date.toml": b"distilled = 2020-01-01",
        "a table.toml": b"[distilled]\na = 1",
        "control characters.toml": b'distilled = "\\u001b[31mred"',
        "long.toml": b'distilled = "' + b"x" * 100_000 + b'"',
        "noise": random.Random(7).randbytes(500),
    } | {f"{name}.json": raw for name, raw in RAW_JSON.items()}
    for name, data in files.items():
        arguments = ("workflow", "a.wav", "--models", name, "-o", "w.json", "--json")
        yield Case(name, arguments, {"a.wav": media.wav(), name: data}, ("w.json",), codes=OK_OR_REFUSED)
