import Base
import Fitting
import Formats
import Foundation
import Kernels

/// One fit of many cells to features that are streamed from a file, with the time it took and the memory at its peak.
///
/// The file is made where it is not there: 128 channels of 14x14 in half precision, as the cache keeps them, each map a few
/// Gaussian blobs, so that the places of readouts can be told.
enum StreamedFit {
  static let shape = (channels: 128, height: 14, width: 14)

  /// - Parameter arguments: a file, the number of rows, the number of cells.
  static func run(_ arguments: [String]) throws {
    guard arguments.count == 3, let rows = Int(arguments[1]), let cells = Int(arguments[2]), rows > 0, cells > 0 else {
      throw Failure(.usage, "vcsh-bench stream FILE ROWS CELLS")
    }
    if (try? FeatureFile(path: arguments[0]))?.shape != [rows, shape.channels, shape.height, shape.width] {
      try write(arguments[0], rows: rows)
    }
    let source = try StreamedFeatures(path: arguments[0])
    let counts = try counts(source, cells: cells)
    let mask = Tensor(shape: [rows, 1], values: [Float](repeating: 1, count: rows))
    var readouts: [CellReadout] = []
    let time = try seconds {
      readouts = try ReadoutRefit.fit(
        features: source, counts: counts, mask: mask, trainRows: Array(0..<rows), valRows: [],
        options: ReadoutRefitOptions(l2: 1e-4, starts: 1))
    }
    let loss = readouts.reduce(0) { $0 + $1.nllTrain } / Double(cells)
    print(
      "\(rows) rows, \(cells) cells: \(Int(time)) s, \(readouts.count { $0.converged }) converged, \(loss) nats/bin,",
      "peak memory \(peakMegabytes) MB")
  }

  private static func write(_ path: String, rows: Int) throws {
    let file = try FeatureFileWriter(path: path, precision: .float16, rows: rows)
    // Blobs at places of a fixed table, so that a map is a few additions.
    let blobs = (0..<64).map { index in
      GaussianMask(
        meanY: Double(index / 8) * 1.75 - 6.1, meanX: Double(index % 8) * 1.75 - 6.1, stdY: 1.2, stdX: 1.2, theta: 0
      ).heights(height: shape.height, width: shape.width).map { Float($0) }
    }
    for start in stride(from: 0, to: rows, by: 256) {
      let chunk = try Parallel.map(min(256, rows - start), work: .silent) { offset in
        var generator = MersenneTwister(seed: UInt32(start + offset + 1))
        var values: [Float] = []
        values.reserveCapacity(shape.channels * shape.height * shape.width)
        for _ in 0..<shape.channels {
          let first = (Int(generator.uniform() * 64), Float(1.5 * generator.normal()))
          let second = (Int(generator.uniform() * 64), Float(1.5 * generator.normal()))
          for pixel in 0..<shape.height * shape.width {
            values.append(first.1 * blobs[min(63, first.0)][pixel] + second.1 * blobs[min(63, second.0)][pixel])
          }
        }
        return values
      }
      let maps = [chunk.count, shape.channels, shape.height, shape.width]
      guard try file.append(Tensor(shape: maps, values: chunk.flatMap(\.self))) else {
        throw Failure(.mismatch, "the features do not fit half precision")
      }
    }
    try file.close()
  }

  /// Poisson counts of cells with known Gaussian readouts.
  private static func counts(_ source: StreamedFeatures, cells: Int) throws -> Tensor {
    var generator = MersenneTwister(seed: 17)
    let truth = (0..<cells).map { _ in
      CellReadout(
        features: (0..<source.channels).map { _ in Float(0.6 * generator.normal()) },
        meanY: Float(8 * generator.uniform() - 4), meanX: Float(8 * generator.uniform() - 4),
        stdY: Float(0.8 + generator.uniform()), stdX: Float(0.8 + generator.uniform()), theta: 0, bias: -1.5)
    }
    let rates = try CellReadout.rates(of: truth, on: source, rows: Array(0..<source.rowCount))
    var counts = Tensor(zeros: [source.rowCount, cells])
    for (cell, rates) in rates.enumerated() {
      for (row, rate) in rates.enumerated() { counts.values[row * cells + cell] = poisson(Double(rate), &generator) }
    }
    return counts
  }

  private static func poisson(_ rate: Double, _ generator: inout MersenneTwister) -> Float {
    let limit = exp(-rate)
    var product = generator.uniform()
    var count: Float = 0
    while product > limit, count < 100 {
      product *= generator.uniform()
      count += 1
    }
    return count
  }

  private static var peakMegabytes: Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
  }
}

/// Features in the cache's own kind of file, read row after row.
private final class StreamedFeatures: FeatureSource {
  let channels = StreamedFit.shape.channels
  let height = StreamedFit.shape.height
  let width = StreamedFit.shape.width
  var rowCount: Int { file.shape[0] }
  private let file: FeatureFile

  init(path: String) throws { file = try FeatureFile(path: path) }

  func block(_ rows: Range<Int>) throws -> [Float] { try file.rows(rows) }
}
