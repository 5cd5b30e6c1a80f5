import Base
import Metrics
import Testing

struct TriggeredAveragesTests {
  /// Two cells on 12 frames; the second is masked in frame 4 and never spikes.
  private var predictions: Predictions {
    let counts: [Float] = [0, 1, 2, 0, 1, 3, 0, 0, 1, 2, 4, 0]
    var mask = [Float](repeating: 1, count: 24)
    mask[4 * 2 + 1] = 0
    return Predictions(
      cids: [5, 9], frames: Array(0..<12),
      rates: Tensor(shape: [12, 2], values: (0..<24).map { Float($0) / 10 }),
      counts: Tensor(shape: [12, 2], values: counts.flatMap { [$0, 0] }), mask: Tensor(shape: [12, 2], values: mask),
      rateHz: 100)
  }

  /// Windows of lags -1 to 2 around events at some frames.
  private func windows(_ events: [Int], binFrames: Int = 1) -> EventWindows {
    var windows = EventWindows(lags: -1...2, binFrames: binFrames)
    for event in events {
      windows.add((-2...3).map { (lag: $0, row: event + $0) }.filter { (0..<12).contains($0.row) })
    }
    return windows
  }

  @Test("Averages are those of the rows at each lag")
  func averages() throws {
    let response = TriggeredAverages(predictions, windows([2, 5, 10])).response(of: 0)
    #expect(response.bins.map(\.events) == [3, 3, 3, 2])
    // Frames 1, 4, 9; 2, 5, 10; 3, 6, 11; 4, 7.
    #expect(response.bins.map(\.counts) == [4, 9, 0, 1])
    #expect(response.bins.map(\.observed) == [4.0 / 3, 3, 0, 0.5])
    // The cell's rate in frame f is f / 5.
    let rates = [14.0, 17, 20, 16.5].map { $0 / 15 }
    // There are as many bins as rates, see above.
    for (bin, rate) in zip(response.bins, rates) { #expect(try abs(#require(bin.predicted) - rate) < 1e-6) }
    #expect(response.times == [-10, 0, 10, 20])
    #expect(response.eventCount == 3)
  }

  @Test("An interval is the bootstrap of the mean over events")
  func intervals() throws {
    let events = [2, 5, 10]
    let bin = TriggeredAverages(predictions, windows(events)).response(of: 0).bins[1]
    let values = [2.0, 3, 4]
    let expected = try #require(
      Bootstrap.interval(of: 3, samples: TriggeredAverages.samples) { positions in
        positions.reduce(0) { $0 + values[$1] } / 3
      })
    #expect(try abs(#require(bin.low) - expected.lower) < 1e-6)
    #expect(try abs(#require(bin.high) - expected.upper) < 1e-6)
    // Standard deviation 1 over three events.
    #expect(try abs(#require(bin.standardError) - 1 / 3.0.squareRoot()) < 1e-9)
  }

  @Test("Masked bins are ignored")
  func maskedBins() throws {
    let response = TriggeredAverages(predictions, windows([4, 5])).response(of: 1)
    #expect(response.bins.map(\.events) == [1, 1, 2, 2])
    let alone = TriggeredAverages(predictions, windows([4])).response(of: 1)
    #expect(alone.bins[1].observed == nil && alone.bins[1].predicted == nil && alone.bins[1].reason == .allMasked)
  }

  @Test("Equal events have a mean but no interval")
  func equalEvents() throws {
    let silent = TriggeredAverages(predictions, windows([2, 5, 10])).response(of: 1)
    #expect(silent.bins[0].observed == 0 && silent.bins[0].low == nil && silent.bins[0].reason == .noSpikes)
    let one = TriggeredAverages(predictions, windows([5])).response(of: 0)
    #expect(one.bins[1].observed == 3 && one.bins[1].high == nil && one.bins[1].reason == .tooFewValues)
  }

