"""Checks a Core ML package as far as that is possible without Core ML."""

import sys

import coremltools as ct
import coremltools.optimize.coreml as cto
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM

import coreml_decoder

SUFFIX = {"f16": "", "int8": "_quantized", "int4": "_palettized"}
WEIGHT_ERROR = {"f16": 0.0, "int8": 0.02, "int4": 0.2}  # root mean square, relative


def check_decoder(folder, decoder):
    """Compares the decoder with transformers in f32."""
    ids = torch.arange(1, 33)[None] % decoder.config["vocab_size"]
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)(ids).logits
    ours = decoder(ids, coreml_decoder.causal_mask(32, 0), 0, 32)
    difference = (ours - theirs).abs().max().item()
    print(f"decoder and transformers: logits within {difference:.6f}")
    if not difference <= 1e-3 * theirs.abs().max().item():
        sys.exit("the decoder does not compute what transformers computes")


def bounds(feature):
    """Smallest and largest size of each dimension."""
    state = feature.type.WhichOneof("Type") == "stateType"
    array = feature.type.stateType.arrayType if state else feature.type.multiArrayType
    ranges = [(r.lowerBound, r.upperBound) for r in array.shapeRange.sizeRanges]
    return ranges or [(size, size) for size in array.shape]


def check_interface(package, style, decoder):
    """Compares inputs, output and states with what swift-transformers expects."""
    description = ct.utils.load_spec(str(package)).description
    found = [{feature.name: bounds(feature) for feature in features}
             for features in (description.input, description.state, description.output)]
    one, any_number = (1, 1), (1, decoder.context)
    if style == "stateless":
        all_tokens, vocabulary = (decoder.context,) * 2, (decoder.config["vocab_size"],) * 2
        expected = [{"inputIds": [one, all_tokens]}, {}, {"logits": [one, all_tokens, vocabulary]}]
    else:
        cache = [(size, size) for size in coreml_decoder.Stateful(decoder).keyCache.shape]
        inputs = {"inputIds": [one, any_number], "causalMask": [one, one, any_number, any_number]}
        expected = [inputs, {"keyCache": cache, "valueCache": cache}, {"logits": []}]
    if found != expected:
        sys.exit(f"{package} has {found} instead of {expected}")


class Weights:
    """The decoder's weights in f32 under the names coremltools gives them."""

    def __init__(self, decoder):
        self.tensors = {"decoder." + name: parameter.clone()
                        for name, parameter in decoder.named_parameters()}

    def matrices(self):
        """Constants that may be compressed."""
        return [constant_name(name) for name, w in self.tensors.items() if w.dim() == 2]

    def check_and_load(self, package, precision, traced):
        """Compares all weights of a package with the decoder's and copies them into `traced`."""
        model = ct.models.MLModel(str(package), skip_model_load=True)
        program = cto.decompress_weights(model)._mil_program
        constants = {operation.name.removesuffix(SUFFIX[precision]): operation.val.val
                     for operation in program.functions["main"].operations
                     if operation.op_type == "const"}
        errors, parameters = [], dict(traced.named_parameters())
        for name, wanted in self.tensors.items():
            found = torch.from_numpy(constants[constant_name(name)])
            errors.append((found.float() - wanted.half().float()).norm() / wanted.norm())
            parameters[name].copy_(found)
        worst = torch.stack(errors).max().item()
        print(f"{package.parent.name}: weights within {worst:.5f}")
        if not worst <= WEIGHT_ERROR[precision]:
            sys.exit(f"{package}: the weights are not the model's")


def constant_name(parameter):
    """How coremltools calls a half-precision constant made from a parameter."""
    return parameter.replace(".", "_") + "_to_fp16"


def runner(traced, style, context):
    """A function from ids to logits. Stateful: half of the ids, then one, then the rest."""
    def stateless(ids):
        padded = functional.pad(torch.tensor([ids], dtype=torch.int32), (0, context - len(ids)))
        return traced(padded)[0, :len(ids)].float().numpy()

    def stateful(ids):
        rows, past = [], 0
        for new in (len(ids) // 2, 1, len(ids) - len(ids) // 2 - 1):
            chunk = torch.tensor([ids[past:past + new]], dtype=torch.int32)
            rows.append(traced(chunk, coreml_decoder.causal_mask(new, past).half())[0])
            past += new
        return torch.cat(rows).float().numpy()

    return stateless if style == "stateless" else stateful
