import Foundation
import Rendering
import Testing

@Suite("Drawing") struct DrawingTests {
  static let hostile = [
    "</script><img src=x onerror=alert(1)>", #"\N \G "quoted" back\slash"#, "a & b < c",
    "--><svg/onload=alert(1)>",
  ]

  static func drawing(of text: AttributeValue) -> Drawing {
    var drawing = Drawing(.layered, nodes: [.init("shape", "box")])
    let first = drawing.addNode([.init("label", text), .init("tooltip", text)])
    let second = drawing.addNode([.init("label", "plain")])
    drawing.addEdge(from: first, to: second, [.init("label", text)])
    drawing.addCluster(of: [first], [.init("label", text)])
    return drawing
  }

  /// What a viewer shows: the text elements of an SVG, entities resolved.
  static func shownTexts(_ svg: String) -> [String] {
    svg.split(separator: "<text").dropFirst().compactMap { part -> String? in
      guard let begin = part.firstIndex(of: ">"), let end = part.range(of: "</text>") else {
        return nil
      }
      return String(part[part.index(after: begin)..<end.lowerBound])
        .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
        .replacing("&#45;", with: "-").replacing("&#160;", with: " ")
        .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }
  }

  @Test("hostile names appear as text, in node, edge and cluster", arguments: hostile)
  func hostileText(text: String) throws {
    let svg = try Self.drawing(of: .text(text)).svg()
    #expect(Self.shownTexts(svg).filter { $0 == text }.count == 3)
    #expect(!svg.contains("<img") && !svg.contains("</script") && !svg.contains("<svg/"))
    #expect(try XMLShape(svg).isBalanced)
  }

  @Test("a picture never names the version of Graphviz")
  func noVersionComment() throws {
    #expect(try !Self.drawing(of: .text("x")).svg().contains("graphviz version"))
  }

  @Test("the same drawing twice, and from many threads, gives the same bytes")
  func deterministic() async throws {
    let drawing = Self.drawing(of: .leftText("one\ntwo"))
    let expected = try drawing.svg()
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<16 { group.addTask { try drawing.svg() } }
      for try await svg in group { #expect(svg == expected) }
    }
  }

  @Test("dot output is Graphviz's own language")
  func dotOutput() throws {
    let text = String(
      decoding: try Self.drawing(of: "a").rendered(as: .dot), as: UTF8.self)
    #expect(text.hasPrefix("digraph") && text.contains("cluster0"))
  }

  @Test(
    "png and pdf are written where the plugin exists and refused in words where not",
    arguments: [(PictureFormat.png, "PNG"), (.pdf, "%PDF")])
  func rasterFormats(format: PictureFormat, magic: String) {
    do {
      let bytes = try Self.drawing(of: "a").rendered(as: format)
      #expect(String(decoding: bytes.prefix(8), as: UTF8.self).contains(magic))
    } catch {
      #expect(error.description.contains("the installed Graphviz cannot write \(format.rawValue)"))
    }
  }

  @Test("a failed layout carries Graphviz's reason")
  func layoutFailure() {
    var drawing = Drawing(.positioned)
    drawing.addNode([.init("label", "no position")])
    let error = #expect(throws: RenderingError.self) { try drawing.svg() }
    #expect(error?.description.contains("has no position") == true)
  }

  @Test("an unknown format is refused with the known ones")
  func unknownFormat() {
    let error = #expect(throws: RenderingError.self) { try PictureFormat(parsing: "gif") }
    #expect(
      error?.description == "unknown picture format \"gif\"; expected one of svg, pdf, png, dot")
  }

  @Test("a file is written whole or not at all")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "picture.svg")
    try Self.drawing(of: "a").write(to: file)
    #expect(try String(contentsOf: file, encoding: .utf8).hasPrefix("<?xml"))

    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: folder.appending(path: "half.txt")) { sink in
        try Array("half".utf8).withUnsafeBytes(sink)
        throw Stop()
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["picture.svg"])
  }

  @Test("an unwritable folder is named, with the system's reason")
  func unwritableFolder() {
    let file = URL(filePath: "/proc/no-such-folder/picture.svg")
    let error = #expect(throws: RenderingError.self) { try Self.drawing(of: "a").write(to: file) }
    #expect(error?.description.hasPrefix("cannot write /proc/no-such-folder/picture.svg: ") == true)
  }
}
