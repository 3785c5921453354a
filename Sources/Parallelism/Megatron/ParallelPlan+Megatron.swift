extension ParallelPlan {
  /// The plan of Megatron's flags, with Megatron's defaults: ETP is TP, sequence parallelism is off.
  init(_ reader: inout MegatronFlagReader, layers: Int?, gpus: Int?) throws(MegatronError) {
    let tensor = try reader.count("tensor-model-parallel-size") ?? 1
    let context = try reader.count("context-parallel-size") ?? 1
    let pipeline = try reader.count("pipeline-model-parallel-size") ?? 1
    let virtualPipeline = try reader.virtualPipeline(layers: layers, pipeline: pipeline)
    let expert = try reader.count("expert-model-parallel-size") ?? 1
    let expertTensor = try reader.count("expert-tensor-parallel-size")
    let sequenceParallel = try reader.isOn("sequence-parallel") ?? false
    let dataLast = try reader.isOn("use-tp-pp-dp-mapping") ?? false
    let written = try reader.count("data-parallel-size")
    let replica = saturatingProduct([tensor, context, pipeline])
    let announced = try reader.worldSize()
    guard let gpus = gpus ?? announced ?? written.map({ saturatingProduct([$0, replica]) }) else {
      throw .gpusUnknown(replica: replica)
    }
    do throws(PlanError) {
      guard gpus >= 1 else { throw .noGPUs(count: gpus) }
      guard gpus % replica == 0 else {
        throw .gpusNotMultiple(gpus: gpus, tensor: tensor, context: context, pipeline: pipeline)
      }
      if let written, written != gpus / replica {
        throw .worldDisagrees(world: saturatingProduct([written, replica]), gpus: gpus)
      }
      try self.init(
        checkingTensor: tensor, context: context, pipeline: pipeline,
        virtualPipeline: virtualPipeline, expert: expert, expertTensor: expertTensor,
        data: gpus / replica, sequenceParallel: sequenceParallel,
        rankOrder: dataLast ? .dataLast : .pipelineLast)
    } catch {
      throw .plan(error)
    }
  }
}

extension MegatronFlagReader {
  /// Chunks per rank, from either of the flags that tell them.
  fileprivate mutating func virtualPipeline(layers: Int?, pipeline: Int) throws(MegatronError)
    -> Int
  {
    let chunks = try flag(
      "num-virtual-stages-per-pipeline-rank", "virtual-pipeline-model-parallel-size")
    let perStage = try flag("num-layers-per-virtual-pipeline-stage")
    if let chunks, let perStage { throw .contradiction(chunks, perStage) }
    if let chunks { return try Self.count(chunks) }
    guard let perStage else { return 1 }
    let count = try Self.count(perStage)
    guard let layers else { throw .needs(flag: perStage, other: "num-layers") }
    guard layers % pipeline == 0, layers / pipeline % count == 0 else {
      throw .virtualStagesUneven(flag: perStage, layers: layers, pipeline: pipeline)
    }
    return layers / pipeline / count
  }

  /// The ranks that a launcher's flags announce.
  fileprivate mutating func worldSize() throws(MegatronError) -> Int? {
    if let world = try count("world-size") { return world }
    let nodes = try flag("nnodes")
    let perNode = try flag("nproc-per-node")
    guard let nodes, let perNode else { return nil }
    // A launcher takes shell variables and words such as "gpu" here; those tell nothing.
    guard let nodes = try? Self.count(nodes), let perNode = try? Self.count(perNode) else {
      return nil
    }
    return saturatingProduct([nodes, perNode])
  }
}
