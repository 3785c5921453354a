import Units

extension PipelineSchedule {
  /// The schedules for training that commands know, each under its name.
  private static let named: [(name: String, schedule: PipelineSchedule)] = [
    ("gpipe", .gpipe), ("1f1b", .oneForwardOneBackward),
    ("interleaved", .interleaved(groupSize: nil)), ("looped-bfs", .breadthFirst),
    ("zb-h1", .zeroBubbleH1), ("zb-h2", .zeroBubbleH2),
    ("interleaved-zb", .interleavedZeroBubble), ("zb-v", .zeroBubbleV), ("v-half", .vHalf),
    ("v-min", .vMin), ("dualpipe", .dualPipe), ("dualpipe-v", .dualPipeV), ("chimera", .chimera),
  ]

  /// All names, in the order in which they are listed.
  public static let names = named.map(\.name)

  /// The name in commands, for example `zb-h1`; inference has none, so it takes its label.
  public var name: String {
    let plain: PipelineSchedule =
      if case .interleaved = self { .interleaved(groupSize: nil) } else { self }
    return Self.named.first { $0.schedule == plain }?.name ?? label
  }

  /// The schedule of a name, in any case; nil if there is none.
  public init?(name: String) {
    let name = name.lowercased()
    guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
    self = found.schedule
  }

  /// The schedule of a name, in any case.
  ///
  /// - Parameter groupSize: microbatches per turn of a chunk, for `interleaved` only.
  /// - Throws: `ScheduleError.unknownSchedule` with the nearest name, `groupNotTaken`.
  public init(named name: String, groupSize: Int? = nil) throws(ScheduleError) {
    guard let found = Self(name: name) else {
      throw .unknownSchedule(
        name: name, nearest: nearestSpelling(to: name.lowercased(), among: Self.names))
    }
    self = found
    guard let groupSize else { return }
    guard case .interleaved = found else { throw .groupNotTaken(schedule: found) }
    self = .interleaved(groupSize: groupSize)
  }
}
