import Estimation
import Graph
import Parallelism
import Rendering
import Units

/// The table of a report that says what an inference step means to the people served.
struct ServingTable {
  let table: TextTable

  init(_ serving: ServingEstimate, of scenario: Scenario) {
    let configuration = scenario.configuration
    var table = TextTable([.init("serving"), .init("value", .right), .init("of what")])
    if let time = serving.timeToFirstToken {
      table.append([
        "time to first token", time.description,
        "\(grouped(configuration.sequenceLength)) tokens of prompt, until the last sequence of the step has its token",
      ])
    }
    if let time = serving.timePerOutputToken {
      table.append([
        "time per output token", time.description,
        "with \(grouped(configuration.sequenceLength)) positions in the cache",
      ])
    }
    if let rate = serving.tokensPerSecondPerUser {
      table.append(["tokens/s/user", fixed(rate, 1), "of one sequence"])
    }
    table.append([
      "KV cache per token", "\(grouped(serving.keyValueCacheBytesPerToken.count)) B",
      "\(configuration.keyValueCacheFormat.rawValue), all layers",
    ])
    table.append([
      "KV cache per sequence", serving.keyValueCachePerSequence.description,
      "on the fullest rank, at \(grouped(configuration.sequenceLength)) positions",
    ])
    table.append([
      "full batch", grouped(serving.maximumBatchPerReplica),
      "sequences of that length per replica, until a rank's memory is full",
    ])
    self.table = table
  }
}
