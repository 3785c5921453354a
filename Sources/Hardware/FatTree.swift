/// Leaf switches and what joins them, on every rail alike.
public struct FatTree: Hashable, Sendable {
  /// NVLink domains below one leaf; nil where one switch holds them all.
  public let domainsPerLeaf: Int?
  /// What NICs below a leaf can send over what its uplinks can, at least 1.
  public let oversubscription: Double

  /// - Precondition: a leaf holds a domain, and its uplinks are no faster than its NICs.
  public init(domainsPerLeaf: Int?, oversubscription: Double) {
    precondition(domainsPerLeaf.map { $0 >= 1 } ?? true, "a leaf holds a domain")
    precondition(oversubscription >= 1, "uplinks need be no faster than what is below them")
    self.domainsPerLeaf = domainsPerLeaf
    self.oversubscription = oversubscription
  }

  /// Nothing above the NICs ever fills up.
  public static let nonBlocking = FatTree(domainsPerLeaf: nil, oversubscription: 1)
}
