import Foundation
import Model

/// A configuration written to a folder of its own for the length of a test.
struct WrittenConfiguration: ~Copyable {
  let folder: URL
  let file: URL
  private let top: URL

  init(_ text: String, as name: String = "config.json", inFolder folderName: String = "tiny") throws
  {
    top = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    folder = top.appending(path: folderName)
    file = folder.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  deinit { try? FileManager.default.removeItem(at: top) }
}

/// The model that a configuration's text describes.
func imported(_ text: String) throws -> TransformerModel {
  let written = try WrittenConfiguration(text)
  return try TransformerModel(configurationAt: written.file.path)
}

/// The sentence with which a configuration's text is refused, without the path in front.
func refusal(_ text: String) throws -> String {
  let written = try WrittenConfiguration(text)
  do {
    let model = try TransformerModel(configurationAt: written.file.path)
    return "accepted as \(model.name)"
  } catch {
    return error.description.replacingOccurrences(of: written.file.path, with: "config.json")
  }
}

/// A small legal configuration with some fields replaced, added, or (given nil) removed.
func configuration(_ family: String, _ changes: KeyValuePairs<String, String?> = [:]) -> String {
  var fields: [(name: String, value: String)] = [
    ("model_type", "\"\(family)\""), ("hidden_size", "64"), ("num_hidden_layers", "4"),
    ("num_attention_heads", "8"), ("num_key_value_heads", "2"), ("intermediate_size", "128"),
    ("vocab_size", "1000"), ("max_position_embeddings", "512"),
  ]
  for (name, value) in changes {
    fields.removeAll { $0.name == name }
    if let value { fields.append((name, value)) }
  }
  return "{" + fields.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ") + "}"
}
