import Foundation
import Model
import Testing

@Suite("The name of an imported model")
struct ConfigurationNameTests {
  private func name(
    _ changes: KeyValuePairs<String, String?> = [:], file: String = "config.json",
    folder: String = "tiny"
  ) throws -> String {
    let written = try WrittenConfiguration(
      configuration("llama", changes), as: file, inFolder: folder)
    return try TransformerModel(configurationAt: written.file.path).name
  }

  @Test("it is the last part of _name_or_path, else the folder's, else the file's name")
  func sources() throws {
    #expect(try name(["_name_or_path": "\"meta-llama/Llama-3.2-1B\""]) == "Llama-3.2-1B")
    #expect(try name(["_name_or_path": "\"./\""]) == "tiny")
    #expect(try name(["_name_or_path": "\"\""]) == "tiny")
    #expect(try name(folder: "My Model") == "My Model")
    #expect(try name(file: "llama-tiny.config.json") == "llama-tiny")
    #expect(try name(file: "tiny2.json") == "tiny2")
    #expect(try name(file: ".json") == "llama")
  }

  @Test("a folder names the model that lies in it")
  func folder() throws {
    let written = try WrittenConfiguration(configuration("llama"), inFolder: "from-folder")
    #expect(try TransformerModel(configurationAt: written.folder.path).name == "from-folder")
    #expect(try TransformerModel(configurationAt: written.folder.path + "/").name == "from-folder")
  }

  @Test("a folder of the Hugging Face cache is named for its model, not for its hash")
  func cache() throws {
    #expect(try name(folder: "models--Qwen--Qwen3-8B/snapshots/b968826d9c46dd60") == "Qwen3-8B")
    #expect(try name(folder: "other/snapshots/b968826d") == "b968826d")
  }

  @Test("a hostile name is only text, on one short line")
  func hostile() throws {
    #expect(
      try name(["_name_or_path": #""\"><script>alert(1)\u001b[31m\n$(rm -rf ~)""#])
        == "\"><script>alert(1) [31m $(rm -rf ~)")
    let long = String(repeating: "n", count: 100_000)
    #expect(try name(["_name_or_path": "\"\(long)\""]).count == 120)
  }
}
