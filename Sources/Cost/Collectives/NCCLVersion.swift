/// A release of NCCL; the tuner's constants changed with many of them.
public struct NCCLVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The `2` of 2.18.5.
  public let major: Int
  /// The `18` of 2.18.5.
  public let minor: Int
  /// The `5` of 2.18.5.
  public let patch: Int

  /// A release by its numbers; the patch defaults to the first of its series.
  public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// The release whose constants are best known: the last one read, 2.30.7.
  public static let latest = NCCLVersion(2, 30, 7)

  public static func < (a: NCCLVersion, b: NCCLVersion) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }

  /// For example `2.18.5`.
  public var description: String { "\(major).\(minor).\(patch)" }

  /// Reads `2.18.5` or `2.30`; nil for anything else.
  public init?(parsing text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard (2...3).contains(parts.count), let major = parts[0], let minor = parts[1],
      let patch = parts.count == 3 ? parts[2] : 0, min(major, minor, patch) >= 0
    else { return nil }
    self.init(major, minor, patch)
  }
}
