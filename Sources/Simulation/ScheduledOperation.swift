import Cost
import Graph
import Parallelism
import Units

/// An operation as the event loop reads it: what it waits for, whom it meets, how long it takes.
struct ScheduledOperation {
  enum Meeting: UInt8 { case none, collective, send, receive }

  /// Index into its program.
  let index: Int32
  let meeting: Meeting
  let blocksHost: Bool
  /// Whether `duration` holds for every group, path or rank.
  let isUniform: Bool
  /// For a message, the stream of its other end.
  let partnerStream: UInt8
  /// For a message, the position of its other end.
  let partner: Int32
  /// For a message, how many ranks away its other end is.
  let distance: Int32
  /// For a collective, its family.
  let family: Int32
  /// Where its needs lie.
  let needs: Range<Int32>
  /// The streams, as bits, that hold an operation that needs this one.
  var wakes: UInt16 = 0
  /// How many times the host has been blocked before it launches this.
  let segment: Int32
  let work: Int32
  /// Where the durations of its work begin.
  let entries: Int32
  /// The first of them, in picoseconds.
  let duration: Int64
  /// Host time from the start of the segment until this is launched, in picoseconds.
  let launch: Int64

  init(
    index: Int32, of program: StageProgram, host: HostSegments, needs: Range<Int32>,
    layout: StreamLayout, costs: StepCosts, stride: Int
  ) {
    let operation = program.operations[Int(index)]
    var family: Int32 = 0
    switch operation.meeting {
    case .none: meeting = .none
    case .send: meeting = .send
    case .receive: meeting = .receive
    case .collective(let met):
      meeting = .collective
      family = Int32(met.rawValue)
    }
    if meeting == .send || meeting == .receive {
      partner = layout.position(stage: operation.peer, index: operation.partner)
      partnerStream = UInt8(layout.stream[Int(partner)])
      distance = Int32((operation.peer - program.pipelineRank) * stride)
    } else {
      (partner, partnerStream, distance) = (-1, 0, 0)
    }
    self.index = index
    self.family = family
    self.needs = needs
    blocksHost = operation.blocksHost
    segment = host.segment[Int(index)]
    work = Int32(operation.work)
    let priced = costs.pricedWork(of: operation)
    entries = Int32(costs.offset[priced])
    isUniform =
      !costs.isPerGroup[priced] && (meeting != .none || costs.kernels == nil)
    duration = costs.durations[Int(entries)].picoseconds
    launch = Int64(host.launches(upTo: Int(index))) * costs.launch.picoseconds
  }
}
