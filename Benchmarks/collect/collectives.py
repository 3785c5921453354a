#!/usr/bin/env python3
"""Measures NCCL over all ranks of a job: run it with torchrun, one process per GPU.

Calls are queued one behind the other without waiting for the host, as nccl-tests does; the time is
that of the slowest rank, and sizes follow nccl-tests.
"""

import argparse
import os

import shapes
from table import COLLECTIVE_COLUMNS, Table, gpu_name


class Ranks:
    """The job: its process group, and buffers that every call uses again."""

    def __init__(self, torch, largest):
        import torch.distributed as distributed

        self.torch = torch
        self.distributed = distributed
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl")
        self.rank, self.count = distributed.get_rank(), distributed.get_world_size()
        self.input = torch.ones(largest // 2, device="cuda", dtype=torch.bfloat16)
        self.output = torch.ones_like(self.input)

    def seconds(self, call, repeats):
        for _ in range(5):
            call()
        self.distributed.barrier()
        start, end = (self.torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(repeats):
            call()
        end.record()
        end.synchronize()
        time = self.torch.tensor(start.elapsed_time(end) / 1e3 / repeats, device="cuda")
        self.distributed.all_reduce(time, op=self.distributed.ReduceOp.MAX)
        return time.item()

    def call(self, operation, size):
        """One call of the library that moves `size` bytes in nccl-tests' convention."""
        distributed, total = self.distributed, size // 2
        whole, result = self.input[:total], self.output[:total]
        part = total // self.count
        return {
            "all_reduce": lambda: distributed.all_reduce(whole),
            "all_gather": lambda: distributed.all_gather_into_tensor(result, whole[:part]),
            "reduce_scatter": lambda: distributed.reduce_scatter_tensor(result[:part], whole),
            "alltoall": lambda: distributed.all_to_all_single(result, whole),
            "broadcast": lambda: distributed.broadcast(whole, src=0),
            "sendrecv": lambda: self.exchange(whole, result),
        }[operation]

    def exchange(self, sent, received):
        """To the next rank of a ring, from the one before."""
        make = self.distributed.P2POp
        operations = [
            make(self.distributed.isend, sent, (self.rank + 1) % self.count),
            make(self.distributed.irecv, received, (self.rank - 1) % self.count),
        ]
        for request in self.distributed.batch_isend_irecv(operations):
            request.wait()


def whole_parts(size, ranks):
    """The size, cut so that every rank has as many elements of 2 bytes."""
    return size // (2 * ranks) * 2 * ranks


def machine(options, torch):
    """The cells that all rows share, by environment and options."""
    ranks = int(os.environ.get("WORLD_SIZE", options.gpus or 8))
    local = int(os.environ.get("LOCAL_WORLD_SIZE", min(ranks, 8)))
    domain = 8
    version = "NCCL"
    gpu = options.gpu or "H100-SXM"
    notes = "dry run"
    if torch is not None:
        version = "NCCL " + ".".join(str(part) for part in torch.cuda.nccl.version())
        gpu = options.gpu or gpu_name(torch.cuda.get_device_name())
        domain = torch.cuda.device_count()
        notes = f"torch {torch.__version__}; queued back to back"
    return ranks, {
        "gpus": ranks,
        "gpus_per_node": options.gpus_per_node or domain,
        "nodes": options.nodes or max(1, ranks // local),
        "gpu": gpu,
        "intra_link": "NVLink",
        "inter_link": options.inter_link,
        "dtype": "bf16",
        "nccl_version_or_impl": version,
        "source": options.source,
        "notes": notes,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", help="the table; standard output unless given")
    parser.add_argument(
        "--only", nargs="+", choices=shapes.COLLECTIVES, default=shapes.COLLECTIVES)
    parser.add_argument("--repeats", type=int, default=20, help="timed calls of a size")
    parser.add_argument("--inter-link", default="", help="NICs of a node: 8x400G IB NDR")
    parser.add_argument(
        "--gpus-per-node", type=int, help="GPUs of an NVLink domain, used or not: 8, or 72")
    parser.add_argument("--nodes", type=int, help="NVLink domains, where nodes share one")
    parser.add_argument("--gpu", help="how to name the GPU; as profiles do unless given")
    parser.add_argument("--source", default="own measurement", help="where the rows come from")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the rows without times, without a GPU")
    parser.add_argument("--gpus", type=int, help="ranks of a dry run")
    options = parser.parse_args()

    torch = job = None
    if not options.dry_run:
        import torch

        job = Ranks(torch, max(shapes.SIZES))
    ranks, common = machine(options, torch)
    writes = job is None or job.rank == 0
    table = Table(options.output if writes else os.devnull, COLLECTIVE_COLUMNS, common)
    for operation in options.only:
        for size in shapes.SIZES:
            size = whole_parts(size, ranks)
            if size == 0:
                continue
            seconds = job and job.seconds(job.call(operation, size), options.repeats)
            table.add(seconds, op=operation, bytes=size)
    if job is not None:
        job.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
