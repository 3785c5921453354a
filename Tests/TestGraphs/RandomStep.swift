public import Cost
public import Graph
import Parallelism
import Units

/// A small random step that can be played to its end, by construction: it is drawn as one sequence
/// of events, each appended to all programs that take part.
public struct RandomStep {
  public let sketch: StepSketch
  public let graph: StepGraph
  public let costs: StepCosts
  private let launch: Int64
  private let hostSync: Int64
  private let domainSize: Int

  public init(seed: Int, events: ClosedRange<Int> = 1...24, largestPlan: Int = 12) {
    var random = SeededGenerator(seed: seed)
    var plan = Self.plan(using: &random)
    while plan.worldSize > largestPlan { plan = Self.plan(using: &random) }
    var sketch = StepSketch(plan)
    for _ in 0..<Int.random(in: events, using: &random) {
      Self.appendEvent(to: &sketch, using: &random)
    }
    launch = random.once(in: 3) ? 0 : .random(in: 1...6, using: &random)
    hostSync = random.once(in: 3) ? 0 : .random(in: 1...30, using: &random)
    domainSize = .random(in: 1...4, using: &random)
    self.sketch = sketch
    graph = sketch.graph
    costs = sketch.costs(launch: launch, hostSync: hostSync, domainSize: domainSize)
  }

  /// All durations of the step times a factor.
  public func costs(scaledBy factor: Int64) -> StepCosts {
    sketch.costs(
      launch: launch, hostSync: hostSync, domainSize: domainSize, scaledBy: factor)
  }

  private static func plan(using random: inout SeededGenerator) -> ParallelPlan {
    let tensor = Int.random(in: 1...2, using: &random)
    let data = Int.random(in: 1...3, using: &random)
    let context = random.once(in: 4) ? 2 : 1
    let expert = data == 2 && Bool.random(using: &random) ? 2 : 1
    let pipeline = Int.random(in: 1...3, using: &random)
    let expertTensor = Bool.random(using: &random) ? 1 : tensor
    // Both grids must agree on the stages where they are not the slowest axis.
    let canBeDataLast = pipeline == 1 || expertTensor * expert == tensor * context
    return ParallelPlan(
      tensor: tensor, context: context, pipeline: pipeline, expert: expert,
      expertTensor: expertTensor, data: data,
      rankOrder: canBeDataLast && Bool.random(using: &random) ? .dataLast : .pipelineLast)
  }

  private static func appendEvent(
    to sketch: inout StepSketch, using random: inout SeededGenerator
  ) {
    let stages = sketch.programs.count
    let stage = Int.random(in: 0..<stages, using: &random)
    let blocksHost = random.once(in: 8)
    switch Int.random(in: 0..<10, using: &random) {
    case 0...4:
      let stream: DeviceStream = random.once(in: 6) ? .context : .compute
      sketch.kernel(
        .random(in: 0...20, using: &random), on: stage, stream: stream,
        after: needs(of: stage, in: sketch, using: &random), blocksHost: blocksHost)
    case 5 where stages > 1, 6 where stages > 1:
      let other = (stage + .random(in: 1..<stages, using: &random)) % stages
      sketch.message(
        (0...1).map { _ in .random(in: 0...12, using: &random) }, from: stage, to: other,
        sendAfter: needs(of: stage, in: sketch, using: &random),
        receiveAfter: needs(of: other, in: sketch, using: &random))
    default:
      guard let family = GroupFamily.allCases.randomElement(using: &random) else { return }
      let meetings = family.meetings(ofStages: stages)
      let members = meetings.first { $0.contains(stage) } ?? meetings[0]
      let groups = random.once(in: 3) ? sketch.grid.groupCount(of: family) : 1
      sketch.collective(
        (0..<groups).map { _ in .random(in: 0...12, using: &random) }, over: family, on: members,
        after: members.map { needs(of: $0, in: sketch, using: &random) }, blocksHost: blocksHost)
    }
  }

  private static func needs(
    of stage: Int, in sketch: StepSketch, using random: inout SeededGenerator
  ) -> [Int] {
    let count = sketch.programs[stage].count
    guard count > 0 else { return [] }
    return (0..<Int.random(in: 0...2, using: &random)).map { _ in
      max(0, count - 1 - .random(in: 0...6, using: &random))
    }
  }
}
