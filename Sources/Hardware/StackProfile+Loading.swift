import Units

extension StackProfile {
  static let keys = [
    "name", "description", "sources", "attention_library", "products", "attention", "traffic",
    "expert_traffic", "quantization", "tensor_exchange", "expert_exchange", "interference",
    "expert_loss", "launch_x86", "launch_arm", "overhead",
    "expert_overhead", "per_doubling",
  ]

  /// The stack that a profile's JSON describes.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - file: its name, for messages.
  /// - Throws: `ProfileError` that names file, field, finding and expectation.
  public init(parsing bytes: [UInt8], file: String) throws(ProfileError) {
    let json = try JSONParser.parse(bytes, file: file)
    let bare = try ProfileReader(json, file: file, path: "", keys: Self.keys, sources: [])
    let citations = try Cluster.citations(bare, json)
    let top = try ProfileReader(
      json, file: file, path: "", keys: Self.keys, sources: citations.map(\.key))
    self.init(name: try top.text("name"))
    attentionLibrary = try top.word("attention_library", as: AttentionLibrary.self)
    products = try top.ratio("products", in: 0.2...5)
    attention = try top.ratio("attention", in: 0.2...5)
    traffic = try top.ratio("traffic", in: 0.2...10)
    expertTraffic = try top.ratio("expert_traffic", in: 0.2...10)
    quantization = try top.ratio("quantization", in: 0.2...10)
    tensorExchange = try top.ratio("tensor_exchange", in: 0.1...10)
    expertExchange = try top.ratio("expert_exchange", in: 0.1...10)
    interference = try top.ratio("interference", in: 0...1)
    expertLoss = try top.quantity("expert_loss")
    launch = HostLaunch(
      x86: try top.quantity("launch_x86"), arm: try top.quantity("launch_arm"))
    overhead = try top.quantity("overhead")
    expertOverhead = try top.quantity("expert_overhead")
    perDoubling = try top.ratio("per_doubling", in: 0...0.2)
    facts = Fact.all(in: json, citations: citations)
  }
}
