import Foundation
import TestSupport

/// A folder with inputs for commands, removed at the end of a test.
///
/// `dense` and `moe` are models of four layers, the rest are ways to be wrong.
struct Workplace: ~Copyable {
  let folder: URL

  static let dense = """
    {"model_type": "llama", "hidden_size": 512, "intermediate_size": 1024, "head_dim": 64,
     "num_attention_heads": 8, "num_key_value_heads": 4, "num_hidden_layers": 4,
     "vocab_size": 1000, "max_position_embeddings": 8192}
    """

  static let moe = """
    {"model_type": "qwen3_moe", "hidden_size": 512, "intermediate_size": 1024, "head_dim": 64,
     "num_attention_heads": 8, "num_key_value_heads": 4, "num_hidden_layers": 4,
     "vocab_size": 1000, "max_position_embeddings": 8192, "num_experts": 8,
     "num_experts_per_tok": 2, "moe_intermediate_size": 256}
    """

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(Self.dense, to: "dense/config.json")
    try write(Self.moe, to: "moe/config.json")
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ text: String, to name: String) throws {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Every file and folder below this one, in order.
  func contents() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  /// What commands answer, as a terminal would show it; every one must refuse.
  ///
  /// - Returns: the command lines, their exit codes and messages, without this machine's paths.
  func transcript(of lines: [String]) throws -> String {
    try lines.map { line in
      let command = try Command.run(line, in: folder)
      let said = command.output + command.errors
      return "$ stepcast \(line)\n\(said)[\(command.status)]\n"
        .replacing(folder.path, with: "<folder>")
    }.joined(separator: "\n")
  }

  /// The text of a profile that comes with the program, with one line changed.
  static func profile(replacing old: String, with new: String) throws -> String {
    let text = try String(
      contentsOf: SharedData.repository.appending(path: "hardware-profiles/dgx-h100.json"),
      encoding: .utf8)
    precondition(text.contains(old), "the profile holds no \(old)")
    return text.replacing(old, with: new, maxReplacements: 1)
  }
}
