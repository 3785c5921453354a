import Foundation
import Yams

/// Flags from a YAML file: every leaf key is a flag, however deep it is nested.
enum MegatronYAML {
  static func flags(_ text: String, file: String) throws(MegatronError) -> [MegatronFlag] {
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch let error as YamlError {
      throw .badYAML(file: file, problem: "\(error)")
    } catch {
      throw .badYAML(file: file, problem: error.localizedDescription)
    }
    guard let mapping = root?.mapping else {
      throw .badYAML(file: file, problem: "expected keys and values, for example num_layers: 48")
    }
    var flags: [MegatronFlag] = []
    collect(mapping, file: file, into: &flags)
    return flags
  }

  private static func collect(
    _ mapping: Node.Mapping, file: String, into flags: inout [MegatronFlag]
  ) {
    for (key, value) in mapping {
      if let nested = value.mapping {
        collect(nested, file: file, into: &flags)
      } else if let values = values(of: value) {
        let line = key.mark?.line ?? value.mark?.line ?? 1
        flags.append(.init(key.string ?? "", values: values, at: .line(file: file, line)))
      }
    }
  }

  /// The values of a leaf; nil for null, which leaves a flag at its default.
  private static func values(of node: Node) -> [String]? {
    if node.null != nil { return nil }
    if let sequence = node.sequence { return sequence.compactMap(\.string) }
    guard let text = node.string else { return nil }
    return text.isEmpty ? [] : [text]
  }
}
