#!/usr/bin/env python3
"""Makes a .tflite or .litertlm of a Qwen2.5 or Gemma 3 as litert-community's are: by litert-torch's generative examples.

Usage: litert_twin.py FOLDER OUT --prefill N[,N…] --cache N [--quantize NAME] [--bundle]

OUT becomes a folder with model.tflite and the tokenizer's files; with --bundle it has model.litertlm, which litert-torch packs, with
the SentencePiece tokenizer where FOLDER has one. As the example's own program (convert_to_tflite.py, convert_gemma3_to_tflite.py) with
its defaults, the sizes those of FOLDER's config.json."""

import argparse
import copy
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "export"))
from fixture import copy_text_files  # noqa: E402
from litert_from_hf import provide_schema  # noqa: E402


def qwen2(folder, config, mask_cache):
    """The example's Qwen2.5 with other sizes."""
    from litert_torch.generative.examples.qwen import qwen
    from litert_torch.generative.utilities import export_config, model_builder

    made = qwen.get_0_5b_model_config()
    block = made.block_config(0)
    heads = config["num_attention_heads"]
    block.attn_config.num_heads, block.attn_config.num_query_groups = heads, config["num_key_value_heads"]
    block.attn_config.head_dim = config["hidden_size"] // heads
    block.ff_config.intermediate_size = config["intermediate_size"]
    made.vocab_size, made.num_layers = config["vocab_size"], config["num_hidden_layers"]
    made.embedding_dim, made.max_seq_len = config["hidden_size"], config["max_position_embeddings"]
    model = model_builder.build_decoder_only_model(str(folder), made, qwen.TENSOR_NAMES, qwen.Qwen, mask_cache_size=mask_cache)
    return model, export_config.ExportConfig()


def gemma3(folder, config, _):
    """The example's Gemma 3 1B with other sizes: masks are inputs, and the cache is transposed."""
    from litert_torch.generative.examples.gemma3 import decoder
    from litert_torch.generative.layers import kv_cache
    from litert_torch.generative.utilities import export_config, model_builder

    made, every = decoder.get_decoder_config_1b(), config["sliding_window_pattern"]
    made.num_layers, made.block_configs = config["num_hidden_layers"], [
        # The example's sixth layer is its first that sees all.
        copy.deepcopy(made.block_config(5 if (layer + 1) % every == 0 else 0)) for layer in range(config["num_hidden_layers"])]
    for layer, block in enumerate(made.block_configs):
        block.attn_config.num_heads, block.attn_config.num_query_groups = config["num_attention_heads"], config["num_key_value_heads"]
        block.attn_config.head_dim, block.attn_config.sliding_window_size = config["head_dim"], config["sliding_window"]
        block.attn_config.rotary_base = config["rope_theta" if (layer + 1) % every == 0 else "rope_local_base_freq"]
        block.ff_config.intermediate_size = config["intermediate_size"]
    made.vocab_size, made.max_seq_len = config["vocab_size"], config["max_position_embeddings"]
    made.embedding_dim, made.embedding_scale = config["hidden_size"], config["hidden_size"]**0.5
    model = model_builder.build_decoder_only_model(str(folder), made, decoder.TENSOR_NAMES_SEP_QKV, decoder.Decoder)
    return model, export_config.ExportConfig(mask_as_input=True, kvcache_layout=kv_cache.KV_LAYOUT_TRANSPOSED)


EXAMPLES = {"qwen2": (qwen2, "generic"), "gemma3_text": (gemma3, "gemma3")}  # by model_type; LiteRT-LM's name of the kind


def pack(options, config, kind, model, scratch):
    """model.litertlm of a .tflite, with the tokenizer and the template."""
    from litert_torch.generative.utilities import litertlm_builder

    settings = json.loads((options.folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    pieces, made = options.folder / "tokenizer.model", Path(scratch, "bundle")
    tokenizer = {"tokenizer_model_path": str(pieces), "start_token_id": config["bos_token_id"]} if pieces.exists() else {
        "hf_tokenizer_model_path": str(options.folder / "tokenizer.json")}
    made.mkdir()
    litertlm_builder.build_litertlm(model, scratch, str(made), options.cache, stop_token_ids=[config["eos_token_id"]],
                                    llm_model_type=kind, jinja_prompt_template=settings["chat_template"], **tokenizer)
    shutil.copyfile(next(made.glob("*.litertlm")), options.out / "model.litertlm")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--prefill", required=True, type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--cache", required=True, type=int)
    parser.add_argument("--quantize", default="dynamic_int8", help="the converter's name (default: dynamic_int8)")
    parser.add_argument("--bundle", action="store_true")
    options = parser.parse_args()
    provide_schema()
    from litert_torch.generative.utilities import converter

    config = json.loads((options.folder / "config.json").read_text(encoding="utf-8"))
    build, kind = EXAMPLES[config["model_type"]]
    model, settings = build(options.folder, config, options.cache)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        made = converter.convert_to_tflite(model, output_path=scratch, output_name_prefix="model", prefill_seq_len=options.prefill,
                                           kv_cache_max_len=options.cache, quantize=options.quantize, export_config=settings)
        if options.bundle:
            pack(options, config, kind, made, scratch)
        else:
            copy_text_files(options.folder, options.out)
            shutil.copyfile(made, options.out / "model.tflite")


if __name__ == "__main__":
    main()
