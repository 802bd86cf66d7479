// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "customers",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "outrider", path: "../../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .executableTarget(
      name: "customers",
      dependencies: [
        .product(name: "OutriderClient", package: "outrider"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], path: "Sources/Customers"),
    .testTarget(
      name: "CustomersTests",
      dependencies: ["customers", .product(name: "OutriderClientTesting", package: "outrider")]),
  ])
