import ArgumentParser

@main
struct Stepcast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stepcast",
    abstract: "Predicts the step time of transformer training and inference on GPU clusters.")
}
