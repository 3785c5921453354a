public import Parallelism

/// One node of a stage program; every rank of the stage executes it.
///
/// 28 bytes, because a program has tens of thousands of them and the simulator reads each once per
/// rank.
public struct Operation: Hashable, Sendable {
  public let kind: OperationKind
  public let pass: OperationPass
  public let stream: DeviceStream
  /// Whom it meets, beyond its own rank.
  public let meeting: Meeting
  /// Whether the host waits for this operation before it launches later ones.
  public let blocksHost: Bool
  @usableFromInline let storedLayer: Int16
  @usableFromInline let storedChunk: Int16
  @usableFromInline let storedPeer: Int16
  @usableFromInline var storedMicrobatch: Int32
  @usableFromInline var storedWork: Int32
  @usableFromInline var storedPartner: Int32

  public init(
    kind: OperationKind, pass: OperationPass, stream: DeviceStream, meeting: Meeting = .none,
    layer: Int? = nil, chunk: Int = 0, microbatch: Int? = nil, work: Int, partner: Int = -1,
    peer: Int = -1, blocksHost: Bool = false
  ) {
    self.kind = kind
    self.pass = pass
    self.stream = stream
    self.meeting = meeting
    self.blocksHost = blocksHost
    storedLayer = Int16(layer ?? -1)
    storedChunk = Int16(chunk)
    storedPeer = Int16(peer)
    storedMicrobatch = Int32(microbatch ?? -1)
    storedWork = Int32(work)
    storedPartner = Int32(partner)
  }

  /// The layer of the model, from 0; nil outside layers.
  @inlinable public var layer: Int? { storedLayer < 0 ? nil : Int(storedLayer) }

  /// The model chunk on the pipeline rank.
  @inlinable public var chunk: Int { Int(storedChunk) }

  /// The microbatch, from 0; nil for operations of the whole step.
  @inlinable public var microbatch: Int? { storedMicrobatch < 0 ? nil : Int(storedMicrobatch) }

  /// Index into `StepGraph.works`.
  @inlinable public var work: Int { Int(storedWork) }

  /// For a send or receive, its partner's index in the partner's program; for a collective, the
  /// number of calls of its family before it in this program.
  @inlinable public var partner: Int { Int(storedPartner) }

  /// For a send or receive, the partner's pipeline rank.
  @inlinable public var peer: Int { Int(storedPeer) }

  /// The same operation as another work.
  @inlinable public func priced(as work: Int) -> Operation {
    var copy = self
    copy.storedWork = Int32(truncatingIfNeeded: work)
    return copy
  }

  /// The same operation for another microbatch and partner.
  @inlinable public func placed(microbatch: Int, partner: Int) -> Operation {
    var copy = self
    copy.storedMicrobatch = Int32(truncatingIfNeeded: microbatch)
    copy.storedPartner = Int32(truncatingIfNeeded: partner)
    return copy
  }
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

extension Operation: CustomStringConvertible {
  /// For example `query_key_value forward, layer 3, microbatch 0`.
  public var description: String {
    let place = [layer.map { "layer \($0)" }, microbatch.map { "microbatch \($0)" }]
    return (["\(kind.label) \(pass.label)"] + place.compactMap { $0 }).joined(separator: ", ")
  }
}
