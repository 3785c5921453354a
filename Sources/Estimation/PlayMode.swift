public import Units

/// How a step is played: which ranks, whether they hold each other up, and in how much memory.
public struct PlayMode: Hashable, Sendable {
  /// Whether one rank is played for all that are bound to do the same; the result is the same.
  public var folds: Bool
  /// Whether concurrent works share links, multiprocessors and memory bandwidth. Then every rank is
  /// played by itself.
  public var sharesLinks: Bool
  /// What the times of all nodes may take; nil asks for no check.
  public var memory: Bytes?

  public init(folds: Bool = true, sharesLinks: Bool = false, memory: Bytes? = nil) {
    self.folds = folds
    self.sharesLinks = sharesLinks
    self.memory = memory
  }
}
