import Base
import Kernels

/// Event-triggered averages of responses and predictions, for each cell, with intervals over events.
///
/// The average in bin k is sum c / sum d over all events: c are the counts (or the predicted rates) in that bin, d the number
/// of its valid frames. An interval resamples the events, with the same resamples for every bin and cell, and takes the 2.5
/// and 97.5 percentiles of the same ratio.
///
/// - Units: counts a frame.
/// - Source: Efron and Tibshirani 1993, the percentile interval.
public struct TriggeredAverages: Sendable {
  public let predictions: Predictions
  public let windows: EventWindows
  /// How often each event occurs in each resample.
  ///
  /// - Shapes: `[sample, event]`
  private let draws: [Float]

  public static let samples = 1000

  /// - Parameter hasIntervals: whether to compute intervals, which takes most of the time.
  public init(
    _ predictions: Predictions, _ windows: EventWindows, hasIntervals: Bool = true, seed: UInt32 = Bootstrap.seed
  ) {
    self.predictions = predictions
    self.windows = windows
    let events = hasIntervals ? windows.eventCount : 0
    var draws = [Float](repeating: 0, count: events > 1 ? Self.samples * events : 0)
    if events > 1 {
      var generator = MersenneTwister(seed: seed)
      for sample in 0..<Self.samples {
        for _ in 0..<events { draws[sample * events + Bootstrap.draw(below: events, &generator)] += 1 }
      }
    }
    self.draws = draws
  }

  /// The averages of cell `cell` (a position, not a cid).
  public func response(of cell: Int) -> TriggeredResponse {
    let (events, bins) = (windows.eventCount, windows.bins.count)
    var counts = [Float](repeating: 0, count: events * bins)
    var valid = counts
    var rates = counts
    let width = predictions.cellCount
    for (event, places) in windows.rows.enumerated() {
      for (bin, rows) in places.enumerated() {
        for row in rows where predictions.mask.values[row * width + cell] > 0 {
          counts[event * bins + bin] += predictions.counts.values[row * width + cell]
          rates[event * bins + bin] += predictions.rates.values[row * width + cell]
          valid[event * bins + bin] += 1
        }
      }
    }
    let resampled = draws.isEmpty ? nil : (counts: product(counts), valid: product(valid))
    var response = TriggeredResponse(cid: predictions.cids[cell], windows: windows, rateHz: predictions.rateHz)
    response.eventCount = (0..<events).count { event in
      valid[event * bins..<(event + 1) * bins].contains { $0 > 0 }
    }
    for bin in 0..<bins {
      let places = stride(from: bin, to: events * bins, by: bins)
      response.bins.append(
        Self.bin(
          counts: places.map { Double(counts[$0]) }, rates: places.map { Double(rates[$0]) },
          valid: places.map { Double(valid[$0]) }
        ) {
          guard let resampled else { return nil }
          var next = bin
          return Bootstrap.interval(samples: Self.samples) { _ in
            defer { next += bins }
            return resampled.valid[next] > 0 ? Double(resampled.counts[next]) / Double(resampled.valid[next]) : nil
          }
        })
    }
    return response
  }

  /// Sums over the events of each resample.
  ///
  /// - Shapes: `[event, bin]` -> `[sample, bin]`
  private func product(_ values: [Float]) -> [Float] {
    let bins = windows.bins.count
    var sums = [Float](repeating: 0, count: Self.samples * bins)
    BLAS.sgemm(m: Self.samples, n: bins, k: windows.eventCount, a: draws, b: values, c: &sums)
    return sums
  }

  /// - Parameters: one entry for each event.
  private static func bin(
    counts: [Double], rates: [Double], valid: [Double], interval: () -> (lower: Double, upper: Double)?
  ) -> TriggeredResponse.Bin {
    var bin = TriggeredResponse.Bin()
    bin.events = valid.count { $0 > 0 }
    let frames = valid.reduce(0, +)
    guard frames > 0 else {
      bin.reason = .allMasked
      return bin
    }
    bin.counts = counts.reduce(0, +)
    let mean = bin.counts / frames
    let predicted = rates.reduce(0, +) / frames
    if predicted.isFinite { bin.predicted = predicted } else { bin.reason = .notFinite }
    guard mean.isFinite else {
      bin.reason = .responseNotFinite
      return bin
    }
    bin.observed = mean
    guard bin.events > 1 else {
      bin.reason = bin.reason ?? .tooFewValues
      return bin
    }
    let squares = zip(counts, valid).reduce(0) { $0 + ($1.0 - mean * $1.1) * ($1.0 - mean * $1.1) }
    // Events that are all equal have no spread to resample; a width of 0 would look like certainty.
    guard squares > 1e-12 else {
      bin.reason = bin.reason ?? (bin.counts > 0 ? .constantResponse : .noSpikes)
      return bin
    }
    bin.standardError = (squares * Double(bin.events) / Double(bin.events - 1)).squareRoot() / frames
    let ends = interval()
    bin.low = ends?.lower
    bin.high = ends?.upper
    return bin
  }
}
