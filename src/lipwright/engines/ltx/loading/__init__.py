"""Weights of the ltx engine: found, downloaded, checked, loaded, and placed in memory.

    catalog           which models there are, with their files and licences
    store             where downloaded files lie, and the record of what is complete
    hub               the Hugging Face hub: file lists and bytes
    download          resume, disk check, proof of completeness; verify
    resolve           what `--model` names, and the files around it that belong to it
    state_dict_map    original tensor names to those of diffusers
    configs           original metadata to configurations of diffusers
    safetensors_file  open safetensors files, with errors in words
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
    load              all of that as one call, `load_components`

`catalog`, `store`, `download`, `resolve`, `state_dict_map`, `configs` and `memory_plan` need no torch.
"""
