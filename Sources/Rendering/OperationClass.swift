public import Graph

/// The classes of operations that pictures tell apart by colour.
public enum OperationClass: Hashable, Sendable, CaseIterable {
  case forward
  case inputGradient
  case weightGradient
  /// Kernels of the end of the step: the optimizer, mostly.
  case optimizer
  case tensor, context, expert, expertTensor, data, expertData, pipeline, global

  public init(_ operation: Operation) {
    switch operation.meeting {
    case .none:
      switch operation.pass {
      case .forward, .recompute: self = .forward
      case .inputGradient: self = .inputGradient
      case .weightGradient: self = .weightGradient
      case .step: self = .optimizer
      }
    case .send, .receive: self = .pipeline
    case .collective:
      switch operation.stream {
      case .compute, .shared, .hostSend, .hostReceive, .global: self = .global
      case .tensor: self = .tensor
      case .context: self = .context
      case .expert: self = .expert
      case .expertTensor: self = .expertTensor
      case .data: self = .data
      case .expertData: self = .expertData
      case .pipelineSend, .pipelineReceive: self = .pipeline
      }
    }
  }

  /// The name in legends.
  public var label: String {
    switch self {
    case .forward: "forward"
    case .inputGradient: "backward: dgrad"
    case .weightGradient: "backward: wgrad"
    case .optimizer: "optimizer"
    case .tensor: "TP"
    case .context: "CP"
    case .expert: "EP"
    case .expertTensor: "ETP"
    case .data: "DP"
    case .expertData: "EDP"
    case .pipeline: "PP"
    case .global: "step-wide"
    }
  }

  /// The name of an element's class in SVG.
  var cssClass: String { String(describing: self) }

  /// The fill: Okabe and Ito's palette, which colour-blind readers can tell apart, with lighter and
  /// darker relatives where eight colours are too few.
  ///
  /// - SeeAlso: Okabe and Ito, "Color Universal Design", 2008.
  var color: String {
    switch self {
    case .forward: "#0072B2"
    case .inputGradient: "#009E73"
    case .weightGradient: "#8FD3B6"
    case .optimizer: "#4D4D4D"
    case .tensor: "#E69F00"
    case .context: "#F0E442"
    case .expert: "#CC79A7"
    case .expertTensor: "#56B4E9"
    case .data: "#7A5195"
    case .expertData: "#B39BC8"
    case .pipeline: "#8C6D31"
    case .global: "#999999"
    }
  }

  /// A pale relative of the colour, for backgrounds.
  var tint: String {
    switch self {
    case .forward: "#D6E6F2"
    case .inputGradient, .weightGradient: "#D8EFE6"
    case .optimizer: "#E0E0E0"
    case .tensor: "#FBEED2"
    case .context: "#FCF9D6"
    case .expert: "#F5E4ED"
    case .expertTensor: "#DFF1FB"
    case .data: "#E4DDEA"
    case .expertData: "#EFEAF4"
    case .pipeline: "#EBE4D6"
    case .global: "#ECECEC"
    }
  }

  /// The colour of text on the fill.
  var textColor: String {
    switch self {
    case .forward, .inputGradient, .optimizer, .data, .pipeline: "#FFFFFF"
    default: "#000000"
    }
  }
}
