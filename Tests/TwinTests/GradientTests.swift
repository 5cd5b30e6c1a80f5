import Base
import Formats
import Layers
import TestSupport
import Testing

/// Gradients of whole twins against PyTorch's.
@Suite struct GradientTests {
  /// Sums of float32 in another order; places and the stimulus cancel strongly (SEMANTICS 20).
  private static func tolerance(_ name: String) -> Float {
    let cancels = [".mean", ".std", ".theta", ".log_scale"].contains { name.hasSuffix($0) }
    return cancels || name == "grad_stim" ? 2e-3 : 1e-4
  }

  @Test("All 26 cases of the zoo have numbers and gradients, and 25 have a stimulus") func cases() {
    #expect(ZooCase.withNumbers.count == 26 && GradientCase.all.count == 26 && SharedWindowTests.cases.count == 25)
  }

  @Test("Every gradient is the reference's", arguments: GradientCase.all) func everyGradientIsTheReferences(
    _ zoo: GradientCase
  ) throws {
    let reference = try zoo.reference()
    let result = try zoo.gradients(zoo.twin())
    #expect(result.outputs.distance(from: try reference.tensor("out")) <= 1)
    #expect(abs(result.loss - (try reference.doubles("loss")[0])) < 1e-5 * max(1, abs(result.loss)))

    let names = reference.arrayNames.filter { $0.hasPrefix("grad/") }
    #expect(Set(result.parameters.names) == Set(names.map { String($0.dropFirst(5)) }))
    let largest = try names.reduce(Float(0)) { max($0, try reference.tensor($1).peak) }
    for name in names {
      let own = try #require(result.parameters[String(name.dropFirst(5))])
      let precise = "grad64" + name.dropFirst(4)
      let expected = try reference.tensor(reference.info(precise) == nil ? name : precise)
      // A gradient that is zero but for rounding, such as that of a bias in front of a batch norm.
      if expected.peak < 1e-5 * largest {
        #expect(own.peak < 1e-5 * largest, "\(name)")
      } else {
        #expect(own.relativeDistance(from: expected) <= Self.tolerance(name), "\(name)")
      }
    }
    for (name, own) in [
      ("grad_stim", result.stimulus), ("grad_behavior", result.behavior), ("grad_history", result.history),
    ] where reference.info(name) != nil {
      let expected = try reference.tensor(name)
      #expect(try #require(own).relativeDistance(from: expected) <= Self.tolerance(name), "\(name)")
    }
    let buffers = reference.arrayNames.filter { $0.hasPrefix("updated/") }
    #expect(Set(result.updated.keys) == Set(buffers.map { String($0.dropFirst(8)) }))
    for name in buffers {
      let own = try #require(result.updated[String(name.dropFirst(8))])
      #expect(own.relativeDistance(from: try reference.tensor(name)) <= 1e-5, "\(name)")
    }
  }

