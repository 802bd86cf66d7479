import EventModel
import EventSourcing
import Files

/// The leases and checkpoints of consumers.
///
/// A checkpoint is stored in the document of the lease that it was written under. So one update
/// both checks the fencing token and moves the checkpoint, and no other process can take the
/// lease in between.
struct LeaseCollection {
  let collection: Collection
  /// Detects ended holders on this machine; nil: leases end only by release or expiry.
  let signs: SignsOfLife?

  /// Returns nil if another owner holds it.
  func acquire(
    _ name: Name, owner: Name, until expiry: Timestamp, at now: Timestamp
  ) throws(MongoFailure) -> Lease? {
    let renewed = try collection.findAndModify(
      [
        "_id": .name(name), "owner": .name(owner),
        "expiresAt": ["$gt": .date(now.milliseconds)],
      ],
      ["$set": ["expiresAt": .date(expiry.milliseconds)]])
    if let renewed { return try lease(renewed) }
    do throws(MongoFailure) {
      let taken = try collection.findAndModify(
        [
          "_id": .name(name),
          "$or": [["owner": .null], ["expiresAt": ["$lte": .date(now.milliseconds)]]],
        ],
        [
          "$set": holding(owner, until: expiry), "$inc": ["token": 1],
        ], upsert: true)
      return try taken.map(lease)
    } catch {
      // It exists and does not match, so another owner holds it.
      if error.kind == .duplicateKey { return try inherit(name, owner: owner, until: expiry) }
      throw error
    }
  }

  /// Renews all leases in one command; if some were lost, a query finds out which.
  ///
  /// - Returns: the leases still held.
  func renew(_ leases: [Lease], until expiry: Timestamp) throws(MongoFailure) -> [Lease] {
    let (count, failures) = try collection.update(
      leases.map { lease in
        .init(
          query: query(lease), change: ["$set": ["expiresAt": .date(expiry.milliseconds)]])
      })
    if let failure = failures.values.first { throw failure }
    if count == leases.count { return leases }
    let held = try collection.find(["$or": .array(leases.map { .document(query($0)) })]).all()
    let names = Set(held.compactMap { $0["_id"]?.text })
    return leases.filter { names.contains($0.name.text) }
  }

  /// Takes the lease of a holder whose process has ended on this machine. The update matches that
  /// holder's token, so only one of several processes takes the lease.
  private func inherit(
    _ name: Name, owner: Name, until expiry: Timestamp
  ) throws(MongoFailure) -> Lease? {
    guard let signs, let place = signs.place,
      let found = try collection.first(["_id": .name(name)]), let holder = found["owner"]?.text,
      let sign = found["sign"]?.document,
      sign["owner"]?.text == holder, sign["place"]?.text == place,
      signs.hasEnded(Name(holder).stableHash)
    else { return nil }
    let taken = try collection.findAndModify(
      query(try lease(found)), ["$set": holding(owner, until: expiry), "$inc": ["token": 1]])
    return try taken.map(lease)
  }

  /// A sign names its owner. If an older version takes the lease over and leaves the sign, it no
  /// longer matches the owner.
  private func holding(_ owner: Name, until expiry: Timestamp) -> BSONValue {
    var sign = BSONValue.null
    if let signs, signs.show(owner.stableHash), let place = signs.place {
      sign = ["owner": .name(owner), "place": .string(place)]
    }
    return ["owner": .name(owner), "expiresAt": .date(expiry.milliseconds), "sign": sign]
  }

  /// No effect if another owner has the lease.
  func release(_ lease: Lease) throws(MongoFailure) {
    _ = try collection.update(query(lease), ["$set": ["owner": .null]])
  }

  /// Returns nil if the lease was never held.
  func holding(_ name: Name) throws(MongoFailure) -> LeaseHolding? {
    guard let found = try collection.first(["_id": .name(name)]) else { return nil }
    return LeaseHolding(
      owner: found["owner"]?.text.map { Name($0) }, token: try found.number("token"),
      expiry: try found.time("expiresAt"))
  }

  /// The greatest checkpoint written under any lease.
  func checkpoint(of subscription: Name, partition: UInt32) throws(MongoFailure) -> Position {
    let key = key(subscription, partition)
    let found = try collection.first(
      ["checkpoints.\(key)": ["$gt": 0]],
      ["sort": .document(["checkpoints.\(key)": -1]), "projection": ["checkpoints": 1]])
    let number = try found?["checkpoints"]?.document?.number(key) ?? 0
    return Position(partition: partition, number: number)
  }

  /// Moves the checkpoint forward only. Returns false if another owner has the lease.
  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) throws(MongoFailure) -> Bool {
    let key = key(subscription, position.partition)
    return try collection.update(
      query(lease), ["$max": .document(["checkpoints.\(key)": .number(position.number)])])
  }

  private func query(_ lease: Lease) -> BSONDocument {
    ["_id": .name(lease.name), "owner": .name(lease.owner), "token": .number(lease.token)]
  }

  private func lease(_ document: BSONDocument) throws(MongoFailure) -> Lease {
    Lease(
      name: try document.name("_id"), owner: try document.name("owner"),
      token: try document.number("token"))
  }

  private func key(_ subscription: Name, _ partition: UInt32) -> String {
    "\(CollectionNames.encoded(subscription))/\(partition)"
  }
}
