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
  private let parameter: Parameter
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
    // Where training starts; the stored value is used.
    let spread = try site.options.double("init_sigma") ?? 1
    site.options.ignore("init_scale")
    try site.options.finish()
    let stored = try site.weights.parameter(
      isScale ? "log_scale" : "affine", isScale ? [2] : [2, 3],
      start: isScale ? .constant(0) : .values([1, 0, 0, 0, 1, 0]))
    // The inverse of softplus.
    var width = try site.weights.parameter("log_sigma", [], start: .constant(Float(log(expm1(spread)))))
    width.stored.fixed = "the blur is made from its number: no gradient reaches it"
    parameter = stored
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
    let map = map(input.shape)
    let mapped = map(input.values)
    return Features(output(input.shape), isScale ? mapped : sampling(map.outHeight, map.outWidth)(mapped))
  }

  /// The place and scale of the grid get their gradients through the sampling alone: VisionCore's blur is a constant.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        let map = map(input.shape)
        guard isScale else {
          let sampling = sampling(map.outHeight, map.outWidth)
          let back = sampling.pullback(gradient.values, planes: map(input.values))
          pass.add(matrixGradient(back.weights, map.outHeight, map.outWidth), to: parameter)
          return Features(input.shape, map.pullback(back.planes, planes: input.values).planes)
        }
        let back = map.pullback(gradient.values, planes: input.values)
        var scales = [
          scaleGradient(back.columns, blur(input.shape.width), scale: transform[0]),
          scaleGradient(back.rows, blur(input.shape.height), scale: transform[1]),
        ]
        ElementFunction.softplus().pullback(at: parameter.values, &scales)
        pass.add(scales, to: parameter)
        return Features(input.shape, back.planes)
      }
    )
  }

  private func output(_ shape: FeatureShape) -> FeatureShape {
    var out = shape
    out.height = grid
    out.width = grid
    return out
  }

  /// The blur; where rows and columns are resampled alone, blur and resampling in one.
  private func map(_ shape: FeatureShape) -> SeparableMap {
    let (blurRows, blurColumns) = (blur(shape.height), blur(shape.width))
    guard isScale else {
      return SeparableMap(rows: blurRows, columns: blurColumns, height: shape.height, width: shape.width)
    }
    let height = blurRows.count / shape.height
    let width = blurColumns.count / shape.width
    return SeparableMap(
      rows: Self.product(resampling(scale: transform[1], size: height), blurRows, grid, height, shape.height),
      columns: Self.product(resampling(scale: transform[0], size: width), blurColumns, grid, width, shape.width),
      height: shape.height, width: shape.width)
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
      for tap in Self.neighbours(point * scale, size) { matrix[row * size + tap.pixel] += tap.weight }
    }
    return matrix
  }

  /// From the gradient of resampling times blur, `[grid, size]`, to that of the scale.
  private func scaleGradient(_ gradient: [Float], _ blur: [Float], scale: Float) -> Float {
    let size = gradient.count / grid
    let blurred = blur.count / size
    var matrix = [Float](repeating: 0, count: grid * blurred)
    BLAS.sgemm(m: grid, n: blurred, k: size, a: gradient, b: blur, transposeB: true, c: &matrix)
    var sum = 0.0
    for (row, point) in points.enumerated() {
      for tap in Self.neighbours(point * scale, blurred) {
        sum += Double(matrix[row * blurred + tap.pixel] * tap.derivative) * Double(point)
      }
    }
    return Float(sum)
  }

  /// Sampling of planes at the transformed grid.
  private func sampling(_ height: Int, _ width: Int) -> PlaneSampling {
    PlaneSampling(
      points: gridPoints.map { x, y in
        taps(x, y, height, width).map {
          .init(pixel: $0.row.pixel * width + $0.column.pixel, weight: $0.row.weight * $0.column.weight)
        }
      }, pixels: height * width)
  }

  /// From the gradients of the sampling's weights to those of the 2 x 3 matrix.
  private func matrixGradient(_ gradient: [Float], _ height: Int, _ width: Int) -> [Float] {
    var sums = [Double](repeating: 0, count: 6)
    var index = 0
    for (x, y) in gridPoints {
      for tap in taps(x, y, height, width) {
        let own = Double(gradient[index])
        let across = own * Double(tap.row.weight * tap.column.derivative)
        let down = own * Double(tap.row.derivative * tap.column.weight)
        for (place, factor) in [Double(x), Double(y), 1].enumerated() {
          sums[place] += across * factor
          sums[3 + place] += down * factor
        }
        index += 1
      }
    }
    return sums.map { Float($0) }
  }

  /// Row by row.
  private var gridPoints: [(x: Float, y: Float)] { points.flatMap { y in points.map { (x: $0, y: y) } } }

  /// The pixels beside the place that a point of the grid is taken to.
  private func taps(_ x: Float, _ y: Float, _ height: Int, _ width: Int) -> [(row: Neighbour, column: Neighbour)] {
    let u = transform[0] * x + transform[1] * y + transform[2]
    let v = transform[3] * x + transform[4] * y + transform[5]
    return Self.neighbours(v, height).flatMap { row in Self.neighbours(u, width).map { (row, $0) } }
  }

  /// `grid` points from -1 to 1, as torch computes them: from both ends towards the middle.
  private var points: [Float] {
    guard grid > 1 else { return [-1] }
    let step = 2 / Float(grid - 1)
    return (0..<grid).map { $0 < grid / 2 ? -1 + step * Float($0) : 1 - step * Float(grid - 1 - $0) }
  }

  /// A pixel, its weight at a coordinate, and how the weight changes with the coordinate.
  private struct Neighbour {
    var pixel: Int
    var weight: Float
    var derivative: Float
  }

  /// Pixels beside coordinate `at` in -1...1, without those outside.
  private static func neighbours(_ at: Float, _ size: Int) -> [Neighbour] {
    let position = (at + 1) / 2 * Float(size - 1)
    guard position.isFinite, abs(position) < 1e6 else { return [] }
    let below = position.rounded(.down)
    let first = Int(below)
    let weight = position - below
    let derivative = Float(size - 1) / 2
    return [
      Neighbour(pixel: first, weight: 1 - weight, derivative: -derivative),
      Neighbour(pixel: first + 1, weight: weight, derivative: derivative),
    ].filter { $0.pixel >= 0 && $0.pixel < size }
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
