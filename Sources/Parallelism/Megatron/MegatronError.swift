/// Why Megatron's arguments cannot be read.
public enum MegatronError: Error, Hashable, Sendable {
  /// A value of the wrong form.
  case malformed(flag: MegatronFlag, expected: String)
  /// Two flags that say different things about one matter.
  case contradiction(MegatronFlag, MegatronFlag)
  /// A file that cannot be read.
  case unreadable(file: String, reason: String)
  /// A text that is no YAML.
  case badYAML(file: String, problem: String)
  /// A quote that never ends.
  case unclosedQuote(mark: String, place: MegatronPlace)
  /// A flag that needs another one.
  case needs(flag: MegatronFlag, other: String)
  /// Layers per virtual stage that do not divide the layers of a rank.
  case virtualStagesUneven(flag: MegatronFlag, layers: Int, pipeline: Int)
  /// A world of unknown size.
  case gpusUnknown(replica: Int)
  /// Degrees that make no plan.
  case plan(PlanError)
}

extension MegatronError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformed(let flag, let expected):
      "\(flag.place): --\(flag.name): expected \(expected), found " + Self.quoted(flag.values)
    case .contradiction(let first, let second):
      "\(second.place): \(second) contradicts \(first) at \(first.place); keep one"
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .badYAML(let file, let problem):
      "\(file): no YAML of arguments: \(problem)"
    case .unclosedQuote(let mark, let place):
      "\(place): a quote \(mark) is opened and never closed"
    case .needs(let flag, let other):
      "\(flag.place): --\(flag.name) needs --\(other)"
    case .virtualStagesUneven(let flag, let layers, let pipeline):
      Self.virtualStagesUneven(flag, layers, pipeline)
    case .gpusUnknown(let replica):
      "Megatron's flags do not say how many GPUs there are; give --gpus, a multiple of \(replica)"
    case .plan(let error):
      error.description
    }
  }

  private static func virtualStagesUneven(_ flag: MegatronFlag, _ layers: Int, _ pipeline: Int)
    -> String
  {
    let start =
      "\(flag.place): \(flag) does not divide "
    guard layers % pipeline == 0, let count = flag.values.first.flatMap({ Int($0) }) else {
      return start + "\(layers) layers over PP\(pipeline) ranks, which do not divide evenly either"
    }
    return start + "the \(layers / pipeline) layers of a pipeline rank; the nearest that do: "
      + list(nearestDivisors(of: layers / pipeline, to: count))
  }

  private static func quoted(_ values: [String]) -> String {
    values.isEmpty ? "nothing" : "\"\(values.joined(separator: " "))\""
  }
}
