// swift-tools-version: 6.2
import PackageDescription

// The layers of Outrider. A target may depend only on targets of lower layers, and targets of one
// layer never depend on each other: `module` refuses a manifest that breaks this, and the build
// runs with `--explicit-target-dependency-import-check error`, so an import that is not declared
// here fails too.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
]

/// A twelfth off each call: in the modules that every message passes through, Swift does not check in a release
/// that nobody reads what another is writing. Each connection lives on one thread, and tests run with the check.
let unchecked = SwiftSetting.unsafeFlags(
  ["-enforce-exclusivity=unchecked"], .when(configuration: .release))

/// A tenth off the executable: nobody links against its symbols, and code that is the same twice is
/// kept once.
let small = LinkerSetting.unsafeFlags(
  ["-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=safe"],
  .when(platforms: [.linux], configuration: .release))

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

var layerOf: [String: Int] = [:]

/// A Swift module of the product, in its layer.
@MainActor func module(
  _ layer: Int, _ name: String, _ own: [String] = [], _ libraries: [Target.Dependency] = [],
  executable: Bool = false, settings: [SwiftSetting] = strict
) -> Target {
  for dependency in own {
    guard let below = layerOf[dependency], below < layer else {
      fatalError("\(name) is in layer \(layer) and may not depend on \(dependency)")
    }
  }
  layerOf[name] = layer
  let dependencies = own.map { Target.Dependency.byName(name: $0) } + libraries
  return executable
    ? .executableTarget(
      name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: [small])
    : .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A C library of the system: a module map, found by pkg-config, installed by `make setup`.
@MainActor func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  layerOf[name] = 0
  return .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// Functions of the C library: a module map alone.
@MainActor func libc(_ name: String) -> Target {
  layerOf[name] = 0
  return .systemLibrary(name: name)
}

/// The C that protoc-c generated from `proto/`.
@MainActor func generatedC(_ name: String) -> Target {
  layerOf[name] = 0
  return .target(name: name, linkerSettings: [.linkedLibrary("protobuf-c")])
}

/// C of our own, for what cannot be said in Swift.
@MainActor func ownC(_ name: String) -> Target {
  layerOf[name] = 0
  return .target(name: name)
}

/// Tests of a module, and what they stand on beside it.
func tests(_ name: String, _ own: [String], _ libraries: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name, dependencies: own.map { .byName(name: $0) } + libraries, swiftSettings: strict)
}

