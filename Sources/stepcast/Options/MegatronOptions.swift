import ArgumentParser
import Foundation
import Parallelism

/// Megatron-LM's own flags, as an alternative to `--parallel`.
struct MegatronOptions: ParsableArguments {
  @Option(
    name: .customLong("megatron"),
    help: .init(
      "A file of Megatron arguments: a script, a list of flags, or YAML.", valueName: "file"))
  var file: String?

  @Option(help: "Tensor parallelism (TP).") var tensorModelParallelSize: Int?
  @Option(help: "Pipeline parallelism (PP).") var pipelineModelParallelSize: Int?
  @Option(help: "Context parallelism (CP).") var contextParallelSize: Int?
  @Option(help: "Expert parallelism (EP).") var expertModelParallelSize: Int?
  @Option(help: "Tensor parallelism of experts (ETP); TP unless given.")
  var expertTensorParallelSize: Int?
  @Option(help: "Model chunks per pipeline rank (VPP).")
  var numVirtualStagesPerPipelineRank: Int?
  @Option(help: "Layers per model chunk, instead of the number of chunks.")
  var numLayersPerVirtualPipelineStage: Int?
  @Option(help: "Microbatches per turn of a chunk; PP unless given.")
  var microbatchGroupSizePerVpStage: Int?
  @Flag(help: "Rank order tp-cp-ep-pp-dp instead of tp-cp-ep-dp-pp.") var useTpPpDpMapping = false

  /// The flags given on the command line, as Megatron would read them.
  private var flags: [String] {
    let values: [(String, Int?)] = [
      ("tensor-model-parallel-size", tensorModelParallelSize),
      ("pipeline-model-parallel-size", pipelineModelParallelSize),
      ("context-parallel-size", contextParallelSize),
      ("expert-model-parallel-size", expertModelParallelSize),
      ("expert-tensor-parallel-size", expertTensorParallelSize),
      ("num-virtual-stages-per-pipeline-rank", numVirtualStagesPerPipelineRank),
      ("num-layers-per-virtual-pipeline-stage", numLayersPerVirtualPipelineStage),
      ("microbatch-group-size-per-vp-stage", microbatchGroupSizePerVpStage),
    ]
    return values.flatMap { name, value in value.map { ["--\(name)", String($0)] } ?? [] }
      + (useTpPpDpMapping ? ["--use-tp-pp-dp-mapping"] : [])
  }

  /// Whether any of these options was given.
  var isGiven: Bool { file != nil || !flags.isEmpty }

  /// What was given, or nil when nothing was.
  ///
  /// - Parameter layers: the model's layers, for flags that count them.
  func arguments(gpus: Int?, layers: Int, sequenceParallel: Bool) throws -> MegatronArguments? {
    if let file {
      guard flags.isEmpty else {
        throw ValidationError(
          "--megatron FILE and Megatron's flags on the command line exclude each other")
      }
      return try MegatronArguments(contentsOf: URL(filePath: file), gpus: gpus)
    }
    guard !flags.isEmpty else { return nil }
    let shared =
      ["--num-layers", String(layers)] + (sequenceParallel ? ["--sequence-parallel"] : [])
    return try MegatronArguments(flags + shared, gpus: gpus)
  }
}
