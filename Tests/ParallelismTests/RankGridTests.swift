import Foundation
import Parallelism
import TestSupport
import Testing

@Suite("Rank grid") struct RankGridTests {
  let flagship = RankGrid(ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32))

  @Test("all groups equal Megatron's order-string construction on every plan", arguments: 1...16)
  func reference(ranks: Int) {
    for plan in everyPlan(on: ranks) where plan.virtualPipeline == 1 {
      let grid = RankGrid(plan)
      let reference = ReferenceGrid(plan)
      for family in GroupFamily.allCases {
        let expected = reference.groups(family)
        #expect(grid.groups(family).map(Array.init) == expected, "\(plan) \(family.label)")
      }
    }
  }

  @Test("groups partition the ranks and contain whom they should", arguments: 1...16)
  func partition(ranks: Int) {
    for plan in everyPlan(on: ranks) where plan.virtualPipeline == 1 {
      let grid = RankGrid(plan)
      for family in GroupFamily.allCases {
        let groups = grid.groups(family)
        let members = groups.joined().sorted()
        #expect(members == (0..<ranks).filter { isMember($0, of: family, grid) })
        #expect(groups.allSatisfy { $0.count == grid.size(of: family) })
        let table = GroupTable(family, of: grid)
        #expect(table.count == groups.count)
        for (index, group) in groups.enumerated() {
          for rank in group {
            #expect(grid.group(family, containing: rank) == group)
            #expect(grid.groupIndex(of: family, containing: rank) == index)
            #expect(table.indices[rank] == Int32(index))
          }
        }
      }
    }
  }

  @Test("coordinates give the rank back on both grids", arguments: 1...16)
  func coordinates(ranks: Int) {
    for plan in everyPlan(on: ranks) where plan.virtualPipeline == 1 {
      let grid = RankGrid(plan)
      for rank in 0..<ranks {
        let dense = grid.denseCoordinates(of: rank)
        let expert = grid.expertCoordinates(of: rank)
        let inStage = dense.tensor + plan.tensor * dense.context
        let inExpertStage = expert.expertTensor + plan.expertTensor * expert.expert
        switch plan.rankOrder {
        case .pipelineLast:
          let modelRanks = plan.tensor * plan.context
          let expertRanks = plan.expertTensor * plan.expert
          #expect(rank == inStage + modelRanks * (dense.data + plan.data * dense.pipeline))
          #expect(
            rank == inExpertStage
              + expertRanks * (expert.expertData + plan.expertData * expert.pipeline))
        case .dataLast:
          let modelRanks = plan.tensor * plan.context
          let expertRanks = plan.expertTensor * plan.expert
          #expect(rank == inStage + modelRanks * (dense.pipeline + plan.pipeline * dense.data))
          #expect(
            rank == inExpertStage
              + expertRanks * (expert.pipeline + plan.pipeline * expert.expertData))
        }
        for stage in 0..<plan.pipeline {
          let moved = grid.rank(rank, movedToStage: stage)
          #expect(grid.pipelineRank(of: moved) == stage)
          #expect(grid.group(.pipeline, containing: rank).contains(moved))
        }
      }
    }
  }

  @Test(
    "the flagship's groups equal the ones that Megatron's generator printed",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func flagshipGroups() throws {
    struct Published: Decodable {
      struct Family: Decodable { let groups: [[Int]] }
      let groups: [String: Family]
    }
    let published = try JSONDecoder().decode(
      Published.self, from: SharedData.read("semantics/groups_ep8_tp4_pp2_dp4.json"))
    let families: [(String, GroupFamily)] = [
      ("TP", .tensor), ("PP", .pipeline), ("DP(dense)", .data),
      ("TPxPP(model parallel)", .tensorPipeline), ("TPxDP", .stage), ("TPxCP", .tensorContext),
      ("EP", .expert), ("ETP", .expertTensor), ("EDP", .expertData),
      ("ETPxEP", .expertTensorExpert), ("ETPxEPxPP", .expertTensorExpertPipeline),
    ]
    #expect(published.groups.count == families.count)
    for (name, family) in families {
      let expected = try #require(published.groups[name]).groups
      let groups = flagship.groups(family).map(Array.init)
      #expect(groups == expected, "\(name)")
      #expect(Set(groups.map(Set.init)) == Set(expected.map(Set.init)), "\(name)")
    }
  }

  @Test("Megatron's example of 32 ranks: TP2 CP2 PP2, ETP1 EP4")
  func example32() {
    let grid = RankGrid(
      ParallelPlan(tensor: 2, context: 2, pipeline: 2, expert: 4, expertTensor: 1, data: 4))
    #expect(first(2, .tensor, grid) == [[0, 1], [2, 3]])
    #expect(first(4, .context, grid) == [[0, 2], [1, 3], [4, 6], [5, 7]])
    #expect(first(3, .data, grid) == [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14]])
    #expect(
      first(3, .dataContext, grid) == [
        [0, 2, 4, 6, 8, 10, 12, 14], [1, 3, 5, 7, 9, 11, 13, 15],
        [16, 18, 20, 22, 24, 26, 28, 30],
      ])
    #expect(first(2, .pipeline, grid) == [[0, 16], [1, 17]])
    #expect(first(2, .expert, grid) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(first(2, .expertData, grid) == [[0, 4, 8, 12], [1, 5, 9, 13]])
    #expect(first(2, .expertTensor, grid) == [[0], [1]])
    let counts: [(GroupFamily, Int)] = [
      (.tensor, 16), (.context, 16), (.data, 8), (.dataContext, 4), (.pipeline, 16), (.expert, 8),
      (.expertData, 8), (.expertTensor, 32),
    ]
    for (family, count) in counts { #expect(grid.groupCount(of: family) == count) }
  }

  @Test("Megatron's example of 256 ranks: TP2 PP4 EP8 ETP1")
  func example256() {
    let grid = RankGrid(
      ParallelPlan(tensor: 2, pipeline: 4, expert: 8, expertTensor: 1, data: 32))
    #expect(first(1, .data, grid) == [Array(stride(from: 0, through: 62, by: 2))])
    #expect(first(1, .pipeline, grid) == [[0, 64, 128, 192]])
    #expect(first(1, .expert, grid) == [Array(0...7)])
    #expect(first(1, .expertData, grid) == [Array(stride(from: 0, through: 56, by: 8))])
  }

  @Test("the example in Megatron's docstring: 16 ranks, TP2 PP4")
  func example16() {
    let grid = RankGrid(ParallelPlan(tensor: 2, pipeline: 4, data: 2))
    #expect(first(3, .data, grid) == [[0, 2], [1, 3], [4, 6]])
    #expect(first(1, .pipeline, grid) == [[0, 4, 8, 12]])
  }

  @Test("embedding groups hold the first and last stage")
  func embedding() {
    let grid = RankGrid(ParallelPlan(tensor: 2, pipeline: 4, data: 2))
    #expect(first(2, .embedding, grid) == [[0, 12], [1, 13]])
    #expect(RankGrid(ParallelPlan(data: 3)).groups(.embedding).map(Array.init) == [[0], [1], [2]])
  }

  @Test(
    "mirrored groups join the data-parallel groups of stages at the same distance from the ends")
  func mirrored() {
    let grid = RankGrid(ParallelPlan(tensor: 2, pipeline: 4, data: 2))
    #expect(
      grid.groups(.mirrorDataContext).map(Array.init) == [
        [0, 2, 12, 14], [1, 3, 13, 15], [4, 6, 8, 10], [5, 7, 9, 11],
      ])
    #expect(GroupFamily.mirrorDataContext.meetings(ofStages: 4) == [[0, 3], [1, 2]])
    #expect(GroupFamily.embedding.meetings(ofStages: 4) == [[0, 3]])
    #expect(GroupFamily.world.meetings(ofStages: 3) == [[0, 1, 2]])
    #expect(GroupFamily.tensor.meetings(ofStages: 2) == [[0], [1]])
  }

  @Test("a label names every coordinate")
  func label() {
    #expect(flagship.label(of: 17) == "rank 17 · TP1 CP0 DP4 PP0 EP4 ETP1 EDP0")
    #expect(flagship.label(of: 255) == "rank 255 · TP3 CP0 DP31 PP1 EP7 ETP3 EDP3")
  }

  @Test("tables cover 16,384 ranks")
  func largeTables() {
    let grid = RankGrid(
      ParallelPlan(tensor: 8, context: 2, pipeline: 16, expert: 64, expertTensor: 1, data: 64))
    for family in GroupFamily.allCases {
      let table = GroupTable(family, of: grid)
      var members = [Int](repeating: 0, count: table.count)
      for index in table.indices { members[Int(index)] += 1 }
      let size = family == .embedding ? 16 : grid.size(of: family)
      #expect(members.allSatisfy { $0 == size }, "\(family.label)")
    }
  }

  private func isMember(_ rank: Int, of family: GroupFamily, _ grid: RankGrid) -> Bool {
    let stage = grid.pipelineRank(of: rank)
    return family != .embedding || stage == 0 || stage == grid.plan.pipeline - 1
  }

  private func first(_ count: Int, _ family: GroupFamily, _ grid: RankGrid) -> [[Int]] {
    grid.groups(family).prefix(count).map(Array.init)
  }
}
