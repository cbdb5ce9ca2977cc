"""Engine `comfyui`: a graph of ours on somebody's ComfyUI server, driven and checked.

Read it in this order:

    address    where a server is, and the secrets that go there and nowhere else
    client     one request, one answer: every path of the protocol; httpx lives there alone
    events     the WebSocket beside it; websockets lives there alone
    progress   events become steps for people
    problems   what a server refuses, in words: which node or file is missing, where it goes
    job        submit, wait, cancel: a job's life on one server
    results    the finished file: found, fetched, seen to be whole
    pool       several servers: the least busy first, the next where one dies
    proof      whether the audio latent stayed what it was, as the node pack measured it
    engine     all of it behind the engine's promise
    status     what a server has, for `lipwright comfyui status`
"""
