import Analysis
import Base
import Fitting
import Language
import Metrics
import Recordings
import Session

/// One stimulus of a transfer: its data, its new readouts and the models beside them.
struct TransferArm {
  let twin: LoadedTwin
  let head: ReadoutHead
  let data: RefitData
  let fit: RefitFit
  private let call: Call
  /// Positions of the cells.
  let cells: [Int]
  private let seed: UInt32
  private let work: Work

  init(_ twin: LoadedTwin, _ source: LoadedStimulus, _ call: Call, in session: Session) throws {
    self.twin = twin
    self.call = call
    work = session.work
    seed = try call.seed()
    let named = try call.optionalString("adapter")
    let own = twin.payload.heads.firstIndex { $0.session == source.session }
    var adapter = named
    if call.isSet("as-new") || call.isSet("leave-one-out"), named == nil, let own {
      guard let other = twin.architecture.heads.indices.first(where: { $0 != own }) else {
        throw Failure(
          .usage, "`\(twin.name)` has no other head whose adapter a new session could use",
          span: call.span(of: call.isSet("as-new") ? "as-new" : "leave-one-out"))
      }
      adapter = String(other)
    }
    head = try ReadoutHead(twin: twin, session: source.session, adapter: adapter)
    if let note = head.note { session.note(note) }
    data = try RefitData(of: twin, adapter: head.adapter, on: source, named: call.span(of: "stimulus"), in: session)
    cells = try Self.cells(call, source)
    let cells = cells
    fit = try RefitFit(
      RefitRequest(transfer: call), head, data, call, in: session,
      chosen: source.stimulus.cids.indices.map { cells.contains($0) })
  }

  private static func cells(_ call: Call, _ source: LoadedStimulus) throws -> [Int] {
    let cids = source.stimulus.cids
    guard let text = try call.optionalString("hold-out") else { return Array(cids.indices) }
    // `cells=3,5` is what it is called elsewhere.
    let list = text.hasPrefix("cells=") ? String(text.dropFirst(6)) : text
    let words = list.filter { $0 != " " }.split(separator: ",", omittingEmptySubsequences: false)
    let places = try words.map { word in
      guard let cid = Int(word), let place = cids.firstIndex(of: cid) else {
        throw Failure(
          .missing, "\(source.label) has no cell `\(word)`",
          hint: "--hold-out takes cids: \(cids.prefix(3).map(String.init).joined(separator: ","))",
          span: call.span(of: "hold-out"))
      }
      return place
    }
    return Set(places).sorted()
  }

  /// All models on the held-out rows, and on trials that repeat.
  func scored(in session: Session) throws -> TransferTable.Session {
    let held = data.valRows
    let counts = fit.counts
    let mask = fit.mask
    let repeats = try ceiling(in: session)
    var scores = TransferScores(counts: counts.gathering(rows: held), mask: mask.gathering(rows: held))
    scores.add(TransferTable.constant, rates: fit.meanCounts.map { [Float](repeating: Float($0), count: held.count) })
    var repeated: [String: [[Float]?]] = [:]
    let pixels = try PixelFeatures(data.source.stimulus, frames: data.frames)
    let joined = try repeats.flatMap {
      try JoinedFeatures(pixels, PixelFeatures($0.source.stimulus, frames: $0.frames))
    }
    let extra = joined.map { $0.rowCount - data.frames.count } ?? 0
    let shown: any FeatureSource = if let joined { joined } else { pixels }
    let told = try LinearNonlinearModel(
      ratesOf: held + (data.frames.count..<data.frames.count + extra), features: shown, counts: counts, mask: mask,
      trainRows: data.trainRows, frames: data.trainRows.map { data.frames[$0] },
      trials: data.trainRows.map { data.trials[$0] }, rateHz: data.source.stimulus.rateHz, work: work
    ).rates
    scores.add(TransferTable.pixels, rates: told.map { $0.map { Array($0.prefix(held.count)) } })
    if joined != nil { repeated[TransferTable.pixels] = told.map { $0.map { Array($0.dropFirst(held.count)) } } }
    if head.isOwn {
      let predictions = try Predictor(session: session).predictions(
        of: twin, head: head.index, on: data.source, split: .val)
      let places = Dictionary(uniqueKeysWithValues: predictions.frames.enumerated().map { ($1, $0) })
      let rows = held.compactMap { places[data.frames[$0]] }
      let rates = predictions.rates.gathering(rows: rows)
      scores.add(TransferTable.own, rates: cells.map { rates.column($0) })
      repeated[TransferTable.own] = try repeats.map { try ownRates($0, in: session) }
    }
    let (options, _) = try fit.options(call)
    let readouts = try fit.readouts(options)
    scores.add(TransferTable.new, rates: try fit.rates(of: readouts, rows: held))
    repeated[TransferTable.new] = try repeats.map { repeats -> [[Float]?] in
      try fit.rates(of: readouts, on: repeats.source, features: repeats.features)
    }
    scores.repeated = try repeats.map { try $0.scores(repeated, cells: cells) }
    return TransferTable.Session(
      summaries: scores.summaries(session: data.source.session, reference: TransferTable.new),
      cells: cells.indices.map { place in
        TransferTable.Cell(
          session: data.source.session, cid: data.source.stimulus.cids[cells[place]],
          scores: Dictionary(
            uniqueKeysWithValues: scores.models.compactMap { model in
              model.bitsPerSpike[place].map { (model.name, $0) }
            }), correlation: scores.models.last?.correlation[place],
          repeated: scores.repeated?.correlations[TransferTable.new]?[place],
          ceiling: scores.repeated?.ceiling[place])
      }, repeats: repeats?.source.label, isKnown: head.isOwn)
  }

  /// Held-out scores against minutes of training data.
  func curve(_ minutes: [Double], draws: Int) throws -> LearningCurve {
    try LearningCurve(
      minutes: minutes, trainRows: data.trainRows, trials: data.trainRows.map { data.trials[$0] },
      rateHz: data.source.stimulus.rateHz, draws: draws, seed: seed
    ) { rows in
      let (options, _) = try fit.options(call, rows: rows)
      return try fit.readouts(options, rows: rows).map(\.bitsPerSpikeVal)
    }
  }
}
