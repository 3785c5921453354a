import Rendering
import Units
import Validation

/// What `cost` prints for one price.
struct PricedAnswer {
  /// How fast the price is, in one of the measures that the field quotes.
  enum Rate {
    /// Of the arithmetic, with the device's dense peak where it has one.
    case arithmetic(Throughput, peak: Throughput?)
    /// Of the traffic to the device's memory, with the datasheet's rate.
    case memory(Bandwidth, peak: Bandwidth)
    /// nccl-tests' `algbw`: the size over the time.
    case algorithm(Bandwidth)
    /// nccl-tests' `busbw`: what the slowest link carries, whatever the number of ranks.
    case bus(Bandwidth)
  }

  /// What was asked, for example `GEMM 512 × 1,024 × 1,024 in bf16`.
  let question: String
  /// The device or cluster.
  let machine: String
  let price: Price
  let rates: [Rate]

  func show(asJSON json: Bool) throws {
    print(json ? try stepcast.json(PriceJSON(self)) : document.terminal(), terminator: "")
  }

  var document: Document {
    var document = Document()
    document.append(.heading("\(question) on \(machine)", level: 1))
    document.append(.table(results))
    document.append(.heading("Terms", level: 2))
    document.append(.table(terms))
    let sum = price.terms.reduce(0) { $0 + $1.time.value }
    if sum > 1.000001 * price.time.value {
      document.append(.paragraph("Terms overlap, so that their sum exceeds the time."))
    }
    return document
  }

  private var results: TextTable {
    var table = TextTable([.init("result"), .init("value", .right), .init("of what")])
    table.append([
      "time", price.time.description, "\(price.low) to \(price.high) in four of five measurements",
    ])
    for rate in rates { table.append(rate.row) }
    if let choice = price.choice { table.append(["runs as", "–", choice]) }
    return table
  }

  private var terms: TextTable {
    var table = TextTable([.init("term"), .init("time", .right), .init("of the time", .right)])
    for term in price.terms where term.time > .zero {
      let share = price.time > .zero ? term.time / price.time : 0
      table.append([term.name, term.time.description, percent(share)])
    }
    return table
  }
}

extension PricedAnswer.Rate {
  fileprivate var row: [String] {
    switch self {
    case .arithmetic(let rate, let peak):
      [
        "throughput", rate.description,
        peak.map { "\(percent(rate.flopsPerSecond / $0.flopsPerSecond)) of the dense peak" } ?? "",
      ]
    case .memory(let rate, let peak):
      [
        "memory throughput", rate.description,
        "\(percent(rate.bytesPerSecond / peak.bytesPerSecond)) of the datasheet",
      ]
    case .algorithm(let rate): ["algorithm bandwidth", rate.description, "size over time"]
    case .bus(let rate):
      ["bus bandwidth", rate.description, "as nccl-tests counts it, comparable with a link"]
    }
  }
}

/// What `cost --json` prints. The names are a promise; units are in the names.
struct PriceJSON: Encodable {
  struct Term: Encodable {
    let name: String
    let seconds: Double
  }

  let question: String
  let machine: String
  let seconds: Double
  let lowSeconds: Double
  let highSeconds: Double
  let choice: String?
  let terms: [Term]
  private(set) var tflops: Double?
  private(set) var memoryBytesPerSecond: Double?
  private(set) var algorithmBytesPerSecond: Double?
  private(set) var busBytesPerSecond: Double?

  init(_ answer: PricedAnswer) {
    question = answer.question
    machine = answer.machine
    seconds = answer.price.time.value
    lowSeconds = answer.price.low.value
    highSeconds = answer.price.high.value
    choice = answer.price.choice
    terms = answer.price.terms.map { Term(name: $0.name, seconds: $0.time.value) }
    for rate in answer.rates {
      switch rate {
      case .arithmetic(let rate, _): tflops = rate.teraflopsPerSecond
      case .memory(let rate, _): memoryBytesPerSecond = rate.bytesPerSecond
      case .algorithm(let rate): algorithmBytesPerSecond = rate.bytesPerSecond
      case .bus(let rate): busBytesPerSecond = rate.bytesPerSecond
      }
    }
  }
}
