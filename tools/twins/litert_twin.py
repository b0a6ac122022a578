#!/usr/bin/env python3
"""Makes a .tflite or .litertlm of a Qwen2.5 as litert-community's are: by the converter of litert-torch's generative examples.

Usage: litert_twin.py FOLDER OUT --prefill N[,N…] --cache N [--bundle]

OUT becomes a folder with model.tflite and the tokenizer's files; with --bundle it has model.litertlm, which litert-torch packs. As convert_to_tflite.py of the example with --quantize dynamic_int8,
its sizes those of FOLDER's config.json."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "export"))
from fixture import copy_text_files  # noqa: E402
from litert_from_hf import provide_schema  # noqa: E402


def sizes(config, example):
    """The example's configuration with other sizes."""
    made = example.get_0_5b_model_config()
    block = made.block_config(0)
    heads = config["num_attention_heads"]
    block.attn_config.num_heads, block.attn_config.num_query_groups = heads, config["num_key_value_heads"]
    block.attn_config.head_dim = config["hidden_size"] // heads
    block.ff_config.intermediate_size = config["intermediate_size"]
    made.vocab_size, made.num_layers = config["vocab_size"], config["num_hidden_layers"]
    made.embedding_dim, made.max_seq_len = config["hidden_size"], config["max_position_embeddings"]
    return made


def pack(options, model, scratch):
    """model.litertlm of a .tflite, with the tokenizer's tokenizer.json and template."""
    from litert_torch.generative.utilities import litertlm_builder

    settings = json.loads((options.folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config = json.loads((options.folder / "config.json").read_text(encoding="utf-8"))
    made = Path(scratch, "bundle")
    made.mkdir()
    litertlm_builder.build_litertlm(model, scratch, str(made), options.cache, stop_token_ids=[config["eos_token_id"]],
                                    hf_tokenizer_model_path=str(options.folder / "tokenizer.json"),
                                    jinja_prompt_template=settings["chat_template"])
    shutil.copyfile(next(made.glob("*.litertlm")), options.out / "model.litertlm")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--prefill", required=True, type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--cache", required=True, type=int)
    parser.add_argument("--bundle", action="store_true")
    options = parser.parse_args()
    provide_schema()
    from litert_torch.generative.examples.qwen import qwen
    from litert_torch.generative.utilities import converter, export_config, model_builder

    config = sizes(json.loads((options.folder / "config.json").read_text(encoding="utf-8")), qwen)
    model = model_builder.build_decoder_only_model(str(options.folder), config, qwen.TENSOR_NAMES, qwen.Qwen,
                                                   mask_cache_size=options.cache)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        made = converter.convert_to_tflite(model, output_path=scratch, output_name_prefix="model", prefill_seq_len=options.prefill,
                                           kv_cache_max_len=options.cache, quantize="dynamic_int8",
                                           export_config=export_config.ExportConfig())
        if options.bundle:
            pack(options, made, scratch)
        else:
            copy_text_files(options.folder, options.out)
            shutil.copyfile(made, options.out / "model.tflite")


if __name__ == "__main__":
    main()
