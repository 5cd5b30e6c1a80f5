import Kernels
import Testing

@Suite struct PoolingTests {
  static let axes: [[Convolution.Axis]] = [
    [.init(kernel: 2, stride: 2), .init(kernel: 2, stride: 2), .init(kernel: 2, stride: 2)],
    [
      .init(kernel: 3, stride: 2, low: 1, high: 1), .init(kernel: 3, stride: 2, low: 1, high: 1),
      .init(kernel: 3, low: 1, high: 1),
    ],
    [.init(kernel: 1), .init(kernel: 2, stride: 3), .init(kernel: 3, stride: 1)],
  ]

  @Test("Maximum and mean agree with plain loops", arguments: axes) func maximumAndMeanAgreeWithPlainLoops(
    _ axes: [Convolution.Axis]
  ) {
    let size = [5, 6, 7]
    let channels = 2
    let input = RandomValues(seed: 5).floats(channels * size.reduce(1, *))
    for kind in [Pooling.Kind.maximum, .average] {
      let out = Pooling(kind, time: axes[0], height: axes[1], width: axes[2])(
        input, channels: channels, time: 5, height: 6, width: 7)
      var expected: [Float] = []
      for t in 0..<axes[0].outputs(5) {
        for c in 0..<channels {
          for y in 0..<axes[1].outputs(6) {
            for x in 0..<axes[2].outputs(7) {
              var values: [Float] = []
              for kt in 0..<axes[0].kernel {
                for ky in 0..<axes[1].kernel {
                  for kx in 0..<axes[2].kernel {
                    let at = [
                      t * axes[0].stride - axes[0].low + kt, y * axes[1].stride - axes[1].low + ky,
                      x * axes[2].stride - axes[2].low + kx,
                    ]
                    guard zip(at, size).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
                    values.append(input[((at[0] * channels + c) * 6 + at[1]) * 7 + at[2]])
                  }
                }
              }
              switch kind {
              case .maximum: expected.append(values.max() ?? 0)
              case .average:
                // Padding counts as zeros.
                expected.append(values.reduce(0, +) / Float(axes.reduce(1) { $0 * $1.kernel }))
              }
            }
          }
        }
      }
      #expect(out.count == expected.count)
      #expect(zip(out, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }
}
