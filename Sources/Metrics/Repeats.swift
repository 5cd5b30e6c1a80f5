import Base

/// Responses and predictions of one cell on repeated trials of the same stimulus.
///
/// A place of the trial counts where at least `minimumTrials` trials have a valid bin there; all that follows is over
/// such places. Trials may miss places: every quantity is of the bins that are there.
///
/// Shapes: trial by place, row by row.
/// Units: counts per bin.
public struct Repeats: Sendable {
  /// How repeats are judged.
  public struct Options: Sendable, Equatable {
    /// Valid trials that a place needs; each half of a split needs half of them.
    public var minimumTrials: Int
    /// Random splits into halves.
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
  public let placeCount: Int
  public let options: Options
  let rates: [Double]
  let counts: [Double]
  let isValid: [Bool]
  /// Valid trials at each place.
  public let trialsAtPlace: [Int]
  /// The places that count, ascending.
  public let places: [Int]
  /// Mean response and mean prediction at the places that count.
  public let meanCounts: [Double]
  public let meanRates: [Double]
  /// Correlations of random halves of the trials.
  let halves: SplitHalves
  /// Why no number can be given, whatever the metric.
  public let obstacle: Undefined?

  /// Places that a correlation over them needs.
  static let minimumPlaces = 3

  init(rates: [Double], counts: [Double], isValid: [Bool], trialCount: Int, options: Options) {
    self.options = options
    self.rates = rates
    self.counts = counts
    self.isValid = isValid
    self.trialCount = trialCount
    placeCount = trialCount > 0 ? rates.count / trialCount : 0
    var trials = [Int](repeating: 0, count: placeCount)
    var countSums = [Double](repeating: 0, count: placeCount)
    var rateSums = countSums
    for index in isValid.indices where isValid[index] {
      let place = index % placeCount
      trials[place] += 1
      countSums[place] += counts[index]
      rateSums[place] += rates[index]
    }
    trialsAtPlace = trials
    // One trial alone tells nothing of the noise.
    let needed = max(2, options.minimumTrials)
    let places = trials.indices.filter { trials[$0] >= needed }
    self.places = places
    meanCounts = places.map { countSums[$0] / Double(trials[$0]) }
    meanRates = places.map { rateSums[$0] / Double(trials[$0]) }
    obstacle =
      if !isValid.contains(true) {
        .allMasked
      } else if places.isEmpty {
        .tooFewTrials
      } else if places.count < Self.minimumPlaces {
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
    halves = SplitHalves(
      counts: counts, isValid: isValid, trialCount: trialCount, places: obstacle == nil ? places : [],
      placeCount: placeCount, options: options)
  }

  /// The obstacles that every metric of repeats may meet.
  package static let obstacles: [Undefined] = [
    .noRepeats, .allMasked, .tooFewTrials, .tooFewBins, .responseNotFinite, .notFinite, .noSpikes,
  ]

  /// The valid trials' positions in `counts` at a place.
  func entries(at place: Int) -> [Int] {
    stride(from: place, to: counts.count, by: placeCount).filter { isValid[$0] }
  }

  // MARK: Variances

  /// Variance of the response over trials, averaged over places.
  ///
  /// - Parameter missing: 1 for the estimate without bias, 0 for the mean square.
  func noiseVariance(missing: Int) -> Double {
    var sum = 0.0
    for (index, place) in places.enumerated() {
      let entries = entries(at: place)
      let squares = entries.reduce(0) { $0 + (counts[$1] - meanCounts[index]) * (counts[$1] - meanCounts[index]) }
      sum += squares / Double(entries.count - missing)
    }
    return sum / Double(places.count)
  }

  /// Variance of all single responses, without bias.
  var totalVariance: Double { Moments.variance(places.flatMap { entries(at: $0).map { counts[$0] } }, missing: 1) }

  /// Squared error of the prediction, averaged over trials, then over places.
  var meanSquaredError: Double {
    let errors = places.map { place in
      let entries = entries(at: place)
      return entries.reduce(0) { $0 + (counts[$1] - rates[$1]) * (counts[$1] - rates[$1]) } / Double(entries.count)
    }
    return errors.reduce(0, +) / Double(places.count)
  }

  /// Power of the part of the response that repeats.
  ///
  /// Formula: the covariance over places of two trials, over all pairs of trials; each pair over the places that both
  /// have, pairs weighted by places - 1. Where no bin is missing it is
  /// `(Var(sum_n R_n) - sum_n Var(R_n)) / (N (N - 1))`.
  /// Source: Sahani and Linden 2003; the form by pairs is ours, for trials that miss bins.
  var signalPower: Double? {
    let isComplete = places.allSatisfy { trialsAtPlace[$0] == trialCount }
    return isComplete ? completeSignalPower : pairedSignalPower
  }

  private var completeSignalPower: Double? {
    guard trialCount >= 2 else { return nil }
    let trials = Double(trialCount)
    let single = (0..<trialCount).reduce(0.0) { sum, trial in
      sum + Moments.variance(places.map { counts[trial * placeCount + $0] }, missing: 1)
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
        for place in places {
          let (i, j) = (first * placeCount + place, second * placeCount + place)
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
