import Base

/// Responses and predictions of one cell on repeated trials of the same stimulus.
///
/// A time bin of the trial is used where at least `minimumTrials` trials have a valid response in it; every quantity is
/// computed over such bins. Trials may miss bins: a quantity uses the responses that exist.
///
/// Shapes: `[trial, time bin]`, row by row.
/// Units: counts per bin.
public struct Repeats: Sendable {
  /// Minimum number of repeats, and how trials are split into halves.
  public struct Options: Sendable, Equatable {
    /// Valid trials that a time bin needs; in each half of a split, half of them.
    public var minimumTrials: Int
    /// Number of random splits into halves.
    public var splits: Int
    /// Seed of the splits, the same for every cell.
    public var seed: UInt32

    /// VisionCore's own minimum is 20 trials.
    public init(minimumTrials: Int = 4, splits: Int = 500, seed: UInt32 = 42) {
      self.minimumTrials = minimumTrials
      self.splits = splits
      self.seed = seed
    }
  }

  public let trialCount: Int
  public let binCount: Int
  public let options: Options
  let rates: [Double]
  let counts: [Double]
  let isValid: [Bool]
  /// Number of valid trials in each time bin.
  public let trialsInBin: [Int]
  /// The time bins that are used, ascending.
  public let bins: [Int]
  /// Mean response and mean prediction in the time bins that are used.
  public let meanCounts: [Double]
  public let meanRates: [Double]
  /// Correlations of random halves of the trials.
  let halves: SplitHalves
  /// Why no metric of repeats is defined; nil where some are.
  public let obstacle: Undefined?

  /// Fewest time bins for a correlation over them.
  static let minimumBins = 3

  init(rates: [Double], counts: [Double], isValid: [Bool], trialCount: Int, options: Options) throws {
    self.options = options
    self.rates = rates
    self.counts = counts
    self.isValid = isValid
    self.trialCount = trialCount
    binCount = trialCount > 0 ? rates.count / trialCount : 0
    var trials = [Int](repeating: 0, count: binCount)
    var countSums = [Double](repeating: 0, count: binCount)
    var rateSums = countSums
    for index in isValid.indices where isValid[index] {
      let bin = index % binCount
      trials[bin] += 1
      countSums[bin] += counts[index]
      rateSums[bin] += rates[index]
    }
    trialsInBin = trials
    // A single trial gives no estimate of the noise.
    let needed = max(2, options.minimumTrials)
    let bins = trials.indices.filter { trials[$0] >= needed }
    self.bins = bins
    meanCounts = bins.map { countSums[$0] / Double(trials[$0]) }
    meanRates = bins.map { rateSums[$0] / Double(trials[$0]) }
    obstacle =
      if !isValid.contains(true) {
        .allMasked
      } else if bins.isEmpty {
        .tooFewTrials
      } else if bins.count < Self.minimumBins {
        .tooFewBins
      } else if !meanCounts.allSatisfy(\.isFinite) {
        .responseNotFinite
      } else if !meanRates.allSatisfy(\.isFinite) {
        .notFinite
      } else if meanCounts.allSatisfy({ $0 == 0 }) {
        .noSpikes
      } else {
        nil
      }
    halves = try SplitHalves(
      counts: counts, isValid: isValid, trialCount: trialCount, bins: obstacle == nil ? bins : [],
      binCount: binCount, options: options)
  }

  /// The reasons why every metric of repeats can be undefined.
  package static let obstacles: [Undefined] = [
    .noRepeats, .allMasked, .tooFewTrials, .tooFewBins, .responseNotFinite, .notFinite, .noSpikes,
  ]

  /// Indices into `counts` of the valid trials in a time bin.
  func entries(at bin: Int) -> [Int] {
    stride(from: bin, to: counts.count, by: binCount).filter { isValid[$0] }
  }

  // MARK: Variances

  /// Variance of the response over trials, averaged over time bins.
  ///
  /// - Parameter missing: subtracted from the count in the denominator: 1 for the unbiased estimate, 0 for the mean square.
  func noiseVariance(missing: Int) -> Double {
    var sum = 0.0
    for (index, bin) in bins.enumerated() {
      let entries = entries(at: bin)
      let squares = entries.reduce(0) { $0 + (counts[$1] - meanCounts[index]) * (counts[$1] - meanCounts[index]) }
      sum += squares / Double(entries.count - missing)
    }
    return sum / Double(bins.count)
  }

  /// Unbiased variance of all single responses.
  var totalVariance: Double { Moments.variance(bins.flatMap { entries(at: $0).map { counts[$0] } }, missing: 1) }

  /// Squared error of the prediction, averaged over trials, then over time bins.
  var meanSquaredError: Double {
    let errors = bins.map { bin in
      let entries = entries(at: bin)
      return entries.reduce(0) { $0 + (counts[$1] - rates[$1]) * (counts[$1] - rates[$1]) } / Double(entries.count)
    }
    return errors.reduce(0, +) / Double(bins.count)
  }

  /// Power of the part of the response that repeats from trial to trial.
  ///
  /// Formula: the covariance over time bins of two trials, averaged over all pairs of trials. Each pair uses the bins that both
  /// trials have, with the weight number of bins - 1. Where no bin is missing this equals
  /// `(Var(sum_n R_n) - sum_n Var(R_n)) / (N (N - 1))`.
  /// Source: Sahani and Linden 2003; the form over pairs, for trials that miss bins, is ours.
  var signalPower: Double? {
    let isComplete = bins.allSatisfy { trialsInBin[$0] == trialCount }
    return isComplete ? completeSignalPower : pairedSignalPower
  }

  private var completeSignalPower: Double? {
    guard trialCount >= 2 else { return nil }
    let trials = Double(trialCount)
    let single = (0..<trialCount).reduce(0.0) { sum, trial in
      sum + Moments.variance(bins.map { counts[trial * binCount + $0] }, missing: 1)
    }
    let summed = Moments.variance(meanCounts, missing: 1) * trials * trials
    return (summed - single) / (trials * (trials - 1))
  }

  private var pairedSignalPower: Double? {
    var products = 0.0
    var weight = 0
    for first in 0..<trialCount {
      for second in (first + 1)..<max(first + 1, trialCount) {
        var (shared, a, b, ab) = (0, 0.0, 0.0, 0.0)
        for bin in bins {
          let (i, j) = (first * binCount + bin, second * binCount + bin)
          guard isValid[i], isValid[j] else { continue }
          shared += 1
          a += counts[i]
          b += counts[j]
          ab += counts[i] * counts[j]
        }
        guard shared >= 2 else { continue }
        products += ab - a * b / Double(shared)
        weight += shared - 1
      }
    }
    return weight > 0 ? products / Double(weight) : nil
  }
}
