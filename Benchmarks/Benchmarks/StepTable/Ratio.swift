/// Two stages of one run, compared: times mean little from machine to machine, ratios more.
struct Ratio {
  let slow: String
  let fast: String
  let meaning: String

  static let all = [
    Ratio(
      slow: "simulate: flagship, event-driven", fast: "simulate: flagship, run-ahead",
      meaning: "run-ahead against event-driven"),
    Ratio(
      slow: "simulate: flagship, run-ahead", fast: "simulate: flagship, folded",
      meaning: "folded against every rank played"),
    Ratio(
      slow: "simulate: flagship without launches, explicit graph, C++ -O3 binary heap",
      fast: "simulate: flagship without launches, event-driven, for comparison",
      meaning: "event-driven against a binary heap in C++ on the explicit graph"),
    Ratio(
      slow: "simulate: flagship without launches, explicit graph, C++ -O3 binary heap",
      fast: "simulate: flagship without launches, run-ahead, for comparison",
      meaning: "run-ahead against a binary heap in C++ on the explicit graph"),
  ]

  /// Prints the ratio where both were measured.
  func print(from measurements: [Measurement]) {
    let times = [slow, fast].map { name in measurements.first { $0.name == name }?.seconds }
    guard let slow = times[0], let fast = times[1], fast > 0 else { return }
    Swift.print("\(fixed(slow / fast, 2)) times as fast: \(meaning)")
  }
}
