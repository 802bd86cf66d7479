import ArgumentParser
import ProtobufJSON
import Wire

/// How payloads are to be shown.
struct PayloadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A descriptor set, to show and read payloads as JSON.",
      discussion: "As made by: protoc --include_imports --descriptor_set_out=FILE bank.proto",
      valueName: "file"))
  var descriptors: String?

  func schema() throws -> Schema? {
    guard let descriptors else { return nil }
    do { return try Schema(descriptorSet: readFile(descriptors)) } catch let error as ProtobufError
    {
      throw Failure(.badData, "\(descriptors) is no descriptor set: \(error)")
    }
  }

  func printer() throws -> PayloadPrinter { PayloadPrinter(schema: try schema()) }
}
