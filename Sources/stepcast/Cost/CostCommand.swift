import ArgumentParser

struct CostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cost",
    abstract: "Prices one kernel, collective or exchange of experts, with the terms of its price.",
    discussion: """
      What a step is made of, one at a time, by the formulas that `estimate` plays and `validate` \
      holds against measurements, with the bounds that hold four of five of them.

      Try: stepcast cost gemm --m 8192 --n 8192 --k 8192 --device h100
           stepcast cost all-reduce --bytes 256MiB --gpus 16 --cluster dgx-h100
      """,
    subcommands: [
      GEMMCost.self, GroupedGEMMCost.self, AttentionCost.self, MemoryCost.self,
      AllReduceCost.self, AllGatherCost.self, ReduceScatterCost.self, AllToAllCost.self,
      BroadcastCost.self, SendReceiveCost.self, DispatchCost.self,
    ])
}
