"""Weights of the ltx engine: found, downloaded, checked, loaded, and placed in memory.

    catalog           the available models, with their files and licenses
    store             the folder of downloaded files, and the record of complete ones
    hub               the Hugging Face hub: file lists and bytes
    download          resume, disk check, proof of completeness; verify
    resolve           the model that `--model` names, and the files that belong to it
    state_dict_map    original tensor names to diffusers' names
    configs           original metadata to diffusers' configurations
    safetensors_file  open safetensors files, with readable error messages and how to repair the file
    single_file       networks from original files, every tensor accounted for
    quantization      formats of weights in 8 and 4 bits, recognized and checked by a file's header
    quantized_linear  layers that keep such weights, and unpack them as they run
    text_encoder_file LTX-2.5's text encoder with its tokenizer, in one file
    gguf              quantized transformers
    folder            diffusers folders
    model_inspection  family, sizes and profile of a model, and a loader for each network
    lora              LoRA adapters
    memory_plan       how much memory each memory mode needs: pure arithmetic
    offload           the chosen memory mode, applied
    load              everything as one call, `load_components`

A new checkpoint format needs a reader (such as `gguf`), a file suffix in `resolve`, and its networks in
`model_inspection`.

`catalog`, `store`, `download`, `resolve`, `state_dict_map`, `configs` and `memory_plan` need no torch.
"""
