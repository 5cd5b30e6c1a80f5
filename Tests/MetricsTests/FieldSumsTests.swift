import Base
import Foundation
import Metrics
import Testing

/// A recording of random pixels, counts, rates and masks; rows before the first window are masked.
private struct RandomRecording {
  let rows = 200
  let cells = 3
  let pixels = 6
  let lags = 4
  var images: [Float] = []
  var counts: [Float] = []
  var rates: [Float] = []
  var mask: [Float] = []

  /// - Parameter isShared: whether all cells have the same mask.
  init(isShared: Bool) {
    var random = MersenneTwister(seed: 5)
    images = (0..<rows * pixels).map { _ in Float(random.uniform() - 0.3) }
    for row in 0..<rows {
      let isOn = random.uniform() > 0.2
      for cell in 0..<cells {
        counts.append(Float(Int(random.uniform() * 3)))
        rates.append(Float(random.uniform()))
        let isOwn = isShared || cell == 0 || random.uniform() > 0.3
        mask.append(row >= lags - 1 && isOn && isOwn ? 1 : 0)
      }
    }
  }

  func sums(scale: FieldSums.Scale = .plain) throws -> FieldSums {
    var sums = FieldSums(cellCount: cells, pixelCount: pixels, lagCount: lags, scale: scale)
    try sums.add(images: images, counts: counts, rates: rates, mask: mask)
    return sums
  }

  /// sum_t w_t f(s_p(t - lag)) / sum_t w_t, in plain loops.
  func average(_ cell: Int, _ lag: Int, _ pixel: Int, _ weight: [Float]?, _ power: Double) -> Double {
    var (sum, total) = (0.0, 0.0)
    for row in 0..<rows where mask[row * cells + cell] > 0 {
      let w = Double(weight?[row * cells + cell] ?? 1)
      sum += w * pow(Double(images[(row - lag) * pixels + pixel]), power)
      total += w
    }
    return sum / total
  }
}

struct FieldSumsTests {
  @Test("Averages equal those of plain loops in double precision", arguments: [true, false])
  func plainLoops(isShared: Bool) throws {
    let recording = RandomRecording(isShared: isShared)
    let sums = try recording.sums()
    for cell in 0..<recording.cells {
      for (source, weight) in [(FieldSource.data, recording.counts), (.model, recording.rates)] {
        let field = try sums.field(of: cell, source).get()
        for lag in 0..<recording.lags {
          for pixel in 0..<recording.pixels {
            let place = lag * recording.pixels + pixel
            // Sums of some hundred float32 products.
            #expect(abs(field.sta[place] - recording.average(cell, lag, pixel, weight, 1)) < 1e-6)
            #expect(abs(field.ste[place] - recording.average(cell, lag, pixel, weight, 2)) < 1e-6)
          }
        }
      }
    }
  }

  @Test("Plain z-maps compare with the mean of the same frames", arguments: [true, false])
  func plainZMaps(isShared: Bool) throws {
    let recording = RandomRecording(isShared: isShared)
    let field = try recording.sums().field(of: 1, .data).get()
    let cells = recording.cells
    let weights = (0..<recording.rows).filter { recording.mask[$0 * cells + 1] > 0 }.map {
      Double(recording.counts[$0 * cells + 1])
    }
    let count = pow(weights.reduce(0, +), 2) / weights.reduce(0) { $0 + $1 * $1 }
    #expect(abs(field.effectiveCount - count) < 1e-9)
    for pixel in 0..<recording.pixels {
      // Moments of the pixel, frames weighted by the share of cells that count there.
      func moment(_ power: Double) -> Double {
        var (sum, total) = (0.0, 0.0)
        for row in 0..<recording.rows {
          let share = Double(recording.mask[row * cells..<(row + 1) * cells].reduce(0, +))
          sum += share * pow(Double(recording.images[row * recording.pixels + pixel]), power)
          total += share
        }
        return sum / total
      }
      let deviation = (moment(2) - pow(moment(1), 2)).squareRoot()
      let squareDeviation = (moment(4) - pow(moment(2), 2)).squareRoot()
      for lag in 0..<recording.lags {
        let place = lag * recording.pixels + pixel
        let sta =
          recording.average(1, lag, pixel, recording.counts, 1) - recording.average(1, lag, pixel, nil, 1)
        let ste =
          recording.average(1, lag, pixel, recording.counts, 2) - recording.average(1, lag, pixel, nil, 2)
        #expect(abs(field.staZ[place] - sta / deviation * count.squareRoot()) < 1e-4)
        #expect(abs(field.steZ[place] - ste / squareDeviation * count.squareRoot()) < 1e-4)
      }
    }
  }

