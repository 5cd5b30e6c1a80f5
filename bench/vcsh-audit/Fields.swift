import Base
import Foundation
import Kernels
import Metrics

/// Receptive fields of cells that ignore the stimulus, and of cells that do not.
enum Fields {
  private static let side = 15
  private static let lags = 10
  private static let frames = 4000

  /// What a frame looks like.
  private enum Kind: String, CaseIterable {
    case gabors = "Gabor noise"
    case white = "white noise"
    case held = "Gabor noise, each frame for 4 bins"
    case sparse = "sparse dots"
  }

  static func claims(_ effort: Int) throws -> [Claim] {
    var claims: [Claim] = []
    for kind in Kind.allCases {
      let images = images(kind, seed: 5)
      claims.append(
        .rate(
          "a field of noise is called clear, 5 to 3000 spikes, \(kind.rawValue)", atMost: 0.02,
          try [5, 8, 15, 30, 60, 120, 300, 800, 3000].map { spikes in
            let found = try clear(images, spikes: spikes, cells: 200 * effort, seed: UInt32(spikes))
            return (found.clear, found.of)
          }))
    }
    let images = images(.gabors, seed: 5)
    let found = try clear(images, spikes: 300, cells: 100 * effort, seed: 3, isVisual: true)
    claims.append(
      .rate("a field of 300 spikes that follow a Gabor is called clear", atLeast: 0.9, (found.clear, found.of)))
    return claims
  }

  private static func images(_ kind: Kind, seed: UInt32) -> [Float] {
    var generator = MersenneTwister(seed: seed)
    let pixels = side * side
    var images: [Float] = []
    images.reserveCapacity(frames * pixels)
    for frame in 0..<frames {
      if kind == .held, frame % 4 != 0 {
        images += images[(frame - 1) * pixels..<frame * pixels]
        continue
      }
      var image = [Float](repeating: 0, count: pixels)
      switch kind {
      case .white: for pixel in 0..<pixels { image[pixel] = Float(generator.normal()) }
      case .sparse:
        for pixel in 0..<pixels where generator.uniform() < 0.02 { image[pixel] = generator.uniform() < 0.5 ? 1 : -1 }
      case .gabors, .held:
        for _ in 0..<4 {
          let (y, x) = (Double(side) * generator.uniform(), Double(side) * generator.uniform())
          let (angle, phase) = (.pi * generator.uniform(), 2 * .pi * generator.uniform())
          let width = 1 + 1.5 * generator.uniform()
          for pixel in 0..<pixels {
            let (dy, dx) = (Double(pixel / side) - y, Double(pixel % side) - x)
            let along = cos(angle) * dx + sin(angle) * dy
            image[pixel] += Float(exp(-0.5 * (dy * dy + dx * dx) / (width * width)) * cos(1.6 * along / width + phase))
          }
        }
      }
      images += image
    }
    return images
  }

  private static func clear(
    _ images: [Float], spikes: Int, cells: Int, seed: UInt32, isVisual: Bool = false
  ) throws -> (clear: Int, of: Int) {
    let pixels = side * side
    var generator = MersenneTwister(seed: seed &+ 1000)
    var counts = [Float](repeating: 0, count: frames * cells)
    var mask = [Float](repeating: 1, count: frames * cells)
    for row in 0..<lags - 1 { for cell in 0..<cells { mask[row * cells + cell] = 0 } }
    // A Gabor at lag 4 of its own place for every cell.
    for cell in 0..<cells {
      var drive = [Double](repeating: 1, count: frames)
      if isVisual {
        let (y, x) = (4 + 7 * generator.uniform(), 4 + 7 * generator.uniform())
        for row in lags..<frames {
          var sum = 0.0
          for pixel in 0..<pixels {
            let (dy, dx) = (Double(pixel / side) - y, Double(pixel % side) - x)
            sum += Double(images[(row - 4) * pixels + pixel]) * exp(-0.5 * (dy * dy + dx * dx) / 2) * cos(dx)
          }
          drive[row] = exp(0.8 * sum)
        }
      }
      var cumulative = [0.0]
      for row in 0..<frames { cumulative.append((cumulative.last ?? 0) + (row < lags - 1 ? 0 : drive[row])) }
      let total = cumulative.last ?? 0
      for _ in 0..<spikes {
        let target = generator.uniform() * total
        var (low, high) = (0, frames - 1)
        while low < high {
          let middle = (low + high) / 2
          if cumulative[middle + 1] > target { high = middle } else { low = middle + 1 }
        }
        counts[low * cells + cell] += 1
      }
    }
    var sums = FieldSums(cellCount: cells, pixelCount: pixels, lagCount: lags)
    try sums.add(images: images, counts: counts, rates: mask, mask: mask)
    var noise = FieldNoise(lagCount: lags, pixelCount: pixels, scale: .plain, frameCount: frames)
    noise.add(images: images, places: Array(lags - 1..<frames))
    let floor = try noise.floor(for: sums.effectiveCounts, work: .silent)
    let all = sums
    let found = try Parallel.map(cells) { cell -> Bool? in
      guard case .success(let field) = all.field(of: cell, .data),
        let numbers = FieldNumbers(field, height: side, width: side)
      else { return nil }
      return floor.value(at: field.effectiveCount, map: nil).map { numbers.snr > $0 } ?? false
    }.compactMap { $0 }
    return (found.count { $0 }, found.count)
  }
}
