"""Weights of the ltx engine: named, found, fetched, checked, loaded, and fitted to the card.

    catalog   which models there are, with their files and licences
    store     where downloaded files lie on this machine, and the record of what is complete
    hub       the Hugging Face hub: file lists and bytes
    download  resume, disk check, proof of completeness; verify
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

`catalog`, `store`, `download`, `find`, `keys`, `configs` and `budget` need no torch: the
command line lists, pulls and verifies without the engine's libraries.
"""
