"""What is measured: shapes of layers of published models, from decode to long sequences."""

# Tokens of one call: decode batches, then microbatches of training.
ROWS = [1, 16, 64, 256, 1024, 2048, 4096, 8192, 16384]

# Outputs and inputs of linear layers (n, k): Llama-3-8B and 70B, Qwen3-30B-A3B, also under TP.
LINEAR = [
    (6144, 4096),
    (4096, 4096),
    (28672, 4096),
    (4096, 14336),
    (10240, 8192),
    (8192, 8192),
    (57344, 8192),
    (8192, 28672),
    (2560, 8192),
    (8192, 2048),
    (5120, 2048),
    (1536, 2048),
    (2048, 768),
]

# Experts on the rank, rows of each, n, k: Qwen3-30B-A3B, Mixtral-8x7B, DeepSeek-V3.
GROUPED = [
    (experts, rows, n, k)
    for experts, n, k in [
        (16, 1536, 2048),
        (16, 2048, 768),
        (8, 28672, 4096),
        (8, 4096, 14336),
        (8, 4096, 7168),
        (8, 7168, 2048),
    ]
    for rows in [64, 256, 1024, 4096]
]

# Sequences, query heads, key heads, elements of a head, tokens of a sequence, causal.
ATTENTION = (
    [(1, 32, 8, 128, length, 1) for length in [512, 1024, 2048, 4096, 8192, 16384, 32768]]
    + [(4, 32, 8, 128, 4096, 1), (1, 32, 8, 128, 8192, 0), (1, 64, 8, 128, 8192, 1)]
    + [(1, 8, 1, 128, length, 1) for length in [2048, 8192, 32768]]
    + [(4, 16, 16, 64, 2048, 1), (2, 96, 96, 128, 2048, 1), (1, 32, 4, 128, 4096, 1)]
)

# Rows and elements of a row.
NORMS = [(rows, width) for rows in [64, 1024, 4096, 8192, 16384] for width in [2048, 4096, 8192]]

# Operations of NCCL, as the column `op` names them, and sizes in nccl-tests' convention.
COLLECTIVES = ["all_reduce", "all_gather", "reduce_scatter", "alltoall", "broadcast", "sendrecv"]
SIZES = [1 << exponent for exponent in range(12, 31, 2)]
