import ArgumentParser
import Estimation
import Foundation
import Graph
import Hardware
import Model
import Parallelism
import Rendering

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Prints both readings of a plan, the groups of a rank, and a map of the ranks.")

  @Option(help: "The plan, any order and separators: EP8-TP4-PP2-DP4.")
  var parallel: String

  @Option(help: "GPUs of the job, where the plan does not fix them.") var gpus: Int?

  @Option(help: "Check the plan against this model too.") var model: String?

  @Option(help: "The rank whose groups are listed.") var rank = 0

  @Option(help: "GPUs per node in the map.") var nodeSize = 8

  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard nodeSize >= 1, nodeSize <= 1024 else {
      throw ValidationError("--node-size must be between 1 and 1024, got \(nodeSize)")
    }
  }

  func run() throws {
    try reportingBadData {
      let plan = try ParallelPlan(parsing: parallel, gpus: gpus)
      guard (0..<plan.worldSize).contains(rank) else {
        throw BadData(
          "rank \(rank) does not exist; \(plan.axisReading) has ranks 0 to \(plan.worldSize - 1)")
      }
      if let model { try check(plan, TransformerModel.resolve(model)) }
      print(json ? try stepcast.json(PlanJSON(plan, rank: rank)) : text(plan), terminator: "")
    }
  }

  private func check(_ plan: ParallelPlan, _ model: TransformerModel) throws {
    let violations = plan.check(PlanRequirements(model: model))
    guard violations.isEmpty else {
      throw ScenarioError.illegal(plan: plan, model: model.name, violations: violations)
    }
  }

  private func text(_ plan: ParallelPlan) -> String {
    let grid = RankGrid(plan)
    var document = Document()
    document.append(.heading("\(plan.axisReading) on \(plan.worldSize) GPUs", level: 1))
    document.append(
      .list([
        "axes: \(plan.axisReading), DP replicas of each expert shard",
        "Megatron: \(plan.megatronReading), dense grid and expert grid",
        "canonical: \(plan.description)",
      ]))
    document.append(.heading("Groups of \(grid.label(of: rank))", level: 2))
    document.append(.table(groups(of: grid)))
    document.append(.heading("Ranks", level: 2))
    document.append(.paragraph(RankMap(grid, nodeSize: nodeSize).text))
    return document.terminal()
  }

  private func groups(of grid: RankGrid) -> TextTable {
    var table = TextTable([
      .init("group"), .init("size", .right), .init("count", .right), .init("nodes", .right),
      .init("members"),
    ])
    for entry in PlanJSON(grid.plan, rank: rank).groups {
      let nodes = Set(entry.members.map { $0 / nodeSize }).count
      let shown = entry.members.prefix(12).map(String.init).joined(separator: " ")
      let rest = entry.members.count > 12 ? " … \(entry.members[entry.members.count - 1])" : ""
      table.append([
        entry.family, String(entry.members.count), String(entry.count), String(nodes),
        shown + rest,
      ])
    }
    return table
  }
}

/// What `plan --json` prints.
struct PlanJSON: Encodable {
  struct Group: Encodable {
    let family: String
    let count: Int
    let members: [Int]
  }

  let axes: String
  let megatron: String
  let canonical: String
  let gpus: Int
  let rank: Int
  let groups: [Group]

  init(_ plan: ParallelPlan, rank: Int) {
    let grid = RankGrid(plan)
    let stage = grid.pipelineRank(of: rank)
    axes = plan.axisReading
    megatron = plan.megatronReading
    canonical = plan.description
    gpus = plan.worldSize
    self.rank = rank
    groups = GroupFamily.allCases.filter {
      !$0.isCut && ($0 != .embedding || stage == 0 || stage == plan.pipeline - 1)
    }.map { family in
      Group(
        family: family.label, count: grid.groupCount(of: family),
        members: Array(grid.group(family, containing: rank)))
    }
  }
}
