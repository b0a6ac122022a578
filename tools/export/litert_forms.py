#!/usr/bin/env python3
"""Makes the small LiteRT-LM bundles of tests/models/litert-forms: the forms that need more than one section of weights.

Usage: litert_forms.py OUT [--only FORM]…

  weights      Qwen3's shape, int8: embeddings from a model beside it, which has a signature for each prompt length, and the
               weights of both in sections of their own
  per-layer    Gemma 4's shape, int4 in blocks of 32: embeddings and per-layer embeddings, looked up one token at a time

OUT/FORM/model.litertlm is made by litert-torch's export_hf, ai-edge-quantizer and litert-lm-builder, with OUT/FORM/reference.json:
what transformers answers in f32. The models have learned three answers by heart (tools/twins/base_model.py). The tool that moves
weights into sections is in LiteRT's repository alone (litert/tools/externalize_tflite_flatbuffer.py): what it writes is written
here again. Python packages: litert-requirements.txt."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "twins")]
import base_model  # noqa: E402
import families  # noqa: E402
from litert_from_hf import provide_schema  # noqa: E402

SMALL = {"hidden_size": 64, "intermediate_size": 128, "head_dim": 32, "num_attention_heads": 2, "num_key_value_heads": 1,
         "max_position_embeddings": 128, "tie_word_embeddings": True}
QWEN3 = families.Family(families.of("qwen3", "Qwen3ForCausalLM", **{**SMALL, "num_hidden_layers": 1}), families.CHATML,
                        families.CHATML_TOKENS, "<|im_end|>", split=families.QWEN2_SPLIT)
GEMMA4 = families.Family(
    {"model_type": "gemma4", "architectures": ["Gemma4ForConditionalGeneration"], "vision_config": None, "audio_config": None,
     "tie_word_embeddings": True, "torch_dtype": "float32",
     "text_config": {**SMALL, "model_type": "gemma4_text", "global_head_dim": 32, "num_hidden_layers": 2, "sliding_window": 64,
                     "layer_types": ["sliding_attention", "full_attention"], "hidden_size_per_layer_input": 32,
                     "final_logit_softcapping": 30.0}},
    families.GEMMA, families.GEMMA_TOKENS, "<end_of_turn>", begin="<bos>", gemma=True, pad="<pad>")
FORMS = {"weights": QWEN3, "per-layer": GEMMA4}


def export(base, work, **options):
    """model.litertlm as litert-torch writes it."""
    provide_schema()
    from litert_torch.generative.export_hf import export as exporter

    exporter.export(str(base), str(work), cache_length=128, externalize_embedder=True, use_jinja_template=True,
                    keep_temporary_files=True, **options)
    return work / "model.litertlm"


def quantized(bundle, recipe):
    """All of a bundle's models, by the quantizer's recipe for a family."""
    from ai_edge_quantizer import aeq

    if aeq.quantize_litertlm(bundle, recipe, overwrite_outputs=True) != 0:
        sys.exit(f"{bundle} could not be quantized by {recipe}")
    return bundle.with_name(f"{bundle.stem}_{recipe}.litertlm")


def move_weights(graph, schema, weights):
    """Writes the weights of a graph's matrices to a file of their own, to which the graph then refers."""
    taken = (schema.BuiltinOperator.FULLY_CONNECTED, schema.BuiltinOperator.EMBEDDING_LOOKUP)
    codes = [code.builtinCode for code in graph.operatorCodes]
    places = {}
    graph.externalBuffers = []
    with weights.open("wb") as file:
        for subgraph in graph.subgraphs:
            for index in sorted({operator.inputs[1] for operator in subgraph.operators if codes[operator.opcodeIndex] in taken}):
                tensor = subgraph.tensors[index]
                data = graph.buffers[tensor.buffer].data
                if data is None:
                    continue
                if tensor.buffer not in places:
                    file.write(bytes(-file.tell() % 64))
                    places[tensor.buffer] = file.tell(), len(data)
                    file.write(bytes(data))
                external = schema.ExternalBufferT()
                external.id, external.group, external.packing = 1 << 31 | len(graph.externalBuffers), 1, "unpacked"
                external.offset, external.length = places[tensor.buffer]
                graph.externalBuffers.append(external)
                tensor.externalBuffer, tensor.buffer = external.id, 0
    graph.externalBufferGroups = [schema.ExternalBufferGroupT(name=name) for name in ("", "tflite_weights")]
    for index in places:
        graph.buffers[index].data = None


def packed(bundle, parts, apart):
    """The bundle without the names of tensors inside its graphs, two thirds of such small ones; with `apart` their weights lie in
    sections of their own."""
    import flatbuffers
    import tomli
    from ai_edge_litert import schema_py_generated as schema
    from litert_lm_builder import litertlm_builder

    listed = Path(litertlm_builder.unpack(str(bundle), str(parts)))
    builder = litertlm_builder.LitertLmFileBuilder.from_toml_file(str(listed))
    for section in tomli.loads(listed.read_text(encoding="utf-8"))["section"]:
        if section["section_type"] != "TFLiteModel":
            continue
        model = parts / section["data_path"]
        graph = schema.ModelT.InitFromPackedBuf(model.read_bytes(), 0)
        for subgraph in graph.subgraphs:
            for tensor in subgraph.tensors:
                tensor.name = ""
        if apart:
            move_weights(graph, schema, model.with_suffix(".weights"))
            builder.add_tflite_weights(str(model.with_suffix(".weights")),
                                       litertlm_builder.TfLiteModelType.get_enum_from_tf_free_value(section["model_type"]))
        packer = flatbuffers.Builder(1024)
        packer.Finish(graph.Pack(packer), file_identifier=b"TFL3")
        model.write_bytes(bytes(packer.Output()))
    made = parts / "packed.litertlm"
    with made.open("wb") as file:
        builder.build(file)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", action="append", choices=FORMS)
    options = parser.parse_args()
    for form in options.only or FORMS:
        out = options.out / form
        families.FAMILIES[form] = FORMS[form]
        with tempfile.TemporaryDirectory() as scratch:
            base = Path(scratch, form)
            base_model.make(form, base)
            if form == "weights":
                made = export(base, Path(scratch, "made"), prefill_lengths=[8, 32], quantization_recipe="dynamic_wi8_afp32")
            else:
                made = quantized(export(base, Path(scratch, "made"), prefill_lengths=[16], single_token_embedder=True,
                                        quantization_recipe="none"), "gemma4_mixed48_b32")
            made = packed(made, Path(scratch, "parts"), form == "weights")
            out.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made, out / "model.litertlm")
            shutil.copyfile(base / "reference.json", out / "reference.json")


if __name__ == "__main__":
    main()
