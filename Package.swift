// swift-tools-version: 6.2
import PackageDescription

// One target per concept, listed so that every import points up this list. A target names only what it
// needs, so this file is the architecture diagram.

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A module under `Sources`, with its tests under `Tests/<name>Tests`.
///
/// `tests` are what only the tests need, `excluding` the data files beside them.
func module(
  _ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = [],
  excluding: [String] = [], resources: [Resource] = []
) -> [Target] {
  [
    .target(
      name: name, dependencies: dependencies,
      exclude: resources.isEmpty ? [] : ["Profiles/README.md"], resources: resources,
      swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests",
      dependencies: [.byName(name: name), "TestSupport"] + dependencies + tests,
      exclude: excluding, swiftSettings: settings),
  ]
}

/// Compiled into the binary, so that it finds its profiles wherever it runs. `Sources/Hardware/Profiles`
/// is a link to `hardware-profiles`, because a target's resources must lie below its sources.
let profiles = [
  "dgx-a100-40gb", "dgx-a100-80gb", "dgx-h100", "hgx-h100-hbm2e", "dgx-h200", "dgx-b200",
  "dgx-b300",
  "gb200-nvl72", "gb300-nvl72", "devices/a100-pcie-80gb",
  "devices/h20", "devices/h800", "devices/l40s", "stacks/megatron-2021", "stacks/megatron-2023",
  "stacks/megatron-24.11", "stacks/megatron-25.05", "stacks/megatron-25.11",
  "stacks/megatron-26.02", "stacks/megatron-26.06", "stacks/deepspeed-2022", "stacks/fsdp-2023",
  "stacks/fsdp-2024", "stacks/xla-2024",
].map { Resource.embedInCode("Profiles/\($0).json") }

let modules: [[Target]] = [
  module("Units", []),
  module("Model", ["Units"]),
  module("Hardware", ["Units"], resources: profiles),
  module("Parallelism", ["Units", yams]),
  module("Graph", ["Units", "Parallelism"], tests: ["TestGraphs"]),
  module(
    "Lowering", ["Units", "Model", "Parallelism", "Graph"],
    tests: ["Hardware", "Cost", "Simulation"]),
  module("Cost", ["Units", "Hardware", "Parallelism", "Graph"], tests: ["TestGraphs"]),
  module(
    "Simulation", ["Units", "Parallelism", "Graph", "Cost"],
    tests: ["Model", "Hardware", "Lowering", "TestGraphs"]),
  module("Memory", ["Units", "Model", "Parallelism", "Graph"], tests: ["Lowering"]),
  module(
    "Analysis", ["Units", "Parallelism", "Graph", "Cost", "Simulation"],
    tests: ["Model", "Hardware", "Lowering", "TestGraphs"]),
  module(
    "Estimation",
    [
      "Units", "Model", "Hardware", "Parallelism", "Graph", "Lowering", "Cost", "Simulation",
      "Memory", "Analysis",
    ]),
  module(
    "Validation",
    [
      "Units", "Model", "Hardware", "Parallelism", "Graph", "Cost", "Simulation", "Estimation",
    ], excluding: ["Golden", "Published"]),
  module(
    "Audit", ["Units", "Model", "Parallelism", "Graph"], tests: ["Lowering", "Interop"],
    excluding: ["Fixtures"]),
  module(
    "Rendering",
    ["Units", "Parallelism", "Graph", "Cost", "Simulation", "Memory", "Analysis", "CGraphviz"],
    tests: ["Model", "Lowering"], excluding: ["Golden"]),
  module("Interop", ["Units", "Parallelism", "Graph", "Audit", "CGraphviz"]),
]

let package = Package(
  name: "stepcast",
  products: [.executable(name: "stepcast", targets: ["stepcast"])]
    + modules.map { .library(name: $0[0].name, targets: [$0[0].name]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: modules.flatMap { $0 } + [
    .systemLibrary(
      name: "CGraphviz", pkgConfig: "libgvc",
      providers: [.apt(["libgraphviz-dev", "pkg-config"]), .brew(["graphviz"])]),
    .executableTarget(
      name: "stepcast",
      dependencies: [
        "Units", "Model", "Hardware", "Parallelism", "Graph", "Lowering", "Cost", "Simulation",
        "Memory", "Analysis", "Estimation", "Validation", "Audit", "Rendering", "Interop",
        argumentParser,
      ], swiftSettings: settings),
    .testTarget(
      name: "stepcastTests", dependencies: ["TestSupport", "stepcast"], exclude: ["Golden"],
      swiftSettings: settings),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .target(
      name: "TestGraphs", dependencies: ["Units", "Parallelism", "Graph", "Cost"],
      path: "Tests/TestGraphs", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
