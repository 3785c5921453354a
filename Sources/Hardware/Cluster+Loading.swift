import Units

extension Cluster {
  /// The cluster that a profile's JSON describes.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - file: its name, for messages.
  /// - Throws: `ProfileError` that names file, field, finding and expectation. Nothing is defaulted
  ///   but what is documented as optional.
  public init(parsing bytes: [UInt8], file: String) throws(ProfileError) {
    let json = try JSONParser.parse(bytes, file: file)
    let keys = ["name", "description", "sources", "device", "node", "fabric", "host"]
    let bare = try ProfileReader(json, file: file, path: "", keys: keys, sources: [])
    let citations = try Self.citations(bare, json)
    let top = try ProfileReader(
      json, file: file, path: "", keys: keys, sources: citations.map(\.key))
    self.init(
      name: try top.text("name"), summary: try top.text("description"),
      device: try Device(top.section("device", keys: Device.keys)),
      node: try NodeProfile(top.section("node", keys: NodeProfile.keys)),
      fabric: try Fabric(top.section("fabric", keys: Fabric.keys)),
      host: try Host(top.section("host", keys: Host.keys)),
      facts: Fact.all(in: json, citations: citations))
  }

  /// The table of sources: short keys and what they stand for.
  static func citations(
    _ top: ProfileReader, _ json: JSONValue
  ) throws(ProfileError) -> [(key: String, text: String)] {
    guard case .object(let members) = try top.value("sources") else {
      throw .wrongType(
        file: top.file, path: "sources", found: try top.value("sources").kind,
        expected: "an object of citations")
    }
    let table = try top.section("sources", keys: members.map(\.key))
    var citations: [(key: String, text: String)] = []
    for key in table.keys { citations.append((key, try table.text(key))) }
    return citations
  }
}

extension Fact {
  /// Every sourced number below a value that loaded without error.
  static func all(in json: JSONValue, citations: [(key: String, text: String)]) -> [Fact] {
    var facts: [Fact] = []
    collect(json, path: [], citations: citations, into: &facts)
    return facts
  }

  private static func collect(
    _ json: JSONValue, path: [String], citations: [(key: String, text: String)],
    into facts: inout [Fact]
  ) {
    guard case .object(let members) = json else { return }
    var texts: [String: String] = [:]
    for member in members {
      switch member.value {
      case .string(let text), .number(_, let text): texts[member.key] = text
      default: break
      }
    }
    if let value = texts["value"], let source = texts["source"],
      let provenance = texts["provenance"].flatMap(Provenance.init)
    {
      let citation = citations.first { $0.key == source }?.text ?? source
      let percent = texts["spread"].flatMap { Double($0.dropLast(2)) }
      facts.append(
        Fact(
          path: path.joined(separator: "."), value: value, provenance: provenance,
          citation: citation, spread: percent.map { $0 / 100 }))
      return
    }
    for member in members {
      collect(member.value, path: path + [member.key], citations: citations, into: &facts)
    }
  }
}
