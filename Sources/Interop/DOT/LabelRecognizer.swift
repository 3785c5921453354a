import Graph
import Parallelism

/// What a label, an identifier and the clusters around a node say about it.
struct Recognition: Hashable {
  var kind: OperationKind?
  var operation: CollectiveOperation?
  var family: GroupFamily?
  var pass: OperationPass?
  var ranks: ClosedRange<Int>?
  var layers: ClosedRange<Int>?
  var microbatch: Int?
  /// Coordinates such as `TP0` and `stage 1`.
  var coordinates: [AxisCoordinate] = []

  struct AxisCoordinate: Hashable {
    let axis: GroupFamily
    let index: Int
  }
}

/// Reads other people's labels: `"TP0 All-Reduce\nGPU 0-3, layer 12"`.
struct LabelRecognizer {
  /// What was found in one text, before it is put together.
  fileprivate struct Findings {
    var kinds: [OperationKind] = []
    var operation: CollectiveOperation?
    var isSend = false
    var isReceive = false
    var axes: [GroupFamily] = []
    var pass: OperationPass?
    var topics: Set<LabelMeaning.Topic> = []
    var places = Recognition()
  }

  /// Puts together what a node's label says, then its name, then the clusters around it.
  static func recognize(label: String, name: String = "", context: String = "") -> Recognition {
    var primary = read(label)
    let secondary = read(name)
    let outer = read(context)
    if !saysWhat(primary) {
      var merged = secondary
      merged.places = primary.places.filled(from: secondary.places)
      merged.topics.formUnion(primary.topics)
      merged.axes = primary.axes + secondary.axes
      merged.pass = primary.pass ?? secondary.pass
      primary = merged
    } else {
      primary.places = primary.places.filled(from: secondary.places)
      primary.pass = primary.pass ?? secondary.pass
    }
    primary.places = primary.places.filled(from: outer.places)
    primary.pass = primary.pass ?? outer.pass
    return conclude(primary, around: outer)
  }

  private static func saysWhat(_ findings: Findings) -> Bool {
    !findings.kinds.isEmpty || findings.operation != nil || findings.isSend || findings.isReceive
      || findings.topics.contains(.attention)
  }

  private static func read(_ text: String) -> Findings {
    var findings = Findings()
    let tokens = LabelTokens(text).tokens
    var index = 0
    while index < tokens.count {
      let placed = findings.places.read(tokens, at: index)
      if placed > 0 {
        index += placed
        continue
      }
      guard let (meaning, length) = longestPhrase(tokens, at: index) else {
        index += 1
        continue
      }
      findings.add(meaning)
      index += length
    }
    return findings
  }

  /// The longest phrase of the vocabulary that starts at a token, joining tokens without spaces.
  private static func longestPhrase(_ tokens: [LabelTokens.Token], at start: Int)
    -> (LabelMeaning, length: Int)?
  {
    var joined = ""
    var best: (LabelMeaning, length: Int)?
    for end in start..<min(tokens.count, start + 6) {
      joined += tokens[end].text
      if joined.count > LabelVocabulary.longest { break }
      if let meaning = LabelVocabulary.byPhrase[joined] { best = (meaning, end - start + 1) }
    }
    return best
  }

  private static func conclude(_ findings: Findings, around outer: Findings) -> Recognition {
    var result = findings.places
    result.pass = findings.pass
    result.operation = findings.operation
    if findings.isSend || findings.isReceive {
      let isGradient =
        findings.topics.contains(.gradient) || findings.pass == .inputGradient
      result.kind =
        findings.isSend
        ? (isGradient ? .sendGradient : .sendActivation)
        : (isGradient ? .receiveGradient : .receiveActivation)
    } else if findings.operation != nil {
      conclude(collective: findings, &result)
    } else {
      result.kind = findings.kind(around: outer)
    }
    return result
  }

  private static func conclude(collective findings: Findings, _ result: inout Recognition) {
    let stated = findings.axes.first
    switch findings.operation {
    case .allToAll:
      result.family = stated ?? .expert
      result.kind =
        findings.kinds.first { $0 == .tokenCombine || $0 == .tokenDispatch } ?? .tokenDispatch
    case .ringExchange:
      result.family = stated ?? .context
      result.kind = .contextExchange
    case .allReduce, .reduceScatter, .allGather, .broadcast, nil:
      if findings.topics.contains(.gradient) || stated == .dataContext || stated == .expertData {
        result.family = stated ?? .dataContext
        result.pass = .step
        let isGather = findings.operation == .allGather
        result.kind =
          stated == .expertData
          ? (isGather ? .expertParameterGather : .expertGradientReduce)
          : (isGather ? .parameterGather : .gradientReduce)
        return
      }
      result.family = stated ?? .tensor
      let speaksOfFeedForward = findings.kinds.contains { kind in
        [.feedForwardUp, .feedForwardDown, .activation].contains(kind)
      }
      let speaksOfAttention =
        findings.topics.contains(.attention)
        || findings.kinds.contains { [.attention, .outputProjection, .queryKeyValue].contains($0) }
      guard result.family == .tensor else { return }
      if speaksOfFeedForward {
        result.kind = findings.operation == .allGather ? .feedForwardGather : .feedForwardScatter
      } else if speaksOfAttention {
        result.kind = findings.operation == .allGather ? .attentionGather : .attentionScatter
      } else if findings.kinds.contains(.embeddingLookup) {
        result.kind = .embeddingScatter
      }
    }
  }
}

extension LabelRecognizer.Findings {
  fileprivate mutating func add(_ meaning: LabelMeaning) {
    switch meaning {
    case .kind(let kind): kinds.append(kind)
    case .collective(let operation): self.operation = self.operation ?? operation
    case .send: isSend = !isReceive
    case .receive: isReceive = !isSend
    case .axis(let family): axes.append(family)
    case .pass(let pass): self.pass = self.pass ?? pass
    case .about(let topic): topics.insert(topic)
    }
  }

  /// The kind that words and their surroundings mean together.
  fileprivate func kind(around outer: LabelRecognizer.Findings) -> OperationKind? {
    let near = Set(kinds)
    let isExpert = near.contains(.expertUp)
    if near.contains(.outputProjection), !topics.contains(.attention) {
      if topics.contains(.vocabulary) || near.contains(.head) { return .head }
    }
    if near.contains(.attentionNorm), topics.contains(.vocabulary) { return .finalNorm }
    if near.contains(.attentionResidual) {
      let isFeedForward = near.contains(.feedForwardUp) || isExpert
      return isFeedForward ? .feedForwardResidual : .attentionResidual
    }
    if near.contains(.attentionNorm), near.contains(.feedForwardUp) { return .feedForwardNorm }
    if isExpert {
      if near.contains(.feedForwardDown) { return .expertDown }
      if near.contains(.activation) { return .expertActivation }
      // A gate in an expert is its gate matrix; a gate of a mixture of experts chooses experts.
      if near.contains(.router) { return .router }
      return kinds.first { $0 != .expertUp && $0 != .feedForwardUp } ?? .expertUp
    }
    if near.contains(.router), near.contains(.feedForwardUp) { return .feedForwardUp }
    if let specific = kinds.first(where: { $0 != .attention }) { return specific }
    if let kind = kinds.first { return kind }
    return topics.contains(.attention) ? .attention : nil
  }
}
