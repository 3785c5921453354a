public import ArgumentParser
import Hardware
public import Units

/// A size in bytes as a command line writes it: `256MiB`, `"256 MiB"` or a plain count of bytes.
///
/// - Throws: `ValidationError` with the mistake in words.
func dataSize(parsing text: String) throws -> Bytes {
  let size: Bytes
  do throws(QuantityError) {
    if let count = Int(text) { size = Bytes(count) } else { size = try Bytes(parsing: text) }
  } catch {
    throw ValidationError("\(error)")
  }
  guard size >= Bytes(1) else { throw ValidationError("\"\(text)\" is less than one byte") }
  return size
}

/// Refuses counts that are none, or more than any machine has.
///
/// - Throws: `ValidationError` that names the option.
func checkCounts(_ counts: KeyValuePairs<String, Int?>) throws {
  for (name, count) in counts {
    guard let count else { continue }
    guard count >= 1 else { throw ValidationError("\(name) must be at least 1, got \(count)") }
    guard count <= 1 << 30 else {
      throw ValidationError("\(name) is \(count); that is more than any kernel has")
    }
  }
}

/// Refuses operands that no GPU holds, whose sizes would not fit a whole number either.
///
/// - Throws: `ValidationError` with the number of elements.
func checkElements(of operand: String, _ dimensions: Int...) throws {
  let elements = dimensions.reduce(1.0) { $0 * Double($1) }
  guard elements <= 0x1p50 else {
    throw ValidationError(
      "\(operand) would have \(fixed(elements / 1e12, 0)) trillion elements; no GPU holds them")
  }
}

/// Which GPU runs a kernel, and how to answer.
struct DeviceOptions: ParsableArguments {
  @Option(
    help: """
      The GPU: that of a cluster (h100, gb200, see `stepcast clusters`), \
      \(Device.catalogNames.joined(separator: ", ")), or a cluster's profile in JSON.
      """)
  var device = "h100"

  @Option(help: "Kernel rates of the device where its profile has several, e.g. serving.")
  var rates: String?

  @Flag(help: "Print one JSON object (documented in docs/json.md).") var json = false

  func resolved() throws -> Device {
    let isFile = device.contains("/") || device.hasSuffix(".json")
    let found = isFile ? try Cluster.resolve(device).device : try Device.named(device)
    return try rates.map { try found.usingRates($0) } ?? found
  }
}

extension NumericFormat: ExpressibleByArgument {}
