/// Where a number of a profile comes from.
public enum Provenance: String, Hashable, Sendable, CaseIterable {
  /// Read in a manufacturer's document or in the source of a library.
  case datasheet
  /// Fitted to, or read off, published measurements.
  case fitted
  /// Nobody measured it; a judgement from similar hardware.
  case estimate
}

/// One number of a profile as its file states it, so that a report can say how well it is known.
public struct Fact: Hashable, Sendable {
  /// The path of the field, for example `device.memory.bandwidth`.
  public let path: String
  /// The value with its unit, as written.
  public let value: String
  public let provenance: Provenance
  /// The document or the measurements.
  public let citation: String
  /// Relative half width of the range that measurements cover; nil where unknown.
  public let spread: Double?
}
