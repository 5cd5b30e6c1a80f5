import Base
import Formats
import Foundation
import Testing
import Twin

/// Gain and offset of each cell behind the output activation.
@Suite("Output calibration")
struct OutputCalibrationTests {
  private let cells = 2

  private func twin(_ options: [ConfigNode.Entry], _ tensors: [String: Tensor]) -> TinyTwin {
    var twin = TinyTwin(channels: 2, block: [.init("norm_type", .string("grn"))], outputActivation: "softplus")
    twin.tensors = tensors.merging(
      ["norm.gamma": Tensor(shape: [2], values: [0.3, -0.2]), "norm.beta": Tensor(shape: [2], values: [0.1, 0.2])]
    ) { first, _ in first }
    twin.readsPlaces = true
    twin.topLevel = [.init("output_calibration", .map(options))]
    return twin
  }

  private func calibration(_ values: [String: [Float]], rows: Int = 1) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: values.map { name, values in
        let isRow = ["log_gain", "offset"].contains(name)
        return (
          "readout.calibration.\(name)",
          Tensor(shape: isRow ? [rows, values.count / rows] : [values.count], values: values)
        )
      })
  }

  private var stimulus: Tensor {
    var generator = MersenneTwister(seed: 3)
    return Tensor(shape: [3, 2, 4, 5, 5], values: (0..<600).map { _ in Float(generator.normal()) })
  }

  private func rates(_ twin: TinyTwin, shown: String? = nil) throws -> [Float] {
    var input = TwinInput(stimulus: stimulus)
    input.stimulusName = shown
    return try twin.network(outChannels: nil).forward(input, head: 0).rates.values
  }

  private var plain: TinyTwin { twin([.init("enabled", .bool(false))], [:]) }

  @Test("Numbers of 0 are the identity; a gain scales and an offset shifts each cell, and leaves a tenth of a rate")
  func definition() throws {
    let before = try rates(plain)
    let zeros = twin([.init("enabled", .bool(true))], calibration(["log_gain": [0, 0], "offset": [0, 0]]))
    #expect(try rates(zeros) == before)
    let own = twin([.init("enabled", .bool(true))], calibration(["log_gain": [0.5, -1], "offset": [0.25, -0.4]]))
    for (index, rate) in try rates(own).enumerated() {
      let (gain, offset) = index % cells == 0 ? (exp(0.5), 0.25) : (exp(-1), -0.4)
      let scaled = gain * Double(before[index])
      #expect(abs(Double(rate) - max(scaled + offset, 0.1 * scaled)) < 1e-5)
    }
    #expect(try rates(own).allSatisfy { $0 > 0 })
    // Where the offset would take more than nine tenths.
    #expect(try zip(rates(own), before).contains { abs(Double($0) - 0.1 * exp(-1) * Double($1)) < 1e-6 })
  }

  @Test("A listed type of stimulus has its own numbers; all others share the first row")
  func types() throws {
    let before = try rates(plain)
    let own = twin(
      [.init("stimuli", .list([.string("gaborium")]))],
      calibration(["log_gain": [0.1, 0.2, 0.7, -0.3], "offset": [0, 0, 0, 0]], rows: 2))
    for (shown, gains) in [("gaborium", [0.7, -0.3]), ("backimage", [0.1, 0.2]), (nil, [0.1, 0.2])] {
      for (index, rate) in try rates(own, shown: shown).enumerated() {
        #expect(abs(Double(rate) - exp(gains[index % cells]) * Double(before[index])) < 1e-5)
      }
    }
  }

  @Test(
    "A gain and an offset that follow the stimulus go with the window's contrast, where the signal is contrast alone")
  func following() throws {
    let before = try rates(plain)
    let own = twin(
      [.init("follow_stimulus", .bool(true))],
      calibration([
        "log_gain": [0, 0], "offset": [0, 0], "signal": [0, 1, 0], "gain_slope": [0.5, 0], "offset_slope": [0, 0.3],
      ]))
    let values = stimulus.values
    for (index, rate) in try rates(own).enumerated() {
      let window = values[index / cells * 200..<(index / cells + 1) * 200].map(Double.init)
      let mean = window.reduce(0, +) / 200
      let contrast = (window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200 + 1e-5).squareRoot()
      let expected =
        index % cells == 0 ? exp(0.5 * contrast) * Double(before[index]) : Double(before[index]) + 0.3 * contrast
      #expect(abs(Double(rate) - expected) < 1e-4)
    }
  }

  @Test(
    "Gradients of all parameters, and of the stimulus, agree with differences, also where an offset leaves a tenth",
    arguments: [0.4, -4] as [Float])
  func gradients(_ offset: Float) throws {
    let tiny = twin(
      [.init("follow_stimulus", .bool(true)), .init("stimuli", .list([.string("gaborium")]))],
      calibration(
        [
          "log_gain": [0, 0, 0.2, -0.1], "offset": [0, 0, 0.3, offset], "signal": [0.4, 1, -0.3],
          "gain_slope": [0.5, -0.2], "offset_slope": [0.1, 0.3],
        ], rows: 2))
    let architecture = try tiny.architecture()
    let store = try ParameterStore(tiny.source())
    let counts = Tensor(shape: [3, 2], values: [0, 1, 2, 0, 3, 1])
    func result(_ store: ParameterStore, _ stimulus: Tensor) throws -> TwinGradients {
      var input = TwinInput(stimulus: stimulus)
      input.stimulusName = "gaborium"
      return try TrainableTwin(architecture: architecture, source: store).gradients(
        input, head: 0, mode: .eval, objective: GradientCase.poisson(counts, isLogRate: false))
    }
    let own = try result(store, stimulus)
    for name in ["log_gain", "offset", "signal", "gain_slope", "offset_slope"].map({ "readout.calibration." + $0 }) {
      let gradient = try #require(own.parameters[name])
      for index in gradient.values.indices {
        func loss(_ step: Float) throws -> Double {
          var moved = store
          var tensor = try store.tensor(name)
          tensor.values[index] += step
          try moved.set(name, to: tensor)
          return try result(moved, stimulus).loss
        }
        let slope = try (loss(5e-3) - loss(-5e-3)) / 1e-2
        #expect(abs(slope - Double(gradient.values[index])) < 2e-3 * max(0.1, abs(slope)), "\(name) \(index)")
      }
    }
    let gradient = try #require(own.stimulus)
    let length = gradient.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    func loss(_ step: Double) throws -> Double {
      var moved = stimulus
      for index in moved.values.indices { moved.values[index] += Float(step / length) * gradient.values[index] }
      return try result(store, moved).loss
    }
    let slope = try (loss(3e-3) - loss(-3e-3)) / 6e-3
    #expect(abs(slope / length - 1) < 0.02)
  }

  @Test("Options that can't be used are refused with the reason or the place")
  func refusals() throws {
    for (options, activation, words) in [
      ([ConfigNode.Entry("enabled", .bool(true))], "none", "the logarithm of the rate"),
      ([.init("pull", .double(-1))], "softplus", "output_calibration.pull"),
      ([.init("stimuli", .list([.string("a"), .string("a")]))], "softplus", "is listed twice"),
      ([.init("gain", .double(1))], "softplus", "unknown option `gain`"),
    ] {
      var own = twin(options, calibration(["log_gain": [0, 0], "offset": [0, 0]]))
      own.outputActivation = activation
      let failure = try #require(throws: Failure.self) { try own.architecture() }
      #expect(failure.message.contains(words), "\(failure.message)")
    }
  }
}
