import Analysis
import Base
import Fitting
import Language
import Session
import Twin

/// The readouts that a refit makes of its data.
struct RefitFit {
  let request: RefitRequest
  let head: ReadoutHead
  let data: RefitData
  /// Which cells are fitted; the others keep their readouts.
  let chosen: [Bool]
  let model: ReadoutModel
  private let work: Work

  /// - Throws: `usage` where the fit begins at readouts that are not there.
  ///
  /// - Parameter chosen: which cells are fitted; what `--cells` says where nil.
  init(
    _ request: RefitRequest, _ head: ReadoutHead, _ data: RefitData, _ call: Call, in session: Session,
    chosen given: [Bool]? = nil
  ) throws {
    self.request = request
    self.head = head
    self.data = data
    work = session.work
    let cids = data.source.stimulus.cids
    var model = try head.model(for: data)
    if let from = try call.optionalString("from") {
      model.current = try head.readouts(of: head.twin.head(session: nil, named: from), for: cids)
      if !model.current.contains(where: { $0 != nil }) {
        throw Failure(
          .missing, "head \(from) has none of the cells of \(head.session): no fit can begin there",
          span: call.span(of: "from"))
      }
    } else if request.options.part != .both {
      guard head.isOwn else {
        throw Failure(
          .usage,
          "`\(head.twin.name)` has no head for \(head.session) whose readouts --fit \(request.options.part.rawValue) could keep",
          hint: "--fit both fits new readouts; --from HEAD begins at those of another head", span: call.span(of: "fit"))
      }
      model.current = try head.readouts(of: head.index, for: cids)
    }
    if request.options.part != .both, model.current.contains(where: { $0 == nil }) {
      throw Failure(
        .mismatch, "--fit \(request.options.part.rawValue) needs a readout of every cell of \(head.session)",
        hint: "--fit both fits cells that have none", span: call.span(of: "fit"))
    }
    let asksForPlace = [
      ("fit", request.options.part == .place), ("max-width", request.options.largestStd != nil),
      ("smooth", request.options.smoothness > 0), ("sweep", request.sweep?.axis == .smooth),
    ].first(where: \.1)
    if request.movesAdapter { try head.checkAdapterMoves(call) }
    if head.form == .linear, let flag = asksForPlace?.0 {
      throw Failure(
        .usage, "a linear readout averages the feature map: it has no place and no width", span: call.span(of: flag))
    }
    self.model = model
    if let cells = request.cells {
      guard head.isOwn else {
        throw Failure(
          .usage, "--cells chooses cells of a head that is there, and `\(head.twin.name)` has none for \(head.session)",
          span: call.span(of: "cells"))
      }
      chosen = try cells.choose(
        head: head.index, of: head.twin, on: data.source, label: data.source.label, call, in: session)
    } else {
      chosen = given ?? cids.map { _ in true }
    }
  }

  /// Positions of the chosen cells.
  private var places: [Int] { chosen.indices.filter { chosen[$0] } }

  /// New readouts of the chosen cells, in their order.
  ///
  /// - Parameter rows: training rows to fit to; all where nil.
  func readouts(_ options: ReadoutRefitOptions, rows: [Int]? = nil) throws -> [CellReadout] {
    try ReadoutRefit.fit(
      features: data.features, counts: counts, mask: mask, trainRows: rows ?? data.trainRows, valRows: data.valRows,
      options: options, model: chosenModel, work: work)
  }

  /// The same on features of another adapter, from readouts that are there.
  func readouts(
    _ options: ReadoutRefitOptions, features: any FeatureSource, from current: [CellReadout]
  ) throws -> [CellReadout] {
    var model = chosenModel
    model.current = current
    return try ReadoutRefit.fit(
      features: features, counts: counts, mask: mask, trainRows: data.trainRows, valRows: data.valRows,
      options: options, model: model, work: work)
  }

  /// Rates of such readouts, `[cell][row]`.
  func rates(of readouts: [CellReadout], rows: [Int]) throws -> [[Float]] {
    try CellReadout.rates(of: readouts, on: data.features, rows: rows, model: chosenModel, work: work)
  }

