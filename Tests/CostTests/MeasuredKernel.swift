import Foundation
import TestSupport

/// One row of the published kernel timings.
struct MeasuredKernel {
  private let fields: [String: String]

  subscript(name: String) -> String { fields[name] ?? "" }

  /// A whole number of a column; zero where the column is empty.
  func count(_ name: String) -> Int { Int(Double(self[name]) ?? 0) }

  func number(_ name: String) -> Double { Double(self[name]) ?? 0 }

  /// All rows.
  static func all() throws -> [MeasuredKernel] {
    let text = String(decoding: try SharedData.read("kernels_measured.csv"), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map(fields)
    guard let header = lines.first else { return [] }
    return lines.dropFirst().map { values in
      MeasuredKernel(fields: Dictionary(uniqueKeysWithValues: zip(header, values)))
    }
  }

  /// The fields of a line; quoted ones may hold commas.
  private static func fields(of line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}

/// Relative errors of one family of kernels.
struct ErrorSummary: CustomStringConvertible {
  private let errors: [Double]

  init(_ errors: [Double]) { self.errors = errors }

  var count: Int { errors.count }
  /// Of the absolute errors, in percent.
  var median: Double { quantile(0.5) }
  /// Of the absolute errors, in percent.
  var p90: Double { quantile(0.9) }
  /// The signed median, in percent; negative where predictions are too fast.
  var bias: Double {
    let sorted = errors.sorted()
    return sorted.isEmpty ? 0 : 100 * sorted[sorted.count / 2]
  }

  var description: String {
    String(format: "%4d rows: %.1f / %.1f %%, bias %+.1f %%", count, median, p90, bias)
  }

  private func quantile(_ share: Double) -> Double {
    let sorted = errors.map { abs($0) }.sorted()
    return sorted.isEmpty ? 0 : 100 * sorted[Int(share * Double(sorted.count - 1))]
  }
}
