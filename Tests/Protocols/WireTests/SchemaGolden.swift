/// Messages of schemas as another implementation writes them: as those of `Golden`.
enum SchemaGolden {
  /// `outrider.v1.SchemaRegistered`: Avro, `{}`, full.
  static let registered = Golden.hex("080112027b7d1803")

  /// `outrider.v1.SchemaVersion`: number 2, with types bank.Open (00ff) and bank.B.
  static let version = Golden.hex(
    """
    080212080880e2cfaa0610051a08080112027b7d180322110a0962616e6b2e4f70656e12043030666622080a
    0662616e6b2e42
    """)

  /// `outrider.v1.GetSchemaRequest`: of bank the last version, version 300, and that of 00ff.
  static let getLast = Golden.hex("0a0462616e6b")
  static let getNumber = Golden.hex("0a0462616e6b10ac02")
  static let getFingerprint = Golden.hex("0a0462616e6b1a0430306666")

  /// `outrider.v1.SchemaHistoryRequest`: of bank.
  static let historyRequest = Golden.hex("0a0462616e6b")

  /// `outrider.v1.SchemaHistoryResponse`: with the version above.
  static let historyResponse = Golden.hex(
    """
    0a33080212080880e2cfaa0610051a08080112027b7d180322110a0962616e6b2e4f70656e12043030666622
    080a0662616e6b2e42
    """)

  /// `outrider.v1.CheckSchemaRequest`: `{}` for bank; none, and as before.
  static let check = Golden.hex("0a0462616e6b12027b7d1804")
  static let checkAsBefore = Golden.hex("0a0462616e6b12027b7d")

  /// `outrider.v1.SchemaReport`: done after 400 events; reason "a", and 300 avro/bank.Open, "b".
  static let report = Golden.hex(
    """
    0a0161123b0a0e6176726f2f62616e6b2e4f70656e10ac021a05080210ad02221a0a120a1000010203040506
    0708090a0b0c0d0e0f120462616e6b28073201621890032001
    """)
}
