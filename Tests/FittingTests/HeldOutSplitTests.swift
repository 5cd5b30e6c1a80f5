import Base
import Fitting
import Foundation
import Testing

@Suite("Halves of bins for fits that are scored")
struct HeldOutSplitTests {
  private func predictions(
    rows: Int, trials: [Int]? = nil, places: [Int]? = nil, frames: [Int]? = nil, rateHz: Double = 120
  ) -> Predictions {
    let values = Tensor(zeros: [rows, 1])
    return Predictions(
      cids: [0], frames: frames ?? Array(0..<rows), trials: trials, trialBins: places, rates: values, counts: values,
      mask: values, rateHz: rateHz)
  }

  @Test("Without trials blocks of a second alternate, and a gap at their borders is not fitted") func seconds() {
    let split = HeldOutSplit(predictions(rows: 64, rateHz: 16))
    #expect(split.blockLength == 16)
    #expect(split.halves == (0..<64).map { UInt8($0 / 16 % 2) })
    #expect(split.isFitted == (0..<64).map { ![14, 15, 16, 17, 30, 31, 32, 33, 46, 47, 48, 49].contains($0) })
  }

  @Test("Where the rate is not known, a block has a stated number of bins") func unknownRate() {
    let split = HeldOutSplit(predictions(rows: 4800, rateHz: .nan))
    #expect(split.blockLength == HeldOutSplit.unknownSecond)
  }

  @Test("Trials as long as a block alternate whole, shorter ones are joined, longer ones are cut") func trials() {
    let whole = HeldOutSplit(predictions(rows: 400, trials: (0..<400).map { $0 / 50 }, rateHz: 50))
    #expect(whole.halves == (0..<400).map { UInt8($0 / 50 % 2) })
    let short = HeldOutSplit(predictions(rows: 400, trials: (0..<400).map { $0 / 10 }, rateHz: 50))
    #expect(short.halves == whole.halves)
    let long = HeldOutSplit(predictions(rows: 400, trials: (0..<400).map { $0 / 200 }, rateHz: 50))
    #expect(long.halves == whole.halves)
  }

  @Test("Trials that alternate from row to row do not tear neighbouring bins apart") func interleaved() {
    let split = HeldOutSplit(predictions(rows: 400, trials: (0..<400).map { $0 % 2 }, rateHz: 50))
    #expect(split.halves == (0..<400).map { UInt8($0 / 50 % 2) })
  }

  @Test("A border between frames that lie far apart needs no gap") func distant() {
    let frames = (0..<64).map { $0 + $0 / 16 * 1000 }
    let split = HeldOutSplit(predictions(rows: 64, frames: frames, rateHz: 16))
    #expect(split.isFitted.allSatisfy { $0 })
  }

  @Test("Rows in another order belong to the half of their frame") func unordered() {
    let plain = HeldOutSplit(predictions(rows: 64, rateHz: 16))
    let turned = HeldOutSplit(predictions(rows: 64, frames: (0..<64).reversed(), rateHz: 16))
    #expect(turned.halves == plain.halves.reversed())
  }

  @Test("All repeats of a frame belong to one half, by position or by their rates") func repeats() {
    let rows = 320
    let split = HeldOutSplit(
      predictions(rows: rows, trials: (0..<rows).map { $0 / 40 }, places: (0..<rows).map { $0 % 40 }))
    #expect(split.isByPlace && split.isPossible)
    #expect(split.halves == (0..<rows).map { split.halves[$0 % 40] })
    var unnamed = predictions(rows: rows, trials: (0..<rows).map { $0 / 40 })
    unnamed.rates.values = (0..<rows).map { Float($0 % 40) }
    #expect(HeldOutSplit(unnamed).halves == split.halves)
  }

  @Test("A single bin can't be split") func single() throws {
    #expect(!HeldOutSplit(predictions(rows: 1)).isPossible)
    let cell = try Calibrator.calibrate(
      SimulatedPredictions.cell(rates: [0.1, 0.2], counts: [1, 1], trials: [0, 0]).gathering(rows: [0]), mode: .gain
    ).cells[0]
    #expect(cell.bitsPerSpikeCalibrated == nil && cell.reason != nil)
  }

