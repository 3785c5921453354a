import ArgumentParser
import Model
import Rendering
import Units

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Lists the model presets, or shows one model.")

  @Argument(help: "A preset, a config.json, or its folder; all presets unless given.")
  var model: String?

  @Flag(help: "Print one JSON object.") var json = false

  struct Entry: Encodable {
    let name: String
    let family: String
    let layers: Int
    let hiddenSize: Int
    let vocabularySize: Int
    let parameters: Int
    let activeParameters: Int
  }

  struct JSON: Encodable { let models: [Entry] }

  func run() throws {
    try reportingBadData {
      let models = try model.map { [try TransformerModel.resolve($0)] } ?? TransformerModel.presets
      if json {
        print(try stepcast.json(JSON(models: models.map(entry))), terminator: "")
        return
      }
      var table = TextTable([.init("model"), .init("architecture")])
      for model in models { table.append([model.name, model.summary]) }
      print(table.terminal(), terminator: "")
    }
  }

  private func entry(_ model: TransformerModel) -> Entry {
    Entry(
      name: model.name, family: model.family, layers: model.layers.count,
      hiddenSize: model.hiddenSize, vocabularySize: model.vocabularySize,
      parameters: model.parameters.total, activeParameters: model.parameters.active)
  }
}
