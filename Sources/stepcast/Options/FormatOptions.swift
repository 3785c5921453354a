public import ArgumentParser
public import Graph
import Units

/// In which formats a step computes and keeps its numbers.
struct FormatOptions: ParsableArguments {
  /// The formats of cached keys and values that commands take by name.
  enum CacheFormat: String, ExpressibleByArgument, CaseIterable {
    case bf16
    case fp8
  }

  @Option(
    help: """
      Format of the linear layers' GEMMs: bf16, fp16, fp8-tensorwise, fp8-blockwise or mxfp8. \
      (default: bf16)
      """)
  var precision: Precision?

  @Option(
    name: .customLong("kv-cache-format"), help: "Format of cached keys and values: bf16 or fp8.")
  var cacheFormat = CacheFormat.bf16

  @Flag(
    name: .customLong("cross-entropy-loss-fusion"),
    help: "Two all-reduces in the vocabulary-parallel loss instead of three.")
  var fusesCrossEntropy = false

  @Flag(
    inversion: .prefixedNo,
    help: "Launch the step as one CUDA graph; on by default for decode, off otherwise.")
  var cudaGraphs: Bool?

  func apply(to configuration: inout StepConfiguration) {
    if let precision { configuration.precision = precision }
    configuration.keyValueCacheFormat = cacheFormat == .fp8 ? .fp8 : .bf16
    if fusesCrossEntropy { configuration.fusesCrossEntropy = true }
    configuration.usesCUDAGraphs = cudaGraphs ?? (configuration.phase == .decode)
  }
}

extension Precision: ExpressibleByArgument {}
