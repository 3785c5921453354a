public import ArgumentParser
import Cost
public import Graph
public import Hardware
import Units
import Validation

struct MemoryCost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "A kernel that only moves data: norms, activations, permutations, the optimizer.",
    discussion: """
      Try: stepcast cost memory --kernel norm --bytes 128MiB --rows 8192 --width 4096
      """)

  @Option(help: "What it does to its rows.")
  var kernel: MemoryKernel

  @Option(help: "All reads and writes together, for example 128MiB.", transform: dataSize)
  var bytes: Bytes

  @Option(help: "Rows, each the work of one thread block; enough to fill the GPU unless given.")
  var rows: Int?

  @Option(help: "Elements of a row.") var width: Int?

  @Option(help: "Who wrote it.")
  var author = MemoryImplementation.fused

  @OptionGroup var device: DeviceOptions

  func validate() throws {
    try checkCounts(["--rows": rows, "--width": width])
    guard kernel.runsOnDevice else {
      throw ValidationError("--kernel \(kernel.rawValue) runs on the host; name one of the GPU's")
    }
    guard (rows == nil) == (width == nil) else {
      throw ValidationError("--rows and --width go together")
    }
  }

  func run() throws {
    try reportingBadData {
      let device = try self.device.resolved()
      let shape = MemoryRows(count: rows ?? 1, width: width ?? 0, author: author)
      let price = try KernelQuery.memory(MemoryTraffic(kernel, bytes: bytes), shape)
        .price(on: device)
      let rate = Bandwidth(bytesPerSecond: Double(bytes.count) / price.time.value)
      try PricedAnswer(
        question: "\(kernel.rawValue) of \(bytes)", machine: device.name, price: price,
        rates: [.memory(rate, peak: device.memory.bandwidth)]
      ).show(asJSON: self.device.json)
    }
  }
}

extension MemoryKernel: ExpressibleByArgument {
  public static var allValueStrings: [String] {
    allCases.filter(\.runsOnDevice).map(\.rawValue)
  }

  fileprivate var runsOnDevice: Bool { self != .hostTransfer && self != .hostOptimizer }
}
extension MemoryImplementation: ExpressibleByArgument {}
