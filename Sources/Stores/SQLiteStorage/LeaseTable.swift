import EventModel
import EventSourcing

/// Leases that elect the one active consumer. A released lease keeps its row, without an owner,
/// because the next holder's token must be higher.
struct LeaseTable {
  let connection: Connection

  /// - Parameter hasEnded: whether a holder's process has ended, which frees its lease.
  func acquire(
    _ name: Name, owner: Name, until expiry: Timestamp, at now: Timestamp,
    hasEnded: (Name) -> Bool
  ) throws(SQLiteFailure) -> Lease? {
    let held = try holding(name)
    let isRenewal = held?.owner == owner
    if let held, let holder = held.owner, held.expiry > now, !isRenewal, !hasEnded(holder) {
      return nil
    }
    let token = held?.token ?? 0
    let lease = Lease(name: name, owner: owner, token: isRenewal ? token : token + 1)
    try write(lease, until: expiry)
    return lease
  }

  /// Returns false if another owner has the lease, or it was released.
  func renew(_ lease: Lease, until expiry: Timestamp) throws(SQLiteFailure) -> Bool {
    guard try isHeld(lease) else { return false }
    try write(lease, until: expiry)
    return true
  }

  func isHeld(_ lease: Lease) throws(SQLiteFailure) -> Bool {
    let held = try holding(lease.name)
    return held?.owner == lease.owner && held?.token == lease.token
  }

  /// No effect if another owner has the lease.
  func release(_ lease: Lease) throws(SQLiteFailure) {
    let writing = try connection.statement(
      "UPDATE leases SET owner = NULL WHERE name = ? AND owner = ? AND token = ?")
    try writing.bind(1, lease.name)
    try writing.bind(2, lease.owner)
    try writing.bind(3, lease.token)
    try writing.run()
  }

  func holding(_ name: Name) throws(SQLiteFailure) -> LeaseHolding? {
    let query = try connection.statement(
      "SELECT owner, token, expires_seconds, expires_nanos FROM leases WHERE name = ?")
    defer { query.reset() }
    try query.bind(1, name)
    guard try query.step() else { return nil }
    return LeaseHolding(
      owner: query.isNull(0) ? nil : query.name(0), token: try query.number(1),
      expiry: query.time(2))
  }

  private func write(_ lease: Lease, until expiry: Timestamp) throws(SQLiteFailure) {
    let writing = try connection.statement(
      """
      INSERT OR REPLACE INTO leases (name, owner, token, expires_seconds, expires_nanos)
      VALUES (?, ?, ?, ?, ?)
      """)
    try writing.bind(1, lease.name)
    try writing.bind(2, lease.owner)
    try writing.bind(3, lease.token)
    try writing.bind(4, expiry)
    try writing.run()
  }
}