  @Test("What is stored gives every row its half again, by frame, by row and by position") func stored() throws {
    let frames = (0..<64).map { $0 * 3 % 193 }
    for byFrame in [
      predictions(rows: 64, frames: frames, rateHz: 16),
      predictions(rows: 64, frames: [Int](repeating: 5, count: 64), rateHz: 16),
    ] {
      let split = HeldOutSplit(byFrame)
      #expect(split.bins(of: byFrame).of(byFrame) == split.halves.map { Int($0) })
    }
    let repeated = predictions(rows: 80, trials: (0..<80).map { $0 / 40 }, places: (0..<80).map { $0 % 40 })
    let made = HeldOutSplit(repeated).bins(of: repeated)
    let bins = try JSONDecoder().decode(BinHalves.self, from: JSONEncoder().encode(made))
    #expect(bins == made)
    // Another trial of the same frames, which took no part.
    var other = predictions(rows: 42, trials: (0..<42).map { _ in 9 }, places: Array(0..<42))
    other.frames = Array(1000..<1042)
    #expect(bins.of(other) == bins.of(repeated).prefix(40) + [nil, nil])
    #expect(bins.of(predictions(rows: 3, frames: [Int.min, -1, Int.max])) == [nil, nil, nil])
  }

  // MARK: Random rates

  private enum Layout: CaseIterable { case none, one, two, unequal, interleaved }

  /// A signal with a correlation time in bins, mean 0 and variance 1.
  private func signal(_ rows: Int, time: Double, _ generator: inout MersenneTwister) -> [Double] {
    let decay = exp(-1 / time)
    var level = generator.normal()
    return (0..<rows).map { _ in
      level = decay * level + (1 - decay * decay).squareRoot() * generator.normal()
      return level
    }
  }

  /// Rates and counts that know nothing of each other, both as slow as `time`.
  private func random(
    rows: Int, cells: Int, time: Double, layout: Layout, rateHz: Double, repeated: Bool, seed: UInt32
  ) -> Predictions {
    var generator = MersenneTwister(seed: seed)
    let period = repeated ? rows / 8 : rows
    var rates = [Float](repeating: 0, count: rows * cells)
    var counts = rates
    for cell in 0..<cells {
      let predicted = signal(period, time: time, &generator)
      let response = signal(period, time: time, &generator)
      for row in 0..<rows {
        rates[row * cells + cell] = Float(0.3 * exp(0.6 * predicted[row % period]))
        counts[row * cells + cell] = Float(
          SimulatedPredictions.poisson(0.5 * exp(0.8 * response[row % period]), &generator))
      }
    }
    let trials: [Int]? =
      switch layout {
      case _ where repeated: (0..<rows).map { $0 / period }
      case .none: nil
      case .one: [Int](repeating: 4, count: rows)
      case .two: (0..<rows).map { $0 * 2 / rows }
      case .unequal: (0..<rows).map { $0 < rows / 10 ? 0 : 1 + $0 / 37 }
      case .interleaved: (0..<rows).map { $0 % 3 }
      }
    return Predictions(
      cids: Array(0..<cells), frames: Array(0..<rows), trials: trials,
      trialBins: repeated && layout != .none ? (0..<rows).map { $0 % period } : nil,
      rates: Tensor(shape: [rows, cells], values: rates), counts: Tensor(shape: [rows, cells], values: counts),
      mask: Tensor(shape: [rows, cells], values: [Float](repeating: 1, count: rows * cells)), rateHz: rateHz)
  }

  @Test("In forty set-ups random rates never score above 0 by more than two standard errors") func randomRates() throws
  {
    var above: [String] = []
    var setUps = 0
    var seed: UInt32 = 100
    for layout in Layout.allCases {
      for rateHz in [60, Double.nan] {
        for time in [1.0, 60] {
          for repeated in [false, true] {
            seed += 1
            setUps += 1
            let predictions = random(
              rows: 800, cells: 16, time: time, layout: layout, rateHz: rateHz, repeated: repeated, seed: seed)
            let scores = try Calibrator.calibrate(predictions, mode: .affine).cells
              .compactMap(\.bitsPerSpikeCalibrated)
            try #require(scores.count >= 14)
            let count = Double(scores.count)
            let mean = scores.reduce(0, +) / count
            let error = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count).squareRoot()
            if mean > 2 * error {
              above.append("\(layout), \(rateHz) Hz, time \(time), repeated \(repeated): \(mean) +- \(error)")
            }
          }
        }
      }
    }
    #expect(setUps == 40)
    #expect(above.isEmpty, "\(above.joined(separator: "\n"))")
  }

  @Test("Rates that are right but for gain and offset still score above 0 held out, fast and slow") func rightRates()
    throws
  {
    for trialLength in [nil, 60] as [Int?] {
      let predictions = SimulatedPredictions.make(
        rows: 3000, scales: [(gain: 2, offset: 0.05), (gain: 0.5, offset: 0.1)], trialLength: trialLength)
      for cell in try Calibrator.calibrate(predictions, mode: .affine).cells {
        #expect(try #require(cell.bitsPerSpikeCalibrated) > 0.01)
      }
    }
  }
}
