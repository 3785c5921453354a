public import Graph
public import Model
public import Parallelism

/// Holds a DAG against everything that a model, a plan and a step imply.
///
///     let report = Audit(model: model, plan: plan, configuration: step).examine(graph)
///     print(report.markdown)
public struct Audit: Sendable {
  public let model: TransformerModel
  public let plan: ParallelPlan
  public let configuration: StepConfiguration
  /// In which each pipeline rank runs its slots, where that is not the schedule's order.
  public let order: PipelineOrder?

  /// - Precondition: the plan and the options are legal for the model.
  public init(
    model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration,
    order: PipelineOrder? = nil
  ) {
    self.model = model
    self.plan = plan
    self.configuration = configuration
    self.order = order
  }

  /// The report on a graph, in time linear in its nodes and edges.
  public func examine(_ graph: ObservedGraph) -> AuditReport {
    let choice = PlanReading(of: graph, plan: plan, configuration: configuration)
    let expected = ExpectedStep(
      model: model, plan: choice.plan, configuration: choice.configuration, order: order,
      gradientNormGroup: choice.gradientNormGroup)
    let reading = Reading(graph, against: expected)
    let census = Census(reading)
    let coverage = AxisCoverage(reading)
    let findings =
      coverage.findings + census.missingFindings + CollectiveCheck.findings(reading)
      + InstanceCheck.findings(reading) + TransferCheck.findings(reading)
      + DependencyCheck.findings(reading) + AwaitCheck.findings(reading)
      + SampleCheck(reading: reading, census: census).findings
      + census.surplus + StructureCheck.findings(reading)
    return AuditReport(
      subject: AuditSubject(expected), nodeCount: graph.nodeCount, edgeCount: graph.edgeCount,
      expectedNodeCount: expected.nodeCount,
      findings: FindingFamily.allCases.flatMap { family in
        findings.filter { $0.family == family }
      },
      notes: choice.notes,
      tables: AuditTables(reading: reading, census: census, coverage: coverage).all)
  }
}
