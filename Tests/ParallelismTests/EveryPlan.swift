import Parallelism

/// Every sound plan on a number of ranks, in both rank orders, with and without two chunks per rank.
func everyPlan(on ranks: Int) -> [ParallelPlan] {
  var plans: [ParallelPlan] = []
  for order in RankOrder.allCases {
    for tensor in divisors(of: ranks) {
      for context in divisors(of: ranks / tensor) {
        for pipeline in divisors(of: ranks / tensor / context) {
          let stage = ranks / pipeline
          for expertTensor in divisors(of: stage) {
            for expert in divisors(of: stage / expertTensor) {
              for chunks in pipeline > 1 ? [1, 2] : [1] {
                let plan = try? ParallelPlan(
                  checkingTensor: tensor, context: context, pipeline: pipeline,
                  virtualPipeline: chunks, expert: expert, expertTensor: expertTensor,
                  data: stage / tensor / context, sequenceParallel: chunks == 1, rankOrder: order)
                if let plan { plans.append(plan) }
              }
            }
          }
        }
      }
    }
  }
  return plans
}

func divisors(of number: Int) -> [Int] { (1...number).filter { number % $0 == 0 } }
