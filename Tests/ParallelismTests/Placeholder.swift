import Testing

@Suite("Parallelism") struct PlaceholderParallelism {}
