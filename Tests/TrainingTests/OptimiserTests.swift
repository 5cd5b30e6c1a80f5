import Base
import Foundation
import Testing
import Training

@Suite("Optimisers")
struct OptimiserTests {
  @Test("AdamW follows its formula in float64 over many steps")
  func adamw() {
    var optimiser = AdamW()
    var values: [Float] = [1, -2, 0.5]
    var (first, second) = ([0.0, 0, 0], [0.0, 0, 0])
    var expected = values.map(Double.init)
    for step in 1...50 {
      let gradient = expected.indices.map { Float(sin(Double(step * ($0 + 1)))) }
      optimiser.update(&values, gradient: gradient, of: "w", rate: 0.01, decay: 0.1)
      for index in expected.indices {
        let slope = Double(gradient[index])
        first[index] = 0.9 * first[index] + 0.1 * slope
        second[index] = 0.999 * second[index] + 0.001 * slope * slope
        expected[index] *= 1 - 0.01 * 0.1
        let (m, v) = (first[index] / (1 - pow(0.9, Double(step))), second[index] / (1 - pow(0.999, Double(step))))
        expected[index] -= 0.01 * m / (v.squareRoot() + 1e-8)
      }
    }
    for (ours, theirs) in zip(values, expected) { #expect(abs(Double(ours) - theirs) < 1e-5) }
    #expect(optimiser.moments["w"]?.steps == 50)
  }

  @Test("SGD moves by the learning rate times the gradient, after the decay")
  func sgd() {
    var (optimiser, values) = (SGD(), [Float(2)])
    optimiser.update(&values, gradient: [0.5], of: "w", rate: 0.1, decay: 0.5)
    #expect(abs(values[0] - (2 * 0.95 - 0.05)) < 1e-6)
  }

  @Test("The gradient of the batch correlation agrees with differences; cells that do not vary have no part")
  func correlation() {
    let counts = Tensor(shape: [5, 3], values: [0, 1, 2, 2, 1, 0, 1, 1, 0, 3, 1, 1, 0, 1, 4])
    let mask = Tensor(shape: [5, 3], values: [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    let outputs = Tensor(shape: [5, 3], values: (0..<15).map { Float(0.3 + 0.2 * sin(Double($0 * $0))) })
    for isLogRate in [false, true] {
      let term = BatchCorrelation(counts: counts, mask: mask, isLogRate: isLogRate)
      let (value, gradient) = term(outputs)
      #expect(value > 0 && value < 2)
      for index in outputs.values.indices {
        var (up, down) = (outputs, outputs)
        up.values[index] += 1e-3
        down.values[index] -= 1e-3
        let slope = (term(up).value - term(down).value) / Double(up.values[index] - down.values[index])
        #expect(abs(slope - gradient[index]) < 2e-4, "value \(index)")
        if index % 3 == 1 { #expect(gradient[index] == 0) }
      }
    }
  }

  @Test("Weights of cells go with a power of their mean rate and have a mean of 1")
  func rateWeights() throws {
    let weights = try #require(Objective(rateWeight: 0.5).cellWeights([0.25, 1, nil, 0]))
    #expect(zip(weights, [4.0 / 3, 2.0 / 3, 0, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(Objective().cellWeights([0.25, 1]) == nil)
  }
}