  @Test("Wide bins contain frames of one side of the event, and average over the valid ones")
  func wideBins() throws {
    let wide = windows([5], binFrames: 2)
    #expect(wide.bins == -1..<2 && wide.lags == -2...3)
    #expect(wide.middle(-1) == -1.5 && wide.middle(0) == 0.5)
    let response = TriggeredAverages(predictions, wide).response(of: 0)
    // Frames 3 and 4, 5 and 6, 7 and 8.
    #expect(response.bins.map(\.observed) == [0.5, 1.5, 0.5])
  }

  @Test("An event without a row is left out")
  func noRow() {
    var windows = EventWindows(lags: 0...1)
    windows.add([(lag: 7, row: 3)])
    windows.add([(lag: 1, row: 3)])
    #expect(windows.eventCount == 1)
    #expect(windows.rows == [[[], [3]]])
  }
}

struct TriggeredSummaryTests {
  private func response(_ means: [Double], errors: [Double], model: [Double]) -> TriggeredResponse {
    var response = TriggeredResponse(cid: 1, windows: EventWindows(lags: 0...means.count - 1), rateHz: 100)
    response.eventCount = 10
    response.bins = zip(zip(means, errors), model).map { pair, rate in
      var bin = TriggeredResponse.Bin()
      bin.events = 10
      bin.counts = pair.0 * 10
      bin.observed = pair.0
      bin.standardError = pair.1
      bin.predicted = rate
      return bin
    }
    return response
  }

  @Test("Modulation is the variation beyond the noise of the means")
  func modulation() throws {
    // Means 1, 2, 3: variance 1; errors of 0.6: noise 0.36.
    let summary = TriggeredSummary(response([1, 2, 3], errors: [0.6, 0.6, 0.6], model: [2, 4, 6]))
    #expect(try abs(#require(summary.modulation) - 0.8 / 2) < 1e-12)
    // The model's standard deviation over its mean.
    #expect(try abs(#require(summary.modelModulation) - 0.5) < 1e-12)
    #expect(try abs(#require(summary.correlation) - 1) < 1e-12)
    #expect(summary.peak == 2 && summary.modelPeak == 2 && summary.spikes == 60 && summary.reason == nil)
  }

  @Test("A response that varies no more than chance has no modulation, and the reason is given")
  func noModulation() {
    let summary = TriggeredSummary(response([1, 2, 3], errors: [1.1, 1.1, 1.1], model: [2, 4, 6]))
    #expect(summary.modulation == nil && summary.reason == .nonPositiveSignalPower)
    #expect(summary.correlation != nil)
  }

  @Test("A silent cell has neither peak nor modulation, while its model has both")
  func silentCell() {
    let summary = TriggeredSummary(response([0, 0, 0], errors: [0, 0, 0], model: [2, 4, 6]))
    #expect(summary.rate == 0 && summary.peak == nil && summary.modulation == nil && summary.correlation == nil)
    #expect(summary.modelPeak == 2 && summary.reason == .noSpikes)
  }

  @Test("Where no frame has counts, spikes are undefined and the reason is that of the bins with frames")
  func damagedCell() {
    var none = response([1, 2, 3], errors: [0, 0, 0], model: [2, 4, 6])
    for place in none.bins.indices {
      none.bins[place].events = place == 0 ? 0 : 10
      none.bins[place].observed = nil
      none.bins[place].reason = place == 0 ? .allMasked : .responseNotFinite
    }
    let summary = TriggeredSummary(none)
    #expect(summary.spikes == nil && summary.rate == nil && summary.reason == .responseNotFinite)
  }

  @Test("A constant prediction has no correlation")
  func constantPrediction() {
    let summary = TriggeredSummary(response([1, 2, 3], errors: [0, 0, 0], model: [2, 2, 2]))
    #expect(summary.correlation == nil && summary.reason == .constantPrediction && summary.modelModulation == 0)
  }
}