let package = Package(
  name: "outrider",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "outrider", targets: ["outrider"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // 0: C
    system("CNGHTTP2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    system("CMongoC", pkgConfig: "libmongoc-1.0", apt: "libmongoc-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    libc("CSpawn"),
    libc("CMalloc"),
    generatedC("CWire"),
    ownC("CMongoStart"),

    // 0: what everything names things by
    module(0, "Names"),

    // 1: values, and what a remote procedure call is
    module(1, "EventModel", ["Names"]),
    module(1, "RPC", ["Names"], settings: strict + [unchecked]),
    module(1, "JSON", ["Names"]),
    module(1, "LibCrypto", ["CCrypto"]),
    module(1, "Metrics"),
    module(1, "Threads"),
    module(1, "Files"),

    // 2: use cases and ports; protocols without I/O
    module(2, "EventSourcing", ["EventModel", "Names"]),
    module(2, "Wire", ["EventModel", "Names", "CWire"]),
    module(2, "HTTP2", ["CNGHTTP2"], settings: strict + [unchecked]),
    module(2, "ProtobufJSON", ["JSON"]),
    module(2, "Tokens", ["Names", "JSON", "LibCrypto", "CCrypto"]),

    // 3: adapters
    module(
      3, "RPCTransport", ["Names", "RPC", "HTTP2", "Files", "CZlib", "CMalloc"],
      [nio, nioPosix, nioTLS, nioSSL],
      settings: strict + [unchecked]),
    module(3, "MemoryStorage", ["EventModel", "EventSourcing"]),
    module(
      3, "SQLiteStorage", ["EventModel", "EventSourcing", "Threads", "LibCrypto", "CSQLite"]),
    module(
      3, "MongoStorage",
      ["EventModel", "EventSourcing", "Threads", "LibCrypto", "CMongoC", "CMongoStart"]),
    module(3, "Sidecars", ["EventModel", "EventSourcing", "Wire", "RPC"]),

    // 4: configuration, and the one place where everything is wired together
    module(
      4, "SidecarRuntime",
      [
        "EventModel", "EventSourcing", "Wire", "RPC", "RPCTransport", "MemoryStorage",
        "SQLiteStorage", "MongoStorage", "Sidecars", "JSON", "Tokens", "Files", "Metrics",
        "Threads",
        "CYAML", "CSpawn",
      ], [logging, lifecycle, nio, nioHTTP1, nioPosix]),

    // 5: the command line
    module(
      5, "outrider",
      [
        "SidecarRuntime", "Sidecars", "EventModel", "Wire", "RPC", "RPCTransport", "JSON",
        "ProtobufJSON", "Files",
      ],
      [arguments, logging, lifecycle], executable: true),

    // Tests. `StorageContract` is the suite that every storage adapter must pass.
    tests("NamesTests", ["Names"]),
    tests("EventModelTests", ["EventModel"]),
    tests("RPCTests", ["RPC"]),
    tests("ThreadsTests", ["Threads"]),
    tests("FilesTests", ["Files"]),
    tests("JSONTests", ["JSON"]),
    tests("MetricsTests", ["Metrics"]),
    tests("ProtobufJSONTests", ["ProtobufJSON", "JSON"]),
    tests("TokensTests", ["Tokens", "CCrypto"]),
    tests("HTTP2Tests", ["HTTP2"]),
    tests("RPCTransportTests", ["RPC", "HTTP2", "RPCTransport"], [nio, nioPosix]),
    .executableTarget(
      name: "echo-server", dependencies: ["RPC", "RPCTransport"], path: "Tests/EchoServer",
      swiftSettings: strict),
    .executableTarget(
      name: "echo-client", dependencies: ["RPC", "RPCTransport"], path: "Tests/EchoClient",
      swiftSettings: strict),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "EventModel", "HTTP2", "JSON", "ProtobufJSON", "RPC", "SidecarRuntime", "Tokens", "Wire",
      ], path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Replay",
      swiftSettings: strict),
    .target(
      name: "InteropMessages", dependencies: ["RPC"], path: "Tests/Interop/Messages",
      swiftSettings: strict),
    .executableTarget(
      name: "interop-server",
      dependencies: [
        "RPC", "RPCTransport", "InteropMessages",
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Tests/Interop/Server", swiftSettings: strict),
    .executableTarget(
      name: "interop-client", dependencies: ["RPC", "RPCTransport", "InteropMessages"],
      path: "Tests/Interop/Client", swiftSettings: strict),
    tests("WireTests", ["EventModel", "Wire"]),
    .target(
      name: "StorageContract", dependencies: ["EventModel", "EventSourcing"],
      path: "Tests/StorageContract", swiftSettings: strict),
    .executableTarget(
      name: "store-bench",
      dependencies: [
        "EventModel", "EventSourcing", "SQLiteStorage", "CSQLite", "MongoStorage", "CMongoC",
      ],
      path: "Tests/StoreBench", swiftSettings: strict),
    .executableTarget(
      name: "history-worker",
      dependencies: ["EventModel", "EventSourcing", "SQLiteStorage", "MongoStorage", arguments],
      path: "Tests/HistoryWorker", swiftSettings: strict),
    .executableTarget(
      name: "append-until-killed", dependencies: ["EventModel", "EventSourcing", "SQLiteStorage"],
      path: "Tests/AppendUntilKilled", swiftSettings: strict),
    tests(
      "EventSourcingTests", ["EventModel", "EventSourcing", "MemoryStorage", "StorageContract"]),
    tests(
      "MemoryStorageTests", ["EventModel", "EventSourcing", "MemoryStorage", "StorageContract"]),
    tests(
      "SQLiteStorageTests",
      [
        "EventModel", "EventSourcing", "SQLiteStorage", "CSQLite", "Threads", "StorageContract",
        "append-until-killed",
      ]),
    tests(
      "MongoStorageTests",
      ["EventModel", "EventSourcing", "MongoStorage", "StorageContract"]),
    tests(
      "SidecarTests",
      [
        "EventModel", "EventSourcing", "Wire", "RPC", "RPCTransport", "MemoryStorage", "Sidecars",
        "StorageContract",
      ]),
    tests(
      "SidecarRuntimeTests",
      [
        "SidecarRuntime", "EventModel", "EventSourcing", "MemoryStorage", "RPC", "RPCTransport",
        "JSON", "Tokens", "Metrics",
      ],
      [logging]),
    tests(
      "CommandLineTests",
      [
        "outrider", "SidecarRuntime", "EventModel", "Wire", "RPC", "RPCTransport", "JSON",
        "ProtobufJSON",
      ],
      [arguments]),
  ]
)

// `make fuzz` builds this one, with a libFuzzer that brings `main`; no other build can link it.
if Context.environment["OUTRIDER_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Main", swiftSettings: strict))
}
