"""Engine `comfyui`: runs a graph on a ComfyUI server, and monitors and verifies it.

Read it in this order:

    server_url      the address of a server, and the secrets that are sent only there
    model_names     names of the server's model files, if they are not those of ComfyUI's templates
    client          HTTP requests; the only user of httpx
    events          the WebSocket for events; the only user of websockets
    progress        turns events into progress
    server_errors   errors of a server that refuses or fails a graph
    job             submit, wait, cancel: the lifecycle of a job on one server
    results         the result: the video, downloaded and verified
    freeze_check    whether the audio was frozen
    load_balancing  several servers: the least busy first, the next one if it fails
    engine          the engine interface
    status          what a server provides, for `lipwright comfyui status`
"""
