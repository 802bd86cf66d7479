import EventModel
import ProtobufJSON
import Sidecars
import Wire

/// The message types that are known: those that are built in, those of files, and those that the
/// server describes, which is asked once for each.
final class PayloadTypes {
  private(set) var schema: Schema
  private var asked: Set<String> = []
  let avro = AvroTypes()

  init(_ schema: Schema = .wellKnown) { self.schema = schema }

  func isKnown(_ typeURL: String) -> Bool { schema.describes(Schema.typeName(ofURL: typeURL)) }

  /// Asks the server for a type that is not known. What it does not know stays unknown.
  func learn(_ typeURL: String, from client: Client) async {
    let name = Schema.typeName(ofURL: typeURL)
    guard !name.isEmpty, !schema.describes(name), asked.insert(name).inserted else { return }
    // A server that cannot say is none that must: the payload is shown as bytes.
    guard let files = try? await client.reflection.files(defining: name) else { return }
    var learnt = schema
    guard (try? learnt.add(files: files)) != nil else { return }
    schema = learnt
  }
}
