// swift-tools-version: 6.2
import PackageDescription

// An echo server and a client on grpc-swift-2, for `make bench` only: a package of its own, so that
// Outrider never depends on what it is measured against.
let package = Package(
  name: "grpc-swift-echo",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
  ],
  targets: [
    .executableTarget(
      name: "grpc-swift-echo",
      dependencies: [
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
      ], path: "Sources/Echo")
  ]
)