  @Test("Gradients of the full-size twin are the reference's", .enabled(if: Fixtures.hasShared))
  func gradientsOfTheFullSizeTwinAreTheReferences() throws {
    let zoo = GradientCase(zoo: ZooCase(folder: Fixtures.shared("canonical")))
    let reference = try zoo.reference()
    let result = try zoo.gradients(zoo.twin(), rows: 0..<1)
    #expect(abs(result.loss - (try reference.doubles("loss")[0])) < 1e-5)
    let names = reference.arrayNames.filter { $0.hasPrefix("grad_l2/") }.map { String($0.dropFirst(8)) }
    #expect(result.parameters.names == names.sorted())
    var compared = 0
    for name in names {
      let own = try #require(result.parameters[name])
      let length = own.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      // The reference's own error in float32 (canonical/README).
      #expect(abs(length / (try reference.doubles("grad_l2/" + name)[0]) - 1) < 2e-4, "\(name)")
      let stored = ["grad64/" + name, "grad/" + name].first { reference.info($0) != nil }
      guard let stored else { continue }
      compared += 1
      #expect(
        own.relativeDistance(from: try reference.tensor(stored)) <= Self.tolerance("grad/" + name), "\(name)")
    }
    // The reference has the lengths of 24 gradients and all numbers of 19.
    #expect(names.count == 24 && compared == 19)
    let stimulus = try #require(result.stimulus)
    let plane = 51 * 51
    let shown = Tensor(
      shape: [1, 1, 3, 51, 51], values: [0, 12, 24].flatMap { stimulus.values[$0 * plane..<($0 + 1) * plane] })
    #expect(shown.relativeDistance(from: try reference.tensor("grad_stim_t0_12_24")) <= 2e-3)
  }

  /// Windows that overlap, against the same windows each by itself.
  @Test("Shared frames get the sum over their windows", arguments: SharedWindowTests.cases, [PassMode.train, .eval])
  func sharedFramesGetTheSumOverTheirWindows(
    _ zoo: ZooCase, _ mode: PassMode
  ) throws {
    let shape = try #require(try zoo.input(head: 0).stimulus?.shape)
    // The seed: in none of these windows does a value lie within rounding of a corner of relu or max.
    let windows = SharedWindowTests.windows(channels: shape[1], time: shape[2], size: shape[3], seed: 12)
    var separate = try zoo.input(head: 0)
    separate.behavior = separate.behavior.map { SharedWindowTests.repeated($0, rows: windows.steps.count) }
    separate.history = separate.history.map { SharedWindowTests.repeated($0, rows: windows.steps.count) }
    var shared = separate
    shared.stimulus = nil
    shared.windows = windows
    separate.stimulus = SharedWindowTests.unshared(windows)
    let twin = try GradientCase(zoo: zoo).twin()
    let cells = twin.architecture.heads[0].cellCount
    let counts = Tensor(
      shape: [windows.steps.count, cells], values: (0..<windows.steps.count * cells).map { Float($0 % 4) })
    let objective = GradientCase.poisson(counts, isLogRate: twin.architecture.outputIsLogRate)
    // Chance belongs to a sample and its own values, which do not differ.
    let own = try twin.gradients(shared, head: 0, mode: mode, seed: 3, objective: objective)
    let theirs = try twin.gradients(separate, head: 0, mode: mode, seed: 3, objective: objective)
    #expect(abs(own.loss - theirs.loss) <= 1e-5 * max(1, abs(theirs.loss)))
    #expect(own.parameters.names == theirs.parameters.names)
    let largest = theirs.parameters.names.reduce(Float(0)) { max($0, theirs.parameters[$1]?.peak ?? 0) }
    for name in theirs.parameters.names {
      let (a, b) = (try #require(own.parameters[name]), try #require(theirs.parameters[name]))
      if b.peak < 1e-5 * largest {
        #expect(a.peak < 1e-5 * largest, "\(name)")
      } else {
        #expect(a.relativeDistance(from: b) <= Self.tolerance("grad/" + name), "\(name)")
      }
    }
    let stimulus = try #require(theirs.stimulus)
    var sum = Tensor(zeros: windows.frames.shape)
    let (frame, plane, times) = (windows.frames.rowCount, shape[3] * shape[3], shape[2])
    for (sample, steps) in windows.steps.enumerated() {
      for (time, place) in steps.enumerated() {
        for channel in 0..<shape[1] {
          for pixel in 0..<plane {
            sum.values[place * frame + channel * plane + pixel] +=
              stimulus.values[((sample * shape[1] + channel) * times + time) * plane + pixel]
          }
        }
      }
    }
    #expect(try #require(own.frames).relativeDistance(from: sum) <= 2e-3)
    for (name, tensor) in theirs.updated {
      #expect(try #require(own.updated[name]).relativeDistance(from: tensor) <= 1e-5, "\(name)")
    }
  }

  @Test(
    "The same batch gives the same bits",
    arguments: ["learned_dense_film_none_gaussian", "syn_modconvgru", "syn_bsoftplus_order_prelu"])
  func theSameBatchGivesTheSameBits(_ name: String) throws {
    let zoo = GradientCase(zoo: ZooCase(name))
    let twin = try zoo.twin()
    let first = try zoo.gradients(twin)
    let second = try zoo.gradients(twin)
    #expect(first.loss == second.loss && first.parameters == second.parameters && first.stimulus == second.stimulus)
  }
}
