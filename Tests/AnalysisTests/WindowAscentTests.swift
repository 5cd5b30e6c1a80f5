import Analysis
import Base
import Foundation
import Layers
import Testing

/// Gradient ascent on windows whose best answer is known.
@Suite("Most exciting windows")
struct WindowAscentTests {
  static let grid = FeatureShape(channels: 1, time: 3, height: 5, width: 4)

  static func settings(_ steps: Int = 60) -> WindowAscent.Settings {
    var settings = WindowAscent.Settings(contrast: 0.05)
    settings.steps = steps
    return settings
  }

  static let pattern: [Float] = (0..<grid.count).map { Float(($0 * 37) % 11) - 5 }

  /// The exponential of the product with a pattern: largest along the pattern.
  static func linear(_ windows: Tensor) -> (activations: [Double], gradient: Tensor) {
    var gradient = Tensor(zeros: windows.shape)
    let activations = (0..<windows.shape[0]).map { row in
      let product = (0..<grid.count).reduce(0.0) {
        $0 + Double(pattern[$1]) * Double(windows.values[row * grid.count + $1])
      }
      let value = exp(product)
      for pixel in 0..<grid.count { gradient.values[row * grid.count + pixel] = Float(value) * pattern[pixel] }
      return value
    }
    return (activations, gradient)
  }

