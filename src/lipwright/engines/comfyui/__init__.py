"""Engine `comfyui`: a graph of lipwright on somebody's ComfyUI server, watched and checked.

Read it in this order:

    server_url      where a server is, and the secrets that go there and nowhere else
    client          one request, one answer; httpx is used there alone
    events          the WebSocket next to it; websockets is used there alone
    progress        turns events into progress
    server_errors   what a server refuses: which node or file is missing, and where it goes
    job             submit, wait, cancel: a job's life on one server
    results         what a job made: the file, fetched and checked, and whether the audio was frozen
    load_balancing  several servers: the least busy first, the next if one dies
    engine          all of it behind the engine's interface
    status          what a server has, for `lipwright comfyui status`
"""
