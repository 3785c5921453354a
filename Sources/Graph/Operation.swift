public import Parallelism

/// One node of a stage program; every rank of the stage executes it.
///
/// 24 bytes, because a program has tens of thousands of them and the simulator reads each once per
/// rank.
public struct Operation: Hashable, Sendable {
  public let kind: OperationKind
  public let pass: OperationPass
  public let stream: DeviceStream
  /// Whom it meets, beyond its own rank.
  public let meeting: Meeting
  private let storedLayer: Int16
  private let storedChunk: Int16
  private let storedMicrobatch: Int32
  private let storedWork: Int32
  /// For a send or receive, the index of its partner in the partner's program; for a collective, how
  /// many calls of its family precede it in this program.
  private let storedPartner: Int32
  /// For a send or receive, the partner's pipeline rank.
  private let storedPeer: Int16
  /// Whether the host waits for this operation before it launches later ones.
  public let blocksHost: Bool

  public init(
    kind: OperationKind, pass: OperationPass, stream: DeviceStream, meeting: Meeting = .none,
    layer: Int? = nil, chunk: Int = 0, microbatch: Int? = nil, work: Int, partner: Int = -1,
    peer: Int = -1, blocksHost: Bool = false
  ) {
    self.kind = kind
    self.pass = pass
    self.stream = stream
    self.meeting = meeting
    storedLayer = Int16(layer ?? -1)
    storedChunk = Int16(chunk)
    storedMicrobatch = Int32(microbatch ?? -1)
    storedWork = Int32(work)
    storedPartner = Int32(partner)
    storedPeer = Int16(peer)
    self.blocksHost = blocksHost
  }

  /// The layer of the model, from 0; nil outside layers.
  public var layer: Int? { storedLayer < 0 ? nil : Int(storedLayer) }

  /// The model chunk on the pipeline rank.
  public var chunk: Int { Int(storedChunk) }

  /// The microbatch, from 0; nil for operations of the whole step.
  public var microbatch: Int? { storedMicrobatch < 0 ? nil : Int(storedMicrobatch) }

  /// Index into `StepGraph.works`.
  @inlinable public var work: Int { Int(workIndex) }

  @usableFromInline var workIndex: Int32 { storedWork }

  /// For a send or receive, its partner's index in the partner's program; for a collective, the
  /// number of calls of its family before it.
  public var partner: Int { Int(storedPartner) }

  /// For a send or receive, the partner's pipeline rank.
  public var peer: Int { Int(storedPeer) }
}

/// Whom an operation meets.
public enum Meeting: Hashable, Sendable {
  /// Nobody: a kernel of its own rank.
  case none
  /// All members of its rank's group of a family.
  case collective(GroupFamily)
  /// The receiving rank of another stage.
  case send
  /// The sending rank of another stage.
  case receive
}
