"""What both collectors share: tables in the columns that `stepcast validate` reads."""

import csv
import sys

KERNEL_COLUMNS = (
    "id kernel gpu dtype m n k batch seq_q seq_kv heads kv_heads head_dim experts topk causal "
    "direction time_us source notes"
).split()

COLLECTIVE_COLUMNS = (
    "id op gpus gpus_per_node nodes gpu intra_link inter_link dtype bytes time_us "
    "nccl_version_or_impl source notes"
).split()

# How torch names GPUs, longest first, and how profiles do.
GPU_NAMES = [
    ("A100-SXM4-80GB", "A100-SXM-80GB"),
    ("A100 80GB PCIe", "A100-PCIE-80GB"),
    ("H100 80GB HBM3", "H100-SXM"),
    ("GB200", "GB200"),
    ("GB300", "GB300"),
    ("B200", "B200"),
    ("H200", "H200-SXM"),
    ("H800", "H800"),
    ("L40S", "L40S"),
    ("H20", "H20"),
]


def gpu_name(torch_name):
    """The name that profiles use; the driver's own where there is no profile."""
    bare = torch_name.removeprefix("NVIDIA ")
    return next((ours for theirs, ours in GPU_NAMES if theirs in bare), bare)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


class Table:
    """Rows of one file, written as they are measured, so that a crash loses none of them."""

    def __init__(self, path, columns, common):
        self.file = open(path, "w", newline="") if path else sys.stdout
        self.writer = csv.DictWriter(self.file, columns, lineterminator="\n")
        self.writer.writeheader()
        self.common = common
        self.count = 0

    def add(self, seconds, **cells):
        """Adds a row; `seconds` is None in a dry run, which leaves the time empty."""
        self.count += 1
        time = "" if seconds is None else f"{1e6 * seconds:.3f}"
        self.writer.writerow(
            {"id": f"r{self.count:04d}", "time_us": time, **self.common, **cells}
        )
        self.file.flush()

    def skip(self, what, error):
        print(f"skipped {what}: {error}", file=sys.stderr)
