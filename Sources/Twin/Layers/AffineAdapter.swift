import Base
import Foundation
import Kernels

/// Zooms each frame to the model's grid, after a blur that matches the zoom.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel, time, grid, grid]`
/// - Source: SEMANTICS 4, with VisionCore's kernel of one tap too many: a blurred frame has lost its first row and
///   column. Resampling is bilinear between corner-aligned pixels, zero outside.
struct AffineAdapter: NamedLayer, SampleLayer {
  static let typeNames = ["adapter"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  let grid: Int
  private let isScale: Bool
  /// s of x and y, or the 2 x 3 matrix row by row.
  private let transform: [Float]
  private let sigma: Float

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    grid = try site.options.required("grid_size", try site.options.size("grid_size"))
    let kind = try site.options.string("transform") ?? "scale"
    guard ["scale", "affine"].contains(kind) else {
      throw site.options.unknown("transform", "transform", kind, among: ["scale", "affine"])
    }
    isScale = kind == "scale"
    // Where training started; the stored value is used.
    site.options.ignore("init_sigma", "init_scale")
    try site.options.finish()
    let stored = try site.weights.parameter(isScale ? "log_scale" : "affine", isScale ? [2] : [2, 3])
    var width = try site.weights.parameter("log_sigma", [])
    width.stored.fixed = "the blur is made from its number: no gradient reaches it"
    tensors = [width.stored, stored.stored]
    guard site.weights.loads, let logSigma = width.values.first else {
      transform = []
      sigma = 0
      return
    }
    let softplus = ElementFunction.softplus()
    transform = isScale ? softplus(stored.values) : stored.values
    let smallest = isScale ? min(transform[0], transform[1]) : Self.smallestSingularValue(stored.values)
    let least = smallest >= 1 ? 0 : 0.44 * (1 / smallest - 1)
    let own = softplus([logSigma])[0]
    sigma = (least * least + own * own).squareRoot()
    guard sigma.isFinite, sigma < 1e4 else {
      throw Failure(.mismatch, "\(site.weights.source.origin): `\(name)` would blur by \(sigma) pixels")
    }
  }

  var detail: String { "\(isScale ? "scale" : "affine") to \(grid)x\(grid)" }

