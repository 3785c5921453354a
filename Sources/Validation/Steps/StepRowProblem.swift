import Units

/// Why a measured step is not priced; the row is counted, and this is listed.
public enum StepRowProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case noNumber(column: String, text: String)
  case missing(column: String)
  /// A GPU that no profile describes.
  case unknownGPU(String, known: [String])
  /// A precision that the simulator has no kernels for.
  case unknownPrecision(String)
  /// The row's degrees or options contradict each other or the model.
  case illegal(String)

  public var description: String {
    switch self {
    case .noNumber(let column, let text):
      "\(column): expected a number, found \"\(text)\""
    case .missing(let column): "\(column): the cell is empty, and the step depends on it"
    case .unknownGPU(let name, let known):
      "gpu: no profile describes \"\(name)\"; there are \(known.joined(separator: ", "))"
    case .unknownPrecision(let name):
      "precision: \"\(name)\" is none of bf16, fp16, fp8, mxfp8 and nvfp4"
    case .illegal(let reason): reason
    }
  }
}