  /// Rates of such readouts on frames of another stimulus of the session, `[cell][frame]`.
  func rates(
    of readouts: [CellReadout], on source: LoadedStimulus, features: CachedFeatures
  ) throws -> [[Float]] {
    try CellReadout.rates(
      of: readouts, on: features, rows: Array(features.frames.indices),
      model: chosen(head.model(on: source, frames: features.frames)), work: work)
  }

  /// Of the chosen cells.
  var counts: Tensor { data.counts.selecting(columns: places) }
  var mask: Tensor { data.mask.shape[1] == 1 ? data.mask : data.mask.selecting(columns: places) }
  private var chosenModel: ReadoutModel { chosen(model) }

  private func chosen(_ model: ReadoutModel) -> ReadoutModel {
    var model = model
    model.current = model.current.isEmpty ? [] : places.map { model.current[$0] }
    model.baselines = model.baselines.isEmpty ? [] : places.map { model.baselines[$0] }
    model.history = model.history.map { $0.selecting(columns: places) }
    return model
  }

  /// The options with the penalty that was given or chosen, and what to say about the choice.
  ///
  /// - Throws: `undefined` where the training trials are too few for a choice.
  ///
  /// - Parameter rows: training rows that choose; all where nil.
  func options(_ call: Call, rows: [Int]? = nil) throws -> (options: ReadoutRefitOptions, note: String) {
    var options = request.options
    let trainRows = rows ?? data.trainRows
    let trials = trainRows.map { data.trials[$0] }
    let frames = trainRows.map { data.frames[$0] }
    let rateHz = data.source.stimulus.rateHz
    func tooFew(_ flag: String) -> Failure {
      Failure(
        .undefined, "\(data.source.label): the training trials are too few to choose a penalty by cross-validation",
        hint: "give one with --l2", span: call.span(of: flag))
    }
    switch request.penalty {
    case .given: return (options, "")
    case .own:
      guard head.form == .gaussian else {
        throw Failure(
          .usage, "--regularization reads penalties on Gaussian readouts, and this head has a linear one",
          span: call.span(of: "regularization"))
      }
      let own = try ReadoutPenalties(head.twin.architecture.configuration["regularization"], head: head.adapter)
      options.largestStd = own.largestStd.map { max($0, ReadoutRefitOptions.smallestStd) }
      // In training a cell counts with its share of the valid bins of all the session's cells.
      let all = validBins
      let bins = places.map { all[$0] }
      let total = all.reduce(0, +)
      options.l2ByCell = bins.map { $0 > 0 ? own.l2 * total / $0 : 0 }
      options.l1ByCell = bins.map { $0 > 0 ? own.l1 * total / $0 : 0 }
      if own.groupLasso > 0, options.part != .place {
        guard !chosen.contains(false) else {
          throw Failure(
            .usage,
            "the twin's regularization holds the weights of all cells together (group_lasso): --cells cannot fit some",
            hint: "leave out --cells, or give penalties by flag", span: call.span(of: "cells"))
        }
        // All of it times the number of cells, so that a cell's own loss has the factor 1 on average.
        options.wholeLasso = own.groupLasso * Double(bins.count)
        options.shares = bins.map { $0 * Double(bins.count) / total }
      }
      let terms = [
        ("l2", own.l2), ("l1", own.l1), ("group lasso", own.groupLasso), ("largest width", own.largestStd ?? 0),
      ].filter { $0.1 > 0 }
      return (
        options,
        "; the twin's regularization: "
          + (terms.isEmpty
            ? "nothing acts on readouts"
            : terms.map { "\($0.0) \(Value.double($0.1).plainText)" }.joined(separator: ", "))
      )
    case .chosen(let penalties):
      let choice = try PenaltyChoice(
        among: penalties, features: data.features, counts: counts, mask: mask, trainRows: trainRows,
        frames: frames, trials: trials, rateHz: rateHz, options: options, model: chosenModel, work: work)
      guard let best = choice.best else { throw tooFew("choose-l2") }
      options.l2 = best
      return (options, Self.note(choice))
    case .auto:
      let path: PenaltyPath
      do {
        path = try PenaltyPath(
          features: data.features, counts: counts, mask: mask, trainRows: trainRows, frames: frames,
          trials: trials, rateHz: rateHz, options: options, model: chosenModel, work: work)
      } catch let failure as Failure where failure.kind == .undefined {
        throw tooFew("l2")
      }
      let known = path.best.compactMap(\.self).sorted()
      guard let smallest = known.first, let largest = known.last else { throw tooFew("l2") }
      // A cell whose halves do not both have spikes gets the penalty of the cell in the middle.
      options.l2ByCell = path.best.map { $0 ?? known[known.count / 2] }
      let text = [smallest, largest].map { Value.double($0).plainText }
      return (
        options,
        "; l2 of each cell by cross-validation inside the training trials, \(text[0]) to \(text[1])"
      )
    }
  }