  private var blurs: Bool { sigma >= 1e-3 }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    guard input.height > 1, input.width > 1 else { throw misfit("frames are too small to be blurred", input) }
    var out = input
    out.height = grid
    out.width = grid
    return try checked(out, for: input)
  }

  func forward(_ input: Features) -> Features {
    let shape = input.shape
    var outShape = shape
    outShape.height = grid
    outShape.width = grid
    let blurRows = blur(shape.height)
    let blurColumns = blur(shape.width)
    let height = blurRows.count / shape.height
    let width = blurColumns.count / shape.width
    guard isScale else {
      let blurred = Self.separable(input, rows: blurRows, columns: blurColumns, height: height, width: width)
      return Features(outShape, resample(blurred, frames: shape.time * shape.channels, height: height, width: width))
    }
    // In scale mode rows and columns are resampled alone, so blur and resampling are one matrix per axis.
    let rows = Self.product(resampling(scale: transform[1], size: height), blurRows, grid, height, shape.height)
    let columns = Self.product(resampling(scale: transform[0], size: width), blurColumns, grid, width, shape.width)
    return Features(outShape, Self.separable(input, rows: rows, columns: columns, height: grid, width: grid))
  }

  /// rows x columns^T for every plane x.
  private static func separable(_ input: Features, rows: [Float], columns: [Float], height: Int, width: Int) -> [Float]
  {
    let shape = input.shape
    let planes = shape.time * shape.channels
    var across = Elementwise.unfilled(planes * shape.height * width)
    BLAS.sgemm(
      m: planes * shape.height, n: width, k: shape.width, a: input.values, b: columns, transposeB: true, c: &across)
    var out = Elementwise.unfilled(planes * height * width)
    for index in 0..<planes {
      BLAS.sgemm(
        m: height, n: width, k: shape.height, a: rows, b: across, bOffset: index * shape.height * width, c: &out,
        cOffset: index * height * width)
    }
    return out
  }

  private static func product(_ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int) -> [Float] {
    var c = Elementwise.unfilled(m * n)
    BLAS.sgemm(m: m, n: n, k: k, a: a, b: b, c: &c)
    return c
  }

  /// The blur of a line of `size` pixels as a matrix of size - 1 rows; the identity where nothing is blurred.
  private func blur(_ size: Int) -> [Float] {
    guard blurs else {
      var identity = [Float](repeating: 0, count: size * size)
      for index in 0..<size { identity[index * size + index] = 1 }
      return identity
    }
    let taps = Int((6 * Double(sigma)).rounded(.toNearestOrEven)) | 1
    let reach = (taps - 1) / 2
    let positions = -(reach + 1)...reach
    var kernel = positions.map { expf(-0.5 * (Float($0) / sigma) * (Float($0) / sigma)) }
    let sum = kernel.reduce(0, +)
    for index in kernel.indices { kernel[index] /= sum }
    var matrix = [Float](repeating: 0, count: (size - 1) * size)
    for row in 0..<size - 1 {
      for (tap, p) in zip(kernel, positions) where row + p + 1 >= 0 && row + p + 1 < size {
        matrix[row * size + row + p + 1] = tap
      }
    }
    return matrix
  }

  /// Bilinear sampling of a line of `size` pixels at the grid's points times `scale`.
  private func resampling(scale: Float, size: Int) -> [Float] {
    var matrix = [Float](repeating: 0, count: grid * size)
    for (row, point) in points.enumerated() {
      for (pixel, weight) in Self.neighbours(point * scale, size) { matrix[row * size + pixel] += weight }
    }
    return matrix
  }

  /// Sampling of every plane at the transformed grid.
  private func resample(_ planes: [Float], frames: Int, height: Int, width: Int) -> [Float] {
    var taps: [(pixel: Int, weight: Float)] = []
    var starts = [0]
    for y in points {
      for x in points {
        let u = transform[0] * x + transform[1] * y + transform[2]
        let v = transform[3] * x + transform[4] * y + transform[5]
        for (row, a) in Self.neighbours(v, height) {
          for (column, b) in Self.neighbours(u, width) { taps.append((row * width + column, a * b)) }
        }
        starts.append(taps.count)
      }
    }
    var out = [Float](repeating: 0, count: frames * grid * grid)
    for frame in 0..<frames {
      for point in 0..<grid * grid {
        var sum: Float = 0
        for tap in taps[starts[point]..<starts[point + 1]] {
          sum += tap.weight * planes[frame * height * width + tap.pixel]
        }
        out[frame * grid * grid + point] = sum
      }
    }
    return out
  }

  /// `grid` points from -1 to 1, as torch computes them: from both ends towards the middle.
  private var points: [Float] {
    guard grid > 1 else { return [-1] }
    let step = 2 / Float(grid - 1)
    return (0..<grid).map { $0 < grid / 2 ? -1 + step * Float($0) : 1 - step * Float(grid - 1 - $0) }
  }

  /// Pixels beside coordinate `at` in -1...1 and their weights, without those outside.
  private static func neighbours(_ at: Float, _ size: Int) -> [(Int, Float)] {
    let position = (at + 1) / 2 * Float(size - 1)
    guard position.isFinite, abs(position) < 1e6 else { return [] }
    let below = position.rounded(.down)
    let first = Int(below)
    let weight = position - below
    return [(first, 1 - weight), (first + 1, weight)].filter { $0.0 >= 0 && $0.0 < size }
  }

  private static func smallestSingularValue(_ m: [Float]) -> Float {
    let a = Double(m[0])
    let b = Double(m[1])
    let c = Double(m[3])
    let d = Double(m[4])
    let sum = a * a + b * b + c * c + d * d
    let determinant = a * d - b * c
    let root = max(0, sum * sum - 4 * determinant * determinant).squareRoot()
    return Float(max(0, (sum - root) / 2).squareRoot())
  }
}
