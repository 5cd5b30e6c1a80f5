import Base

/// Replaces each column by filtered versions of it: delta functions, then raised cosines over past (or near) frames.
///
/// - Shapes: `[time, column]` -> `[time, column * function]`, the functions of a column together;
///   `[time, height, width]` -> `[time, function, height, width]`
/// - Units: `peak_range_ms` and `bin_size_ms` in milliseconds of the basis, whatever the rate of the recording
/// - Source: VisionCore's `temporal_basis` (SEMANTICS 5 and 19); Pillow et al. 2008 for raised cosines
package struct RaisedCosineBasis: Transform {
  package static let name = "temporal_basis"

  /// `[function][tap]`; tap 0, the present frame, is always 0.
  let functions: [[Double]]
  private let isCausal: Bool
  private let chomp: Int
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow([
      "num_delta_funcs", "num_cosine_funcs", "history_bins", "causal", "log_spacing", "peak_range_ms", "bin_size_ms",
      "normalize", "orthogonalize", "chomp",
    ])
    place = step.place
    let deltas = try step.integer("num_delta_funcs") ?? 0
    guard let cosines = try step.integer("num_cosine_funcs"), let bins = try step.integer("history_bins") else {
      throw Failure(.format, "\(place): `num_cosine_funcs` and `history_bins` are needed")
    }
    guard (1...10_000).contains(bins), (0...bins).contains(deltas), (0...1000).contains(cosines),
      deltas + cosines > 0
    else { throw Failure(.format, "\(place): \(deltas) deltas and \(cosines) cosines do not fit \(bins) bins") }
    let binMs = try step.number("bin_size_ms") ?? 5
    let range = try Self.range(step)
    let isLog = try step.truth("log_spacing") ?? true
    guard binMs > 0, !isLog || range.lowerBound > 0 else {
      throw Failure(.format, "\(place): log spacing needs times above 0")
    }
    var basis = RaisedCosines()
    (basis.deltas, basis.cosines, basis.bins) = (deltas, cosines, bins)
    (basis.isLogarithmic, basis.peaks, basis.binMilliseconds) = (isLog, range, binMs)
    basis.isOrthogonal = try step.truth("orthogonalize") ?? false
    basis.isNormalised = try step.truth("normalize") ?? true
    functions = basis.functions
    isCausal = try step.truth("causal") ?? true
    chomp = try step.integer("chomp") ?? 0
    guard chomp >= 0 else { throw Failure(.format, "\(place).chomp: at least 0 is expected, not \(chomp)") }
  }

  package var reach: ClosedRange<Int>? {
    // The frames that are left out are the first frames of the whole recording.
    guard chomp == 0 else { return nil }
    return filters.reduce(0...0) { min($0.lowerBound, $1.reach.lowerBound)...max($0.upperBound, $1.reach.upperBound) }
  }

  private var filters: [TimeFilter] {
    functions.map { taps in
      let taps = taps.map(Float.init)
      return isCausal ? TimeFilter.causal(taps: taps) : TimeFilter(weights: taps, first: -(taps.count / 2))
    }
  }

  package func apply(_ values: Tensor) throws -> Tensor {
    guard values.rank == 2 || values.rank == 3 else {
      throw Failure(.mismatch, "\(place): shape \(values.shape) is neither [time, column] nor [time, height, width]")
    }
    let filtered = filters.map { $0.apply(values) }
    let frames = values.shape[0]
    let width = values.rowCount
    let count = functions.count
    var out: [Float] = []
    out.reserveCapacity(values.count * count)
    for frame in min(chomp, frames)..<frames {
      if values.rank == 2 {
        for column in 0..<width { for part in filtered { out.append(part.values[frame * width + column]) } }
      } else {
        for part in filtered { out.append(contentsOf: part.values[frame * width..<(frame + 1) * width]) }
      }
    }
    let left = frames - min(chomp, frames)
    return Tensor(
      shape: values.rank == 2 ? [left, width * count] : [left, count] + values.shape.dropFirst(), values: out)
  }

  private static func range(_ step: PipelineStep) throws -> ClosedRange<Double> {
    guard let node = step.option("peak_range_ms") else { return 5...100 }
    let ends = node.listValue?.compactMap(\.doubleValue) ?? []
    guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] < ends[1] else {
      throw Failure(.format, "\(step.place).peak_range_ms: two ascending times are expected")
    }
    return ends[0]...ends[1]
  }
}
