import ArgumentParser
import Files
import Payloads
import ProtobufJSON
import Wire

/// Options for showing payloads.
struct PayloadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A descriptor set, or a directory of some, to show and read payloads as JSON.",
      discussion: """
        As made by: protoc --include_imports --descriptor_set_out=bank.pb bank.proto. Without it, \
        the server is asked: it knows the types of logic that offers gRPC reflection, and those of \
        its setting `descriptors`.
        """,
      valueName: "file|directory"))
  var descriptors: String?

  /// The types known without asking a server.
  func types(_ client: ClientOptions) async throws -> PayloadTypes {
    var path = descriptors
    if path == nil { path = try await client.deployment().descriptors }
    return PayloadTypes(try path.map(schema) ?? .wellKnown)
  }

  private func schema(_ path: String) throws(Failure) -> Schema {
    var schema = Schema.wellKnown
    let files: [DescriptorFile]
    do { files = try DescriptorFile.all(at: path) } catch {
      throw Failure(.noInput, "\(path) cannot be read: \(error)")
    }
    for file in files {
      do { try schema.add(descriptorSet: file.bytes) } catch {
        throw Failure(.badData, "\(file.path) is not a descriptor set: \(error)")
      }
    }
    return schema
  }
}
