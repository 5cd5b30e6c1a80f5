import Foundation
import Kernels
import Testing

@Suite struct ElementwiseTests {
  /// -20 to 20 in uneven steps, and values where series change over.
  private let inputs: [Float] =
    (-200...200).map { Float($0) * 0.1007 } + [0, 1e-8, -1e-8, 0.25, -0.25, 0.2499, 88, -88]

  /// Largest error relative to 1e-7 + |expected|.
  private func error(_ function: ElementFunction, _ reference: (Double) -> Double) -> Double {
    let outputs = function(inputs)
    #expect(outputs.count == inputs.count)
    return zip(outputs, inputs).reduce(0) { worst, pair in
      let expected = reference(Double(pair.1))
      let error = abs(Double(pair.0) - expected) / (1e-7 + abs(expected))
      return error.isNaN ? .infinity : max(worst, error)
    }
  }

  @Test("Functions agree with libm in double") func functionsAgreeWithLibmInDouble() {
    // Polynomials of float32 accuracy: a few units in the last place (6e-8).
    #expect(error(.exp) { exp($0) } < 5e-7)
    #expect(error(.softplus()) { $0 > 20 ? $0 : log1p(exp($0)) } < 1e-6)
    #expect(error(.softplus(beta: 2)) { 2 * $0 > 20 ? $0 : log1p(exp(2 * $0)) / 2 } < 1e-6)
    #expect(error(.sigmoid) { 1 / (1 + exp(-$0)) } < 1e-6)
    #expect(error(.tanh) { tanh($0) } < 2e-6)
    #expect(error(.silu) { $0 / (1 + exp(-$0)) } < 1e-6)
    #expect(error(.mish) { $0 * tanh(log1p(exp($0))) } < 3e-6)
    #expect(error(.elu()) { $0 > 0 ? $0 : expm1($0) } < 1e-5)
    #expect(error(.leakyRelu(slope: 0.1)) { $0 < 0 ? 0.1 * $0 : $0 } < 2e-7)
    #expect(error(.relu) { max($0, 0) } < 1e-7)
  }

  @Test("GELU is within 1e-5 of its formula in double") func geluIsExactToFloat32WhereItMatters() {
    let worst = zip(ElementFunction.gelu(inputs), inputs).reduce(0.0) { worst, pair in
      let x = Double(pair.1)
      let error = abs(Double(pair.0) - 0.5 * x * (1 + erf(x / 2.0.squareRoot())))
      return error.isNaN ? .infinity : max(worst, error)
    }
    #expect(worst < 1e-5)
  }

  @Test("The exponential ends in 0 and infinity, and keeps NaN") func exponentialHoldsItsRange() {
    let out = ElementFunction.exp([-200, -104, 0, 88.7, 100, -.infinity, .infinity, .nan])
    #expect(out[0] == 0 && out[2] == 1 && out[5] == 0)
    #expect(out[1] >= 0 && out[1] <= 8 * Float.leastNonzeroMagnitude)
    #expect(out[3] > 3e38 && out[3].isFinite)
    #expect(out[4] == .infinity && out[6] == .infinity)
    #expect(out[7].isNaN)
  }

  @Test("Softplus of extremes is zero or the identity") func softplusOfExtremesIsZeroOrTheIdentity() {
    #expect(ElementFunction.softplus()([-.infinity, -200, 25, 1e30]) == [0, 0, 25, 1e30])
  }

  @Test("Only the range is changed") func onlyTheRangeIsChanged() {
    var values: [Float] = [-1, -2, -3, -4]
    ElementFunction.relu.apply(to: &values, in: 1..<3)
    #expect(values == [-1, 0, 0, -4])
  }

  @Test("Split relu scales the positive part only") func splitReluScalesThePositivePartOnly() {
    var out = [Float](repeating: 9, count: 4)
    Elementwise.splitRelu([2, -3], from: 0, count: 2, gain: 0.5, into: &out, on: 0, off: 2)
    #expect(out == [1, 0, 0, 3])
  }

  @Test("Sums are accumulated in double") func sumsAreAccumulatedInDouble() {
    let values = [Float](repeating: 0.1, count: 1_000_003)
    #expect(abs(Reduction.sum(values) - Double(Float(0.1)) * 1_000_003) < 1e-6)
    #expect(abs(Reduction.sumOfSquares(values) - Reduction.dot(values, values)) < 1e-9)
    #expect(Reduction.sum([Float]()) == 0)
    #expect(Reduction.squaredDeviation([1, 3], from: 2) == 2)
  }

  @Test("Channel norms agree with their formulas") func channelNormsAgreeWithTheirFormulas() {
    let random = RandomValues(seed: 8)
    let channels = 3
    let positions = 600
    let input = random.floats(2 * channels * positions)
    let gamma = random.floats(3)
    let beta = random.floats(3)
    var rms = input
    var layer = input
    ChannelNorm.rms(&rms, channels: channels, positions: positions, eps: 1e-3, gamma: gamma, beta: beta)
    ChannelNorm.layer(&layer, channels: channels, positions: positions, eps: 1e-3)
    for frame in 0..<2 {
      for position in [0, 255, 256, 599] {
        let indices = (0..<channels).map { (frame * channels + $0) * positions + position }
        let x = indices.map { Double(input[$0]) }
        let squares = x.reduce(0) { $0 + $1 * $1 } / 3
        let mean = x.reduce(0, +) / 3
        for (c, index) in indices.enumerated() {
          let expected = x[c] / (squares + 1e-3).squareRoot() * Double(gamma[c]) + Double(beta[c])
          #expect(abs(Double(rms[index]) - expected) < 1e-6)
          #expect(abs(Double(layer[index]) - (x[c] - mean) / (squares - mean * mean + 1e-3).squareRoot()) < 1e-5)
        }
      }
    }
  }
}
