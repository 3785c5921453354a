public import Estimation
import Hardware

extension MeasuredStep {
  /// The question that the row answers.
  ///
  /// - Throws: `StepRowProblem` with what keeps the row from being priced.
  public func scenario() throws(StepRowProblem) -> Scenario {
    let cluster = try cluster()
    let plan = try plan()
    let configuration = try configuration(of: plan)
    do throws(ScenarioError) {
      return try Scenario(model: model, plan: plan, configuration: configuration, cluster: cluster)
    } catch {
      throw .illegal(error.description)
    }
  }

  /// The profile of the row's GPU.
  func cluster() throws(StepRowProblem) -> Cluster {
    let name = gpu.uppercased()
    let profiles = [
      ("A100-SXM-40", "dgx-a100-40gb"), ("A100", "dgx-a100-80gb"), ("H200", "dgx-h200"),
      ("H100-SXM-96", "hgx-h100-hbm2e"), ("H100", "dgx-h100"), ("H800", "dgx-h100"),
      ("GB200", "gb200-nvl72"), ("GB300", "gb300-nvl72"), ("B200", "dgx-b200"),
      ("B300", "dgx-b300"),
    ]
    guard let profile = profiles.first(where: { name.hasPrefix($0.0) })?.1 else {
      throw .unknownGPU(gpu, known: profiles.map(\.0))
    }
    do throws(ProfileError) {
      return try Cluster.named(profile).running(StackProfile.named(stack.profileName))
    } catch {
      throw .illegal(error.description)
    }
  }
}
