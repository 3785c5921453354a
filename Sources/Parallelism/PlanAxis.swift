/// An axis of a written plan; the raw value is its canonical name.
public enum PlanAxis: String, Hashable, Sendable, CaseIterable {
  case tensor = "TP"
  case context = "CP"
  case pipeline = "PP"
  case virtualPipeline = "VPP"
  case expert = "EP"
  case expertTensor = "ETP"
  case expertData = "EDP"
  case data = "DP"

  /// The axis with a name, in any case; `VP` and `V` mean `VPP`.
  init?(name: some StringProtocol) {
    let name = name.uppercased()
    self.init(rawValue: name == "VP" || name == "V" ? "VPP" : name)
  }
}
