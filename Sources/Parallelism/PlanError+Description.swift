extension PlanError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noAxes(let text):
      "\"\(text)\" names no axis; write for example EP8-TP4-PP2-DP4"
    case .nameExpected(let found, let position):
      "character \(position): expected an axis such as TP4, found \"\(found)\""
    case .unknownAxis(let name, let position, let suggestion):
      "character \(position): unknown axis \"\(name)\"; "
        + (Self.batchHint(name) ?? suggestion.map { "did you mean \($0)?" }
          ?? "the axes are \(list(PlanAxis.allCases.map(\.rawValue)))")
    case .duplicateAxis(let name, let position, let first):
      "character \(position): \(name) stands there twice, first at character \(first)"
    case .degreeExpected(let axis, let position):
      "character \(position): \(axis.rawValue) has no number; write for example \(axis.rawValue)2"
    case .degreeOutOfRange(let axis, let found, let position):
      "character \(position): \(axis.rawValue)\(found) is out of range; a degree is a number from "
        + "1 to 1,048,576"
    case .badSwitch(let found, let position):
      "character \(position): SP\(found) is no switch; write SP or SP1 for on, SP0 for off"
    case .unknownOrder(let found, let position):
      "character \(position): unknown rank order \"\(found)\"; the orders are "
        + list(RankOrder.allCases.map(\.rawValue))
    case .sequenceParallelContradicted(let written):
      "the plan writes SP\(written ? 1 : 0), but sequence parallelism is asked to be "
        + (written ? "off" : "on")
    case .notPositive(let axis, let degree):
      "\(axis.rawValue)\(degree) is out of range; the smallest degree is 1"
    case .worldTooLarge:
      "the product of the degrees exceeds 1,048,576 ranks"
    case .noGPUs(let count):
      "a job needs at least 1 GPU, got \(count)"
    case .gpusNotMultiple(let gpus, let tensor, let context, let pipeline):
      Self.notMultiple(gpus, tensor, context, pipeline)
    case .gpusDisagree(let readings, let gpus):
      Self.disagreement(readings, gpus)
    case .worldDisagrees(let world, let gpus):
      "the plan fills \(world) GPUs, not \(gpus); leave out the number or the data-parallel degrees"
    case .gridsDisagree(let grids):
      Self.disagreement(grids)
    case .expertsDoNotFold(let expert, let expertTensor, let tensor, let context, let data):
      Self.unfoldable(expert, expertTensor, tensor, context, data)
    case .pipelineGroupsDiffer(let data, let expertData):
      "rank order tp-cp-ep-pp-dp with PP above 1 needs EDP = DP, so that dense and expert layers "
        + "have the same pipeline groups; here DP\(data) and EDP\(expertData); use tp-cp-ep-dp-pp "
        + "or choose ETP·EP = TP·CP"
    }
  }

  private static func batchHint(_ name: String) -> String? {
    ["MBS", "MBC", "GBS", "GA", "MB"].contains(name)
      ? "it tells how the batch is cut, which is not part of a plan" : nil
  }

  private static func notMultiple(_ gpus: Int, _ tensor: Int, _ context: Int, _ pipeline: Int)
    -> String
  {
    let replica = saturatingProduct([tensor, context, pipeline])
    return "\(gpus) GPUs are no whole number of model replicas of TP\(tensor)·CP\(context)·"
      + "PP\(pipeline) = \(replica); the nearest that are: "
      + list(nearestMultiples(of: replica, to: gpus))
  }

  private static func disagreement(_ readings: PlanReadings, _ gpus: Int) -> String {
    let model = "TP\(readings.tensor)·CP\(readings.context)·PP\(readings.pipeline)"
    let replica = saturatingProduct([readings.tensor, readings.context, readings.pipeline])
    var fits: [String] = []
    if gpus % replica == 0 {
      let data = gpus / replica
      if data % readings.expert == 0 {
        fits.append("DP\(data / readings.expert) as a product of axes")
      }
      fits.append("DP\(data) in Megatron's reading")
    } else {
      fits = ["no DP with \(model)"]
    }
    return "\(gpus) GPUs do not match: as a product of axes \(model)·EP\(readings.expert)·"
      + "DP\(readings.data) = \(readings.product), in Megatron's reading \(model)·"
      + "DP\(readings.data) = \(readings.megatron); \(gpus) is filled by \(list(fits))"
  }

  private static func disagreement(_ grids: PlanGrids) -> String {
    let experts =
      "ETP\(grids.expertTensor)·EP\(grids.expert)·EDP\(grids.expertData) = \(grids.experts)"
    guard let data = grids.data else {
      return "a pipeline stage of \(experts) ranks is not divided by TP\(grids.tensor)·"
        + "CP\(grids.context) = \(grids.dense), so no DP fits"
    }
    let dense = "TP\(grids.tensor)·CP\(grids.context)·DP\(data) = \(grids.dense)"
    return
      "with EDP written, DP is Megatron's dense degree and a pipeline stage has \(dense) ranks "
      + "for dense layers but \(experts) for experts" + suggestion(grids)
  }

  /// What would make the expert grid fit the dense one.
  private static func suggestion(_ grids: PlanGrids) -> String {
    let shards = saturatingProduct([grids.expertTensor, grids.expert])
    if grids.dense % shards == 0 { return "; EDP\(grids.dense / shards) would fit" }
    let replicas = saturatingProduct([grids.expert, grids.expertData])
    if !grids.writesExpertTensor, grids.dense % replicas == 0 {
      return "; ETP\(grids.dense / replicas) would fit (ETP is TP unless written)"
    }
    return ""
  }

  private static func unfoldable(
    _ expert: Int, _ expertTensor: Int, _ tensor: Int, _ context: Int, _ data: Int
  ) -> String {
    let stage = saturatingProduct([tensor, context, data])
    let start =
      "ETP\(expertTensor)·EP\(expert) = \(saturatingProduct([expertTensor, expert])) does not "
      + "divide the \(stage) ranks of a pipeline stage, TP\(tensor)·CP\(context)·DP\(data); experts "
      + "fold over tensor, context and data ranks, so EP may exceed DP, but ETP·EP must divide a stage"
    guard stage % expertTensor == 0 else {
      return start + "; the nearest ETP that divide it: "
        + list(nearestDivisors(of: stage, to: expertTensor))
    }
    return start + "; with ETP\(expertTensor) the nearest EP: "
      + list(nearestDivisors(of: stage / expertTensor, to: expert))
  }
}
