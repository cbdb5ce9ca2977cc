"""Weights of the ltx engine: named, found, fetched, checked, loaded, and fitted to the card.

    catalog   which models there are, with their files and licences
    hub       the file lists and files of a Hugging Face hub, over plain HTTPS
    store     where pulled files lie on this machine, and what was pulled
    pull      fetch with progress, resume and checksums; verify
    find      what `--model` names: a folder, a single file, GGUF, a hub name
    keys      original tensor names to those of diffusers
    configs   original metadata to configurations of diffusers
    original  original files to models, every tensor accounted for
    gguf      quantised transformers
    folder    diffusers folders
    lora      adapters in the original format
    budget    how much memory each way of running takes: pure arithmetic
    placing   the chosen way, applied
    load      all of that as one call, `load_components`

`catalog`, `hub`, `store`, `pull`, `find`, `keys`, `configs` and `budget` need no torch: the
command line lists, pulls and verifies without the engine's libraries.
"""