  @Test("z-maps of whitened frames follow VisionCore's formula")
  func whitenedZMaps() throws {
    let recording = RandomRecording(isShared: true)
    let meanSquare = (0..<recording.pixels).map { 0.2 + 0.1 * Double($0) }
    let field = try recording.sums(scale: .whitened(meanSquare: meanSquare)).field(of: 2, .model).get()
    try #require(field.sta.count == recording.lags * recording.pixels)
    for place in field.sta.indices {
      let base = meanSquare[place % recording.pixels]
      #expect(abs(field.staZ[place] - field.sta[place] * field.effectiveCount.squareRoot()) < 1e-9)
      #expect(abs(field.steZ[place] - (field.ste[place] / base - 1) * (field.effectiveCount / 2).squareRoot()) < 1e-9)
    }
  }

  @Test("The size of the stretches does not matter", arguments: [1, 7, 64])
  func stretches(size: Int) throws {
    let recording = RandomRecording(isShared: false)
    let whole = try recording.sums()
    var sums = FieldSums(cellCount: recording.cells, pixelCount: recording.pixels, lagCount: recording.lags)
    for start in stride(from: recording.lags - 1, to: recording.rows, by: size) {
      let end = min(recording.rows, start + size)
      // The rows before lead to the first window and count for nothing themselves.
      let first = start - recording.lags + 1
      func part(_ values: [Float], _ width: Int) -> [Float] { Array(values[first * width..<end * width]) }
      let mask = (first..<end).flatMap { row in
        (0..<recording.cells).map { row < start ? 0 : recording.mask[row * recording.cells + $0] }
      }
      try sums.add(
        images: part(recording.images, recording.pixels), counts: part(recording.counts, recording.cells),
        rates: part(recording.rates, recording.cells), mask: mask)
    }
    for cell in 0..<recording.cells {
      for source in FieldSource.allCases {
        let (a, b) = (try sums.field(of: cell, source).get(), try whole.field(of: cell, source).get())
        #expect(a.sta.count == recording.lags * recording.pixels && b.sta.count == a.sta.count)
        #expect(zip(a.sta, b.sta).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(a.staZ, b.staZ).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(zip(a.steZ, b.steZ).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }
  }

  @Test("A cell without spikes, valid bins or finite rates has a reason, and the others keep their fields")
  func undefinedCells()
    throws
  {
    let recording = RandomRecording(isShared: true)
    let expected = try recording.sums().field(of: 1, .data).get()
    var changed = recording
    for row in 0..<recording.rows {
      changed.counts[row * recording.cells] = 0
      changed.mask[row * recording.cells + 2] = 0
      changed.rates[row * recording.cells + 1] = 0.25
    }
    changed.rates[150 * recording.cells] = .nan
    changed.mask[150 * recording.cells] = 1
    let sums = try changed.sums()
    #expect(sums.field(of: 0, .data) == .failure(.noSpikes))
    #expect(sums.total(of: 0, .data) == 0)
    #expect(sums.field(of: 0, .model) == .failure(.notFinite))
    #expect(sums.field(of: 1, .model) == .failure(.constantPrediction))
    #expect(sums.field(of: 2, .data) == .failure(.allMasked))
    let field = try sums.field(of: 1, .data).get()
    #expect(field.sta.count == recording.lags * recording.pixels && expected.sta.count == field.sta.count)
    #expect(zip(field.sta, expected.sta).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("Masked values can be anything")
  func maskedValues() throws {
    let recording = RandomRecording(isShared: true)
    var changed = recording
    for index in recording.mask.indices where recording.mask[index] == 0 {
      changed.counts[index] = .nan
      changed.rates[index] = .infinity
    }
    #expect(try changed.sums().field(of: 0, .data) == recording.sums().field(of: 0, .data))
    #expect(try changed.sums().field(of: 0, .model) == recording.sums().field(of: 0, .model))
  }

  @Test("Pixels that are not finite are refused")
  func notFinite() {
    var recording = RandomRecording(isShared: true)
    recording.images[77] = .nan
    #expect(throws: Failure(.undefined, "the stimulus has pixels that are not finite")) { try recording.sums() }
  }
}