  @Test("The best window of a linear cell is its kernel at the limit of contrast")
  func kernel() throws {
    let ascent = WindowAscent(Self.settings(), size: Self.grid)
    let result = try ascent.climb(from: ascent.noise(3), Self.linear)
    for start in 0..<3 {
      let window = Array(result.windows[rows: start..<start + 1].values)
      #expect(WindowAscent.cosine(window, Self.pattern) > 0.9999)
      #expect(abs(WindowAscent.contrast(window) - 0.05) < 1e-4)
    }
    #expect(result.course.count == 61)
    #expect(zip(result.course, result.course.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("A start is never worse than where it began, within the limits of contrast and pixels")
  func limits() throws {
    var settings = Self.settings(20)
    settings.contrast = 0.6
    let ascent = WindowAscent(settings, size: Self.grid)
    let starts = ascent.noise(2)
    let before = Self.linear(Tensor(shape: [2] + Self.grid.windowAxes, values: starts.flatMap(\.self))).activations
    let result = try ascent.climb(from: starts, Self.linear)
    for (old, new) in zip(before, result.activations) { #expect(new >= old) }
    #expect(result.windows.values.allSatisfy { WindowAscent.pixelRange.contains($0) })
    for start in 0..<2 {
      #expect(WindowAscent.contrast(Array(result.windows[rows: start..<start + 1].values)) <= 0.6 + 1e-6)
    }
  }

  /// A cell of several ridges that saturate: the gradient's length says little about where the best window lies.
  static func ridges(_ windows: Tensor) -> (activations: [Double], gradient: Tensor) {
    var random = MersenneTwister(seed: 7)
    let patterns = (0..<8).map { _ in (0..<grid.count).map { _ in Float(random.normal()) } }
    var gradient = Tensor(zeros: windows.shape)
    let activations = (0..<windows.shape[0]).map { row in
      var sum = 0.01
      for (place, pattern) in patterns.enumerated() {
        let product = (0..<grid.count).reduce(0.0) {
          $0 + Double(pattern[$1]) * Double(windows.values[row * grid.count + $1])
        }
        let drive = exp(Double(4 + place) * product - 2)
        sum += drive / (1 + drive)
        let slope = Float(Double(4 + place) * drive / ((1 + drive) * (1 + drive)))
        for pixel in 0..<grid.count { gradient.values[row * grid.count + pixel] += slope * pattern[pixel] }
      }
      return sum
    }
    return (activations, gradient)
  }

  @Test("With as many gradients, starts on average end above plain ascent with the best of three fixed steps")
  func plain() throws {
    let ascent = WindowAscent(Self.settings(30), size: Self.grid)
    let starts = ascent.noise(8)
    let radius = 0.05 * Double(Self.grid.count).squareRoot()
    func climb(_ share: Double, from start: [Float]) -> Double {
      var (window, best) = (start, 0.0)
      for step in 0...30 {
        let (activations, gradient) = Self.ridges(Tensor(shape: [1] + Self.grid.windowAxes, values: window))
        best = max(best, activations[0])
        guard step < 30 else { break }
        let length = gradient.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        window = zip(window, gradient.values).map { $0 + Float(share * radius / length) * $1 }
        let factor = Float(min(1, 0.05 / WindowAscent.contrast(window)))
        window = window.map { $0 * factor }
      }
      return best
    }
    let plain = starts.map { start in [0.03, 0.1, 0.3].map { climb($0, from: start) }.max() ?? 0 }
    let own = try ascent.climb(from: starts, Self.ridges).activations
    #expect(own.reduce(0, +) >= plain.reduce(0, +) * 0.999)
  }

  @Test("With diversity, two starts of a cell with two best windows part")
  func diversity() throws {
    // Two patterns that excite equally; both starts begin on the side of the first.
    var (a, b) = ([Float](repeating: 0, count: Self.grid.count), [Float](repeating: 0, count: Self.grid.count))
    for index in 0..<10 { a[index] = 1 }
    for index in 30..<40 { b[index] = 1 }
    func either(_ windows: Tensor) -> (activations: [Double], gradient: Tensor) {
      var gradient = Tensor(zeros: windows.shape)
      let values = (0..<windows.shape[0]).map { row in
        var sum = 0.0
        for pattern in [a, b] {
          let product = (0..<Self.grid.count).reduce(0.0) {
            $0 + Double(pattern[$1]) * Double(windows.values[row * Self.grid.count + $1])
          }
          sum += exp(4 * product)
          for pixel in pattern.indices {
            gradient.values[row * Self.grid.count + pixel] += Float(4 * exp(4 * product)) * pattern[pixel]
          }
        }
        return sum
      }
      return (values, gradient)
    }
    let near = [a.map { $0 * 0.1 }, zip(a, b).map { $0 * 0.1 + $1 * 0.06 }]
    func alike(_ diversity: Double) throws -> Double {
      var settings = Self.settings(80)
      settings.contrast = 0.2
      settings.diversity = diversity
      let result = try WindowAscent(settings, size: Self.grid).climb(from: near, either)
      return WindowAscent.cosine(
        Array(result.windows[rows: 0..<1].values), Array(result.windows[rows: 1..<2].values))
    }
    #expect(try alike(0) > 0.95)
    #expect(try alike(20) < 0.5)
  }

  @Test("The same seed gives the same windows, also with jitter; another seed gives others")
  func seeds() throws {
    func windows(_ seed: UInt32) throws -> [Float] {
      var settings = Self.settings(10)
      settings.jitter = 2
      settings.seed = seed
      let ascent = WindowAscent(settings, size: Self.grid)
      return try ascent.climb(from: ascent.noise(2), Self.linear).windows.values
    }
    #expect(try windows(1) == windows(1))
    #expect(try windows(1) != windows(2))
  }

  @Test("A shift moves frames around their edges and back; smoothing keeps sums and a constant")
  func grids() {
    let values = (0..<Self.grid.count).map(Float.init)
    let moved = Self.grid.shifted(values, by: (1, -1))
    #expect(moved[4] == 1 && moved[0] == 17 && moved[3] == 16)
    #expect(Self.grid.shifted(moved, by: (-1, 1)) == values)
    #expect(Self.grid.shifted(values, by: (5, -8)) == values)
    let flat = Self.grid.smoothed([Float](repeating: 2, count: Self.grid.count), by: 1.5)
    #expect(flat.allSatisfy { abs($0 - 2) < 1e-5 })
    #expect(Self.grid.contrastByLag([Float](repeating: 0.5, count: Self.grid.count)) == [0.5, 0.5, 0.5])
  }
}
