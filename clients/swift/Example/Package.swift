// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "bank",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "outrider", path: "../../..")],
  targets: [
    .executableTarget(
      name: "Bank", dependencies: [.product(name: "OutriderClient", package: "outrider")]),
    .testTarget(
      name: "BankTests",
      dependencies: ["Bank", .product(name: "OutriderClientTesting", package: "outrider")]),
  ])
