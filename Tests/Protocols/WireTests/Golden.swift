/// Messages as another implementation writes them: Google's for Python (package `protobuf`), from
/// stubs that `grpcio-tools` made of `proto/`, by `SerializeToString(deterministic=True)`.
///
/// They are about aggregate `bank`/00 01 02 … 0f, with payloads `type.googleapis.com/bank.NAME`
/// whose value is NAME, at 1 700 000 000 s and 5 ns.
enum Golden {
  /// `evented.CommandBook`: two pages, the second synchronous; id c1, correlation k1, cause, two
  /// headers, expected next 3.
  static let commandBook = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f676c
    65617069732e636f6d2f62616e6b2e4f70656e12044f70656e1231080110011a2b0a20747970652e676f6f67
    6c65617069732e636f6d2f62616e6b2e4465706f73697412074465706f73697482010263318a01026b319201
    220a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b10071a0263309a010e0a0674656e61
    6e74120461636d659a010c0a047573657212047a6fc3aba201020803
    """)

  /// `evented.CommandBook`: one page; expected next 0, which is an empty message on the wire.
  static let commandBookForNew = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f676c
    65617069732e636f6d2f62616e6b2e4f70656e12044f70656ea20100
    """)

  /// `evented.EventBook`: pages 0, 1, 2; id, correlation, cause, headers.
  static let eventBook = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1a3708001a080880e2cfaa0610052229
    0a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e65641a3708
    011a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e
    656412064f70656e65641a3708021a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e
    636f6d2f62616e6b2e4f70656e656412064f70656e656482010263318a01026b319201220a1a0a120a100001
    02030405060708090a0b0c0d0e0f120462616e6b10071a0263309a010e0a0674656e616e74120461636d659a
    010c0a047573657212047a6fc3ab
    """)

  /// `evented.EventBook`: snapshot at 4, page 5, which is synchronous.
  static let eventBookWithSnapshot = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b122f10041a2b0a20747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4163636f756e7412074163636f756e741a3908051a080880e2cfaa
    06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e
    65642801
    """)

  /// `evented.EventBook`: page 0, and the projection that was answered last.
  static let projectorRequest = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1a3708001a080880e2cfaa0610052229
    0a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e6564aa0152
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b120762616c616e6365222b0a20747970
    652e676f6f676c65617069732e636f6d2f62616e6b2e42616c616e6365120742616c616e6365
    """)

  /// `evented.EventBook`: no cover, snapshot at 2, pages: unset, force, number 0.
  static let proposedBook = hex(
    """
    122f10021a2b0a20747970652e676f6f676c65617069732e636f6d2f62616e6b2e4163636f756e7412074163
    636f756e741a2b22290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e65641206
    4f70656e65641a2d100122290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e65
    6412064f70656e65641a3708001a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e63
    6f6d2f62616e6b2e4f70656e656412064f70656e6564
    """)

  /// `evented.EventBook`: page 4, id r1, expected next 4.
  static let recordRequest = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1a2d080422290a1f747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e65648201027231a201020804
    """)

  /// `evented.ContextualCommand`: snapshot at 1, pages 2 and 3, and commandBook.
  static let contextualCommand = hex(
    """
    0abf010a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b122f10011a2b0a20747970652e
    676f6f676c65617069732e636f6d2f62616e6b2e4163636f756e7412074163636f756e741a3708021a080880
    e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f
    70656e65641a3708031a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62
    616e6b2e4f70656e656412064f70656e656412cc010a1a0a120a10000102030405060708090a0b0c0d0e0f12
    0462616e6b12271a250a1d747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e12044f70
    656e1231080110011a2b0a20747970652e676f6f676c65617069732e636f6d2f62616e6b2e4465706f736974
    12074465706f73697482010263318a01026b319201220a1a0a120a10000102030405060708090a0b0c0d0e0f
    120462616e6b10071a0263309a010e0a0674656e616e74120461636d659a010c0a047573657212047a6fc3ab
    a201020803
    """)

  /// `evented.ContextualCommand`: no events, and commandBookForNew.
  static let contextualCommandForNew = hex(
    """
    0a1c0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12480a1a0a120a10000102030405
    060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f676c65617069732e636f6d2f6261
    6e6b2e4f70656e12044f70656ea20100
    """)

  /// `evented.Projection`: of balance, at 2.
  static let projection = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b120762616c616e63651802222b0a2074
    7970652e676f6f676c65617069732e636f6d2f62616e6b2e42616c616e6365120742616c616e6365
    """)

  /// `evented.Projection`: a value only.
  static let projectorAnswer = hex(
    """
    222b0a20747970652e676f6f676c65617069732e636f6d2f62616e6b2e42616c616e6365120742616c616e63
    65
    """)

  /// `evented.SynchronousProcessingResponse`: eventBook, projection, one failure, already handled,
  /// at 2:301.
  static let synchronousProcessingResponse = hex(
    """
    0a96020a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1a3708001a080880e2cfaa0610
    0522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e6564
    1a3708011a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f
    70656e656412064f70656e65641a3708021a080880e2cfaa06100522290a1f747970652e676f6f676c656170
    69732e636f6d2f62616e6b2e4f70656e656412064f70656e656482010263318a01026b319201220a1a0a120a
    10000102030405060708090a0b0c0d0e0f120462616e6b10071a0263309a010e0a0674656e616e7412046163
    6d659a010c0a047573657212047a6fc3ab1a540a1a0a120a10000102030405060708090a0b0c0d0e0f120462
    616e6b120762616c616e63651802222b0a20747970652e676f6f676c65617069732e636f6d2f62616e6b2e42
    616c616e6365120742616c616e636582012b0a056175646974100e1a0461776179221a0a120a100001020304
    05060708090a0b0c0d0e0f120462616e6b880101920105080210ad02
    """)

  /// `evented.Query`: 3 up to 5.
  static let query = hex("0a0462616e6b12120a10000102030405060708090a0b0c0d0e0f18032005")

  /// `evented.AggregateRoot`: bank.
  static let aggregateRoot = hex("0a0462616e6b12120a10000102030405060708090a0b0c0d0e0f")

  /// `outrider.v1.ProjectionRecord`: projection.
  static let projectionRecord = hex(
    """
    0a540a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b120762616c616e63651802222b0a
    20747970652e676f6f676c65617069732e636f6d2f62616e6b2e42616c616e6365120742616c616e63651208
    0880e2cfaa061005
    """)

  /// `outrider.v1.GetProjectionRequest`: balance, at least 2:301.
  static let getProjectionRequest = hex(
    """
    0a0762616c616e6365120462616e6b1a120a10000102030405060708090a0b0c0d0e0f2205080210ad02
    """)

  /// `outrider.v1.ListProjectionsRequest`: ten behind token 0102, at least 2:301.
  static let listProjectionsRequest = hex(
    "0a0762616c616e6365120462616e6b180a220201022a05080210ad02")

  /// `outrider.v1.ListProjectionsResponse`: the record twice, token 03.
  static let listProjectionsResponse = hex(
    """
    0a600a540a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b120762616c616e6365180222
    2b0a20747970652e676f6f676c65617069732e636f6d2f62616e6b2e42616c616e6365120742616c616e6365
    12080880e2cfaa0610050a600a540a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1207
    62616c616e63651802222b0a20747970652e676f6f676c65617069732e636f6d2f62616e6b2e42616c616e63
    65120742616c616e636512080880e2cfaa061005120103
    """)

  /// `outrider.v1.WatchProjectionsRequest`: two roots, at least 2:301.
  static let watchProjectionsRequest = hex(
    """
    0a0762616c616e6365120462616e6b1a120a10000102030405060708090a0b0c0d0e0f1a120a10ffffffffff
    ffffffffffffffffffffff2205080210ad02
    """)

  /// `outrider.v1.ReadLogRequest`: partition 2, after 300, follow, 50 at most.
  static let readLogRequest = hex("0a0462616e6b100218ac0220012832")

  /// `outrider.v1.LogEntry`: eventBook at 2:301, with a snapshot of the events before 3.
  static let logEntry = hex(
    """
    0a05080210ad021296020a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1a3708001a08
    0880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412
    064f70656e65641a3708011a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d
    2f62616e6b2e4f70656e656412064f70656e65641a3708021a080880e2cfaa06100522290a1f747970652e67
    6f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e656482010263318a01026b3192
    01220a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b10071a0263309a010e0a0674656e
    616e74120461636d659a010c0a047573657212047a6fc3ab1a10090909090909090909090909090909092803
    """)

  /// `outrider.v1.LogEntry`: nothing at 7.
  static let logTombstone = hex("0a0210072001")

  /// `outrider.v1.TraceRequest`: event 300 of the cover, backward only, 50 at most.
  static let traceRequest = hex(
    "0a1f0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b10ac0220012832")

  /// `outrider.v1.TraceRequest`: of command c1.
  static let traceRequestForCommand = hex("12026331")

  /// `outrider.v1.TraceRequest`: of correlation k1.
  static let traceRequestForCorrelation = hex("1a026b31")

  /// `outrider.v1.TraceNode`: the second, below the first, with every field.
  static let traceNode = hex(
    """
    080210011a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b20ac022802320b62616e6b2e
    4f70656e6564320e62616e6b2e4465706f73697465643a02633142026b314a05080210ad0252080880e2cfaa
    061005580760016801
    """)

  /// `outrider.v1.TraceNode`: a root.
  static let traceRoot = hex(
    """
    08011a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b2801320b62616e6b2e4f70656e65
    643a026331420263314a02100152080880e2cfaa061005
    """)

  /// `outrider.v1.HeadRequest`: bank.
  static let headRequest = hex("0a0462616e6b")

  /// `outrider.v1.HeadResponse`: 9 in partition 0, nothing in 1.
  static let headResponse = hex("0a0210090a020801")

  /// `outrider.v1.ListParkedRequest`: two of balance.
  static let listParkedRequest = hex("0a0762616c616e6365120462616e6b1802220101")

  /// `outrider.v1.ListParkedResponse`: one.
  static let listParkedResponse = hex(
    """
    0a370a0762616c616e6365120462616e6b1a120a10000102030405060708090a0b0c0d0e0f2003280932026e
    6f380542080880e2cfaa061005120102
    """)

  /// `outrider.v1.RetryParkedRequest`: balance.
  static let retryParkedRequest = hex(
    "0a0762616c616e6365120462616e6b1a120a10000102030405060708090a0b0c0d0e0f")

  /// `outrider.v1.SkipParkedRequest`: resume at 6.
  static let skipParkedRequest = hex(
    "0a0762616c616e6365120462616e6b1a120a10000102030405060708090a0b0c0d0e0f2006")

  /// `outrider.v1.ParkedOutcome`: still parked.
  static let parkedOutcome = hex(
    """
    0a370a0762616c616e6365120462616e6b1a120a10000102030405060708090a0b0c0d0e0f2003280932026e
    6f380542080880e2cfaa061005
    """)

  /// `outrider.v1.DeadLetter`: one of balance, with a header and a body.
  static let deadLetter = hex(
    """
    0a1035633065316637613930623364323634120762616c616e63651a0462616e6b20032a096974206973206f
    646432080880e2cfaa061005380342060a01781201794a03010203
    """)

  /// `outrider.v1.GetDeadLetterRequest`: of balance.
  static let getDeadLetterRequest = hex("0a0435633065120762616c616e63651a0462616e6b")

  /// `outrider.v1.ListDeadLettersRequest`: two of balance.
  static let listDeadLettersRequest = hex("0a0762616c616e6365120462616e6b1802")

  /// `outrider.v1.ListDeadLettersResponse`: one, and there are more.
  static let listDeadLettersResponse = hex(
    """
    0a3a0a1035633065316637613930623364323634120762616c616e63651a0462616e6b20032a096974206973
    206f646432080880e2cfaa06100538031001
    """)

  /// `outrider.v1.RebuildTarget`.
  static let rebuildTarget = hex(
    """
    0a0762616c616e6365120462616e6b
    """)

  /// `outrider.v1.StartRebuildRequest`.
  static let startRebuildRequest = hex(
    """
    0a0762616c616e6365120462616e6b18ac02
    """)

  /// `outrider.v1.SwitchRebuildRequest`.
  static let switchRebuildRequest = hex(
    """
    0a0762616c616e6365120462616e6b1801
    """)

  /// `outrider.v1.DropRebuildRequest`.
  static let dropRebuildRequest = hex(
    """
    0a0762616c616e6365120462616e6b1802
    """)

  /// `outrider.v1.RebuildState`.
  static let rebuildState = hex(
    """
    0a0762616c616e6365120462616e6b1a14080110011a0762616c616e63652205080110ac021a19080210021a
    0962616c616e63652f32220408011005280330642205080110ad02
    """)

  /// `outrider.v1.VerifyProgress`.
  static let verifyProgress = hex(
    """
    08ac02126a0a120a10000102030405060708090a0b0c0d0e0f12540a1a0a120a10000102030405060708090a
    0b0c0d0e0f120462616e6b120762616c616e63651802222b0a20747970652e676f6f676c65617069732e636f
    6d2f62616e6b2e42616c616e6365120742616c616e6365
    """)

  /// `outrider.v1.SettleDeadLettersRequest`: two.
  static let settleDeadLettersRequest = hex("0a01610a0162220462616e6b")

  /// `outrider.v1.SettleDeadLettersRequest`: all of balance.
  static let settleAllDeadLettersRequest = hex("10011a0762616c616e6365")

  /// `outrider.v1.SettleDeadLettersResponse`: one, and one is missing.
  static let settleDeadLettersResponse = hex("0801120162")

  /// `outrider.v1.SubscribeRequest`: all of mailer, from the head of bank and shop.
  static let subscribeRequest = hex(
    "0a280a066d61696c6572120462616e6b120473686f701a0b62616e6b2e4f70656e65642002280830ac02")

  /// `outrider.v1.SubscribeRequest`: two commits of bank, the second in lane 0.
  static let acknowledgements = hex("120f0a0462616e6b1205080210ad021803120a0a0462616e6b12021007")

  /// `outrider.v1.SubscribeResponse`: eventBook at 2:301 in lane 3.
  static let subscriptionDelivery = hex(
    """
    0aba020a0462616e6b1205080210ad0218032296020a1a0a120a10000102030405060708090a0b0c0d0e0f12
    0462616e6b1a3708001a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62
    616e6b2e4f70656e656412064f70656e65641a3708011a080880e2cfaa06100522290a1f747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e65641a3708021a080880e2cfaa0610
    0522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e6564
    82010263318a01026b319201220a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b10071a
    0263309a010e0a0674656e616e74120461636d659a010c0a047573657212047a6fc3ab2a1009090909090909
    090909090909090909
    """)

  /// `outrider.v1.SubscribeResponse`: damage at 7.
  static let damagedDelivery = hex("0a100a0462616e6b120210073204746f726e")

  /// `outrider.v1.SubscribeResponse`: lane 3 of partition 2 from 300 on.
  static let laneAssignment = hex("120f0a0462616e6b10021803200128ac02")

  /// `outrider.v1.ListSubscriptionsRequest`: two of bank.
  static let listSubscriptionsRequest = hex("0a0462616e6b10021a0101")

  /// `outrider.v1.ListSubscriptionsResponse`: one, of two lanes.
  static let listSubscriptionsResponse = hex(
    """
    0a2b0a066d61696c6572120462616e6b180222080880e2cfaa0610052a05180520ac022a08100118ac0220ac
    02120102
    """)

  /// `outrider.v1.DeleteSubscriptionRequest`: mailer of bank.
  static let deleteSubscriptionRequest = hex("0a066d61696c6572120462616e6b")

  /// `outrider.v1.SeekSubscriptionRequest`: behind 2:301, elsewhere to the head; 4 lanes.
  static let seekSubscriptionRequest = hex("0a066d61696c6572120462616e6b18022205080210ad022804")

  /// `outrider.v1.ProcessStatus`: every field once.
  static let processStatus = hex(
    """
    0a0270311205312e322e331a080880e2cfaa06100522080880e2cfaa0610052a1d0a0970726f6a6563746f72
    120e3132372e302e302e313a31333135180132380a076d6f6e676f646212106d6f6e676f64623a2f2f682f73
    686f70180122016528ac02300138054007480150f7ffffffffffffffff0158013a230a0e3132372e302e302e
    313a31373338120762616c616e6365180120012a016530ac0242170a0a7261626269746d713a781209616d71
    703a2f2f682f4ace010801120762616c616e63651a0462616e6b2002280530ac0238dc0b42120a0270311208
    0880e2cfaa06100518032002480152370a0762616c616e6365120462616e6b1a120a10000102030405060708
    090a0b0c0d0e0f2003280932026e6f380542080880e2cfaa0610055a370a0762616c616e6365120462616e6b
    1a120a10000102030405060708090a0b0c0d0e0f2003280932026e6f380542080880e2cfaa06100560016a0c
    080212086e6f20717565756570047a01658201080880e2cfaa0610059001059a010508ac02100252210a0b63
    657274696669636174651205612e70656d1a080880e2cfaa0610052201655a100a0462616e6b12017218ac02
    208080406210080212036c61671a01772201682a01616802
    """)

  /// `outrider.v1.CommandOutcome`: pages 0 and 1 at 2:301.
  static let appendedOutcome = hex(
    """
    0a4a0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4f70656e12044f70656e820102633110011a9b010a1a0a120a1000
    0102030405060708090a0b0c0d0e0f120462616e6b1a3708001a080880e2cfaa06100522290a1f747970652e
    676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e65641a3708011a080880e2cf
    aa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f7065
    6e65648201026331b20105080210ad0232080880e2cfaa061005
    """)

  /// `outrider.v1.CommandOutcome`: refused with 9.
  static let refusedOutcome = hex(
    """
    0a4a0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4f70656e12044f70656e8201026331100320092a026e6f32080880
    e2cfaa061005
    """)

  /// `outrider.v1.DispatchRequest`: a command without an id, not before and until the same time.
  static let dispatchRequest = hex(
    """
    0a450a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4f70656e12044f70656e12080880e2cfaa0610051a080880e2cfaa
    061005
    """)

  /// `outrider.v1.CommandReference`: c1 of the aggregate.
  static let commandReference = hex(
    """
    0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12026331
    """)

  /// `outrider.v1.DispatchReceipt`: of a command that was dispatched before.
  static let dispatchReceipt = hex(
    """
    0a200a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b120263311001
    """)

  /// `outrider.v1.CommandStatus`: refusedOutcome, with all times.
  static let commandStatus = hex(
    """
    0a200a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1202633112080880e2cfaa061005
    1a080880e2cfaa06100522080880e2cfaa0610052a5e0a4a0a1a0a120a10000102030405060708090a0b0c0d
    0e0f120462616e6b12271a250a1d747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e12
    044f70656e8201026331100320092a026e6f32080880e2cfaa061005
    """)

  /// `outrider.v1.ListCommandsRequest`: two of bank.
  static let listCommandsRequest = hex("0a0462616e6b10021a0101")

  /// `outrider.v1.ListCommandsResponse`: a command that has not ended.
  static let listCommandsResponse = hex(
    """
    0a7a0a200a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b1202633112080880e2cfaa06
    10052a4c0a4a0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d74797065
    2e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e12044f70656e8201026331120102
    """)

  /// `outrider.v1.WatchCommandsRequest`: of bank.
  static let watchCommandsRequest = hex("0a0462616e6b")

  /// `outrider.v1.DispatchedCommand`: c1, with both times.
  static let dispatchedCommand = hex(
    """
    0a4a0a1a0a120a10000102030405060708090a0b0c0d0e0f120462616e6b12271a250a1d747970652e676f6f
    676c65617069732e636f6d2f62616e6b2e4f70656e12044f70656e820102633112080880e2cfaa0610051a08
    0880e2cfaa061005
    """)

  /// `outrider.v1.DueCommand`: c1, dispatched by event 3.
  static let dueCommand = hex("0a0263311003")

  /// `outrider.v1.EndedCommand`: c1 by events 5 and 6 at 2:301.
  static let endedCommand = hex("0a0263311001280530023a05080210ad024003")

  /// `outrider.v1.EndedCommand`: c1, refused with 9.
  static let refusedCommand = hex("0a0263311003180922026e6f4003")

  /// `grpc.health.v1.HealthCheckRequest`: evented.EventQuery.
  static let healthCheckRequest = hex("0a126576656e7465642e4576656e745175657279")

  /// `grpc.health.v1.HealthCheckResponse`: not serving.
  static let healthCheckResponse = hex("0802")

  /// `google.protobuf.Any`: bank.Opened.
  /// `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`, by OpenTelemetry's own
  /// messages (package `opentelemetry-proto`): one resource, and two spans with all that is sent.
  static let exportTraceServiceRequest = hex(
    """
    0ab6020a180a160a0c736572766963652e6e616d6512060a0473686f701299020a110a086f75747269646572
    1205312e322e331298010a10000000000000000a000000000000000b1208000000000000000c1a03613d3122
    08000000000000000d2a0463616c6c30023905002a36fe9c97174145423936fe9c97174a0e0a047465787412
    060a047a6fc3ab4a150a066e756d626572120b18ffffffffffffffffff014a0a0a047a65726f120218004a0a
    0a04666c6167120210014a080a026e6f120210007a02180285010103000012690a1000000000000000010000
    000000000002120800000000000000032a0770726f6365737330053905002a36fe9c97174105002a36fe9c97
    176a260a10000000000000000a000000000000000b1208000000000000000c1a03613d313501030000700285
    0101010000
    """)

  /// `opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse`: 3 rejected, "too old".
  static let exportTraceServiceResponse = hex("0a0b08031207746f6f206f6c64")

  static let any = hex(
    "0a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70656e656412064f70656e6564")

  /// `evented.EventPage`: number 300.
  static let eventPage = hex(
    """
    08ac021a080880e2cfaa06100522290a1f747970652e676f6f676c65617069732e636f6d2f62616e6b2e4f70
    656e656412064f70656e6564
    """)

  static let all: [(name: String, bytes: [UInt8])] = [
    ("schemaVersion", SchemaGolden.version),
    ("schemaReport", SchemaGolden.report),
    ("commandBook", commandBook),
    ("commandBookForNew", commandBookForNew),
    ("eventBook", eventBook),
    ("eventBookWithSnapshot", eventBookWithSnapshot),
    ("projectorRequest", projectorRequest),
    ("proposedBook", proposedBook),
    ("recordRequest", recordRequest),
    ("contextualCommand", contextualCommand),
    ("contextualCommandForNew", contextualCommandForNew),
    ("projection", projection),
    ("projectorAnswer", projectorAnswer),
    ("synchronousProcessingResponse", synchronousProcessingResponse),
    ("query", query),
    ("aggregateRoot", aggregateRoot),
    ("projectionRecord", projectionRecord),
    ("getProjectionRequest", getProjectionRequest),
    ("listProjectionsRequest", listProjectionsRequest),
    ("listProjectionsResponse", listProjectionsResponse),
    ("watchProjectionsRequest", watchProjectionsRequest),
    ("readLogRequest", readLogRequest),
    ("logEntry", logEntry),
    ("logTombstone", logTombstone),
    ("traceRequest", traceRequest),
    ("traceRequestForCommand", traceRequestForCommand),
    ("traceRequestForCorrelation", traceRequestForCorrelation),
    ("traceNode", traceNode),
    ("traceRoot", traceRoot),
    ("headRequest", headRequest),
    ("headResponse", headResponse),
    ("listParkedRequest", listParkedRequest),
    ("listParkedResponse", listParkedResponse),
    ("retryParkedRequest", retryParkedRequest),
    ("skipParkedRequest", skipParkedRequest),
    ("parkedOutcome", parkedOutcome),
    ("deadLetter", deadLetter),
    ("getDeadLetterRequest", getDeadLetterRequest),
    ("listDeadLettersRequest", listDeadLettersRequest),
    ("rebuildTarget", rebuildTarget),
    ("startRebuildRequest", startRebuildRequest),
    ("switchRebuildRequest", switchRebuildRequest),
    ("dropRebuildRequest", dropRebuildRequest),
    ("rebuildState", rebuildState),
    ("verifyProgress", verifyProgress),
    ("listDeadLettersResponse", listDeadLettersResponse),
    ("settleDeadLettersRequest", settleDeadLettersRequest),
    ("settleAllDeadLettersRequest", settleAllDeadLettersRequest),
    ("settleDeadLettersResponse", settleDeadLettersResponse),
    ("subscribeRequest", subscribeRequest),
    ("acknowledgements", acknowledgements),
    ("subscriptionDelivery", subscriptionDelivery),
    ("damagedDelivery", damagedDelivery),
    ("laneAssignment", laneAssignment),
    ("listSubscriptionsRequest", listSubscriptionsRequest),
    ("listSubscriptionsResponse", listSubscriptionsResponse),
    ("deleteSubscriptionRequest", deleteSubscriptionRequest),
    ("seekSubscriptionRequest", seekSubscriptionRequest),
    ("processStatus", processStatus),
    ("appendedOutcome", appendedOutcome),
    ("refusedOutcome", refusedOutcome),
    ("dispatchRequest", dispatchRequest),
    ("commandReference", commandReference),
    ("dispatchReceipt", dispatchReceipt),
    ("commandStatus", commandStatus),
    ("listCommandsRequest", listCommandsRequest),
    ("listCommandsResponse", listCommandsResponse),
    ("watchCommandsRequest", watchCommandsRequest),
    ("dispatchedCommand", dispatchedCommand),
    ("dueCommand", dueCommand),
    ("endedCommand", endedCommand),
    ("refusedCommand", refusedCommand),
    ("healthCheckRequest", healthCheckRequest),
    ("healthCheckResponse", healthCheckResponse),
    ("exportTraceServiceRequest", exportTraceServiceRequest),
    ("exportTraceServiceResponse", exportTraceServiceResponse),
    ("any", any),
    ("eventPage", eventPage),
  ]

  static func hex(_ digits: String) -> [UInt8] {
    let nibbles = digits.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: nibbles.count, by: 2).map {
      UInt8(nibbles[$0] << 4 | nibbles[$0 + 1])
    }
  }
}
