import Memory

extension MemoryOwner {
  /// From the bottom of a stack to its top: what stays for the whole step, then what comes and goes.
  static let stack: [MemoryOwner] = [
    .parameters, .gradients, .gradientPlaceholders, .optimizer, .keyValueCache, .reserve,
    .fragmentation, .gatheredParameters, .norms, .attention, .feedForward, .experts, .router,
    .logits, .communication, .workspace,
  ]

  /// The fill: greys and violets for what stays, Okabe and Ito's palette for what comes and goes.
  var color: String {
    switch self {
    case .parameters: "#5B4A77"
    case .gradients: "#8674A6"
    case .gradientPlaceholders: "#A99CC2"
    case .optimizer: "#CBC3DB"
    case .keyValueCache: "#56B4E9"
    case .reserve: "#BDBDBD"
    case .fragmentation: "#DEDEDE"
    case .gatheredParameters: "#7A5195"
    case .norms: "#F0E442"
    case .attention: "#E69F00"
    case .feedForward: "#0072B2"
    case .experts: "#CC79A7"
    case .router: "#8C6D31"
    case .logits: "#009E73"
    case .communication: "#D55E00"
    case .workspace: "#4D4D4D"
    }
  }

  /// The name of an element's class in SVG.
  var cssClass: String { String(describing: self) }
}
