import ArgumentParser

@main
struct Stepcast: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stepcast",
    abstract: "Predicts the step time of transformer training and inference on GPU clusters.",
    discussion: """
      Stepcast generates the complete execution DAG of every rank, prices each operation from a \
      hardware profile, plays the DAG event by event, and explains the result.

      Try: stepcast estimate --model qwen3-30b-a3b --cluster dgx-h100 --parallel EP8-TP4-PP2-DP4 \
      --sequence 4096 --micro-batch 1 --global-batch 512
      """,
    version: "0.1.0",
    subcommands: [
      EstimateCommand.self, CompareCommand.self, RenderCommand.self, AuditCommand.self,
      ExportCommand.self, PlanCommand.self, ScheduleCommand.self, ValidateCommand.self,
      CostCommand.self, ModelsCommand.self, ClustersCommand.self,
    ])
}
