import Foundation
import Kernels

/// The heavy convolutions of the canonical twin, plain and by the method that is chosen for them, on one core.
enum HeavyConvolutions {
  private struct Shape {
    var name: String
    var outputs: Int
    var inputs: Int
    var time: Convolution.Axis
    var space: Convolution.Axis
    /// Frames, height and width.
    var size: (Int, Int, Int)
    var padding: Convolution.Padding
    /// Windows that one call stands for.
    var windows: Double
    /// The kernel's border is zero, as a Hann window leaves it.
    var isWindowed = true

    /// Multiply-adds of the plain convolution; a border of zeros costs nothing.
    var products: Double {
      let kernel = isWindowed ? space.kernel - 2 : space.kernel
      return Double(outputs * inputs * time.kernel * kernel * kernel)
        * Double(self.outputs(time, size.0) * self.outputs(space, size.1) * self.outputs(space, size.2))
    }

    private func outputs(_ axis: Convolution.Axis, _ size: Int) -> Int { size + axis.low + axis.high - axis.kernel + 1 }
  }

  private static let shapes = [
    Shape(
      name: "block 1, one window", outputs: 64, inputs: 16, time: .init(kernel: 3, low: 2), space: .init(kernel: 9),
      size: (10, 45, 45), padding: .replicate, windows: 1),
    Shape(
      name: "block 1, a step of 32 windows", outputs: 64, inputs: 16, time: .init(kernel: 3), space: .init(kernel: 9),
      size: (34, 45, 45), padding: .replicate, windows: 32),
    Shape(
      name: "block 2", outputs: 128, inputs: 128, time: .init(kernel: 3, low: 2), space: .init(kernel: 5),
      size: (5, 18, 18), padding: .replicate, windows: 1),
    Shape(
      name: "ConvGRU, gates from the input", outputs: 384, inputs: 256, time: .init(kernel: 1),
      space: .init(kernel: 3, low: 1, high: 1), size: (40, 14, 14), padding: .zero, windows: 8, isWindowed: false),
    Shape(
      name: "ConvGRU, gates from the state", outputs: 256, inputs: 128, time: .init(kernel: 1),
      space: .init(kernel: 3, low: 1, high: 1), size: (32, 14, 14), padding: .zero, windows: 8, isWindowed: false),
    Shape(
      name: "small twin, stem", outputs: 4, inputs: 4, time: .init(kernel: 1), space: .init(kernel: 5),
      size: (112, 21, 21), padding: .replicate, windows: 16),
    Shape(
      name: "small twin, block 1", outputs: 16, inputs: 8, time: .init(kernel: 3), space: .init(kernel: 5),
      size: (114, 17, 17), padding: .replicate, windows: 16),
    Shape(
      name: "small twin, block 1 back", outputs: 8, inputs: 16, time: .init(kernel: 3),
      space: .init(kernel: 3, low: 2, high: 2), size: (114, 13, 13), padding: .zero, windows: 16, isWindowed: false),
    Shape(
      name: "small twin, block 2", outputs: 16, inputs: 32, time: .init(kernel: 3), space: .init(kernel: 3),
      size: (50, 6, 6), padding: .replicate, windows: 16, isWindowed: false),
    Shape(
      name: "small twin, ConvGRU, gates from the input", outputs: 48, inputs: 32, time: .init(kernel: 1),
      space: .init(kernel: 3, low: 1, high: 1), size: (48, 4, 4), padding: .zero, windows: 16, isWindowed: false),
    Shape(
      name: "small twin, ConvGRU, gates from the state", outputs: 32, inputs: 16, time: .init(kernel: 1),
      space: .init(kernel: 3, low: 1, high: 1), size: (16, 4, 4), padding: .zero, windows: 16, isWindowed: false),
  ]

  /// Lines `name | ms direct | ms by minimal filtering | ms chosen | share of sgemm's rate, direct | chosen`, a window each.
  /// The rate counts the multiply-adds of the plain convolution (without a zero border), whatever the method saves.
  static func report() -> [String] {
    let limit = peak()
    return ["sgemm 768x768x768: \(format(limit)) billion multiply-adds a second on one core"]
      + shapes.map { shape in
        let kernel = shape.space.kernel
        var weight = random(shape.outputs * shape.inputs * shape.time.kernel * kernel * kernel)
        if shape.isWindowed {
          for index in weight.indices {
            let (x, y) = (index % kernel, index / kernel % kernel)
            if x == 0 || y == 0 || x == kernel - 1 || y == kernel - 1 { weight[index] = 0 }
          }
        }
        let input = random(shape.size.0 * shape.inputs * shape.size.1 * shape.size.2)
        func milliseconds(_ backend: any Backend) -> Double {
          let convolution = Convolution(
            weight: weight, outChannels: shape.outputs, inChannels: shape.inputs, time: shape.time,
            height: shape.space, width: shape.space, padding: shape.padding, backend: backend)
          let times = (0..<7).map { _ in
            seconds { _ = convolution(input, time: shape.size.0, height: shape.size.1, width: shape.size.2) }
          }
          return times.sorted()[3] * 1e3 / shape.windows
        }
        let times = [
          Backends.plain, OpenBLASBackend(methods: [.winograd]), Backends.standard,
        ].map(milliseconds)
        let shares = [times[0], times[2]].map { shape.products / ($0 * shape.windows * 1e-3) * 1e-9 / limit }
        return ([shape.name] + (times + shares).map(format)).joined(separator: " | ")
      }
  }

  private static func peak() -> Double {
    let n = 768
    let (a, b) = (random(n * n), random(n * n))
    var c = a
    let times = (0..<9).map { _ in seconds { BLAS.sgemm(m: n, n: n, k: n, a: a, b: b, c: &c) } }
    return Double(n * n * n) / times.sorted()[4] * 1e-9
  }

  private static func random(_ count: Int) -> [Float] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in Float.random(in: -0.5..<0.5, using: &generator) }
  }

  private static func format(_ value: Double) -> String { String(format: value < 1 ? "%.3f" : "%.2f", value) }
}
