/// A first-in, first-out queue of a rank's device: one for kernels, one per communication axis.
public enum DeviceStream: UInt8, Hashable, Sendable, CaseIterable {
  case compute
  /// TP, TP×CP, and expert TP where it is the same ranks' sequence of calls.
  case tensor
  case context
  case expert
  case expertTensor
  case data
  case expertData
  case pipelineSend
  case pipelineReceive
  /// Step-wide agreement: flags, gradient norm, tied embeddings.
  case global
  /// Kernels of shared experts, where they run beside the routed ones.
  case shared
  /// Copies from the device to the host.
  case hostSend
  /// Copies from the host to the device, and what the host computes for them.
  case hostReceive

  /// Whether kernels of the model run here.
  public var runsKernels: Bool { self == .compute || self == .shared }

  /// The name in files and reports.
  public var label: String {
    switch self {
    case .compute: "compute"
    case .tensor: "tp"
    case .context: "cp"
    case .expert: "ep"
    case .expertTensor: "etp"
    case .data: "dp"
    case .expertData: "edp"
    case .pipelineSend: "pp-send"
    case .pipelineReceive: "pp-recv"
    case .global: "global"
    case .shared: "shared"
    case .hostSend: "d2h"
    case .hostReceive: "h2d"
    }
  }
}
