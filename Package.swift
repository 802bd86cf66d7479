// swift-tools-version: 6.2
import PackageDescription

// The layers of Outrider. A target may depend only on targets of lower layers, and targets of one
// layer never depend on each other: `module` refuses a manifest that breaks this, and the build
// runs with `--explicit-target-dependency-import-check error`, so an import that is not declared
// here fails too.

// A function that waits stays where its caller runs: a switch at each call is a tenth of what a
// command costs.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A twelfth off each call: in the modules that every message passes through, Swift does not check
/// in a release that nobody reads what another is writing. Each connection lives on one thread, and
/// tests run with the check.
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

/// A Swift module of the product, in its layer and in its room below `Sources`, or below another
/// folder.
@MainActor func module(
  _ layer: Int, below top: String = "Sources", in room: String? = nil, _ name: String,
  _ own: [String] = [], _ libraries: [Target.Dependency] = [], executable: Bool = false,
  settings: [SwiftSetting] = strict
) -> Target {
  for dependency in own {
    guard let below = layerOf[dependency], below < layer else {
      fatalError("\(name) is in layer \(layer) and may not depend on \(dependency)")
    }
  }
  layerOf[name] = layer
  let dependencies = own.map { Target.Dependency.byName(name: $0) } + libraries
  let path = room.map { "\(top)/\($0)/\(name)" }
  return executable
    ? .executableTarget(
      name: name, dependencies: dependencies, path: path, swiftSettings: settings,
      linkerSettings: [small])
    : .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// A C library of the system: a module map, found by pkg-config, installed by `make setup`.
@MainActor func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  layerOf[name] = 0
  return .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// Functions of the C library: a module map alone.
@MainActor func libc(_ name: String) -> Target {
  layerOf[name] = 0
  return .systemLibrary(name: name, path: "Sources/C/\(name)")
}

/// The C that protoc-c generated from `proto/`.
@MainActor func generatedC(_ name: String) -> Target {
  layerOf[name] = 0
  return .target(
    name: name, path: "Sources/C/\(name)", linkerSettings: [.linkedLibrary("protobuf-c")])
}

/// C of our own, for what cannot be said in Swift.
@MainActor func ownC(_ name: String) -> Target {
  layerOf[name] = 0
  return .target(name: name, path: "Sources/C/\(name)")
}

/// Tests of a module, in the same room below `Tests`, and what they stand on beside it.
func tests(
  in room: String? = nil, _ name: String, _ own: [String], _ libraries: [Target.Dependency] = []
) -> Target {
  .testTarget(
    name: name, dependencies: own.map { .byName(name: $0) } + libraries,
    path: room.map { "Tests/\($0)/\(name)" }, swiftSettings: strict)
}

/// What tests of several modules share.
func kit(_ name: String, _ own: [String]) -> Target {
  .target(
    name: name, dependencies: own.map { .byName(name: $0) }, path: "Tests/Support/\(name)",
    swiftSettings: strict)
}

/// A program that tests and benchmarks run.
func program(_ name: String, in folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Tests/\(folder)", swiftSettings: strict)
}

let package = Package(
  name: "outrider",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "outrider", targets: ["outrider"]),
    .library(name: "OutriderClient", targets: ["OutriderClient"]),
    .library(name: "OutriderClientTesting", targets: ["OutriderClientTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // 0: C, and names
    system("CNGHTTP2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    system("CMongoC", pkgConfig: "libmongoc-1.0", apt: "libmongoc-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CRabbitMQ", pkgConfig: "librabbitmq", apt: "librabbitmq-dev"),
    system("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    libc("CSpawn"),
    libc("CMalloc"),
    generatedC("CWire"),
    ownC("CMongoStart"),
    module(0, in: "Platform", "Encodings"),
    module(0, in: "Platform", "Names"),
    module(0, in: "Platform", "Queues"),
    module(0, in: "Platform", "StatusCodes"),
    module(0, in: "Platform", "Timing"),
    module(0, in: "Protocols", "ProtobufFields", settings: strict + [unchecked]),

    // 1: values
    module(1, in: "Platform", "Files", ["Timing"]),
    module(1, in: "Platform", "JSON", ["Encodings", "Names"]),
    module(1, in: "Platform", "LibCrypto", ["Encodings", "CCrypto"]),
    module(1, in: "Platform", "Metrics"),
    module(1, in: "Platform", "Threads", ["Timing"]),
    module(1, in: "Platform", "Tracing", ["Encodings", "Timing"]),
    module(
      1, in: "Domain", "EventModel",
      ["Encodings", "Names", "ProtobufFields", "StatusCodes", "Timing"]),

    // 2: use cases and ports; protocols without I/O
    module(
      2, in: "Domain", "EventSourcing",
      [
        "Encodings", "EventModel", "LibCrypto", "Names", "ProtobufFields", "Queues", "StatusCodes",
        "Timing", "Tracing",
      ]),
    module(
      2, in: "Protocols", "RPC",
      ["Encodings", "Names", "ProtobufFields", "Queues", "StatusCodes", "Timing", "Tracing"],
      settings: strict + [unchecked]),
    module(2, in: "Protocols", "HTTP2", ["Timing", "CNGHTTP2"], settings: strict + [unchecked]),
    module(2, in: "Protocols", "ProtobufJSON", ["Encodings", "JSON", "ProtobufFields"]),
    module(2, in: "Protocols", "STOMP"),
    module(2, in: "Protocols", "Avro", ["Encodings", "JSON"]),
    module(2, in: "Protocols", "Tokens", ["Encodings", "Names", "JSON", "LibCrypto", "CCrypto"]),
    module(
      2, in: "Protocols", "Wire",
      [
        "Encodings", "EventModel", "Names", "JSON", "LibCrypto", "ProtobufFields", "StatusCodes",
        "Timing", "Tracing", "CWire",
      ]),

    // 3: adapters
    module(
      3, in: "Protocols", "RPCTransport",
      ["Names", "RPC", "HTTP2", "Files", "Timing", "CZlib", "CMalloc"],
      [nio, nioPosix, nioTLS, nioSSL], settings: strict + [unchecked]),
    module(3, in: "Channels", "MemoryChannel", ["EventModel", "EventSourcing", "Timing"]),
    module(
      3, in: "Channels", "RabbitMQChannel",
      ["Encodings", "EventModel", "EventSourcing", "Wire", "Threads", "Timing", "CRabbitMQ"]),
    module(
      3, in: "Channels", "KafkaChannel",
      [
        "Encodings", "EventModel", "EventSourcing", "Wire", "JSON", "Threads", "Timing", "CRdKafka",
      ]),
    module(3, in: "Stores", "MemoryStorage", ["EventModel", "EventSourcing", "Timing"]),
    module(
      3, in: "Stores", "SQLiteStorage",
      [
        "Encodings", "EventModel", "EventSourcing", "Files", "StatusCodes", "Threads", "Timing",
        "CSQLite",
      ]),
    module(
      3, in: "Stores", "MongoStorage",
      [
        "Encodings", "EventModel", "EventSourcing", "Files", "StatusCodes", "Threads", "Timing",
        "LibCrypto", "CMongoC", "CMongoStart",
      ]),
    module(
      3, in: "Sidecars", "Sidecars",
      [
        "Avro", "Encodings", "EventModel", "EventSourcing", "JSON", "Names", "ProtobufJSON", "Wire",
        "RPC", "StatusCodes", "Timing", "Tracing",
      ]),

    // 4 and 5: the parts of a process
    module(
      4, in: "Protocols", "Payloads",
      ["Avro", "EventModel", "JSON", "ProtobufJSON", "RPC", "Sidecars", "Timing", "Wire"]),
    module(4, in: "Protocols", "HTTP1", ["Encodings", "RPC", "RPCTransport"], [nio, nioHTTP1]),
    module(
      4, in: "Protocols", "Downloads", ["RPCTransport"], [nio, nioHTTP1, nioPosix]),
    module(5, in: "Protocols", "HTTPCalls", ["Downloads", "JSON", "RPC", "Timing"]),
    module(
      5, in: "Stores", "ObjectStorage",
      [
        "Downloads", "Encodings", "EventModel", "EventSourcing", "JSON", "LibCrypto",
        "RPCTransport", "Timing", "Wire",
      ]),
    module(
      5, in: "Gateways", "Eventuate",
      [
        "Encodings", "EventModel", "EventSourcing", "HTTP1", "JSON", "LibCrypto", "Names",
        "Payloads", "RPC", "RPCTransport", "STOMP", "StatusCodes", "Timing", "Wire",
      ], [nio, nioPosix, logging]),
    module(
      5, in: "Gateways", "RestGateway",
      [
        "Encodings", "EventModel", "HTTP1", "JSON", "Payloads", "ProtobufJSON", "RPC", "Sidecars",
        "Timing", "Wire",
      ]),
    module(
      4, in: "Runtime", "SidecarConfiguration",
      [
        "Encodings", "EventModel", "EventSourcing", "Files", "RPC", "Wire", "Sidecars", "JSON",
        "CYAML",
      ]),
    module(
      5, in: "Sidecars", "SagaRules",
      [
        "Encodings", "EventModel", "EventSourcing", "Files", "JSON", "Payloads",
        "SidecarConfiguration", "Sidecars", "StatusCodes", "Wire",
      ]),
    module(
      5, in: "Runtime", "Telemetry",
      [
        "SidecarConfiguration", "EventModel", "EventSourcing", "Wire", "RPC", "RPCTransport",
        "HTTP1", "JSON", "Metrics", "Files", "Timing", "Tracing",
      ], [logging, lifecycle]),
    module(
      5, in: "Runtime", "CallSecurity",
      [
        "Timing", "SidecarConfiguration", "Downloads", "Encodings", "EventModel", "LibCrypto",
        "RPC", "RPCTransport", "Tokens", "Files",
      ],
      [logging, lifecycle]),
    module(
      5, in: "Runtime", "LiveConfiguration",
      ["SidecarConfiguration", "Downloads", "RPCTransport", "Timing"], [logging]),
    module(
      5, in: "Runtime", "LogicProcesses",
      ["SidecarConfiguration", "JSON", "Files", "Threads", "Timing", "CSpawn"],
      [logging, lifecycle]),

    // The framework for teams that write Swift, and its test kit.
    module(
      4, below: "clients/swift", in: "Sources", "OutriderClient",
      ["EventModel", "LibCrypto", "RPC", "RPCTransport", "StatusCodes", "Timing", "Wire"],
      [nioPosix, logging, lifecycle]),
    module(
      5, below: "clients/swift", in: "Sources", "OutriderClientTesting",
      ["OutriderClient", "EventModel", "Wire"]),

    // 6: the one place where everything is wired together
    module(
      6, in: "Runtime", "SidecarRuntime",
      [
        "SidecarConfiguration", "Telemetry", "CallSecurity", "LiveConfiguration", "LogicProcesses",
        "EventModel", "EventSourcing", "Eventuate", "Wire", "RPC", "RPCTransport", "MemoryStorage",
        "SQLiteStorage", "MongoStorage", "ObjectStorage", "RabbitMQChannel", "KafkaChannel",
        "Sidecars", "Files", "Metrics", "Threads", "Timing", "Tracing", "Downloads", "HTTP1",
        "HTTPCalls", "Payloads", "ProtobufJSON", "RestGateway", "SagaRules",
      ], [logging, lifecycle]),

    // 7: the command line
    module(
      7, "outrider",
      [
        "Encodings", "SidecarConfiguration", "Telemetry", "LiveConfiguration", "LogicProcesses",
        "SidecarRuntime", "Sidecars", "EventModel", "Wire", "RPC", "RPCTransport", "JSON",
        "Payloads", "ProtobufJSON", "SagaRules", "Files", "Timing",
      ],
      [
        arguments, logging, lifecycle,
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ], executable: true),

    // The test kit. `Contracts` holds the suites that every adapter of a port must pass;
    // `OutriderTesting` all roles in one process, without a socket.
    kit("Contracts", ["EventModel", "EventSourcing"]),
    kit(
      "OutriderTesting",
      [
        "SidecarConfiguration", "EventModel", "EventSourcing", "MemoryStorage", "MemoryChannel",
        "RPC", "Sidecars", "Timing",
      ]),

    // Tests
    tests(in: "Platform", "EncodingsTests", ["Encodings"]),
    tests(in: "Platform", "NamesTests", ["Names"]),
    tests(in: "Platform", "StatusCodesTests", ["StatusCodes"]),
    tests(in: "Platform", "FilesTests", ["Files"]),
    tests(in: "Platform", "QueuesTests", ["Queues"]),
    tests(in: "Platform", "JSONTests", ["JSON"]),
    tests(in: "Platform", "LibCryptoTests", ["Encodings", "LibCrypto"]),
    tests(in: "Platform", "MetricsTests", ["Metrics"]),
    tests(in: "Platform", "ThreadsTests", ["Threads"]),
    tests(in: "Platform", "TimingTests", ["Timing"]),
    tests(in: "Platform", "TracingTests", ["Tracing", "Timing"]),
    tests(in: "Domain", "EventModelTests", ["EventModel", "Contracts"]),
    tests(
      in: "Domain", "EventSourcingTests",
      [
        "EventModel", "EventSourcing", "MemoryStorage", "MemoryChannel", "StatusCodes", "Timing",
        "Contracts",
      ]),
    tests(in: "Protocols", "ProtobufFieldsTests", ["ProtobufFields"]),
    tests(in: "Protocols", "RPCTests", ["Names", "RPC", "Timing", "Tracing"]),
    tests(in: "Protocols", "HTTP2Tests", ["HTTP2"]),
    tests(in: "Protocols", "ProtobufJSONTests", ["ProtobufJSON", "Encodings", "JSON"]),
    tests(
      in: "Protocols", "HTTP1Tests", ["HTTP1", "RPC", "RPCTransport"], [nio, nioPosix]),
    tests(
      in: "Protocols", "DownloadsTests", ["Downloads", "HTTP1", "RPC", "RPCTransport"]),
    tests(
      in: "Protocols", "HTTPCallsTests", ["HTTPCalls", "Downloads", "RPC", "RPCTransport"],
      [nio, nioHTTP1, nioPosix]),
    tests(
      in: "Protocols", "PayloadsTests",
      ["Payloads", "EventModel", "JSON", "RPC", "Timing", "Wire"]),
    tests(
      in: "Gateways", "RestGatewayTests",
      ["RestGateway", "HTTP1", "JSON", "OutriderTesting", "RPC"]),
    tests(in: "Protocols", "STOMPTests", ["STOMP"]),
    tests(in: "Protocols", "AvroTests", ["Avro", "JSON"]),
    tests(in: "Protocols", "TokensTests", ["Tokens", "Encodings", "CCrypto"]),
    tests(
      in: "Protocols", "WireTests", ["EventModel", "Wire", "Timing", "Tracing", "OutriderTesting"]),
    tests(
      in: "Protocols", "RPCTransportTests", ["RPC", "HTTP2", "RPCTransport"], [nio, nioPosix]),
    tests(in: "Channels", "MemoryChannelTests", ["MemoryChannel", "Contracts"]),
    tests(
      in: "Channels", "RabbitMQChannelTests",
      ["EventModel", "EventSourcing", "RabbitMQChannel", "CRabbitMQ", "Threads", "Contracts"]),
    tests(
      in: "Channels", "KafkaChannelTests",
      ["EventModel", "EventSourcing", "Wire", "JSON", "KafkaChannel", "CRdKafka", "Contracts"]),
    tests(in: "Stores", "MemoryStorageTests", ["MemoryStorage", "Contracts"]),
    tests(
      in: "Stores", "SQLiteStorageTests",
      [
        "EventModel", "EventSourcing", "SQLiteStorage", "CSQLite", "Threads", "Contracts",
        "append-until-killed",
      ]),
    tests(
      in: "Stores", "MongoStorageTests",
      ["EventModel", "EventSourcing", "Files", "MongoStorage", "Contracts"]),
    tests(in: "Stores", "ObjectStorageTests", ["ObjectStorage"]),
    tests(
      in: "Sidecars", "SidecarTests",
      [
        "EventModel", "EventSourcing", "Wire", "RPC", "MemoryStorage", "MemoryChannel",
        "SQLiteStorage", "Sidecars", "Timing", "Tracing", "Contracts", "OutriderTesting", "Avro",
        "JSON",
      ]),
    tests(
      in: "Sidecars", "SagaRulesTests",
      [
        "SagaRules", "EventModel", "EventSourcing", "JSON", "SidecarConfiguration", "Sidecars",
        "Wire",
      ]),
    tests(
      in: "Gateways", "EventuateTests",
      [
        "Eventuate", "EventModel", "JSON", "OutriderTesting", "RPC", "STOMP", "Sidecars", "Timing",
        "Wire",
      ], [logging]),
    tests(
      in: "Runtime", "SidecarConfigurationTests",
      ["SidecarConfiguration", "EventModel", "OutriderTesting"]),
    tests(
      in: "Runtime", "TelemetryTests",
      [
        "Telemetry", "EventModel", "EventSourcing", "MemoryStorage", "MemoryChannel", "RPC",
        "RPCTransport", "JSON", "Metrics", "Timing", "Tracing",
      ], [logging]),
    tests(
      in: "Runtime", "CallSecurityTests",
      [
        "CallSecurity", "SidecarConfiguration", "EventModel", "RPC", "Sidecars", "Tokens",
        "OutriderTesting",
      ],
      [logging]),
    tests(
      in: "Runtime", "LiveConfigurationTests",
      ["LiveConfiguration", "SidecarConfiguration", "Downloads", "Timing"],
      [logging, nio, nioHTTP1, nioPosix]),
    tests(
      in: "Runtime", "LogicProcessesTests",
      ["LogicProcesses", "SidecarConfiguration", "Timing", "OutriderTesting"], [logging]),
    tests(
      in: "Runtime", "SidecarRuntimeTests",
      [
        "SidecarRuntime", "SidecarConfiguration", "Telemetry", "EventModel", "EventSourcing",
        "MemoryStorage", "RPC", "RPCTransport", "Metrics",
      ], [logging]),
    tests(
      "CommandLineTests",
      [
        "outrider", "SidecarConfiguration", "EventModel", "Wire", "RPC", "RPCTransport", "JSON",
        "Payloads", "ProtobufJSON",
      ],
      [arguments]),

    // The framework for Swift is tested with the bank that its README.md shows.
    .target(
      name: "ReadmeBank", dependencies: ["OutriderClient"],
      path: "clients/swift/Example/Sources/Bank", exclude: ["main.swift"], swiftSettings: strict),
    .testTarget(
      name: "OutriderClientTests",
      dependencies: [
        "OutriderClient", "OutriderClientTesting", "OutriderTesting", "ReadmeBank", "EventModel",
        "RPC", "Timing", "Wire",
      ], path: "clients/swift/Tests/OutriderClientTests", swiftSettings: strict),

    // Feeding everything that reads bytes with any bytes.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Avro", "CallSecurity", "Encodings", "EventModel", "Eventuate", "HTTP1", "HTTP2", "JSON",
        "ProtobufJSON", "RPC", "SidecarConfiguration", "STOMP", "Tokens", "Wire",
      ], path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Replay",
      swiftSettings: strict),

    // Programs that tests and benchmarks run.
    program("avro-peer", in: "Programs/AvroPeer", ["Avro", "Encodings", "JSON"]),
    program("echo-server", in: "Programs/EchoServer", ["RPC", "RPCTransport"]),
    program("echo-client", in: "Programs/EchoClient", ["RPC", "RPCTransport"]),
    .target(
      name: "InteropMessages", dependencies: ["RPC"], path: "Tests/Protocols/Interop/Messages",
      swiftSettings: strict),
    program(
      "interop-server", in: "Protocols/Interop/Server",
      [
        "RPC", "RPCTransport", "InteropMessages",
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    program(
      "interop-client", in: "Protocols/Interop/Client", ["RPC", "RPCTransport", "InteropMessages"]),
    program(
      "store-bench", in: "Programs/StoreBench",
      [
        "EventModel", "EventSourcing", "Wire", "SQLiteStorage", "CSQLite", "MongoStorage",
        "CMongoC",
      ]),
    program(
      "schema-bench", in: "Programs/SchemaBench",
      [
        "Avro", "EventModel", "EventSourcing", "JSON", "MemoryStorage", "Sidecars", "Timing",
        "Wire",
      ]),
    program(
      "channel-bench", in: "Programs/ChannelBench",
      [
        "EventModel", "EventSourcing", "Wire", "RabbitMQChannel", "CRabbitMQ", "KafkaChannel",
        "CRdKafka",
      ]),
    program(
      "history-worker", in: "Programs/HistoryWorker",
      [
        "EventModel", "EventSourcing", "SQLiteStorage", "MongoStorage", "OutriderTesting",
        arguments,
      ]),
    program("swift-client", in: "Programs/SwiftClient", ["OutriderClient"]),
    program(
      "append-until-killed", in: "Programs/AppendUntilKilled",
      ["EventModel", "EventSourcing", "SQLiteStorage"]),
  ]
)

// `make fuzz` builds this one, with a libFuzzer that brings `main`; no other build can link it.
if Context.environment["OUTRIDER_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Main", swiftSettings: strict))
}
