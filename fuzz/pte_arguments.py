#!/usr/bin/env python3
"""Runs a model whose operators have got other arguments, again and again: an error or an answer, never a dead worker.

usage: pte_arguments.py TENFOLD FOLDER SECONDS [SEED]

FOLDER holds a model.pte with operators of ExecuTorch's LLM forms, and its tokenizer. Needs the packages of
tools/export/executorch_llm-requirements.txt.
"""
import collections
import copy
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from executorch.exir import schema
from executorch.exir._serialize._program import deserialize_pte_binary, serialize_pte_binary

INTEGERS = (-(2**63), -(2**31), -1, 0, 1, 2, 3, 7, 127, 128, 129, 4096, 2**31 - 1, 2**31, 2**62)
NUMBERS = ("nan", "inf", "-inf", 0.0, -1.0, 1e-30, 1e30)


def calls(plan):
    """The LLM operators' calls."""
    return [instruction.instr_args for chain in plan.chains for instruction in chain.instructions
            if isinstance(instruction.instr_args, schema.KernelCall)
            and plan.operators[instruction.instr_args.op_index].name.startswith("llama::")]


def mutate(plan, draw):
    """Changes one argument; returns what was done."""
    call = draw.choice(calls(plan))
    name = plan.operators[call.op_index].name
    place = draw.randrange(len(call.args))
    value = plan.values[call.args[place]]
    kind = draw.random()
    if kind < 0.3:
        call.args[place] = draw.randrange(len(plan.values))
        return f"{name}: argument {place} is value {call.args[place]}"
    if kind < 0.35:
        call.args.pop(place)
        return f"{name}: argument {place} is gone"
    if kind < 0.4:
        call.args.insert(place, draw.choice(call.args))
        return f"{name}: one argument more at {place}"
    if kind < 0.45:
        # The framework's own operators end the process where an argument is of another type than theirs.
        call.op_index = draw.choice([i for i, one in enumerate(plan.operators) if one.name.startswith("llama::")])
        return f"{name} is called {plan.operators[call.op_index].name}"
    if kind < 0.6 or not isinstance(value.val, schema.Tensor):
        fresh = draw.choice((schema.Int(draw.choice(INTEGERS)), schema.Double(draw.choice(NUMBERS)),
                             schema.Bool(draw.random() < 0.5), schema.Null(), schema.IntList([])))
        plan.values.append(schema.EValue(fresh))
        call.args[place] = len(plan.values) - 1
        return f"{name}: argument {place} is {fresh}"
    # A tensor of another kind, for this call alone.
    tensor = copy.deepcopy(value.val)
    if kind < 0.75:
        tensor.scalar_type = draw.choice(list(type(tensor.scalar_type)))
    elif kind < 0.9 and tensor.sizes:
        tensor.sizes[draw.randrange(len(tensor.sizes))] = draw.choice((0, 1, 2, 3, 5, 64, 4096))
    else:
        tensor.sizes = tensor.sizes[1:]
        tensor.dim_order = list(range(len(tensor.sizes)))
    plan.values.append(schema.EValue(tensor))
    call.args[place] = len(plan.values) - 1
    return f"{name}: argument {place} is {tensor.scalar_type.name}{tensor.sizes}"


def said(tenfold, folder):
    """"answered", or the code of the error."""
    ran = subprocess.run([tenfold, "run", "--json", "-m", folder, "--engine", "executorch", "--max-tokens", "3",
                          "--temperature", "0", "Hi"], capture_output=True, text=True, timeout=60)
    if ran.returncode == 0:
        return "answered"
    return json.loads(ran.stdout or ran.stderr)["error"]["code"]


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    tenfold, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    draw = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    whole = deserialize_pte_binary((folder / "model.pte").read_bytes())
    end = time.monotonic() + seconds
    outcomes = collections.Counter()
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        while time.monotonic() < end:
            changed = copy.deepcopy(whole)
            plan = next(plan for plan in changed.program.execution_plan if plan.name == "forward")
            what = [mutate(plan, draw) for _ in range(draw.choice((1, 1, 2)))]
            (Path(place) / "model.pte").write_bytes(bytes(serialize_pte_binary(changed)))
            outcome = said(tenfold, place)
            outcomes[outcome] += 1
            if outcome == "engine_died":
                print(what, flush=True)
    print(dict(outcomes))
    sys.exit(outcomes["engine_died"] > 0)


main()
