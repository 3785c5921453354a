public import FoundationEssentials

/// A training job in Megatron's own flags: its plan and what the flags say about the step and model.
///
/// An absent flag is nil: Megatron's defaults are the caller's to apply. Flags that say nothing about
/// a simulated step are collected, not refused.
public struct MegatronArguments: Hashable, Sendable {
  public let plan: ParallelPlan
  public let step: MegatronStep
  public let overlap: MegatronOverlap
  public let recompute: MegatronRecompute
  public let model: MegatronModel
  /// Flags that were not understood, in order.
  public let ignored: [MegatronFlag]

  /// Reads a command line.
  ///
  /// - Parameter gpus: the number of ranks; otherwise `--world-size` or `--nnodes` and
  ///   `--nproc-per-node` tell it.
  public init(_ arguments: [String], gpus: Int? = nil) throws(MegatronError) {
    let words = arguments.enumerated().map {
      MegatronWord(text: $0.element, place: .argument($0.offset + 1))
    }
    try self.init(flags: MegatronWord.flags(words), lastWins: true, gpus: gpus)
  }

  /// Reads a shell-like text: a script or a list of arguments, with comments and continued lines.
  public init(text: String, file: String, gpus: Int? = nil) throws(MegatronError) {
    let words = try ShellWords.split(text, file: file)
    try self.init(flags: MegatronWord.flags(words), lastWins: true, gpus: gpus)
  }

  /// Reads YAML whose keys are flags in snake or dash case, flat or nested.
  public init(yaml: String, file: String, gpus: Int? = nil) throws(MegatronError) {
    try self.init(flags: MegatronYAML.flags(yaml, file: file), lastWins: false, gpus: gpus)
  }

  /// Reads a file: YAML if its name ends in `.yaml` or `.yml`, a shell-like text otherwise.
  public init(contentsOf file: URL, gpus: Int? = nil) throws(MegatronError) {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      let exists = FileManager.default.fileExists(atPath: file.path)
      throw .unreadable(
        file: file.lastPathComponent,
        reason: exists ? "no readable UTF-8 text" : "there is no such file; check the path")
    }
    let name = file.lastPathComponent
    if ["yaml", "yml"].contains(file.pathExtension.lowercased()) {
      try self.init(yaml: text, file: name, gpus: gpus)
    } else {
      try self.init(text: text, file: name, gpus: gpus)
    }
  }

  private init(flags: [MegatronFlag], lastWins: Bool, gpus: Int?) throws(MegatronError) {
    var reader = try MegatronFlagReader(flags, lastWins: lastWins)
    model = try MegatronModel(&reader)
    step = try MegatronStep(&reader)
    overlap = try MegatronOverlap(&reader)
    recompute = try MegatronRecompute(&reader)
    plan = try ParallelPlan(&reader, layers: model.layers, gpus: gpus)
    ignored = reader.rest
  }

  /// The order of the pipeline: 1F1B, interleaved where the plan has several chunks per rank.
  public var schedule: PipelineSchedule {
    guard plan.virtualPipeline > 1, let groupSize = step.microbatchGroupSize else {
      return .oneForwardOneBackward
    }
    return .interleaved(groupSize: groupSize)
  }

  /// Microbatches per step and data-parallel rank, where the flags give whole numbers of them.
  public var microbatches: Int? {
    guard let globalBatch = step.globalBatchSize else { return nil }
    let perMicrobatch = saturatingProduct([step.microBatchSize ?? 1, plan.data])
    return globalBatch % perMicrobatch == 0 ? globalBatch / perMicrobatch : nil
  }

  /// What the plan has to divide, for `ParallelPlan.check`.
  public var requirements: PlanRequirements {
    PlanRequirements(
      heads: model.heads, kvHeads: model.kvHeads,
      layers: step.hasUnevenStages ? nil : model.layers,
      paddedVocabulary: model.paddedVocabulary(tensor: plan.tensor),
      feedForward: model.feedForward, experts: model.experts,
      expertFeedForward: model.expertFeedForward, sequenceLength: step.sequenceLength,
      microBatchSize: step.microBatchSize, globalBatchSize: step.globalBatchSize,
      schedule: schedule)
  }
}
