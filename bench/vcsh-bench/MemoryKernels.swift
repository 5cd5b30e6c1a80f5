import Foundation
import Kernels

/// How fast the loops over memory are beside memcpy, on one core and on arrays of the canonical twin's first block.
enum MemoryKernels {
  private static let channels = 64
  private static let side = 37
  private static let frames = 10
  private static var count: Int { channels * side * side * frames }

  private struct Row {
    var name: String
    /// Bytes that have to be read and written, a value.
    var bytes: Double
    var work: () -> Void
  }

  /// Lines `name | GB/s | share of memcpy's`.
  static func report() -> [String] {
    let (copied, copyBytes) = (median(copy()), 8.0)
    let limit = copyBytes * Double(count) / copied * 1e-9
    return ["memcpy of \((count * 4) >> 20) MB: \(format(limit)) GB/s read and written, on one core"]
      + rows().map { row in
        let rate = row.bytes * Double(count) / median(row.work) * 1e-9
        return "\(row.name) | \(format(rate)) GB/s | \(format(rate / limit))"
      }
  }

  private static func copy() -> () -> Void {
    let source = values()
    var target = source
    return {
      target.withUnsafeMutableBytes { target in
        source.withUnsafeBytes { target.copyMemory(from: $0) }
      }
    }
  }

  private static func rows() -> [Row] {
    let (other, gradient) = (values(), values())
    var x = values()
    var wide = [Float](repeating: 0, count: 2 * count)
    var (first, second) = (values().map { $0 * 0.01 }, values().map { $0 * $0 })
    let gamma = [Float](repeating: 1, count: channels)
    let shape = (positions: side * side, half: KernelAxis(kernel: 2, stride: 2))
    let pooling = Pooling(.maximum, time: KernelAxis(kernel: 1), height: shape.half, width: shape.half)
    let step = AdamWStep(
      firstShare: 0.1, secondKept: 0.999, secondShare: 0.001, kept: 1, size: 1e-6, correction: 1, epsilon: 1e-8)
    return [
      Row(name: "scale and shift", bytes: 8) { Elementwise.scaleShift(&x, in: 0..<count, scale: 0.999, shift: 1e-4) },
      Row(name: "sum of two arrays", bytes: 12) { Elementwise.add(other, to: &x, count: count) },
      Row(name: "sum of squares", bytes: 4) { _ = Reduction.sumOfSquares(other) },
      Row(name: "RMS norm over channels", bytes: 12) {
        ChannelNorm.rms(&x, channels: channels, positions: shape.positions, eps: 1e-5, gamma: gamma, beta: nil)
      },
      Row(name: "split ReLU", bytes: 12) {
        Elementwise.splitRelu(other, from: 0, count: count, gain: 1, into: &wide, on: 0, off: count)
      },
      Row(name: "largest of 2 x 2", bytes: 5) {
        _ = pooling(other, channels: channels, time: frames, height: side, width: side)
      },
      Row(name: "sigmoid", bytes: 8) { ElementFunction.sigmoid.apply(to: &x) },
      Row(name: "softplus", bytes: 8) { ElementFunction.softplus().apply(to: &x) },
      Row(name: "SiLU", bytes: 8) { ElementFunction.silu.apply(to: &x) },
      Row(name: "AdamW", bytes: 28) { step.apply(to: &x, gradient: gradient, first: &first, second: &second) },
    ]
  }

  private static func values() -> [Float] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in Float.random(in: -0.5..<0.5, using: &generator) }
  }

  private static func median(_ work: () -> Void) -> Double {
    (0..<21).map { _ in seconds(work) }.sorted()[10]
  }

  private static func format(_ value: Double) -> String { String(format: "%.2f", value) }
}
