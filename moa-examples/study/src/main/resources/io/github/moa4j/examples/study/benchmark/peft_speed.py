"""What transformers and PEFT take for what the benchmark measures of this library.

Arguments: checkpoint directory, dtype (f32 or bf16), threads. Standard input names measurements,
one a line; a line =name=value answers each.
"""

import functools
import statistics
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

PREFILL, PROMPT, WARM_UP, DECODED, SEQUENCES, RANK = 512, 16, 8, 32, 8, 8
ROWS, LENGTH = 4, 128
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

directory, dtype, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)


def load():
    kind = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
    return AutoModelForCausalLM.from_pretrained(directory, dtype=kind).eval()


@functools.cache
def plain():
    return load()


@functools.cache
def adapted():
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=TARGETS, lora_dropout=0.0)
    model = get_peft_model(load(), config, adapter_name="a0")
    for i in range(1, SEQUENCES):
        model.add_adapter(f"a{i}", config)
    return model.eval()


@functools.cache
def trained():
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=TARGETS, lora_dropout=0.0)
    model = get_peft_model(load(), config)
    model.config.use_cache = False
    parameters = [p for p in model.parameters() if p.requires_grad]
    return model.train(), parameters, torch.optim.AdamW(parameters, lr=1e-4)


def tokens(model, rows, length):
    generator = torch.Generator().manual_seed(rows * length)
    return torch.randint(0, model.config.vocab_size, (rows, length), generator=generator)


@torch.inference_mode()
def prefill():
    model = plain()
    prompt = tokens(model, 1, PREFILL)
    start = time.perf_counter()
    model(input_ids=prompt, use_cache=True, logits_to_keep=1)
    return PREFILL / (time.perf_counter() - start)


@torch.inference_mode()
def decode(model, rows, **more):
    out = model(input_ids=tokens(model, rows, PROMPT), use_cache=True, logits_to_keep=1, **more)
    cache, token = out.past_key_values, tokens(model, rows, 1)
    for i in range(WARM_UP + DECODED):
        if i == WARM_UP:
            start = time.perf_counter()
        model(input_ids=token, past_key_values=cache, use_cache=True, logits_to_keep=1, **more)
    return rows * DECODED / (time.perf_counter() - start)


def decode_with(names):
    model = adapted()
    if len(set(names)) > 1:
        return decode(model, len(names), adapter_names=names)
    model.set_adapter(names[0])
    return decode(model, len(names))


def train():
    model, parameters, optimizer = trained()
    speeds = []
    for step in range(6):
        batch = tokens(model, ROWS, LENGTH)
        start = time.perf_counter()
        model(input_ids=batch, labels=batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        speeds.append(ROWS * (LENGTH - 1) / (time.perf_counter() - start))
    return statistics.median(speeds[2:])


def peak():
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


measurements = {
    "prefill": prefill,
    "decode": lambda: decode(plain(), 1),
    "eight": lambda: decode(plain(), SEQUENCES),
    "adapter": lambda: decode_with(["a0"]),
    "sameAdapter": lambda: decode_with(["a0"] * SEQUENCES),
    "ownAdapters": lambda: decode_with([f"a{i}" for i in range(SEQUENCES)]),
    "tokens": train,
    "peak": peak,
}
for line in sys.stdin:
    name = line.strip()
    print(f"={name}={float(measurements[name]())}", flush=True)
