public import Graph

/// What a rank does with a stretch of time; every picosecond belongs to exactly one class.
public enum TimeClass: UInt8, Hashable, Sendable, CaseIterable {
  case compute
  /// Waiting for tensor-parallel communication that nothing hides.
  case exposedTensor
  case exposedContext
  case exposedExpert
  case exposedExpertTensor
  case exposedData
  case exposedExpertData
  /// Waiting for a message while it is on the wire.
  case exposedPipeline
  /// Waiting for step-wide agreement.
  case exposedGlobal
  /// Waiting for copies between host and device, or for what the host computes.
  case exposedHost
  /// Waiting for another pipeline stage to get there.
  case bubble
  /// Waiting for a slower member of a group of the same stage.
  case straggler
  /// Waiting for the host to launch.
  case launch
  /// Done before the slowest rank.
  case idleTail

  /// The name in JSON and tables, in snake case: `exposed_tp`.
  public var label: String {
    switch self {
    case .compute: "compute"
    case .exposedTensor: "exposed_tp"
    case .exposedContext: "exposed_cp"
    case .exposedExpert: "exposed_ep"
    case .exposedExpertTensor: "exposed_etp"
    case .exposedData: "exposed_dp"
    case .exposedExpertData: "exposed_edp"
    case .exposedPipeline: "exposed_pp"
    case .exposedGlobal: "exposed_global"
    case .exposedHost: "exposed_host"
    case .bubble: "bubble"
    case .straggler: "straggler"
    case .launch: "launch"
    case .idleTail: "idle_tail"
    }
  }

  /// What people read in a report.
  public var title: String {
    switch self {
    case .compute: "compute"
    case .exposedTensor: "exposed TP communication"
    case .exposedContext: "exposed CP communication"
    case .exposedExpert: "exposed EP communication"
    case .exposedExpertTensor: "exposed ETP communication"
    case .exposedData: "exposed DP communication"
    case .exposedExpertData: "exposed EDP communication"
    case .exposedPipeline: "exposed PP communication"
    case .exposedGlobal: "exposed step-wide agreement"
    case .exposedHost: "exposed host copies"
    case .bubble: "pipeline bubble"
    case .straggler: "waiting for a straggler"
    case .launch: "waiting for the host"
    case .idleTail: "idle tail"
    }
  }

  /// Whether the class is communication that nothing hides.
  public var isExposedCommunication: Bool {
    switch self {
    case .exposedTensor, .exposedContext, .exposedExpert, .exposedExpertTensor, .exposedData,
      .exposedExpertData, .exposedPipeline, .exposedGlobal, .exposedHost:
      true
    case .compute, .bubble, .straggler, .launch, .idleTail: false
    }
  }

  /// The class of time in which an operation of a stream runs and is waited for.
  public init(running stream: DeviceStream) {
    self =
      switch stream {
      case .compute, .shared: .compute
      case .tensor: .exposedTensor
      case .context: .exposedContext
      case .expert: .exposedExpert
      case .expertTensor: .exposedExpertTensor
      case .data: .exposedData
      case .expertData: .exposedExpertData
      case .pipelineSend, .pipelineReceive: .exposedPipeline
      case .global: .exposedGlobal
      case .hostSend, .hostReceive: .exposedHost
      }
  }
}