  /// What each chosen cell's readout lacks, by cross-validation inside the training trials.
  ///
  /// - Throws: `undefined` where the training trials are too few.
  func verdicts(_ options: ReadoutRefitOptions, _ call: Call) throws -> [ReadoutVerdict?] {
    let used = places.indices.map { options.l2ByCell.isEmpty ? options.l2 : options.l2ByCell[$0] }
    let path: PenaltyPath
    do {
      path = try PenaltyPath(
        over: Set(PenaltyPath.standard + used).sorted(), features: data.features, counts: counts, mask: mask,
        trainRows: data.trainRows, frames: data.trainRows.map { data.frames[$0] },
        trials: data.trainRows.map { data.trials[$0] }, rateHz: data.source.stimulus.rateHz, options: options,
        model: chosenModel, work: work)
    } catch var failure as Failure where failure.kind == .undefined {
      failure.span = call.span(of: "diagnose")
      throw failure
    }
    let richer = try LinearNonlinearModel(
      ratesOf: [], features: PooledFeatures(data.features), counts: counts, mask: mask, trainRows: data.trainRows,
      frames: data.trainRows.map { data.frames[$0] }, trials: data.trainRows.map { data.trials[$0] },
      rateHz: data.source.stimulus.rateHz, work: work
    ).losses
    return used.indices.map { ReadoutVerdict(path, cell: $0, penalty: used[$0], richer: richer[$0]) }
  }

  /// How a penalty was chosen.
  private static func note(_ choice: PenaltyChoice) -> String {
    let losses = choice.candidates.map { candidate in
      "\(Value.double(candidate.l2).plainText): \(candidate.nll.map { NumberText.rounded($0, decimals: 4) } ?? "none")"
    }
    return
      "; l2 \(choice.best.map { Value.double($0).plainText } ?? "none") by cross-validation inside the training trials (nats/bin, \(losses.joined(separator: ", ")))"
  }

  /// Readouts of all cells: `fitted` where they were chosen, as they were elsewhere.
  func all(_ fitted: [CellReadout]) throws -> [CellReadout] {
    guard chosen.contains(false) else { return fitted }
    let old = try head.readouts(of: head.index, for: data.source.stimulus.cids)
    var next = fitted.makeIterator()
    return try chosen.indices.map { place in
      if chosen[place], let readout = next.next() { return readout }
      guard let readout = old[place] else {
        throw Failure(
          .mismatch,
          "cell \(data.source.stimulus.cids[place]) of \(head.session) has no readout in `\(head.twin.name)`",
          hint: "refit all cells")
      }
      return readout
    }
  }

  /// Valid bins of each cell, chosen or not, on the training trials.
  private var validBins: [Double] {
    let mask = data.mask
    return chosen.indices.map { cell in
      let valid = mask.column(mask.shape[1] == 1 ? 0 : cell)
      return data.trainRows.reduce(0) { $0 + Double(valid[$1]) }
    }
  }

  /// Mean count of each chosen cell on the training trials.
  var meanCounts: [Double] {
    let (counts, mask) = (counts, mask)
    return places.indices.map { cell in
      let valid = mask.column(mask.shape[1] == 1 ? 0 : cell)
      let observed = counts.column(cell)
      return ReadoutRefit.meanCount(
        counts: data.trainRows.map { observed[$0] }, mask: data.trainRows.map { valid[$0] }) ?? 0
    }
  }
}
