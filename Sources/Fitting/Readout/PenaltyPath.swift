import Base

/// The penalty on the feature weights that each cell's own counts choose, by cross-validation inside the training rows.
///
/// The training rows are split into two halves (`HeldOutSplit`). For each penalty of the path the cell's readout is fitted to
/// one half and scored on the other, both ways; the penalty with the lowest mean loss wins, the larger one where two are equal.
/// All cells, halves and penalties advance together, so that each pass over the features serves the whole path. Rows that are
/// not training rows play no part.
public struct PenaltyPath: Sendable, Equatable {
  /// Ascending.
  public let penalties: [Double]
  /// Loss on the other half, nats per bin, `[cell][penalty]`; nil where a cell has none.
  public let losses: [[Double]?]

  /// What a cell's training rows hold.
  public struct Data: Sendable, Equatable {
    public var spikes: Double
    public var bins: Double
    /// Loss of each half's own mean rate, nats per bin.
    public var constantLoss: Double
  }

  /// By cell.
  public let data: [Data]

  /// Four decades, two steps each.
  public static let standard: [Double] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]

  /// The chosen penalty of each cell; nil where the cell has no loss.
  public var best: [Double?] {
    losses.map { losses in
      losses.flatMap { losses in
        zip(penalties, losses).min { ($0.1, -$0.0) < ($1.1, -$1.0) }?.0
      }
    }
  }

  /// - Parameters:
  ///   - trainRows: rows of `features`, ascending in time.
  ///   - frames, trials: of each of `trainRows`; trials are nil where they are not known.
  /// - Throws: as `ReadoutRefit.fit`; `undefined` where the rows can't be split.
  package init(
    over penalties: [Double] = Self.standard, features: any FeatureSource, counts: Tensor, mask: Tensor,
    trainRows: [Int], frames: [Int], trials: [Int]?, rateHz: Double, options: ReadoutRefitOptions,
    model: ReadoutModel = ReadoutModel(), work: Work = .silent
  ) throws {
    let path = penalties.sorted()
    self.penalties = path
    let split = PenaltyChoice.split(
      counts: counts, trainRows: trainRows, frames: frames, trials: trials, rateHz: rateHz)
    guard split.isPossible else {
      throw Failure(.undefined, "the training trials are too few to choose a penalty by cross-validation")
    }
    let cells = counts.shape[1]
    var whole = ReadoutRefit.objective(counts, mask, rows: trainRows, features: features, model: model)
    whole.correlates = options.correlation != 0
    whole.movesPlace = !model.averagesSpace && [.both, .place].contains(options.part)
    let weights = ReadoutRefit.weights(whole, power: options.rateWeight)
    // Cell k's fits to half h with penalty p are cell (h * penalties + p) * cells + k of one objective.
    let copies = 2 * path.count
    func masked(_ keeps: (Int, Int) -> Bool) -> [[Float]] {
      [0, 1].flatMap { half in
        let own = whole.mask.map { mask in mask.indices.map { keeps(half, $0) ? mask[$0] : 0 } }
        return (0..<path.count).flatMap { _ in own }
      }
    }
    var fitted = whole
    var scored = whole
    fitted.mask = masked { Int(split.halves[$1]) == $0 && split.isFitted[$1] }
    scored.mask = masked { Int(split.halves[$1]) != $0 }
    for objective in [\ReadoutObjective.counts, \.offsets] {
      fitted[keyPath: objective] = (0..<copies).flatMap { _ in whole[keyPath: objective] }
    }
    fitted.baselines = (0..<copies).flatMap { _ in whole.baselines }
    (scored.counts, scored.offsets, scored.baselines) = (fitted.counts, fitted.offsets, fitted.baselines)
    scored.correlates = false
    var own = model
    own.current = (0..<copies).flatMap { _ in model.current }
    var options = options
    options.starts = min(options.starts, 2)
    data = (0..<cells).map { cell in
      var data = Data(spikes: 0, bins: 0, constantLoss: 0)
      for half in [0, 1] as [UInt8] {
        let rows = split.halves.indices.filter { split.halves[$0] == half }
        let totals = CountTotals(
          counts: rows.map { whole.counts[cell][$0] }, mask: rows.map { whole.mask[cell][$0] })
        let (bins, spikes) = (totals.bins, totals.spikes)
        data.bins += bins
        data.spikes += spikes
        if bins > 0 { data.constantLoss -= PoissonLikelihood.constant(spikes: spikes, bins: bins) }
      }
      data.constantLoss /= max(1, data.bins)
      return data
    }
    let search = ReadoutSearch(
      objective: fitted, model: own, options: options,
      terms: (0..<copies * cells).map {
        ReadoutTerms(
          weight: weights[$0 % cells], correlation: options.correlation,
          l2: path[$0 / cells % path.count], l1: options.l1(of: $0 % cells), smoothness: options.smoothness)
      })
    var blocks = FeatureBlocks(features, rows: trainRows, memoryLimit: options.memoryLimit)
    let possible = (0..<copies * cells).filter { place in
      zip(fitted.mask[place], fitted.counts[place]).contains { $0 > 0 && $1 > 0 && $1 < .infinity }
    }
    work.progress?.begin("penalties", total: possible.count, unit: "fits")
    defer { work.progress?.end() }
    let best = try search.best(of: possible, &blocks, work: work, asksAgain: false)
    let items = best.keys.sorted().compactMap { place in
      best[place].map { ReadoutObjective.Item(cell: place, parameters: $0.parameters) }
    }
    let sums = try scored.evaluate(items, on: &blocks, derivatives: false, work: work)
    let found = Dictionary(uniqueKeysWithValues: zip(items.map(\.cell), sums))
    let count = path.count
    losses = (0..<cells).map { cell in
      let sums = (0..<count).map { penalty in
        [0, 1].compactMap { half in found[(half * count + penalty) * cells + cell].flatMap { $0.bins > 0 ? $0 : nil } }
      }
      guard sums.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.loss.isFinite } }) else { return nil }
      return sums.map { halves in
        halves.reduce(0) { $0 + $1.loss } / halves.reduce(0) { $0 + $1.bins }
      }
    }
  }
}
