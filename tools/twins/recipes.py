"""Which recipe makes the files of each entry of the catalogue; entries of one recipe share a twin. Some have no entry: forms that
the same exporters make besides.

A recipe is architecture, form and quantization. `command` runs in a virtual environment of `packages`; {base} is the small model's
folder, {out} an empty one, {result} what Tenfold is given."""

from dataclasses import dataclass

GGUF = ("gguf-requirements.txt",)
ONNX = ("onnx-requirements.txt",)
GENAI = ("genai-requirements.txt",)
EXECUTORCH = ("../tiny/requirements.txt", "executorch-requirements.txt", "executorch_llm-requirements.txt")
OPTIMUM = (*EXECUTORCH, "executorch_optimum-requirements.txt")
LITERT = ("litert-requirements.txt",)
MLX = ("mlx-requirements.txt",)
MLC = ("mlc-requirements.txt",)


@dataclass
class Recipe:
    """How a publisher makes a form."""

    name: str
    entries: tuple
    family: str
    command: str
    result: str
    packages: tuple
    about: str  # the publisher's exporter and options
    compiled: bool = False  # by `tenfold compile`, before it runs
    near: str = ""  # what of the publisher's form the twin has not: then it verifies nothing


@dataclass
class Unmade:
    """Entries of which no twin can be made, and why."""

    name: str
    entries: tuple
    why: str


LONGROPE = "; run with a context of 4,096, as llama.cpp takes the factors for long texts from the first token on in a larger one"


def gguf(family, kind, *entries):
    """llama.cpp's converter and quantization."""
    return Recipe(f"gguf-{family}-{kind}", entries, family,
                  f"twins/gguf_twin.py {{base}} {{out}}/model.gguf {kind} --family {family} --quantize {{quantize}}",
                  "model.gguf", GGUF, f"llama.cpp: convert_hf_to_gguf.py, llama-quantize {kind.upper()}" +
                  (LONGROPE if family in ("phi3", "phi4") else ""))


def mlx(family, form, about, options, *entries):
    """mlx-lm's converter, by which mlx-community's files are made."""
    return Recipe(f"mlx-{family}-{form}", entries, family, f"-m mlx_lm convert --hf-path {{base}} --mlx-path {{out}}/mlx {options}", "mlx", MLX,
                  f"mlx-lm: convert {about}")


def mlc(family, form, about, *entries):
    """What MLC-LLM's convert_weight and gen_config write, by its documentation: they are in no registry."""
    return Recipe(f"mlc-{family}-{form}", entries, family, f"export/mlc_from_hf.py {{base}} --out {{out}} --type {form} --hub",
                  f"mlc-{form}", MLC, f"our writer of MLC-LLM's format (its own program is in no registry): {about}; weights, "
                  "ndarray-cache.json, mlc-chat-config.json, no library: `tenfold compile` makes it", compiled=True)


def pte(family, form, about, options, *entries):
    """ExecuTorch's exporter of language models."""
    return Recipe(f"pte-{family}-{form}", entries, family,
                  f"export/executorch_llm_from_hf.py {{base}} {{out}} --context 512 --prefill 128 {options}", "model.pte", EXECUTORCH,
                  f"ExecuTorch: export_llm with {about}")


def optimum(family, *entries):
    """optimum-executorch."""
    return Recipe(f"pte-{family}-optimum", entries, family,
                  "export/executorch_optimum_from_hf.py {base} {out} --use_custom_sdpa --use_custom_kv_cache --qlinear 8da4w "
                  "--qembedding 8w --max_seq_len 512", "model.pte", OPTIMUM,
                  "optimum-executorch: --use_custom_sdpa --use_custom_kv_cache --qlinear 8da4w --qembedding 8w")


def litert(family, form, about, options, result, *entries):
    """litert-torch's exporter."""
    return Recipe(f"{form}-{family}", entries, family, f"export/litert_from_hf.py {{base}} --out {{out}} --cache 512 {options}",
                  result.format(family=family), LITERT, f"litert-torch: export_hf with {about}")


def example(family, form, about, options, result, *entries, near=""):
    """The converter of litert-torch's example for the family, by which litert-community's earlier files are made."""
    program = {"qwen2": "convert_to_tflite.py", "gemma3": "convert_gemma3_to_tflite.py"}[family]
    return Recipe(f"{form}-{family}", entries, family, f"twins/litert_twin.py {{base}} {{out}} --cache 512 {options}", result, LITERT,
                  f"litert-torch: its example's {program}, {about}", near)


def community(family, form, file, about, *entries):
    """What the script of transformers.js calls, by which onnx-community is made; the script itself is in no package."""
    return Recipe(f"onnx-{family}-{form}", entries, family, f"export/onnx_from_hf.py {{base}} --out {{out}} --form onnx-{form}",
                  f"onnx-{form}/onnx/{file}", ONNX, f"optimum-onnx and onnxruntime, as the script of transformers.js calls them: {about}")


