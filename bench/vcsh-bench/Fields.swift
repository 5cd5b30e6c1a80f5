import Base
import Formats
import Metrics

/// Spike-triggered sums of simulated frames, in stretches as `sta` reads them.
struct FieldBench {
  static let lagCount = 18

  private let images: Tensor
  private let counts: Tensor
  private let rates: Tensor
  private let mask: Tensor

  init(path: String) throws {
    let archive = try NpzArchive(path: path)
    images = try archive.tensor("stim")
    counts = try archive.tensor("robs")
    rates = try archive.tensor("rhat")
    mask = try archive.tensor("dfs")
  }

  private var pixels: Int { images.rowCount }
  private var cells: Int { counts.rowCount }

  /// - Parameter isWhitened: without the mean of the same frames, which the frames of `--whiten` do not need.
  func sums(isWhitened: Bool) throws -> FieldSums {
    let scale: FieldSums.Scale =
      isWhitened ? .whitened(meanSquare: [Double](repeating: 1, count: pixels)) : .plain
    var sums = FieldSums(cellCount: cells, pixelCount: pixels, lagCount: Self.lagCount, scale: scale)
    let frames = images.shape[0]
    let step = max(4 * Self.lagCount, (4 << 20) / pixels)
    for start in stride(from: Self.lagCount - 1, to: frames, by: step) {
      let first = start - Self.lagCount + 1
      let rows = first..<min(frames, start + step)
      var part = mask[rows: rows].values
      for index in 0..<(start - first) * cells { part[index] = 0 }
      try sums.add(
        images: images[rows: rows].values, counts: counts[rows: rows].values, rates: rates[rows: rows].values,
        mask: part)
    }
    return sums
  }

  /// Sum of the sizes of all averages, data and model.
  func checksum(_ sums: FieldSums) throws -> Double {
    var total = 0.0
    for cell in 0..<cells {
      for source in FieldSource.allCases {
        let field = try sums.field(of: cell, source).get()
        total += field.sta.reduce(0) { $0 + abs($1) } + field.ste.reduce(0, +)
      }
    }
    return total
  }
}
