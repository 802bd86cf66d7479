import Avro
import JSON
import Testing

/// Old data under new schemas, and which schemas go together.
@Suite struct ResolutionTests {
  private func record(_ fields: String, name: String = "t.R", aliases: String = "[]") throws
    -> AvroSchema
  {
    try schema(#"{"type":"record","name":"\#(name)","aliases":\#(aliases),"fields":[\#(fields)]}"#)
  }

  private func read(
    _ text: String, from writer: AvroSchema, by reader: AvroSchema
  ) throws -> String {
    let body = try writer.datum(json(text), as: "t.R")
    return try AvroResolution(writer: writer, reader: reader).json(body, as: "t.R").text
  }

  @Test func fieldsComeAndGoAndAreRenamed() throws {
    let old = try record(#"{"name":"gone","type":"string"},{"name":"a","type":"int"}"#)
    let new = try record(
      #"{"name":"new","type":["null","long"],"default":null},{"name":"b","aliases":["a"],"type":"double"}"#
    )
    #expect(try read(#"{"gone":"x","a":7}"#, from: old, by: new) == #"{"new":null,"b":7.0}"#)
    #expect(new.reasonsNotToRead(old).isEmpty)
  }

  @Test func aRenamedRecordIsFoundByItsAlias() throws {
    let old = try record(#"{"name":"a","type":"int"}"#)
    let new = try record(#"{"name":"a","type":"long"}"#, name: "t.S", aliases: #"["R"]"#)
    #expect(try read(#"{"a":1}"#, from: old, by: new) == #"{"a":1}"#)
    #expect(new.reasonsNotToRead(old).isEmpty)
  }

  @Test func unionsTakeTheBranchThatIsTheSameBeforeOneThatIsWider() throws {
    let old = try record(#"{"name":"a","type":"int"}"#)
    let new = try record(#"{"name":"a","type":["long","int"]}"#)
    #expect(try read(#"{"a":1}"#, from: old, by: new) == #"{"a":{"int":1}}"#)
  }

  @Test func unknownSymbolsBecomeTheDefault() throws {
    let old = try record(
      #"{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}}"#)
    let new = try record(
      #"{"name":"e","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"}}"#)
    #expect(try read(#"{"e":"B"}"#, from: old, by: new) == #"{"e":"A"}"#)
    #expect(old.reasonsNotToRead(new).isEmpty)
  }

  @Test(
    arguments: [
      (
        #"{"name":"a","type":"long"}"#, #"{"name":"a","type":"int"}"#,
        "t.R.a: expected int, got long"
      ),
      ("", #"{"name":"a","type":"int"}"#, "t.R.a: the field has no default"),
      (
        #"{"name":"a","type":["null","int"]}"#, #"{"name":"a","type":"int"}"#,
        "t.R.a: expected int, got null"
      ),
      (
        #"{"name":"a","type":{"type":"array","items":"string"}}"#,
        #"{"name":"a","type":{"type":"array","items":"int"}}"#, "t.R.a[]: expected int, got string"
      ),
      (
        #"{"name":"a","type":{"type":"enum","name":"E","symbols":["A","B"]}}"#,
        #"{"name":"a","type":{"type":"enum","name":"E","symbols":["A"]}}"#,
        "t.R.a: the symbols B are missing"
      ),
      (
        #"{"name":"a","type":{"type":"fixed","name":"F","size":1}}"#,
        #"{"name":"a","type":{"type":"fixed","name":"F","size":2}}"#, "t.R.a: expected t.F"
      ),
    ])
  func whatCannotBeReadIsNamedByItsPath(_ old: String, _ new: String, _ reason: String) throws {
    let reasons = try record(new).reasonsNotToRead(record(old))
    #expect(reasons.count == 1)
    #expect(reasons.first.map { "\($0)".hasPrefix(reason) } == true, "\(reasons)")
  }

  @Test func aMissingPayloadIsAReason() throws {
    let reasons = try record("", name: "t.S").reasonsNotToRead(record(""))
    #expect(reasons.map(\.path) == ["t.R"])
  }

  @Test func recursiveSchemasAreComparedOnce() throws {
    let list = #"{"name":"v","type":"int"},{"name":"n","type":["null","R"]}"#
    #expect(try record(list).reasonsNotToRead(record(list)).isEmpty)
  }
}
