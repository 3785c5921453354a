/// One stream of one rank while a step is played.
struct Lane {
  static let nothing: Int32 = -1

  /// The position of the operation that is next or running.
  var head: Int32
  /// The position behind the stream's last operation.
  let end: Int32
  /// The position of the operation of the same rank whose end the head awaits.
  var awaited = Lane.nothing
  /// Another lane that has joined the same collective.
  var nextMember = Lane.nothing
  /// When the receive at the head was posted; -1 when none waits.
  var posted: Int64 = -1

  init(head: Int32, end: Int32) {
    self.head = head
    self.end = end
  }
}

/// One rank while a step is played.
struct RankState {
  /// The number of its first node.
  let firstNode: Int
  /// How many times its host has been blocked and released.
  var segment: Int32 = 0
  /// When its host began to launch the current segment.
  var hostFree: Int64

  init(firstNode: Int, hostFree: Int64) {
    self.firstNode = firstNode
    self.hostFree = hostFree
  }
}

/// The members of a group that have arrived at their next collective.
struct Gathering {
  /// When the latest of them arrived.
  var start: Int64 = 0
  var members: Int32 = 0
  /// The lane that arrived last; the others follow along `Lane.nextMember`.
  var lastMember = Lane.nothing
}
