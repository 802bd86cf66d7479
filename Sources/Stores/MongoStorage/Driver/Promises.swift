import CMongoC

/// Connection settings that the store's promises need, as defaults for options that the URI does
/// not set.
enum Promises {
  /// Completes the URI's settings.
  ///
  /// - Returns: warnings about the user's choices, for the log. Throws `.incompatible` if writes
  ///   would not even be acknowledged.
  static func settle(_ uri: OpaquePointer) throws(MongoFailure) -> [String] {
    var warnings: [String] = []
    if mongoc_write_concern_get_w(mongoc_uri_get_write_concern(uri)) == 0 {
      throw MongoFailure(
        .incompatible, "the URI's w is 0, so nobody would know what is stored. Leave w out")
    }
    settleWrites(uri, &warnings)
    settleReads(uri, &warnings)
    for (option, limit) in [
      (MONGOC_URI_SERVERSELECTIONTIMEOUTMS, Limits.serverSelectionTimeout),
      (MONGOC_URI_CONNECTTIMEOUTMS, Limits.connectTimeout),
      (MONGOC_URI_SOCKETTIMEOUTMS, Limits.socketTimeout),
    ] where !mongoc_uri_has_option(uri, option) {
      mongoc_uri_set_option_as_int32(uri, option, Int32(limit.milliseconds))
    }
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_MAXPOOLSIZE, Limits.clients)
    if !mongoc_uri_has_option(uri, MONGOC_URI_APPNAME) {
      mongoc_uri_set_appname(uri, "outrider")
    }
    return warnings
  }

  /// Majority and journal: else a failover or a crash may lose an acknowledged event.
  private static func settleWrites(_ uri: OpaquePointer, _ warnings: inout [String]) {
    let concern = mongoc_write_concern_copy(mongoc_uri_get_write_concern(uri))
    defer { mongoc_write_concern_destroy(concern) }
    if !mongoc_uri_has_option(uri, MONGOC_URI_W) {
      mongoc_write_concern_set_wmajority(concern, Int32(Limits.writeTimeout.milliseconds))
    } else if !mongoc_write_concern_get_wmajority(concern) {
      warnings.append(
        "the URI's w is not majority: a failover may take back events that were acknowledged")
    }
    if !mongoc_uri_has_option(uri, MONGOC_URI_JOURNAL) {
      mongoc_write_concern_set_journal(concern, true)
    } else if !mongoc_write_concern_get_journal(concern) {
      warnings.append(
        "the URI's journal is false: a crash may take back events that were acknowledged")
    }
    mongoc_uri_set_write_concern(uri, concern)
  }

  /// Read from the primary, and only majority-committed data: else a writer could build on an
  /// event that a failover takes back.
  private static func settleReads(_ uri: OpaquePointer, _ warnings: inout [String]) {
    let majority = "majority"
    let concern = mongoc_read_concern_copy(mongoc_uri_get_read_concern(uri))
    defer { mongoc_read_concern_destroy(concern) }
    if let level = mongoc_read_concern_get_level(concern) {
      if ![majority, "linearizable"].contains(String(cString: level)) {
        warnings.append(
          "the URI's readConcernLevel is \(String(cString: level)): readers may see events that a "
            + "failover takes back")
      }
    } else {
      mongoc_read_concern_set_level(concern, majority)
      mongoc_uri_set_read_concern(uri, concern)
    }
    let primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
    defer { mongoc_read_prefs_destroy(primary) }
    if mongoc_read_prefs_get_mode(mongoc_uri_get_read_prefs_t(uri)) != MONGOC_READ_PRIMARY {
      warnings.append("the URI's readPreference has no effect: everything is read from the primary")
      mongoc_uri_set_read_prefs_t(uri, primary)
    }
  }
}
