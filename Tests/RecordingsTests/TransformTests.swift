import Base
import Formats
import Foundation
import Recordings
import TestSupport
import Testing

/// Each transform against what VisionCore's function of that name makes of the same arrays.
struct TransformTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var source: String
    var steps: [PipelineStep]
    var testDescription: String { name }
  }

  /// All recorded cases that yield numbers.
  static let cases: [Case] = (try? readCases()) ?? []

  private static func entries() throws -> [ConfigNode] {
    let path = Fixtures.path("recordings/transforms.json")
    return try YAMLDocument.parse(text: String(contentsOfFile: path, encoding: .utf8), name: path).listValue ?? []
  }

  private static func steps(_ entry: ConfigNode) -> [PipelineStep] {
    (entry["ops"]?.listValue ?? []).compactMap { $0.mapValue?.first }.map { PipelineStep($0.key, $0.value) }
  }

  static func readCases() throws -> [Case] {
    try entries().compactMap { entry -> Case? in
      guard let name = entry["name"]?.stringValue, let source = entry["source"]?.stringValue, entry["raises"] == nil
      else { return nil }
      return Case(name: name, source: source, steps: steps(entry))
    }
  }

  private static func archive() throws -> NpzArchive {
    try NpzArchive(path: Fixtures.path("recordings/transforms.npz"))
  }

  private static func raw(_ name: String) throws -> Tensor {
    try NpzArchive(path: Fixtures.path("recordings/raw.npz")).tensor(name)
  }

  @Test("Every recorded array is compared by one of these tests")
  func everyRecordedArray() throws {
    let bases = Self.cases.map { $0.name + "/basis" }
    let names = try Self.archive().arrayNames
    #expect(names.count > 55)
    let left = Set(names).subtracting(Self.cases.map(\.name)).subtracting(bases)
      .subtracting((0..<5).map(Self.behaviourStep))
    #expect(left == ["behavior"])
    // Each stored basis is compared with an impulse.
    let temporal = Self.cases.map(\.name).filter { $0.hasPrefix("temporal_basis") }
    #expect(!temporal.isEmpty)
    #expect(Set(names.filter { $0.hasSuffix("/basis") }) == Set(temporal.map { $0 + "/basis" }))
  }

  @Test("A transform gives what VisionCore's gives", arguments: cases)
  func equalsVisionCoreTransform(recorded: Case) throws {
    var values = try Self.raw(recorded.source)
    if recorded.name.hasSuffix("_first50") { values = values[rows: 0..<50] }
    for step in recorded.steps {
      // The dataset's cids where this was recorded.
      let indices: ConfigNode = .list([.int(1), .int(4)])
      let isNamed = step.parameters["indices"] == .string("cids")
      let step = isNamed ? PipelineStep(step.name, .map([.init("indices", indices)])) : step
      values = try AllTransforms.make(step).apply(values)
    }
    let expected = try Self.archive().tensor(recorded.name)
    // The file holds the first frames only of large arrays. Both sides sum in float32.
    #expect(difference(Self.stored(values[rows: 0..<expected.shape[0]], as: recorded.name), expected) < 5e-6)
  }

  /// In the loading path every source is float32; alone, VisionCore's transforms keep an integer type.
  private static func stored(_ values: Tensor, as name: String) -> Tensor {
    let convert: (Float) -> Float
    switch name {
    case "diff_uint8": convert = { Float(UInt8(truncatingIfNeeded: Int($0))) }
    case "smooth_uint8_stim": convert = { $0.rounded(.towardZero) }
    case "dacones_uint8": convert = { min(max($0 / 2.5 * 255, 0), 255).rounded(.towardZero) }
    default: return values
    }
    return Tensor(shape: values.shape, values: values.values.map(convert))
  }

  @Test(
    "An impulse shows the basis that VisionCore stores, backwards",
    arguments: cases.filter { $0.name.hasPrefix("temporal_basis") })
  func impulseShowsBasis(recorded: Case) throws {
    let step = try #require(recorded.steps.last)
    let basis = try Self.archive().tensor(recorded.name + "/basis")
    let (count, taps) = (basis.shape[0], basis.shape[2])
    var impulse = Tensor(zeros: [3 * taps, 1])
    impulse.values[taps] = 1
    let response = try AllTransforms.make(step).apply(impulse)
    let isCausal = step.parameters["causal"] != .bool(false)
    let left = step.parameters["chomp"]?.intValue ?? 0
    for function in 0..<count {
      for tap in 0..<taps {
        let frame = (isCausal ? taps + tap : taps - tap + taps / 2) - left
        let expected = basis.values[function * taps + taps - 1 - tap]
        #expect(abs(response.values[frame * count + function] - expected) < 1e-6)
      }
    }
  }

  static func behaviourStep(_ index: Int) -> String {
    "behavior_step\(index)_\(["diff", "maxnorm", "symlog", "temporal_basis", "splitrelu"][index])"
  }

  @Test("Behaviour is VisionCore's after each of its steps")
  func behaviourVisionCoreAfter() throws {
    let entry = try #require(try Self.entries().first { $0["name"] == .string("behavior") })
    var values = try Self.raw("eyepos")
    for (index, step) in Self.steps(entry).enumerated() {
      values = try AllTransforms.make(step).apply(values)
      #expect(try difference(values, Self.archive().tensor(Self.behaviourStep(index))) < 5e-6)
    }
    let whole = try Self.archive().tensor("behavior")
    let eyes = try Self.raw("eyepos")
    let joined = (0..<403).flatMap { values[row: $0].values + eyes[row: $0].values }
    #expect(difference(Tensor(shape: [403, 42], values: joined), whole) < 5e-6)
  }

  @Test("What VisionCore refuses is refused")
  func visioncoreRefusesRefused() throws {
    let refused = try Self.entries().filter { $0["raises"] != nil }
    #expect(refused.compactMap { $0["name"]?.stringValue } == ["smooth_box_unknown", "smooth_too_short"])
    let refusals = [
      "smooth.type: vcsh knows only `gaussian` smoothing", "smooth: smoothing needs more than 9 frames, not 8",
    ]
    for (entry, refusal) in zip(refused, refusals) {
      let values = try Self.raw(#require(entry["source"]?.stringValue))[rows: 0..<8]
      let failure = #expect(throws: Failure.self) {
        for step in Self.steps(entry) { _ = try AllTransforms.make(step).apply(values) }
      }
      #expect(failure?.message == refusal)
    }
  }

  @Test("Smoothing needs more frames than the filter is wide on one side")
  func smoothingNeedsMore() throws {
    let smooth = try AllTransforms.make(PipelineStep("smooth", .int(3)))
    let failure = #expect(throws: Failure.self) { try smooth.apply(Tensor(zeros: [9, 2])) }
    #expect(failure?.message == "smooth: smoothing needs more than 9 frames, not 9")
    #expect(try smooth.apply(Tensor(zeros: [10, 2])).shape == [10, 2])
  }

  @Test(
    "Options that make no sense are refused with their place",
    arguments: [
      (
        PipelineStep("smooth", .map([.init("type", .string("box")), .init("params", .int(3))])),
        "smooth.type: vcsh knows only `gaussian` smoothing"
      ),
      (PipelineStep("cast", .string("complex64")), "cast: unknown type `complex64`"),
      (PipelineStep("mul", .map([])), "mul: the factor is missing"),
      (PipelineStep("unsqueeze", .null), "unsqueeze: the axis is missing"),
      (
        PipelineStep("select_units", .map([.init("indices", .string("cids"))])),
        "select_units.indices: a list of columns is needed"
      ),
      (
        PipelineStep("temporal_basis", .map([.init("num_cosine_funcs", .int(3))])),
        "temporal_basis: `num_cosine_funcs` and `history_bins` are needed"
      ),
      (PipelineStep("diff", .map([.init("axis", .string("time"))])), "diff.axis: an integer is expected"),
      (
        PipelineStep("dacones", .map([.init("filter_length", .int(0))])),
        "dacones.filter_length: a length of at least 1 is needed"
      ),
    ] as [(PipelineStep, String)])
  func optionsMakeNo(step: PipelineStep, refusal: String) throws {
    let failure = try #require(throws: Failure.self) { try AllTransforms.make(step) }
    #expect(failure.message.hasPrefix(refusal), "\(failure)")
  }

  @Test(
    "A shape or value that does not fit is refused",
    arguments: [
      (PipelineStep("diff", .map([.init("axis", .int(4))])), "shape [2, 2] has no axis 4"),
      (PipelineStep("splitrelu", .map([.init("split_dim", .int(3))])), "shape [2, 2] has no axis 3"),
      (PipelineStep("unsqueeze", .int(5)), "no axis 5 can be added to shape [2, 2]"),
      (PipelineStep("select_units", .map([.init("indices", .list([.int(9)]))])), "no column 9 among 2"),
      (PipelineStep("fftwhitening"), "shape [2, 2] is not [time, height, width]"),
      (
        PipelineStep("dacones", .map([.init("filter_length", .int(3))])), "shape [2, 2] is not [time, height, width]"
      ),
      (PipelineStep("cast", .string("uint8")), "nan can't be converted to uint8"),
    ] as [(PipelineStep, String)])
  func shapeValueDoes(step: PipelineStep, refusal: String) throws {
    let transform = try AllTransforms.make(step)
    let failure = #expect(throws: Failure.self) {
      try transform.apply(Tensor(shape: [2, 2], values: [1, .nan, 2, 3]))
    }
    #expect(failure?.message == "\(step.name): \(refusal)")
  }

  /// Frames of two columns: 1 -2, 3 0, 0 4.
  static let frames = Tensor(shape: [3, 2], values: [1, -2, 3, 0, 0, 4])

  @Test(
    "Small arrays give what can be worked out by hand",
    arguments: [
      (PipelineStep("diff"), [0, 0, 2, 2, -3, 4]),
      (PipelineStep("diff", .map([.init("axis", .int(1))])), [0, -3, 0, -3, 0, 4]),
      (PipelineStep("mul", .double(0.5)), [0.5, -1, 1.5, 0, 0, 2]),
      (PipelineStep("maxnorm"), [0.25, -0.5, 0.75, 0, 0, 1]),
      (PipelineStep("splitrelu"), [1, 0, 0, 2, 3, 0, 0, 0, 0, 4, 0, 0]),
      (PipelineStep("select_units", .map([.init("indices", .list([.int(1), .int(1)]))])), [-2, -2, 0, 0, 4, 4]),
      (PipelineStep("cast", .string("bool")), [1, 1, 1, 0, 0, 1]),
      (PipelineStep("cast", .string("uint8")), [1, 254, 3, 0, 0, 4]),
    ] as [(PipelineStep, [Float])])
  func givesCanBe(step: PipelineStep, expected: [Float])
    throws
  {
    #expect(try AllTransforms.make(step).apply(Self.frames).values == expected)
  }

  @Test("A delta function is the frame before")
  func deltaFunctionFrame() throws {
    let options = ConfigNode.map([
      .init("num_delta_funcs", .int(1)), .init("num_cosine_funcs", .int(0)), .init("history_bins", .int(2)),
    ])
    let basis = try AllTransforms.make(PipelineStep("temporal_basis", options))
    #expect(try basis.apply(Self.frames).values == [0, 0, 1, -2, 3, 0])
  }

  @Test("Smoothing keeps a constant, whitening takes it away")
  func smoothingKeepsConstant() throws {
    let constant = Tensor(shape: [6, 3, 5], values: [Float](repeating: 7, count: 90))
    let smooth = try AllTransforms.make(PipelineStep("smooth", .double(0.7))).apply(constant)
    #expect(smooth.shape == constant.shape && smooth.values.allSatisfy { abs($0 - 7) < 1e-5 })
    let white = try AllTransforms.make(PipelineStep("fftwhitening")).apply(constant)
    #expect(white.shape == constant.shape && white.values.allSatisfy { abs($0) < 1e-5 })
  }

  @Test("Whitening raises one grating by the gain of its frequency")
  func whiteningRaisesGrating() throws {
    // 2 cycles in 12 frames: f = 1/6, gain f exp(-(f / 0.4)^4).
    let wave = (0..<12).map { Float(cos(2 * Double.pi * Double($0) / 6)) }
    let white = try AllTransforms.make(PipelineStep("fftwhitening")).apply(Tensor(shape: [12, 1, 1], values: wave))
    let gain = Float(exp(-pow(1 / 2.4, 4)) / 6)
    #expect(white.count == 12)
    #expect(zip(white.values, wave).allSatisfy { abs($0 - gain * $1) < 1e-6 })
  }

  @Test("An integer type cuts fractions off towards zero")
  func integerTypeCuts() throws {
    let cast = try AllTransforms.make(PipelineStep("cast", .string("int32")))
    #expect(try cast.apply(Tensor(shape: [4], values: [1.9, -1.9, 0.5, -0.5])).values == [1, -1, 0, 0])
  }
}
