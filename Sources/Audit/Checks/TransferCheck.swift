import Graph
import Parallelism
import Units

/// Checks that every send has its receive on the right rank, with the same bytes and microbatch.
struct TransferCheck {
  private enum Fault: Hashable {
    case unmatchedSend(OperationKind)
    case unmatchedReceive(OperationKind)
    case wrongPeer(OperationKind)
    case wrongPair(OperationKind)
    case wrongBytes(OperationKind, expected: Int, found: Int)
  }

  private let reading: Reading
  private var faults = Tallies<Fault>()
  private var receivesOfSend: [Int32]

  private init(_ reading: Reading) {
    self.reading = reading
    receivesOfSend = Array(repeating: 0, count: reading.graph.nodeCount)
  }

  static func findings(_ reading: Reading) -> [Finding] {
    var check = TransferCheck(reading)
    let graph = reading.graph
    for id in graph.ids where graph[id].kind?.isReceive == true { check.examine(receive: id) }
    for id in graph.ids {
      guard let kind = graph[id].kind, kind.isTransfer else { continue }
      check.comparePeer(id, kind)
      if kind.isSend, check.receivesOfSend[Int(id.index)] != 1 {
        check.faults.add(.unmatchedSend(kind), reading.place(id))
      }
    }
    return check.faults.entries.map { check.finding($0.key, $0.places) }
  }

  private mutating func examine(receive id: NodeID) {
    let graph = reading.graph
    guard let kind = graph[id].kind else { return }
    let senders = graph.predecessors(of: id).filter { graph[$0].kind?.isSend == true }
    for sender in senders { receivesOfSend[Int(sender.index)] += 1 }
    guard senders.count == 1 else {
      faults.add(.unmatchedReceive(kind), reading.place(id))
      return
    }
    let send = graph[senders[0]]
    let receive = graph[id]
    let isPair =
      (kind == .receiveActivation) == (send.kind == .sendActivation)
      && send.microbatch == receive.microbatch && (receive.peer == nil || receive.peer == send.rank)
      && (send.peer == nil || send.peer == receive.rank)
      && isNeighbour(send, of: id)
    if !isPair { faults.add(.wrongPair(kind), reading.place(id)) }
    if let sent = send.bytesIn, let received = receive.bytesOut, sent != received {
      faults.add(.wrongBytes(kind, expected: sent, found: received), reading.place(id))
    }
  }

  /// Whether a send comes from the rank that the plan pairs with the receive's.
  private func isNeighbour(_ send: ObservedNode, of receive: NodeID) -> Bool {
    let role = reading.roles[Int(receive.index)]
    guard let sender = send.rank,
      case .transfer(let stage, _)? = reading.operation(of: role)?.communication
    else { return true }
    return sender == reading.expected.grid.rank(Int(role.rank), movedToStage: stage)
  }

  private mutating func comparePeer(_ id: NodeID, _ kind: OperationKind) {
    let role = reading.roles[Int(id.index)]
    guard
      case .transfer(let stage, let bytes)? = reading.operation(of: role)?.communication
    else { return }
    let node = reading.graph[id]
    let peer = reading.expected.grid.rank(Int(role.rank), movedToStage: stage)
    if let stated = node.peer, stated != peer { faults.add(.wrongPeer(kind), reading.place(id)) }
    if let found = node.bytesIn ?? node.bytesOut, found != bytes {
      faults.add(.wrongBytes(kind, expected: bytes, found: found), reading.place(id))
    }
  }

  private func finding(_ fault: Fault, _ places: Places) -> Finding {
    let count = grouped(places.count)
    return switch fault {
    case .unmatchedSend(let kind):
      Finding(
        .communication, about: kind.label, "Unmatched sends (`\(kind.label)`)",
        expected: "one edge from each send to its receive", found: "\(count) sends without",
        at: places, fix: "Connect every `\(kind.label)` to one receive", action: kind.action)
    case .unmatchedReceive(let kind):
      Finding(
        .communication, about: kind.label, "Unmatched receives (`\(kind.label)`)",
        expected: "one edge to each receive from its send", found: "\(count) receives without",
        at: places, fix: "Connect every `\(kind.label)` to one send", action: kind.action)
    case .wrongPeer(let kind):
      Finding(
        .communication, about: kind.label,
        "Wrong peer of `\(kind.label)`: not the same coordinates in the neighbouring stage",
        expected: "the rank of the neighbouring stage", found: "\(count) others", at: places,
        fix: "Exchange `\(kind.label)` with the rank of the neighbouring stage")
    case .wrongPair(let kind):
      Finding(
        .communication, about: kind.label,
        "Wrong pairs of `\(kind.label)`: the send is of another kind, microbatch or rank",
        expected: "a send of the same microbatch from the stated peer", found: "\(count) others",
        at: places, fix: "Connect `\(kind.label)` to the send of its microbatch and peer")
    case .wrongBytes(let kind, let expected, let found):
      Finding(
        .communication, about: kind.label,
        "Wrong bytes of `\(kind.label)`: \(grouped(found)) in place of \(grouped(expected))",
        expected: "\(grouped(expected)) bytes", found: "\(grouped(found)) bytes", at: places,
        fix: "Size `\(kind.label)` as model and plan imply")
    }
  }
}
