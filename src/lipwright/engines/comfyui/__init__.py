"""Engine `comfyui`: runs a graph on a ComfyUI server, and verifies the result.

Reading order:

    server_url      the address of a server, and the secrets that are sent only to it
    model_names     names of the server's model files, if they differ from ComfyUI's templates
    client          HTTP requests; the only user of httpx
    events          the WebSocket that receives events; the only user of websockets
    progress        turns events into progress
    server_errors   the errors for a graph that a server refuses or fails to run
    server_job      submitting, awaiting and cancelling a job on one server
    results         downloading and verifying the video
    freeze_check    checking that the audio was frozen
    load_balancing  choosing among several servers
    engine          the engine interface
    status          a server's abilities, for `lipwright comfyui status`
"""
