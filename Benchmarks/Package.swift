// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Stepcast never resolve, fetch or build what only benchmarks
// need. `make bench` runs it.

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A module of Stepcast. The package is named here because a path would be named after the folder it
/// was cloned into.
func stepcast(_ module: String) -> Target.Dependency {
  .product(name: module, package: "stepcast")
}

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(name: "stepcast", path: ".."),
    // No traits: counting allocations would need jemalloc or a malloc interposer.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []),
  ],
  targets: [
    // What a straightforward simulator in C++ does with the same tasks.
    .target(
      name: "ExplicitHeap", path: "Benchmarks/ExplicitHeap",
      cxxSettings: [.unsafeFlags(["-O3"])]),
    // What is measured: functions from fixed inputs to results.
    .target(
      name: "StepStages",
      dependencies: [
        stepcast("Units"), stepcast("Model"), stepcast("Hardware"), stepcast("Parallelism"),
        stepcast("Graph"), stepcast("Lowering"), stepcast("Cost"), stepcast("Simulation"),
        stepcast("Analysis"), stepcast("Rendering"), "ExplicitHeap",
      ],
      path: "Benchmarks/StepStages", swiftSettings: settings),
    // Stands in for malloc, so it is linked only where allocations are counted.
    .target(name: "Allocations", path: "Benchmarks/Allocations"),
    .executableTarget(
      name: "StepTable", dependencies: ["StepStages", "Allocations", stepcast("Units")],
      path: "Benchmarks/StepTable", swiftSettings: settings),
    .executableTarget(
      name: "StepBenchmarks",
      dependencies: ["StepStages", .product(name: "Benchmark", package: "benchmark")],
      // The benchmark plugin looks for suites in the folder `Benchmarks` of the package.
      path: "Benchmarks/StepBenchmarks",
      swiftSettings: settings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
