extension ParallelPlan: CustomStringConvertible {
  /// The canonical text, for example `TP4-CP1-PP2-EP8-ETP4-DP32 (EDP4)`; reads back to this plan.
  public var description: String {
    let axes = [
      "TP\(tensor)", "CP\(context)", "PP\(pipeline)", virtualPart, "EP\(expert)",
      "ETP\(expertTensor)", "DP\(data)",
    ]
    return axes.compactMap(\.self).joined(separator: "-") + " (EDP\(expertData))" + switches
  }

  /// The plan as a product of axes, for example `EP8-TP4-PP2-DP4`; reads back to this plan.
  ///
  /// Where EP does not divide DP there is no such product, and `EDP` is written, with Megatron's DP.
  public var axisReading: String {
    let folds = data % expert == 0
    let axes = [
      expert > 1 ? "EP\(expert)" : nil, "TP\(tensor)", context > 1 ? "CP\(context)" : nil,
      "PP\(pipeline)", virtualPart, expertTensor == tensor ? nil : "ETP\(expertTensor)",
      folds ? "DP\(data / expert)" : "DP\(data)-EDP\(expertData)",
    ]
    return axes.compactMap(\.self).joined(separator: "-") + switches
  }

  /// The plan in Megatron's terms, for example `TP4 CP1 PP2 DP32 | ETP4 EP8 EDP4`; reads back to
  /// this plan.
  public var megatronReading: String {
    let dense = ["TP\(tensor)", "CP\(context)", "PP\(pipeline)", virtualPart, "DP\(data)"]
    return dense.compactMap(\.self).joined(separator: " ")
      + " | ETP\(expertTensor) EP\(expert) EDP\(expertData)" + switches
  }

  private var virtualPart: String? { virtualPipeline > 1 ? "VPP\(virtualPipeline)" : nil }

  /// What differs from the defaults: sequence parallelism off, another rank order.
  private var switches: String {
    (sequenceParallel || tensor == 1 ? "" : " SP0")
      + (rankOrder == .pipelineLast ? "" : " order \(rankOrder.rawValue)")
  }
}
