import Graph
import Parallelism
import Units

/// The numbers of a report: axes, hard counts, collectives per axis, nodes per kind.
struct AuditTables {
  let reading: Reading
  let census: Census
  let coverage: AxisCoverage

  var all: [AuditTable] { [axes, hardCounts, collectives, kinds] }

  private var axes: AuditTable {
    AuditTable(
      title: "Parallel axes represented", header: ["Axis", "Degree", "Coordinates seen"],
      rows: coverage.axes.map { ["\($0.name) (\($0.symbol))", "\($0.size)", "\($0.seen.count)"] }
        + [["Ranks", "\(world)", "\(world - reading.absentRanks.count)"]])
  }

  private var world: Int { reading.expected.grid.worldSize }

  /// Counts per rank that hold at any granularity of the DAG.
  private var hardCounts: AuditTable {
    let microbatches = reading.expected.configuration.microbatches
    var rows: [[String]] = []
    for program in reading.expected.programs {
      let ranks = (0..<world).filter {
        reading.expected.grid.pipelineRank(of: $0) == program.pipelineRank
      }
      for (name, belongs) in Self.countedClasses {
        let indices = program.operations.indices.filter { belongs(program.operations[$0]) }
        let perMicrobatch = indices.reduce(0) {
          $0 + program.operations[$1].count(in: 0).lowerBound
        }
        // Not every microbatch runs through every chunk.
        let total = indices.reduce(0) {
          $0 + program.operations[$1].total(microbatches: microbatches)
        }
        let counts = ranks.map { rank in
          indices.reduce(0) { sum, operation in
            (0..<microbatches).reduce(sum) {
              $0 + reading.count(rank: rank, operation: operation, microbatch: $1)
            }
          }
        }
        let (fewest, most) = (counts.min() ?? 0, counts.max() ?? 0)
        rows.append([
          "\(name), rank of stage \(program.pipelineRank)",
          perMicrobatch * microbatches == total
            ? "\(perMicrobatch) × \(microbatches) = \(grouped(total))" : grouped(total),
          fewest == most ? grouped(fewest) : "\(grouped(fewest)) to \(grouped(most))",
        ])
      }
    }
    return AuditTable(
      title: "Hard counts per rank", header: ["What", "Expected", "Found"], rows: rows)
  }

  private static var countedClasses: [(String, (ExpectedOperation) -> Bool)] {
    [
      ("Matrix products", { $0.kind.isMatrixProduct }),
      ("Core attention", { $0.kind == .attention }),
      ("Collectives", { $0.communication?.collective != nil }),
      ("Sends and receives", { $0.kind.isTransfer }),
      ("Nodes", { _ in true }),
    ]
  }

  private var collectives: AuditTable {
    let rows = GroupFamily.allCases.compactMap { family -> [String]? in
      let expected = census.expectedCalls(of: family)
      let found = census.foundCalls(of: family)
      guard expected > 0 || found > 0 else { return nil }
      return [family.label, grouped(expected), grouped(found)]
    }
    return AuditTable(
      title: "Collective calls per axis, all ranks", header: ["Axis", "Expected", "Found"],
      rows: rows)
  }

  private var kinds: AuditTable {
    let rows = OperationKind.allCases.flatMap { kind in
      OperationPass.allCases.compactMap { pass -> [String]? in
        let expected = census.expectedCounts[Reading.index(kind, pass)]
        let found = reading.found(kind, pass)
        guard expected > 0 || found > 0 else { return nil }
        return ["`\(kind.label) \(pass.label)`", grouped(expected), grouped(found)]
      }
    }
    return AuditTable(
      title: "Nodes per kind, all ranks", header: ["Node", "Expected", "Found"], rows: rows)
  }
}