ROUNDED = "quantization.qmode=8da4w quantization.group_size=32 quantization.embedding_quantize='8,0' backend.xnnpack.extended_ops=True"
ROUNDED_TOLD = "8da4w in groups of 32, embedding 8,0, KV cache and attention as operators (its qwen3_xnnpack_q8da4w.yaml)"
MLX_4BIT, FOUR = "-q: 4 bits in groups of 64", "-q --q-bits 4 --q-group-size 64"
RECIPES = [
    gguf("smollm2", "q4_1", "smollm2-135m-instruct"),
    gguf("smollm2", "q8_0", "smollm2-135m-instruct-q8", "smollm2-360m-instruct", "smollm2-1.7b-instruct"),
    gguf("llama3", "q4_k_m", "llama-3.2-1b-instruct"),
    gguf("llama3", "q8_0", "llama-3.2-1b-instruct-q8"),
    gguf("llama3", "q6_k", "llama-3.2-3b-instruct"),
    gguf("llama-spm", "q4_k_m", "tinyllama-1.1b-chat"),
    gguf("mistral", "q4_k_m", "mistral-7b-instruct"),
    gguf("hermes", "q4_0", "hermes-2-mistral-7b-dpo"),
    gguf("qwen2", "q8_0", "qwen2.5-1.5b-instruct"),
    gguf("qwen3", "q8_0", "qwen3-0.6b", "qwen3-1.7b"),
    gguf("qwen3", "q4_k_m", "qwen3-4b", "qwen3-8b"),
    gguf("gemma2", "q6_k", "gemma-2-2b-it"),
    gguf("gemma3", "q8_0", "gemma-3-270m-it"),
    gguf("gemma3", "q4_k_m", "gemma-3-270m", "gemma-3-1b-it", "gemma-3-4b-it"),
    gguf("phi3", "q4_k_m", "phi-3.5-mini-instruct"),
    gguf("phi4", "q4_k_m", "phi-4-mini-instruct"),
    gguf("stablelm2", "q8_0", "stablelm-2-zephyr-1.6b"),
    Recipe("onnx-smollm2-f32", ("smollm2-135m-instruct-onnx",), "smollm2",
           "export/onnx_from_hf.py {base} --out {out} --form onnx-f32", "onnx-f32/model.onnx", ONNX,
           "optimum-onnx: text-generation-with-past, f32"),
    community("qwen3", "q4f16", "model_q4f16.onnx", "MatMulNBits in blocks of 32, the rest and the cache in f16", "qwen3-0.6b-onnx"),
    community("llama3", "q4f16", "model_q4f16.onnx", "the same", "llama-3.2-1b-instruct-onnx"),
    community("gemma3", "int4", "model_q4.onnx", "MatMulNBits in blocks of 32, the rest in f32", "gemma-3-270m-it-onnx"),
    Recipe("genai-phi4-int4", ("phi-4-mini-instruct-onnx",), "phi4",
           "export/onnx_from_hf.py {base} --out {out} --form genai-int4", "genai-int4", GENAI,
           "onnxruntime-genai's model builder: int4 in blocks of 32 by round-to-nearest, accuracy level 4, for the processor"),
    Recipe("genai-phi3-int4", ("phi-3-mini-4k-instruct-onnx",), "phi3-4k",
           "export/onnx_from_hf.py {base} --out {out} --form genai-int4", "genai-int4", GENAI, "the same"),
    pte("smollm2", "8da4w", ROUNDED_TOLD, f"base.model_class=smollm2 {ROUNDED}", "smollm2-135m-instruct-pte",
        "smollm2-360m-instruct-pte"),
    pte("qwen3", "8da4w", ROUNDED_TOLD, ROUNDED, "qwen3-0.6b-pte"),
    pte("phi4", "8da4w", ROUNDED_TOLD, ROUNDED, "phi-4-mini-instruct-pte"),
    pte("llama3", "spinquant", "its llama_xnnpack_spinquant.yaml: 4 bits in groups of 32, output and embedding 8 bits, Hadamard transforms",
        "--spinquant backend.xnnpack.extended_ops=True", "llama-3.2-1b-instruct-pte", "llama-3.2-3b-instruct-pte"),
    pte("llama3", "qat-lora", "its llama_xnnpack_qat.yaml: weights trained for rounding, adapters of rank 16 in bf16",
        "--qat-lora 16 backend.xnnpack.extended_ops=True"),
    pte("llama3", "lora", "base.lora_config: adapters of rank 32 in PEFT's form; 8da4w in groups of 32", "--lora 32 " + ROUNDED),
    pte("llama3", "8da4w-128", "8da4w in groups of 128, embedding 4,32 (its llama_xnnpack.yaml)",
        "quantization.qmode=8da4w quantization.group_size=128 quantization.embedding_quantize='4,32' "
        "backend.xnnpack.extended_ops=True"),
    pte("llama3", "bf16", "bf16, delegated to XNNPACK where it takes that",
        "model.dtype_override=bf16 backend.xnnpack.enable_bf16=True backend.xnnpack.extended_ops=True"),
    pte("llama3", "kv8", "8da4w as above and an int8 cache", f"{ROUNDED} model.quantize_kv_cache=True"),
    pte("llama3", "fixed", "8da4w as above and model.enable_dynamic_shape=False: a token a call",
        f"{ROUNDED} model.enable_dynamic_shape=False"),
    pte("llama3", "fixed-kv8", "the same and model.static_quantize_kv_cache: int8 by one scale, attention without its operator",
        f"{ROUNDED} model.enable_dynamic_shape=False model.static_quantize_kv_cache=True model.use_sdpa_with_kv_cache=False"),
    pte("llama3", "sink", "8da4w as above and model.use_attention_sink: 4 first tokens and a window of 124",
        f"{ROUNDED} model.use_attention_sink='4,124'"),
    pte("qwen3.5", "f32", "f32, a token a call, linear attention as an operator (its qwen3_5_xnnpack_fp32.yaml)",
        "model.enable_dynamic_shape=False backend.xnnpack.extended_ops=True"),
    optimum("smollm2"),
    optimum("gemma3"),
    example("qwen2", "litertlm", "int8 (dynamic), several prefill lengths, packed as .litertlm", "--prefill 8,32,128 --bundle",
            "model.litertlm", "qwen2.5-1.5b-instruct-litertlm", "deepseek-r1-distill-qwen-1.5b-litertlm"),
    litert("qwen3", "litertlm", "int8 (dynamic), as .litertlm", "--bundle int8 --prefill 32,128", "litertlm-int8/{family}.litertlm",
           "qwen3-0.6b-litertlm"),
    # In blocks of 32 the weights of Gemma 3 1B take 562 MB, the tokenizer 5 and seven signatures' graphs 10, by the twin's measure: 577 of
    # the published 584 MB. Blocks of 128 make 530; a scale a channel, which this converter has no name for, 515.
    example("gemma3", "litertlm-block32", "dynamic_int4_block32, several prefill lengths, mask as input, transposed KV cache, "
            "SentencePiece tokenizer, packed as .litertlm", "--prefill 8,64,128 --quantize dynamic_int4_block32 --bundle",
            "model.litertlm", "gemma-3-1b-it-litertlm",
            near="how its int4 is scaled was not seen; the twin's blocks of 32 only fit the file's size best"),
    litert("gemma3", "litertlm", "int4 (dynamic), SentencePiece tokenizer, as .litertlm", "--bundle int4 --prefill 32,128",
           "litertlm-int4/{family}.litertlm"),
    example("qwen2", "tflite", "int8 (dynamic), one prefill length", "--prefill 128", "model.tflite", "qwen2.5-0.5b-instruct-tflite"),
    mlx("smollm2", "4bit", MLX_4BIT, FOUR, "smollm-135m-instruct-mlx"),
    mlx("llama3", "4bit", MLX_4BIT, FOUR, "llama-3.2-1b-instruct-mlx", "llama-3.2-3b-instruct-mlx"),
    mlx("qwen3", "4bit", MLX_4BIT, FOUR, "qwen3-0.6b-mlx", "qwen3-1.7b-mlx", "qwen3-4b-mlx", "qwen3-8b-mlx"),
    mlx("gemma3", "4bit", MLX_4BIT, FOUR, "gemma-3-1b-it-mlx"),
    mlx("phi3", "4bit", MLX_4BIT, FOUR, "phi-3.5-mini-instruct-mlx"),
    mlx("mistral", "4bit", MLX_4BIT, FOUR, "mistral-7b-instruct-mlx"),
    mlx("qwen3", "8bit", "-q: 8 bits in groups of 64", "-q --q-bits 8 --q-group-size 64"),
    mlx("llama3", "mxfp4", "-q --q-mode mxfp4", "-q --q-mode mxfp4"),
    mlx("llama3", "mixed", "--quant-predicate mixed_4_6: 6 bits for some matrices", "-q --quant-predicate mixed_4_6"),
    mlc("smollm2", "q0f16", "f16", "smollm2-135m-instruct-mlc"),
    mlc("smollm2", "q4f16_1", "4 bits in groups of 32 with scales in f16", "smollm2-360m-instruct-mlc"),
    mlc("llama3", "q4f16_1", "the same", "llama-3.2-1b-instruct-mlc"),
    mlc("qwen3", "q4f16_1", "the same", "qwen3-0.6b-mlc"),
    mlc("gemma3", "q4f16_1", "the same", "gemma-3-1b-it-mlc"),
    mlc("mistral", "q4f16_1", "the same", "mistral-7b-instruct-mlc"),
    mlx("gemma3", "bf16", "--dtype bfloat16", "--dtype bfloat16"),
]

NOT_YET = "the engine is not part of this version"
UNMADE = [
    Unmade("coreml", ("mistral-7b-instruct-coreml", "llama-2-7b-chat-coreml"), f"Core ML: {NOT_YET}"),
    Unmade("pllm", ("gemma-2b-it-picollm", "llama-3.2-1b-instruct-picollm"),
           "Picovoice alone makes .pllm files, and its library runs them only with an AccessKey"),
    Unmade("system", ("apple-foundation-model",), "the model is part of macOS"),
]
