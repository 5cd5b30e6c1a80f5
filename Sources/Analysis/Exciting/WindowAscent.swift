import Base
import Foundation
import Layers

/// Finds stimulus windows that excite a cell as much as possible, by gradient ascent under a limit of contrast.
///
/// Contrast is the root mean square of a window's normalised pixels, (pixel - 127) / 255, so 0 is grey. All starts climb
/// side by side, in four ways one after the other (`AscentMoments`), of which the best counts. Every step is taken: along
/// the running mean of gradients, for a length that falls by a cosine, and back to the limit. The best window on the way
/// counts, so that a start never ends below where it began.
/// The first half of the steps may look at windows that are moved by some pixels, so that the result does not depend on the
/// grid of the pixels; what is seen there does not count.
package struct WindowAscent: Sendable {
  package struct Settings: Sendable, Equatable {
    package var steps = 100
    /// Largest contrast of a window.
    package var contrast: Double
    /// Standard deviation (px) of the Gaussian that smooths gradients in space; 0 for none.
    package var smoothing = 0.0
    /// Largest shift (px) along each axis in the first half of the steps.
    package var jitter = 0
    /// How strongly starts push each other apart: weight of the mean squared cosine between a window and the others
    /// beside the logarithm of the activation.
    package var diversity = 0.0
    package var seed: UInt32 = 1002
    /// Values that a pixel may have.
    package var range = WindowAscent.pixelRange

    package init(contrast: Double) { self.contrast = contrast }
  }

  /// Activations of some windows and their gradients in the windows' shape.
  package typealias Evaluation = (Tensor) throws -> (activations: [Double], gradient: Tensor)

  package struct Result: Sendable {
    /// `[start, channel, time, height, width]`, normalised.
    package var windows: Tensor
    package var activations: [Double]
    /// Largest activation of any start so far, before the first step and after each.
    package var course: [Double]
  }

  /// Values of a normalised pixel that a display can show.
  package static let pixelRange: ClosedRange<Float> = -127.0 / 255...128.0 / 255

  private let settings: Settings
  private let size: FeatureShape

  /// - Parameter size: of one window.
  package init(_ settings: Settings, size: FeatureShape) {
    self.settings = settings
    self.size = size
  }

  /// Windows of noise at the limit of contrast.
  package func noise(_ count: Int) -> [[Float]] {
    var random = MersenneTwister(seed: settings.seed)
    return (0..<count).map { _ in limited((0..<size.count).map { _ in Float(random.normal()) }) }
  }

  /// How many times `climb` evaluates its windows.
  package var evaluationCount: Int { AscentMoments.ways.count * (settings.steps + 1) }

  /// Climbs from `starts`, each the values of one window, in every way; the best one counts: for each start, or for all
  /// together where they push each other apart.
  ///
  /// - Throws: what `evaluate` throws; `interrupted`.
  package func climb(from starts: [[Float]], work: Work = .silent, _ evaluate: Evaluation) throws -> Result {
    let climbs = try AscentMoments.ways.map { try climb(from: starts, $0, work, evaluate) }
    guard var best = climbs.first?.best else { preconditionFailure("there is no way to climb") }
    for climb in climbs.dropFirst() {
      best.take(climb.best.windows, climb.best.activations, climb.best.scores, together: settings.diversity > 0)
    }
    let course = (0...settings.steps).map { step in climbs.map { $0.course[step] }.max() ?? 0 }
    return Result(
      windows: Tensor(shape: [starts.count] + size.windowAxes, values: best.windows.flatMap(\.self)),
      activations: best.activations, course: course)
  }

  private func climb(
    from starts: [[Float]], _ way: AscentMoments.Way, _ work: Work, _ evaluate: Evaluation
  ) throws -> (best: Best, course: [Double]) {
    var random = MersenneTwister(seed: settings.seed &+ 1)
    var windows = starts.map(limited)
    var moments = [AscentMoments](repeating: AscentMoments(way, pixels: size.count), count: starts.count)
    var (activations, gradients) = try evaluated(windows, evaluate)
    var best = Best(windows: windows, activations: activations, scores: scores(windows, activations))
    var course = [best.activations.max() ?? 0]
    for step in 0..<settings.steps {
      try work.cancellation.check()
      let stride = AscentMoments.stride(step, of: settings.steps, way)
      let slopes = slopes(windows, activations, gradients)
      for index in windows.indices {
        var way = moments[index].direction(for: slopes[index])
        if settings.smoothing > 0 { way = size.smoothed(way, by: settings.smoothing) }
        windows[index] = moved(windows[index], way, by: stride)
      }
      let explores = settings.jitter > 0 && step < settings.steps / 2
      let shift = explores ? (jitter(&random), jitter(&random)) : (0, 0)
      (activations, gradients) = try evaluated(windows.map { size.shifted($0, by: shift) }, evaluate)
      gradients = gradients.map { size.shifted($0, by: (-shift.0, -shift.1)) }
      if !explores { best.take(windows, activations, scores(windows, activations), together: settings.diversity > 0) }
      course.append(best.activations.max() ?? 0)
    }
    return (best, course)
  }

  /// The windows with the highest scores so far.
  private struct Best {
    var windows: [[Float]]
    var activations: [Double]
    var scores: [Double]

    /// - Parameter together: all starts or none, because a start's score depends on the others beside it.
    mutating func take(_ windows: [[Float]], _ activations: [Double], _ scores: [Double], together: Bool) {
      let isBetter = scores.reduce(0, +) > self.scores.reduce(0, +)
      for index in scores.indices where together ? isBetter : scores[index] > self.scores[index] {
        self.windows[index] = windows[index]
        self.activations[index] = activations[index]
        self.scores[index] = scores[index]
      }
    }
  }

  // MARK: One step

  private func evaluated(_ windows: [[Float]], _ evaluate: Evaluation) throws -> ([Double], [[Float]]) {
    let found = try evaluate(Tensor(shape: [windows.count] + size.windowAxes, values: windows.flatMap(\.self)))
    return (
      found.activations,
      windows.indices.map { Array(found.gradient.values[$0 * size.count..<($0 + 1) * size.count]) }
    )
  }

  /// The logarithm of the activation, less what being alike costs.
  private func scores(_ windows: [[Float]], _ activations: [Double]) -> [Double] {
    windows.indices.map { log(max(activations[$0], Self.least)) - settings.diversity * likeness(of: $0, in: windows) }
  }

  private static let least = 1e-30

  private func likeness(of index: Int, in windows: [[Float]]) -> Double {
    guard settings.diversity > 0, windows.count > 1 else { return 0 }
    let cosines = windows.indices.filter { $0 != index }.map { Self.cosine(windows[index], windows[$0]) }
    return cosines.reduce(0) { $0 + $1 * $1 } / Double(cosines.count)
  }

  /// How the scores rise with the pixels; without the part along a window that is at its limit and would only lengthen it.
  private func slopes(_ windows: [[Float]], _ activations: [Double], _ gradients: [[Float]]) -> [[Float]] {
    windows.indices.map { index in
      let scale = Float(1 / max(activations[index], Self.least))
      var slope = gradients[index].map { $0 * scale }
      let own = Self.norm(windows[index])
      if settings.diversity > 0, windows.count > 1 {
        let weight = settings.diversity / Double(windows.count - 1)
        for other in windows.indices where other != index {
          let cosine = Self.cosine(windows[index], windows[other])
          let length = Self.norm(windows[other])
          guard own > 0, length > 0 else { continue }
          let (towards, along) = (2 * cosine * weight / (own * length), 2 * cosine * cosine * weight / (own * own))
          for pixel in slope.indices {
            slope[pixel] -= Float(towards) * windows[other][pixel] - Float(along) * windows[index][pixel]
          }
        }
      }
      guard Self.contrast(windows[index]) > 0.999 * settings.contrast else { return slope }
      let outward = zip(slope, windows[index]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / (own * own)
      return outward > 0 ? zip(slope, windows[index]).map { $0 - Float(outward) * $1 } : slope
    }
  }

  private func moved(_ window: [Float], _ direction: [Float], by stride: Double) -> [Float] {
    let length = Self.norm(direction)
    guard length > 0, length.isFinite else { return window }
    let step = Float(stride * settings.contrast * Double(size.count).squareRoot() / length)
    return limited(zip(window, direction).map { $0 + step * $1 })
  }

  /// The nearest window with values of pixels and no more contrast than the limit.
  private func limited(_ window: [Float]) -> [Float] {
    let contrast = Self.contrast(window)
    let factor = Float(contrast > settings.contrast ? settings.contrast / contrast : 1)
    return window.map { min(max($0 * factor, settings.range.lowerBound), settings.range.upperBound) }
  }

  private func jitter(_ random: inout MersenneTwister) -> Int {
    Int((random.uniform() * Double(2 * settings.jitter + 1)).rounded(.down)) - settings.jitter
  }

  // MARK: Measures of windows

  /// Root mean square.
  package static func contrast(_ window: [Float]) -> Double { norm(window) / Double(max(1, window.count)).squareRoot() }

  /// 0 where one of them is grey throughout.
  package static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let lengths = norm(a) * norm(b)
    return lengths > 0 ? product / lengths : 0
  }

  private static func norm(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
