"""Finding, downloading, checking, loading and placing the weights of the ltx engine.

    catalog           the available models, with their files and licenses
    pulled_models     the folder of downloaded models, and the records of complete models
    hub               the Hugging Face hub: file lists and bytes
    download          resumable downloads, and proof that they are complete
    resolve           the files of the model that `--model` names, its text encoder and its upsampler
    state_dict_map    translation of original tensor names to diffusers' names
    configs           translation of original metadata to diffusers' configurations
    safetensors_file  opening safetensors files, with readable errors and hints for repair
    single_file       networks from original files, with a check of every tensor
    quantization      recognizing and checking weights in 8 and 4 bits by a file's header
    quantized_linear  layers that keep weights in 8 or 4 bits, and unpack them whenever they run
    text_encoder_file LTX-2.5's text encoder with its tokenizer, in one file
    gguf              quantized transformers
    folder            networks from folders in diffusers' layout
    model_inspection  family, sizes and profile of a model, and a loader for each network
    lora              LoRA adapters
    memory_plan       calculating how much memory each memory mode needs
    offload           applying a memory mode
    load              all of this in one call, `load_components`

To support a new checkpoint format, add a reader (such as `gguf`), its file suffix in `resolve`, and the
loading of its networks in `model_inspection`.

`catalog`, `pulled_models`, `download`, `resolve`, `state_dict_map`, `configs` and `memory_plan` do not need
torch.
"""
