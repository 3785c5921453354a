#!/usr/bin/env python3
"""Measures kernels of one GPU: GEMM, grouped GEMM, attention, norms and other passes over memory.

Every call runs behind a write of half a gigabyte, which empties the L2 cache and gives the host time
to queue the call; the time is the median between two events of the GPU.
"""

import argparse

import shapes
from table import KERNEL_COLUMNS, Table, gpu_name, median

FAMILIES = ["gemm", "grouped", "attention", "memory"]


class Stopwatch:
    """Times calls on the GPU; a dry run times nothing."""

    def __init__(self, torch, repeats):
        self.torch = torch
        self.repeats = repeats
        self.flush = torch.empty(1 << 29, dtype=torch.int8, device="cuda")

    def seconds(self, call):
        for _ in range(3):
            call()
        times = []
        for _ in range(self.repeats):
            start, end = (self.torch.cuda.Event(enable_timing=True) for _ in range(2))
            self.flush.zero_()
            start.record()
            call()
            end.record()
            end.synchronize()
            times.append(start.elapsed_time(end) / 1e3)
        return median(times)


class Collector:
    def __init__(self, torch, table, stopwatch):
        self.torch = torch
        self.table = table
        self.stopwatch = stopwatch

    def measure(self, prepare, **cells):
        """Adds the row of the call that `prepare` returns; without a GPU, the row without its time.

        `prepare` may return cells beside the call, which say more about what really ran.
        """
        if self.torch is None:
            self.table.add(None, **cells)
            return
        try:
            call, found = prepare()
            self.table.add(self.stopwatch.seconds(call), **(cells | found))
        except Exception as error:
            self.table.skip(" ".join(str(cell) for cell in cells.values()), error)
        self.torch.cuda.empty_cache()

    def normal(self, *shape, grad=False):
        torch = self.torch
        return torch.randn(*shape, device="cuda", dtype=torch.bfloat16, requires_grad=grad)

    def gemm(self):
        for n, k in shapes.LINEAR:
            for m in shapes.ROWS:
                cells = {"kernel": "gemm", "m": m, "n": n, "k": k, "direction": "fwd"}
                self.measure(lambda: self.product(m, n, k), dtype="bf16", **cells)
                if m % 16 == 0:
                    self.measure(lambda: self.product8(m, n, k), dtype="fp8", **cells)

    def product(self, m, n, k):
        a, b = self.normal(m, k), self.normal(n, k)
        out = self.normal(m, n)
        return lambda: self.torch.mm(a, b.t(), out=out), {}

    def product8(self, m, n, k):
        torch = self.torch
        a = self.normal(m, k).to(torch.float8_e4m3fn)
        b = self.normal(n, k).to(torch.float8_e4m3fn)
        one = torch.ones((), device="cuda")
        options = {"scale_a": one, "scale_b": one, "out_dtype": torch.bfloat16}
        return lambda: torch._scaled_mm(a, b.t(), use_fast_accum=True, **options), {}

    def grouped(self):
        for experts, m, n, k in shapes.GROUPED:
            self.measure(
                lambda: self.products(experts, m, n, k),
                kernel="grouped_gemm", dtype="bf16", m=m, n=n, k=k, experts=experts,
                direction="fwd",
            )

    def products(self, experts, m, n, k):
        """One product per expert in a row, as training stacks without a fused call run them."""
        a, b = self.normal(experts, m, k), self.normal(experts, n, k)
        out = self.normal(experts, m, n)

        def call():
            for expert in range(experts):
                self.torch.mm(a[expert], b[expert].t(), out=out[expert])

        return call, {}

    def attention(self):
        for batch, heads, kv_heads, width, length, causal in shapes.ATTENTION:
            for direction in ["fwd", "bwd"]:
                self.measure(
                    lambda: self.attend(batch, heads, kv_heads, width, length, causal, direction),
                    kernel="attn_prefill", dtype="bf16", batch=batch, seq_q=length, seq_kv=length,
                    heads=heads, kv_heads=kv_heads, head_dim=width, causal=causal,
                    direction=direction,
                )

    def attend(self, batch, heads, kv_heads, width, length, causal, direction):
        """cuDNN's kernel from Hopper on, flash attention 2 before.

        Where the kernel does not take fewer key heads than query heads, it gets copies of them, and
        the row says so in `kv_heads`.
        """
        from torch.nn.attention import SDPBackend, sdpa_kernel

        is_recent = self.torch.cuda.get_device_capability()[0] >= 9
        backend = SDPBackend.CUDNN_ATTENTION if is_recent else SDPBackend.FLASH_ATTENTION
        query = self.normal(batch, heads, length, width, grad=True)
        keys, values = (self.normal(batch, kv_heads, length, width, grad=True) for _ in range(2))

        def forward():
            with sdpa_kernel(backend):
                return self.torch.nn.functional.scaled_dot_product_attention(
                    query, keys, values, is_causal=bool(causal),
                    enable_gqa=keys.shape[1] != heads)

        name = "cuDNN SDPA" if is_recent else "FA2 SDPA"
        found = {"notes": f"{name}; {self.table.common['notes']}"}
        try:
            forward()
        except RuntimeError:
            keys, values = (self.normal(batch, heads, length, width, grad=True) for _ in range(2))
            found["kv_heads"] = heads
        if direction == "fwd":
            return self.torch.no_grad()(forward), found
        output = forward()
        gradient = self.torch.randn_like(output)
        return lambda: self.torch.autograd.grad(
            output, (query, keys, values), gradient, retain_graph=True), found

    def memory(self):
        for m, k in shapes.NORMS:
            for kernel in ["rmsnorm", "layernorm", "softmax", "gelu", "add"]:
                # The author of the kernel, by which prices differ.
                author = "torch_compile" if kernel == "rmsnorm" else "PyTorch eager"
                self.measure(
                    lambda: self.traffic(kernel, m, k),
                    kernel=kernel, dtype="bf16", m=m, k=k, direction="fwd",
                    notes=f"{author}; {self.table.common['notes']}",
                )

    def traffic(self, kernel, m, k):
        functional = self.torch.nn.functional
        x, y, weight = self.normal(m, k), self.normal(m, k), self.normal(k)
        if kernel == "rmsnorm":
            # Else a few shapes of one function fill its cache, and the rest runs as if not compiled.
            self.torch.compiler.reset()
            norm = self.torch.compile(lambda x, weight: functional.rms_norm(x, (k,), weight))
            return lambda: norm(x, weight), {}
        calls = {
            "layernorm": lambda: functional.layer_norm(x, (k,), weight),
            "softmax": lambda: functional.softmax(x, dim=-1),
            "gelu": lambda: functional.gelu(x),
            "add": lambda: x + y,
        }
        return calls[kernel], {}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", help="the table; standard output unless given")
    parser.add_argument("--only", nargs="+", choices=FAMILIES, default=FAMILIES)
    parser.add_argument("--repeats", type=int, default=30, help="timed calls of a shape")
    parser.add_argument("--gpu", help="how to name the GPU; as profiles do unless given")
    parser.add_argument("--source", default="own measurement", help="where the rows come from")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the rows without times, without a GPU")
    options = parser.parse_args()

    torch = stopwatch = None
    gpu, notes = options.gpu or "H100-SXM", "dry run"
    if not options.dry_run:
        import torch

        stopwatch = Stopwatch(torch, options.repeats)
        gpu = options.gpu or gpu_name(torch.cuda.get_device_name())
        notes = f"torch {torch.__version__}; CUDA {torch.version.cuda}; L2 emptied"
    common = {"gpu": gpu, "source": options.source, "notes": notes}
    collector = Collector(torch, Table(options.output, KERNEL_COLUMNS, common), stopwatch)
    for family in options.only:
        getattr(collector, family)()


if __name__ == "__main__":
    main()
