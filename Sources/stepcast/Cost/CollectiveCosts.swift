public import ArgumentParser
public import Cost
import Graph
import Hardware
import Units
import Validation

/// A call of NCCL to price.
protocol CollectiveCostCommand: ParsableCommand {
  static var operation: CollectiveOperation { get }
  var call: CallOptions { get }
}

extension CollectiveCostCommand {
  func validate() throws { try call.check(for: Self.operation) }

  func run() throws {
    try reportingBadData { try call.answer(for: Self.operation).show(asJSON: call.group.json) }
  }
}

struct AllReduceCost: CollectiveCostCommand {
  static let configuration = CommandConfiguration(
    commandName: "all-reduce", abstract: "Every rank gets the sum of all buffers.",
    discussion: "Try: stepcast cost all-reduce --bytes 256MiB --gpus 16 --nccl-version 2.26.2")
  static let operation = CollectiveOperation.allReduce

  @OptionGroup var call: CallOptions
}

struct AllGatherCost: CollectiveCostCommand {
  static let configuration = CommandConfiguration(
    commandName: "all-gather",
    abstract: "Every rank gets the parts of all; --bytes is what one rank gets in all.")
  static let operation = CollectiveOperation.allGather

  @OptionGroup var call: CallOptions
}

struct ReduceScatterCost: CollectiveCostCommand {
  static let configuration = CommandConfiguration(
    commandName: "reduce-scatter",
    abstract: "Every rank gets its part of the sum; --bytes is what one rank passes in.")
  static let operation = CollectiveOperation.reduceScatter

  @OptionGroup var call: CallOptions
}

struct AllToAllCost: CollectiveCostCommand {
  static let configuration = CommandConfiguration(
    commandName: "all-to-all",
    abstract: "Every rank sends a part to each; --bytes is what one rank passes in.")
  static let operation = CollectiveOperation.allToAll

  @OptionGroup var call: CallOptions
}

struct BroadcastCost: CollectiveCostCommand {
  static let configuration = CommandConfiguration(
    commandName: "broadcast", abstract: "Every rank gets the buffer of one.")
  static let operation = CollectiveOperation.broadcast

  @OptionGroup var call: CallOptions
}

struct SendReceiveCost: CollectiveCostCommand {
  static let configuration = CommandConfiguration(
    commandName: "send-recv",
    abstract: "Every rank sends to the next of a ring and receives from the one before.")
  static let operation = CollectiveOperation.ringExchange

  @OptionGroup var call: CallOptions
}

/// What a call of NCCL is asked, and by which release.
struct CallOptions: ParsableArguments {
  @Option(
    help: "The size in nccl-tests' convention, for example 256MiB.", transform: dataSize)
  var bytes: Bytes

  @OptionGroup var group: GroupOptions

  @Option(help: "The release whose tuner chooses, e.g. 2.26.2; the profile's unless given.")
  var ncclVersion: NCCLVersion?

  @Option(help: "What NCCL_ALGO would ask for; the tuner chooses unless given.")
  var algorithm: NCCLAlgorithm?

  @Flag(help: "Switches of the network reduce (SHARP).") var sharp = false

  @Flag(name: .customLong("no-nvls"), help: "Switches of NVLink do not reduce (NVLS off).")
  var withoutNVLS = false

  func check(for operation: CollectiveOperation) throws {
    let isExchange = operation == .allToAll || operation == .ringExchange
    guard !isExchange || (algorithm == nil && !sharp) else {
      throw ValidationError(
        "--algorithm and --sharp mean nothing for sends and receives, which NCCL runs in one way")
    }
  }

  func answer(for operation: CollectiveOperation) throws -> PricedAnswer {
    let cluster = try Cluster.resolve(group.cluster)
    let placement = try group.placement(on: cluster)
    let price = CollectiveQuery.library(
      operation, size: bytes, placement: placement, fabric: fabric(of: cluster), overhead: .zero
    ).price()
    if let algorithm, let choice = price.choice, !choice.hasPrefix("\(algorithm.label) ") {
      throw BadData(
        "--algorithm \(algorithm.label): NCCL has none for this call; it would run \(choice)")
    }
    let rate = Bandwidth(bytesPerSecond: Double(bytes.count) / price.time.value)
    return PricedAnswer(
      question: "\(operation.commandName) of \(bytes) over \(placement.label)",
      machine: cluster.name, price: price,
      rates: [.algorithm(rate), .bus(operation.busFactor(ranks: placement.ranks) * rate)])
  }

  private func fabric(of cluster: Cluster) -> CollectiveFabric {
    let profile = CollectiveFabric(cluster)
    return CollectiveFabric(
      generation: profile.generation, intraLink: profile.intraLink, domainSize: profile.domainSize,
      hasNVLS: profile.hasNVLS && !withoutNVLS, nics: profile.nics,
      nicBandwidth: profile.nicBandwidth, nicLatency: profile.nicLatency, cpu: profile.cpu,
      version: ncclVersion ?? profile.version,
      options: CollectiveOptions(algorithm: algorithm, reducesInNetwork: sharp),
      calibration: profile.calibration)
  }
}

extension CollectiveOperation {
  /// The name of the command that prices it.
  fileprivate var commandName: String {
    self == .ringExchange ? "send-recv" : rawValue.replacing("_", with: "-")
  }

  /// nccl-tests' factor from algorithm to bus bandwidth.
  fileprivate func busFactor(ranks: Int) -> Double {
    let others = Double(ranks - 1) / Double(ranks)
    switch self {
    case .allReduce: return 2 * others
    case .allGather, .reduceScatter, .allToAll: return others
    case .broadcast, .ringExchange: return 1
    }
  }
}

extension NCCLVersion: ExpressibleByArgument {
  public init?(argument: String) { self.init(parsing: argument) }
}

extension NCCLAlgorithm: ExpressibleByArgument {
  public init?(argument: String) {
    guard let known = Self.allCases.first(where: { $0.label == argument.lowercased() }) else {
      return nil
    }
    self = known
  }

  public static var allValueStrings: [String] { allCases.map(\.label) }
}
